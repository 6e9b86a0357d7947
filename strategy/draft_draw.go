package strategy

import (
	"errors"
	"math/rand/v2"
)

// unsure is how likely a network has to find its guess for another after it.
const unsure = 0.4

// drawer draws guesses from the logits of another network with the random numbers
// that the large one is going to draw with, so that networks that agree draw the
// same.
type drawer struct {
	large   *rand.PCG // random numbers of the large network
	own     *rand.PCG
	sampler *Sampler
}

// newDrawer makes room for a text of so many tokens that begins with a prompt.
func newDrawer(large *ar, prompt []int, tokens int) (*drawer, error) {
	d := &drawer{large: large.source, own: &rand.PCG{}}
	var err error
	if d.sampler, err = NewSampler(large.o.Sampling, rand.New(d.own)); err != nil {
		return nil, err
	}
	d.sampler.begin(prompt, tokens-len(prompt))
	return d, nil
}

// know makes tokens part of what penalties look at, which guesses are not.
func (d *drawer) know(tokens []int) {
	for _, t := range tokens {
		d.sampler.accept(t)
	}
}

// follower gives the logits of what follows a guess.
type follower interface {
	follow(token int) ([]float32, error)
}

// draw fills in guesses, the first from logits, and returns those that it could and
// found worth it.
func (d *drawer) draw(guesses []guess, banned []int, logits []float32, net follower) ([]guess, error) {
	*d.own = *d.large
	for i := range guesses {
		token, p, err := d.sampler.Sample(logits, banned, nil)
		if errors.Is(err, errNoToken) {
			return guesses[:i], nil
		}
		if err != nil {
			return nil, err
		}
		guesses[i].token, guesses[i].p = token, p
		if p < unsure || i+1 == len(guesses) {
			return guesses[:i+1], nil
		}
		if logits, err = net.follow(token); err != nil {
			return nil, err
		}
	}
	return guesses, nil
}
