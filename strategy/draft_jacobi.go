package strategy

import (
	"slices"

	"github.com/stride-ml/stride/tensor/kernel"
)

// Kinds of Jacobi's guesses. What follows a token elsewhere is as good as the
// guess before it; of the previous pass the first guesses are the best.
const (
	jacobiElsewhere = 0
	jacobiLast      = 4
)

// jacobi guesses what passes gave for positions behind wrong guesses: the next
// step of a fixed-point iteration over all of them.
type jacobi struct {
	last    int
	behind  []int   // what the previous pass gave for the next positions
	follows []int32 // (V): 1 + what was last seen or given after each token; 0 is none
	guesses []guess
}

func newJacobi(vocab, most int) *jacobi {
	return &jacobi{last: -1, follows: make([]int32, vocab), behind: make([]int, 0, most), guesses: make([]guess, 0, most)}
}

func (d *jacobi) know(tokens []int) {
	for _, t := range tokens {
		if d.last >= 0 {
			d.follows[d.last] = int32(t) + 1
		}
		d.last = t
	}
}

func (d *jacobi) look(most int) []guess {
	d.guesses = d.guesses[:0]
	for i, t := range d.behind[:min(most, len(d.behind))] {
		d.guesses = append(d.guesses, guess{token: t, kind: max(jacobiLast-i, 1)})
	}
	d.behind = d.behind[:0]
	last := d.last
	if n := len(d.guesses); n > 0 {
		last = d.guesses[n-1].token
	}
	for len(d.guesses) < most && d.follows[last] > 0 {
		last = int(d.follows[last]) - 1
		d.guesses = append(d.guesses, guess{token: last, kind: jacobiElsewhere})
	}
	return d.guesses
}

func (d *jacobi) complete(guesses []guess, _ []int) ([]guess, error) { return guesses, nil }

func (d *jacobi) shifted([]int) {}

func (d *jacobi) verified(tokens []int, logits []float32, right int) {
	v := len(d.follows)
	for i, t := range tokens {
		row := logits[i*v : (i+1)*v]
		given := slices.Index(row, kernel.Max(row))
		if given < 0 {
			return // no number is the largest where one is NaN
		}
		d.follows[t] = int32(given) + 1
		if i > right {
			d.behind = append(d.behind, given)
		}
	}
}
