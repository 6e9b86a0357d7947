package stride_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/stride-ml/stride"
)

// The perplexity is made of the likelihoods that Score gives for a text by itself.
func TestPerplexity(t *testing.T) {
	m := open(t, "tiny")
	text := strings.Repeat("春眠不覺曉處處聞啼鳥夜來風雨聲花落知多少", 8)
	calls := 0
	r, err := m.Perplexity(t.Context(), text, stride.PerplexityOptions{Context: 20, Chunks: 3, Progress: func(r stride.PerplexityResult) {
		if calls++; r.Chunks != calls || r.Whole != 3 {
			t.Errorf("call %d says chunk %d of %d", calls, r.Chunks, r.Whole)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	if calls != 3 || r.Tokens != 3*9 || r.Context != 20 || !(r.Value > 1) || !(r.Error > 0 && r.Error < r.Value) {
		t.Errorf("%d calls, result %+v", calls, r)
	}
	again, err := m.Perplexity(t.Context(), text, stride.PerplexityOptions{Context: 20, Chunks: 3})
	if err != nil || again != r {
		t.Errorf("the second time %+v, %v, the first %+v", again, err, r)
	}
	if whole, err := m.Perplexity(t.Context(), text, stride.PerplexityOptions{}); err != nil || whole.Context != 64 || whole.Chunks != len([]rune(text))/64 {
		t.Errorf("a context of 64 gives %+v, %v", whole, err)
	}
	var option *stride.OptionError
	for _, o := range []stride.PerplexityOptions{{Context: 3}, {Context: 65}, {Chunks: -1}, {CacheType: "q9"}} {
		if _, err := m.Perplexity(t.Context(), text, o); !errors.As(err, &option) {
			t.Errorf("%+v: error %v, want an OptionError", o, err)
		}
	}
	if _, err := m.Perplexity(t.Context(), "春眠", stride.PerplexityOptions{}); !errors.As(err, &option) || option.Option != "text" {
		t.Errorf("a short text: error %v", err)
	}
	values := map[string]float64{}
	for _, name := range stride.CacheTypes() {
		k, err := m.Perplexity(t.Context(), text, stride.PerplexityOptions{Context: 20, CacheType: name})
		if err != nil {
			t.Fatal(err)
		}
		if k.CacheType != name {
			t.Errorf("a cache in %s was asked for, it says %s", name, k.CacheType)
		}
		values[name] = k.Value
	}
	usual, err := m.Perplexity(t.Context(), text, stride.PerplexityOptions{Context: 20})
	if err != nil || usual.Value != values["f32"] {
		t.Errorf("with the usual cache %v, %v, with f32 %v", usual.Value, err, values["f32"])
	}
	for name, most := range map[string]float64{"f16": 1e-3, "q8_0": 1e-2} {
		if off := math.Abs(values[name]/values["f32"] - 1); off == 0 || off > most {
			t.Errorf("with a cache in %s %v, in f32 %v, want another within %g of it", name, values[name], values["f32"], most)
		}
	}
	if math.IsNaN(r.Value) {
		t.Error("not a number")
	}
}
