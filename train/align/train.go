package align

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

const (
	// parts are groups of utterances whose statistics are summed in order, so that the workers do not change the result.
	parts = 32
	// relevance is how many frames of a Gaussian count as much as what is known of all frames.
	relevance = 2.0
	// lowest is the least variance over that of all frames, smallest what that one is at least, should all be the same.
	lowest, smallest = 0.02, 1e-6
	// enough frames of a Gaussian to make two of it.
	enough = 60.0
)

// Train finds the model under which the utterances are most likely, by Viterbi training from a flat start: at first the
// units of an utterance take as many frames each, and optional ones none, unless their class is always optional; then, in
// turn, the model is estimated and the utterances aligned with it. The Gaussians of a state grow in number from a quarter to
// three quarters of the iterations.
//
// Each runs f(0), f(1) ... f(n-1), as tensor.Pool.Each does, in any order or at once; the model is the same whatever it
// does. A nil each does them one after another. An error tells the index of an utterance that cannot be aligned.
func Train(ctx context.Context, us []Utterance, c Config, each func(n int, f func(i int))) (*Model, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if len(us) == 0 {
		return nil, errors.New("align: no utterances")
	}
	for i := range us {
		if err := c.check(&us[i]); err != nil {
			return nil, fmt.Errorf("align: utterance %d: %w", i, err)
		}
	}
	if each == nil {
		each = inOrder
	}
	tr := newTrainer(us, c)
	for i := 0; i <= c.Iterations; i++ {
		tr.count(ctx, each, i == 0)
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("align: iteration %d: %w", i, err)
		}
		tr.estimate()
		tr.grow(1 + min(max((c.Components-1)*(4*i-c.Iterations)/(2*c.Iterations), 0), c.Components-1))
	}
	return tr.m, nil
}

func inOrder(n int, f func(i int)) {
	for i := range n {
		f(i)
	}
}

// trainer has what one iteration hands to the next.
type trainer struct {
	us     []Utterance
	m      *Model
	all    gaussian // of all frames
	needed []bool   // classes that are not optional somewhere
	parts  []part
}

// part is a part of the utterances.
type part struct {
	us       []Utterance
	search   viterbi
	sums     []sums    // of each state
	taken    []float64 // optional units of each class that were there
	optional []float64 // optional units of each class
}

// sums are the statistics of a state.
type sums struct {
	move    [moves]float64
	mixture []moments
}

// moments are sums over the frames of a Gaussian.
type moments struct {
	frames     float64
	x, squares []float64
}

func newTrainer(us []Utterance, c Config) *trainer {
	tr := &trainer{us: us, all: whole(us, c.Dim), needed: make([]bool, c.Classes), parts: make([]part, min(parts, len(us)))}
	c.Least = slices.Clone(c.Least)
	tr.m = &Model{c, make([]state, c.Classes*c.States), make([]float64, c.Classes)}
	for i := range tr.m.states {
		tr.m.states[i].mixture = []gaussian{tr.all}
	}
	for i := range tr.m.taken {
		tr.m.taken[i] = 0.5
	}
	for i := range us {
		for j, class := range us[i].Units {
			tr.needed[class] = tr.needed[class] || !us[i].optional(j)
		}
	}
	for i := range tr.parts {
		tr.parts[i].us = us[i*len(us)/len(tr.parts) : (i+1)*len(us)/len(tr.parts)]
	}
	return tr
}

// whole is the Gaussian of all frames.
func whole(us []Utterance, dim int) gaussian {
	mean, variance := make([]float64, dim), make([]float64, dim)
	frames := 0.0
	for _, u := range us {
		frames += float64(len(u.Features) / dim)
		for i, v := range u.Features {
			mean[i%dim] += float64(v)
		}
	}
	for i := range mean {
		mean[i] /= frames
	}
	for _, u := range us {
		for i, v := range u.Features {
			d := float64(v) - mean[i%dim]
			variance[i%dim] += d * d / frames
		}
	}
	for i, v := range variance {
		variance[i] = max(v, smallest)
	}
	return newGaussian(1, mean, variance)
}

// count sets the statistics of all parts; when it is called off they are not whole.
func (tr *trainer) count(ctx context.Context, each func(n int, f func(i int)), flat bool) {
	each(len(tr.parts), func(i int) {
		p := &tr.parts[i]
		p.reset(tr.m)
		for j := range p.us {
			if ctx.Err() != nil {
				return
			}
			l := tr.m.lay(&p.us[j])
			if flat {
				p.search.load(&p.us[j])
				p.search.path = tr.flat(&p.us[j], l)
			} else {
				p.search.search(tr.m, &p.us[j], l)
				p.offer(&p.us[j], l)
			}
			p.add(tr.m, l)
		}
	})
}

// flat is the path on which the places of an utterance take as many frames each.
func (tr *trainer) flat(u *Utterance, l *line) []int32 {
	var units []int
	places := 0
	for i, class := range u.Units {
		if !u.optional(i) || !tr.needed[class] {
			units = append(units, i)
			places += l.first[i+1] - l.first[i]
		}
	}
	frames := len(u.Features) / tr.m.c.Dim
	path := make([]int32, 0, frames)
	before := 0
	for _, i := range units {
		first, last := l.first[i], l.first[i+1]-1
		n := last - first + 1
		before += n
		take := before*frames/places - len(path)
		for t := range take {
			p := first + t*n/take
			if take < n && t > 0 && t == take-1 {
				p = last
			}
			path = append(path, int32(p))
		}
	}
	return path
}
