package explain

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/stride-ml/stride/internal/standin"
)

// watched is a table that remembers what the last pass was asked and what it told.
type watched struct {
	*standin.Table
	fed     []int
	rewound int // positions that were taken back since
	held    int
	told    []choices
}

// choices are what may stand in a slot.
type choices struct {
	slot int
	all  []choice
}

type choice struct {
	piece string
	p     float64
}

func watch(t *standin.Table) *watched { return &watched{Table: t} }

// read turns logits of slots into choices.
func (w *watched) read(logits []float32, slots []int) {
	v := w.Vocab()
	w.told = nil
	for i, slot := range slots {
		c := choices{slot: slot}
		for token, x := range logits[i*v : (i+1)*v] {
			if p := math.Exp(float64(x)); p > 0 {
				c.all = append(c.all, choice{w.Pieces[token], p})
			}
		}
		slices.SortStableFunc(c.all, func(a, b choice) int { return cmp.Compare(b.p, a.p) })
		w.told = append(w.told, c)
	}
}

// Extend is a strategy.Causal's.
func (w *watched) Extend(tokens []int) ([]float32, error) {
	logits, err := w.Table.Extend(tokens)
	if err != nil {
		return nil, err
	}
	w.fed = slices.Clone(tokens)
	w.held += len(tokens)
	w.read(logits, []int{w.held - len(standin.Prompt)})
	return logits, nil
}

// ExtendAll is a strategy.Verifier's.
func (w *watched) ExtendAll(tokens []int) ([]float32, error) {
	w.fed = slices.Clone(tokens)
	w.held += len(tokens)
	return w.Table.ExtendAll(tokens)
}

// Rewind is a strategy.Causal's.
func (w *watched) Rewind(n int) {
	w.rewound += w.held - n
	w.held = n
	w.Table.Rewind(n)
}

// Logits is a strategy.Masked's.
func (w *watched) Logits(tokens, positions []int) ([]float32, error) {
	logits, err := w.Table.Logits(tokens, positions)
	if err != nil {
		return nil, err
	}
	var slots []int
	for _, p := range positions {
		slots = append(slots, p-len(standin.Prompt))
	}
	w.read(logits, slots)
	return logits, nil
}

// likeliest lists at most so many choices with their probabilities.
func (c choices) likeliest(most int) string {
	var parts []string
	for i, o := range c.all {
		if i == most {
			parts = append(parts, "…")
			break
		}
		parts = append(parts, fmt.Sprintf("%s %.2f", o.piece, o.p))
	}
	return strings.Join(parts, ", ")
}
