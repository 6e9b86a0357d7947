package strategy

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
)

// scripted is a machine whose steps are given.
type scripted struct{ steps []Step }

func (s *scripted) Next() (Step, error) {
	if len(s.steps) == 0 {
		return Step{}, io.EOF
	}
	step := s.steps[0]
	s.steps = s.steps[1:]
	return step, nil
}

// grown are the steps of a response from left to right, so many tokens a step.
func grown(tokens, stride int) *scripted {
	s := &scripted{}
	for n := 0; n < tokens; {
		m := min(n+stride, tokens)
		step := Step{Pass: len(s.steps) + 1, Confidence: 0.5}
		for i := range m {
			if step.Tokens = append(step.Tokens, i); i >= n {
				step.Fresh = append(step.Fresh, i)
				step.Logprobs = append(step.Logprobs, Logprobs{Slot: i})
			}
		}
		n = m
		s.steps = append(s.steps, step)
	}
	last := &s.steps[len(s.steps)-1]
	last.Done, last.Stopped = true, "end"
	return s
}

// shownText is what a step shows.
func shownText(pieces []string, s Step) string {
	var b strings.Builder
	for _, token := range s.Tokens {
		if token < 0 {
			b.WriteString("＿")
		} else {
			b.WriteString(pieces[token])
		}
	}
	return b.String()[:b.Len()-s.Trim]
}

func TestStopsInWhatGrows(t *testing.T) {
	for _, c := range []struct {
		pieces, stops, want string // separated by |; want has what each step shows
		stopped             string
	}{
		{"ab|cd|ef", "cd", "ab|ab", "stop"},
		{"ab|cd|ef", "bc", "|a", "stop"}, // a token is held back as a whole
		{"one|\n|\ntwo", "\n\n", "one|one|one", "stop"},
		{"one|\n|two", "\n\n", "one|one|one\ntwo", "end"},
		{"ab|cd|ef", "x,y,ab", "", "stop"},
		{"a|b|c|d|e", "bcx,cde", "a|a|a|ab|ab", "stop"},
		{"hello STOP| more", "STOP", "hello ", "stop"},
		{"a|b|b", "bbb", "a|a|abb", "end"},
		{"春|\xe6|\x9b\x89x", "曉", "春|春|春", "stop"},
	} {
		pieces := strings.Split(c.pieces, "|")
		for stride := 1; stride <= 3; stride++ {
			m, err := NewStops(grown(len(pieces), stride), func(t int) []byte { return []byte(pieces[t]) }, strings.Split(c.stops, ","))
			if err != nil {
				t.Fatal(err)
			}
			var shown []string
			var fresh, told []int
			var last Step
			for step, err := range Steps(m) {
				if err != nil {
					t.Fatal(err)
				}
				last = step
				shown = append(shown, shownText(pieces, step))
				fresh = append(fresh, step.Fresh...)
				for _, l := range step.Logprobs {
					told = append(told, l.Slot)
				}
				if !strings.HasPrefix(shown[len(shown)-1], shown[max(0, len(shown)-2)]) {
					t.Errorf("%q at %q shows %q: a step takes back what one before showed", c.pieces, c.stops, shown)
				}
			}
			if got := strings.Join(shown, "|"); stride == 1 && got != c.want {
				t.Errorf("%q at %q shows %q, want %q", c.pieces, c.stops, got, c.want)
			}
			want := c.want[strings.LastIndex(c.want, "|")+1:]
			if got := shown[len(shown)-1]; got != want || last.Stopped != c.stopped {
				t.Errorf("%q at %q, %d a step: ends as %q by %s, want %q by %s", c.pieces, c.stops, stride, got, last.Stopped, want, c.stopped)
			}
			if len(fresh) != len(last.Tokens) || !slices.Equal(fresh, told) || !slices.IsSorted(fresh) {
				t.Errorf("%q at %q: fresh were %v, told %v, of %d tokens", c.pieces, c.stops, fresh, told, len(last.Tokens))
			}
			if _, err := m.Next(); !errors.Is(err, io.EOF) {
				t.Errorf("after the last step Next returns %v, want io.EOF", err)
			}
		}
	}
}

func TestStopsInWhatBecomesKnown(t *testing.T) {
	pieces := []string{"ab", "cd", "ef", "g"}
	steps := []Step{
		{Pass: 1, Passes: 3, Tokens: []int{-1, 1, -1, 3}, Fresh: []int{1, 3}},
		{Pass: 2, Passes: 3, Tokens: []int{-1, 1, 2, 3}, Fresh: []int{2}},
		{Pass: 3, Passes: 3, Tokens: []int{0, 1, 2, 3}, Fresh: []int{0}, Done: true, Stopped: "end"},
	}
	m, err := NewStops(&scripted{steps}, func(t int) []byte { return []byte(pieces[t]) }, []string{"de"})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for step, err := range Steps(m) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprint(shownText(pieces, step), step.Fresh, step.Stopped))
	}
	want := []string{"＿cd＿g[1 3]", "＿c[]", "abc[0]stop"}
	if !slices.Equal(got, want) {
		t.Errorf("steps are %q, want %q", got, want)
	}
	var option *OptionError
	for _, stops := range [][]string{{""}, {strings.Repeat("x", 1025)}, slices.Repeat([]string{"a"}, 65)} {
		if _, err := NewStops(nil, nil, stops); !errors.As(err, &option) || option.Option != "stop" {
			t.Errorf("%d stop strings: error is %v, want an *OptionError", len(stops), err)
		}
	}
}

// Log-probabilities are the network's own, whatever the sampling, and there is an
// entry for each committed token.
func TestLogprobs(t *testing.T) {
	net := spring()
	for _, name := range []string{"ar", "nar", "refine"} {
		o := tableOptions(5)
		o.Sampling = Sampling{Temperature: 0.5, TopK: 3, PresencePenalty: 1}
		o.Logprobs = 4
		if name == "refine" {
			o.Passes = 6
		}
		for _, step := range finish(t, open(t, name, net, o)) {
			if len(step.Logprobs) != len(step.Fresh) {
				t.Fatalf("%s: %d entries for %d fresh tokens", name, len(step.Logprobs), len(step.Fresh))
			}
			for i, l := range step.Logprobs {
				if l.Slot != step.Fresh[i] || l.Token != step.Tokens[l.Slot] || len(l.Top) != 4 || l.Logprob > 0 {
					t.Fatalf("%s: entry %+v for slot %d with token %d", name, l, step.Fresh[i], step.Tokens[step.Fresh[i]])
				}
			}
		}
	}
	s, err := NewSampler(Sampling{Temperature: 3, Bias: map[int]float32{0: 50}}, source(1))
	if err != nil {
		t.Fatal(err)
	}
	logits := []float32{0, float32(math.Log(2)), float32(math.Log(5)), float32(math.Inf(-1))}
	if _, _, err := s.Sample(logits, []int{2}, nil); err != nil {
		t.Fatal(err)
	}
	l := s.logprobs(logits, 7, 1, 2)
	want := []float64{2. / 8, 5. / 8, 2. / 8}
	for i, c := range append([]Candidate{l.Candidate}, l.Top...) {
		if got := math.Exp(float64(c.Logprob)); math.Abs(got-want[i]) > 1e-6 {
			t.Errorf("candidate %d, %+v, has probability %v, want %v", i, c, got, want[i])
		}
	}
	if l.Top[0].Token != 2 || l.Top[1].Token != 1 {
		t.Errorf("likeliest are %+v, want tokens 2 and 1", l.Top)
	}
}
