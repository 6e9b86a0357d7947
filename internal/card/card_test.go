package card

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"github.com/stride-ml/stride/checkpoint"
)

var full = Card{
	Name: "tang", Title: "Poems", Strategies: []string{"refine", "nar"}, Companions: []string{"other"}, MaxLength: 64,
	Licence: "MIT", Credits: "poets", Source: "books", Recipe: "name: tang\n",
	Defaults: Defaults{Temperature: 0.5, TopP: 0.25, MinP: 0.125, TopK: 3, Passes: 16},
	Results:  map[string]float64{"valid.bits_per_character": 6.5},
}

func store(t *testing.T, all ...map[string]any) []byte {
	t.Helper()
	b := checkpoint.NewBuilder("llama")
	if err := Store(b, all...); err != nil {
		t.Fatal(err)
	}
	var buf bytes.Buffer
	if _, err := b.WriteTo(&buf); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func TestRoundTrip(t *testing.T) {
	data := store(t, full.Metadata())
	if !bytes.Equal(data, store(t, full.Metadata())) {
		t.Error("the same card is not the same bytes")
	}
	f, err := checkpoint.Parse("card", data)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Read(f)
	if err != nil || !reflect.DeepEqual(got, full) {
		t.Errorf("came back as %+v, %v", got, err)
	}
}

// TestPlainModel reads the card of a file that is not ours.
func TestPlainModel(t *testing.T) {
	f, err := checkpoint.Parse("plain", store(t, map[string]any{"general.name": "Public"}))
	if err != nil {
		t.Fatal(err)
	}
	c, err := Read(f)
	if err != nil || c.Name != "Public" || c.Strategies != nil || c.Defaults.Passes == 0 || len(c.Companions) != 0 {
		t.Errorf("card %+v, %v", c, err)
	}
}

func TestWrongTypes(t *testing.T) {
	for want, m := range map[string]map[string]any{
		"key stride.strategies is a string":           {"stride.strategies": "ar"},
		"key stride.max_length is a int32":            {"stride.max_length": int32(-1)},
		"key stride.generate.top_k is 4294967295":     {"stride.generate.top_k": uint32(1<<32 - 1)},
		"key stride.generate.temperature is a string": {"stride.generate.temperature": "hot"},
		"key stride.results.x is a bool":              {"stride.results.x": true},
		"key general.name is a uint32":                {"general.name": uint32(1)},
	} {
		f, err := checkpoint.Parse("wrong", store(t, m))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Read(f); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: error %v, want one with %q", m, err, want)
		}
	}
}
