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

// A table stands in for a network: it knows a few texts and how likely each
// is, and gives the exact conditional probabilities, so that whatever goes
// wrong is the strategy's doing. A known slot that differs from a text makes
// that text a thousand times less likely.
type table struct {
	pieces  []string // by token
	texts   [][]int  // with END
	weights []float64
	noise   float64 // share of probability spread over all tokens
	context int
	longest int // MaxLength
	cache   []int
	calls   int
	logits  []float32
	spoil   func(row int, logits []float32) // if set, called with every row
}

const (
	endToken  = 0
	maskToken = 1
	bosToken  = 2
	nlToken   = 3
)

var testPrompt = []int{bosToken}

// newTable makes tokens of the pieces of the texts, which are split at spaces
// if there are any and at characters otherwise; "/" is a newline.
func newTable(texts map[string]float64) *table {
	t := &table{pieces: []string{"<END>", "＿", "<BOS>", "/"}, noise: 1e-4, context: 200}
	for _, text := range slices.Sorted(mapKeys(texts)) {
		parts := strings.Fields(text)
		if len(parts) < 2 {
			parts = strings.Split(text, "")
		}
		var ids []int
		for _, p := range parts {
			ids = append(ids, t.token(p))
		}
		t.texts = append(t.texts, append(ids, endToken))
		t.weights = append(t.weights, texts[text])
		t.longest = max(t.longest, len(ids)+1)
	}
	return t
}

func mapKeys(m map[string]float64) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func (t *table) token(piece string) int {
	if i := slices.Index(t.pieces, piece); i >= 0 {
		return i
	}
	t.pieces = append(t.pieces, piece)
	return len(t.pieces) - 1
}

func (t *table) text(tokens []int) string {
	var b strings.Builder
	for _, id := range tokens {
		if id < 0 {
			id = maskToken
		}
		b.WriteString(t.pieces[id])
	}
	return b.String()
}

func (t *table) Vocab() int     { return len(t.pieces) }
func (t *table) Context() int   { return t.context }
func (t *table) MaxLength() int { return t.longest }

// at is a text's token at a slot: END fills what follows it.
func at(text []int, slot int) int { return text[min(slot, len(text)-1)] }

// row appends the log probabilities of a slot given the known ones (-1 where
// unknown).
func (t *table) row(known []int, slot int) {
	p := make([]float64, t.Vocab())
	for i := range p {
		p[i] = t.noise / float64(len(p))
	}
	misses := make([]float64, len(t.texts))
	for i, text := range t.texts {
		for s, token := range known {
			if token >= 0 && token != at(text, s) {
				misses[i]++
			}
		}
	}
	likely, fewest := make([]float64, len(t.texts)), slices.Min(misses)
	var sum float64
	for i := range t.texts {
		likely[i] = t.weights[i] * math.Pow(1e-3, misses[i]-fewest)
		sum += likely[i]
	}
	for i, text := range t.texts {
		p[at(text, slot)] += (1 - t.noise) * likely[i] / sum
	}
	start := len(t.logits)
	for _, x := range p {
		t.logits = append(t.logits, float32(math.Log(x)))
	}
	if t.spoil != nil {
		t.spoil(slot, t.logits[start:])
	}
}

func (t *table) Extend(tokens []int) ([]float32, error) {
	if len(tokens) == 0 || len(t.cache)+len(tokens) > t.context {
		return nil, fmt.Errorf("table: %d tokens do not fit", len(tokens))
	}
	t.calls++
	t.cache = append(t.cache, tokens...)
	known := t.cache[len(testPrompt):]
	t.logits = t.logits[:0]
	t.row(known, len(known))
	return t.logits, nil
}

func (t *table) Rewind(n int) { t.cache = t.cache[:n] }

func (t *table) Logits(tokens, positions []int) ([]float32, error) {
	if len(tokens) > t.context || len(positions) == 0 {
		return nil, fmt.Errorf("table: %d tokens do not fit, or no position asked", len(tokens))
	}
	t.calls++
	known := slices.Clone(tokens[len(testPrompt):])
	for i, token := range known {
		if token == maskToken {
			known[i] = -1
		}
	}
	t.logits = t.logits[:0]
	for _, p := range positions {
		t.row(known, p-len(testPrompt))
	}
	return t.logits, nil
}

func (t *table) LengthLogits(prompt []int) ([]float32, error) {
	if !slices.Equal(prompt, testPrompt) {
		return nil, fmt.Errorf("table: the length pass sees %v, want the prompt", prompt)
	}
	t.calls++
	p := make([]float64, t.longest+1)
	for i, text := range t.texts {
		p[len(text)] += t.weights[i]
	}
	t.logits = t.logits[:0]
	for _, x := range p {
		t.logits = append(t.logits, float32(math.Log(x+1e-9)))
	}
	if t.spoil != nil {
		t.spoil(-1, t.logits)
	}
	return t.logits, nil
}

// tableOptions are options for tables: their END and MASK, drawn plainly.
func tableOptions(seed uint64) Options {
	return Options{Sampling: Sampling{Temperature: 1}, Seed: seed, End: endToken, Mask: maskToken,
		Constraint: Constraint{Newline: nlToken}}
}

// open makes a machine by name; passes are refine's.
func open(t testing.TB, strategy string, net *table, o Options) Machine {
	t.Helper()
	var m Machine
	var err error
	switch strategy {
	case "ar":
		m, err = NewAR(net, testPrompt, o)
	case "nar":
		m, err = NewNAR(net, testPrompt, o)
	case "refine":
		m, err = NewRefine(net, testPrompt, o)
	}
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// finish runs a machine to its end and returns all steps, their slices copied.
func finish(t testing.TB, m Machine) []Step {
	t.Helper()
	var steps []Step
	for step, err := range Steps(m) {
		if err != nil {
			t.Fatal(err)
		}
		step.Tokens, step.Fresh, step.Remasked = slices.Clone(step.Tokens), slices.Clone(step.Fresh), slices.Clone(step.Remasked)
		step.Values = slices.Clone(step.Values)
		steps = append(steps, step)
	}
	if !steps[len(steps)-1].Done {
		t.Fatal("the last step is not done")
	}
	if _, err := m.Next(); !errors.Is(err, io.EOF) {
		t.Fatalf("after the last step Next returns %v, want io.EOF", err)
	}
	return steps
}

// result is the text that a machine ends with.
func result(t testing.TB, net *table, m Machine) string {
	t.Helper()
	steps := finish(t, m)
	return net.text(steps[len(steps)-1].Tokens)
}
