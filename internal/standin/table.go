// Package standin has stand-ins for networks that know a few objects and give the
// exact probabilities or velocities that follow from them, so that whatever goes
// wrong with a strategy is the strategy's own doing. The tests of package strategy
// run on them, and package explain shows what happens.
package standin

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// Tokens that every table has.
const (
	End = iota
	Mask
	Begin
	Newline
)

// Prompt is what a table is asked with.
var Prompt = []int{Begin}

// Table knows a few texts and how likely each is, and gives the exact conditional
// probabilities. A known slot that differs from a text makes that text less likely
// by the factor Miss; if no text fits, those that fit best are left. It is a strategy.Causal, a strategy.Masked and a
// strategy.Verifier.
type Table struct {
	Pieces  []string // by token
	Texts   [][]int  // with END
	Weights []float64
	Noise   float64 // share of probability spread over all tokens
	Miss    float64
	Most    int // positions that it can hold
	Longest int // most slots of a response, END counted
	Calls   int
	Spoil   func(row int, logits []float32) // if set, called with every row
	// Rows, if set, keeps what was computed; texts and their weights stay as they are
	// then.
	Rows   map[string][]float32
	cache  []int
	logits []float32
}

// NewTable makes tokens of the pieces of the texts, which are split at spaces
// if there are any and at characters otherwise; "/" is a newline.
func NewTable(texts map[string]float64) *Table {
	t := &Table{Pieces: []string{"<END>", "＿", "<BOS>", "/"}, Noise: 1e-4, Miss: 1e-3, Most: 200}
	for _, text := range slices.Sorted(maps.Keys(texts)) {
		parts := strings.Fields(text)
		if len(parts) < 2 {
			parts = strings.Split(text, "")
		}
		var ids []int
		for _, p := range parts {
			ids = append(ids, t.Token(p))
		}
		t.Texts = append(t.Texts, append(ids, End))
		t.Weights = append(t.Weights, texts[text])
		t.Longest = max(t.Longest, len(ids)+1)
	}
	return t
}

// Token is that of a piece, a new one if it has none.
func (t *Table) Token(piece string) int {
	if i := slices.Index(t.Pieces, piece); i >= 0 {
		return i
	}
	t.Pieces = append(t.Pieces, piece)
	return len(t.Pieces) - 1
}

// Text joins the pieces of tokens; one below 0 is unknown.
func (t *Table) Text(tokens []int) string {
	var b strings.Builder
	for _, id := range tokens {
		if id < 0 {
			id = Mask
		}
		b.WriteString(t.Pieces[id])
	}
	return b.String()
}

// Knows tells whether a response without END is one of the texts.
func (t *Table) Knows(response []int) bool {
	return slices.ContainsFunc(t.Texts, func(text []int) bool { return slices.Equal(text[:len(text)-1], response) })
}

// Vocab is the number of tokens.
func (t *Table) Vocab() int { return len(t.Pieces) }

// Context is the most positions.
func (t *Table) Context() int { return t.Most }

// MaxLength is the most slots of a response.
func (t *Table) MaxLength() int { return t.Longest }

// at is a text's token at a slot: END fills what follows it.
func at(text []int, slot int) int { return text[min(slot, len(text)-1)] }

// Probabilities are those (V) of the tokens of a slot given the known ones (-1
// where unknown).
func (t *Table) Probabilities(known []int, slot int) []float64 {
	p := make([]float64, t.Vocab())
	for i := range p {
		p[i] = t.Noise / float64(len(p))
	}
	misses := make([]float64, len(t.Texts))
	for i, text := range t.Texts {
		for s, token := range known {
			if token >= 0 && token != at(text, s) {
				misses[i]++
			}
		}
	}
	likely, fewest := make([]float64, len(t.Texts)), slices.Min(misses)
	var sum float64
	for i := range t.Texts {
		likely[i] = t.Weights[i] * math.Pow(t.Miss, misses[i]-fewest)
		sum += likely[i]
	}
	for i, text := range t.Texts {
		p[at(text, slot)] += (1 - t.Noise) * likely[i] / sum
	}
	return p
}

// keyOf tells rows apart, for fewer than 65,536 tokens and slots.
func keyOf(known []int, slot int) string {
	b := append(make([]byte, 0, 64), byte(slot), byte(slot>>8))
	for _, token := range known {
		b = append(b, byte(token), byte(token>>8))
	}
	return string(b)
}

// row appends the log probabilities of a slot.
func (t *Table) row(known []int, slot int) {
	start := len(t.logits)
	var key string
	if t.Rows != nil {
		key = keyOf(known, slot)
		if row := t.Rows[key]; row != nil {
			t.logits = append(t.logits, row...)
			return
		}
	}
	for _, x := range t.Probabilities(known, slot) {
		t.logits = append(t.logits, float32(math.Log(x)))
	}
	if t.Rows != nil {
		t.Rows[key] = slices.Clone(t.logits[start:])
	}
	if t.Spoil != nil {
		t.Spoil(slot, t.logits[start:])
	}
}

// Extend is a strategy.Causal's.
func (t *Table) Extend(tokens []int) ([]float32, error) {
	if len(tokens) == 0 || len(t.cache)+len(tokens) > t.Most {
		return nil, fmt.Errorf("table: %d tokens do not fit", len(tokens))
	}
	t.Calls++
	t.cache = append(t.cache, tokens...)
	known := t.cache[len(Prompt):]
	t.logits = t.logits[:0]
	t.row(known, len(known))
	return t.logits, nil
}

// ExtendAll is a strategy.Verifier's.
func (t *Table) ExtendAll(tokens []int) ([]float32, error) {
	var all []float32
	calls := t.Calls
	for i := range tokens {
		row, err := t.Extend(tokens[i : i+1])
		if err != nil {
			return nil, err
		}
		all = append(all, row...)
	}
	t.Calls = calls + 1
	return all, nil
}

// Rewind keeps n positions.
func (t *Table) Rewind(n int) { t.cache = t.cache[:n] }

// Logits is a strategy.Masked's.
func (t *Table) Logits(tokens, positions []int) ([]float32, error) {
	if len(tokens) > t.Most || len(positions) == 0 {
		return nil, fmt.Errorf("table: %d tokens do not fit, or no position asked", len(tokens))
	}
	t.Calls++
	known := slices.Clone(tokens[len(Prompt):])
	for i, token := range known {
		if token == Mask {
			known[i] = -1
		}
	}
	t.logits = t.logits[:0]
	for _, p := range positions {
		t.row(known, p-len(Prompt))
	}
	return t.logits, nil
}

// LengthLogits is a strategy.Masked's.
func (t *Table) LengthLogits(prompt []int) ([]float32, error) {
	if !slices.Equal(prompt, Prompt) {
		return nil, fmt.Errorf("table: the length pass sees %v, want the prompt", prompt)
	}
	t.Calls++
	p := make([]float64, t.Longest+1)
	for i, text := range t.Texts {
		p[len(text)] += t.Weights[i]
	}
	t.logits = t.logits[:0]
	for _, x := range p {
		t.logits = append(t.logits, float32(math.Log(x+1e-9)))
	}
	if t.Spoil != nil {
		t.Spoil(-1, t.logits)
	}
	return t.logits, nil
}
