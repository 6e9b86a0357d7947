package strategy

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"testing"
)

// referenceCase is an entry of testdata/sampling.json, which sampling.py writes.
type referenceCase struct {
	Options struct {
		Temperature      float32             `json:"temperature"`
		TopK             int                 `json:"top_k"`
		Typical          float32             `json:"typical"`
		TopP             float32             `json:"top_p"`
		MinP             float32             `json:"min_p"`
		RepeatPenalty    float32             `json:"repeat_penalty"`
		RepeatLast       int                 `json:"repeat_last"`
		FrequencyPenalty float32             `json:"frequency_penalty"`
		PresencePenalty  float32             `json:"presence_penalty"`
		Bias             map[string]*float32 `json:"bias"`
	} `json:"options"`
	Logits           []float32 `json:"logits"`
	Prompt, Response []int
	P                []float64 `json:"p"`
}

func (c *referenceCase) sampling(t *testing.T) Sampling {
	o := c.Options
	s := Sampling{
		Temperature: o.Temperature, TopK: o.TopK, Typical: o.Typical, TopP: o.TopP, MinP: o.MinP,
		RepeatPenalty: o.RepeatPenalty, RepeatLast: o.RepeatLast,
		FrequencyPenalty: o.FrequencyPenalty, PresencePenalty: o.PresencePenalty, Bias: map[int]float32{},
	}
	for token, value := range o.Bias {
		i, err := strconv.Atoi(token)
		if err != nil {
			t.Fatal(err)
		}
		if s.Bias[i] = float32(math.Inf(-1)); value != nil {
			s.Bias[i] = *value
		}
	}
	return s
}

// drawnWith is the probability of each token after a call of Sample.
func drawnWith(s *Sampler) []float64 {
	p := make([]float64, len(s.logits))
	var sum float64
	for _, w := range s.shares {
		sum += float64(w)
	}
	for n, i := range s.kept {
		p[i] = float64(s.shares[n]) / sum
	}
	return p
}

func TestSamplerEqualsReference(t *testing.T) {
	data, err := os.ReadFile("testdata/sampling.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []referenceCase
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 40 {
		t.Fatalf("%d cases, want 40 or more", len(cases))
	}
	for i, c := range cases {
		s, err := NewSampler(c.sampling(t), source(1))
		if err != nil {
			t.Fatal(err)
		}
		s.begin(c.Prompt, len(c.Response))
		for _, token := range c.Response {
			s.accept(token)
		}
		token, _, err := s.Sample(c.Logits, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := drawnWith(s)
		for j := range got {
			if math.Abs(got[j]-c.P[j]) > 1e-6 {
				t.Errorf("case %d, %+v: token %d is drawn with probability %.8f, want %.8f", i, c.Options, j, got[j], c.P[j])
			}
		}
		if c.P[token] == 0 {
			t.Errorf("case %d: drew token %d, which is left out", i, token)
		}
	}
}

// refine counts what is known on both sides of a slot, each token once for the
// repeat penalty, and in the response only for the others.
func TestPenaltiesAroundASlot(t *testing.T) {
	const blank = 9
	for _, c := range []struct {
		s    Sampling
		want []float32
	}{
		{Sampling{RepeatPenalty: 2, RepeatLast: 1}, []float32{4, 4, 2, 2, 4, -4, -4, -4, -4, 4}},
		{Sampling{RepeatPenalty: 2, RepeatLast: 2}, []float32{4, 4, 2, 2, 4, -8, -4, -4, -4, 4}},
		{Sampling{RepeatPenalty: 2, RepeatLast: -1}, []float32{2, 4, 2, 2, 4, -8, -4, -4, -4, 4}},
		{Sampling{FrequencyPenalty: 1}, []float32{4, 4, 3, 2, 4, -5, -4, -4, -4, 4}},
		{Sampling{PresencePenalty: 1}, []float32{4, 4, 3, 3, 4, -5, -4, -4, -4, 4}},
	} {
		s, err := NewSampler(c.s, source(1))
		if err != nil {
			t.Fatal(err)
		}
		tokens := []int{0, 5, 3, blank, 2, blank, 3} // a prompt of 1 and slots
		for range 2 {                                // counts do not add up over passes
			s.know([]int{5, 3, -1, 2, -1, 3})
			s.about(tokens, 3, blank)
			if _, _, err := s.Sample([]float32{4, 4, 4, 4, 4, -4, -4, -4, -4, 4}, nil, nil); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(s.logits, c.want) {
				t.Errorf("%+v: logits are %v, want %v", c.s, s.logits, c.want)
			}
		}
	}
}

// A response of ar under penalties does not repeat what the network alone would
// say for ever, and a refine neither.
func TestPenaltiesReachTheStrategies(t *testing.T) {
	net := newFlat(20, 30)
	for i := range net.logits {
		net.logits[i] = -float32(i) // END is the last but likeliest without it
	}
	o := Options{End: 19, MaxLength: 8, Sampling: Sampling{PresencePenalty: 90}}
	m, err := NewAR(net, []int{0}, o)
	if err != nil {
		t.Fatal(err)
	}
	steps := finish(t, m)
	if got, want := fmt.Sprint(steps[7].Tokens), "[0 1 2 3 4 5 6 7]"; got != want {
		t.Errorf("ar gives %s, want %s", got, want)
	}
	o.Sampling = Sampling{Bias: map[int]float32{0: float32(math.Inf(-1)), 3: 10}}
	if m, err = NewAR(net, []int{0}, o); err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(finish(t, m)[7].Tokens), "[3 3 3 3 3 3 3 3]"; got != want {
		t.Errorf("with a bias ar gives %s, want %s", got, want)
	}
	spring := spring()
	banned := tableOptions(3)
	banned.Passes = 8
	for _, poem := range spring.Texts[:4] {
		banned.Sampling.Bias = map[int]float32{poem[0]: float32(math.Inf(-1))}
		for _, step := range finish(t, open(t, "refine", spring, banned)) {
			if slices.Contains(step.Tokens, poem[0]) {
				t.Fatalf("refine drew %d, which its bias bans", poem[0])
			}
		}
	}
}

func TestPenaltiesAreChecked(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, c := range []struct {
		s    Sampling
		want string
	}{
		{Sampling{Typical: 1.5}, "typical"},
		{Sampling{Typical: nan}, "typical"},
		{Sampling{RepeatPenalty: -1}, "repeat-penalty"},
		{Sampling{RepeatPenalty: inf}, "repeat-penalty"},
		{Sampling{RepeatLast: -2}, "repeat-last"},
		{Sampling{FrequencyPenalty: nan}, "frequency-penalty"},
		{Sampling{PresencePenalty: -101}, "presence-penalty"},
		{Sampling{Bias: map[int]float32{4: inf}}, "bias[4]"},
		{Sampling{Bias: map[int]float32{4: nan}}, "bias[4]"},
		{Sampling{Bias: map[int]float32{20: 1}}, "bias"},
		{Sampling{Bias: map[int]float32{-1: 1}}, "bias"},
	} {
		var option *OptionError
		_, err := NewAR(newFlat(20, 10), []int{0}, Options{Sampling: c.s})
		if !errors.As(err, &option) || option.Option != c.want {
			t.Errorf("%+v: error is %v, want one of option %s", c.s, err, c.want)
		}
	}
}
