package strategy

import (
	"fmt"
	"math/rand/v2"
)

const (
	modelKind = 5 // of all guesses by a network
	// unsure is how likely a network has to find its guess for another after it.
	unsure = 0.4
)

// modelDraft guesses what a smaller network draws.
type modelDraft struct {
	net     Causal
	large   *rand.PCG // random numbers of the large network
	own     *rand.PCG
	sampler *Sampler
	text    []int
	cached  []int // tokens in the network's cache
	agreed  int   // of them, those that are the text's
	guesses []guess
}

// newModelDraft makes room for a text of so many tokens that begins with a prompt.
func newModelDraft(net Causal, large *ar, prompt []int, tokens, most int) (*modelDraft, error) {
	if net.Vocab() != large.net.Vocab() {
		return nil, badOption("draft", fmt.Sprintf("a network of %d tokens", net.Vocab()), "one of the %d that the large one has", large.net.Vocab())
	}
	d := &modelDraft{
		net: net, large: large.source, own: &rand.PCG{},
		text: make([]int, 0, tokens+1), cached: make([]int, 0, tokens+most), guesses: make([]guess, 0, most),
	}
	net.Rewind(0)
	var err error
	if d.sampler, err = NewSampler(large.o.Sampling, rand.New(d.own)); err != nil {
		return nil, err
	}
	d.sampler.begin(prompt, tokens-len(prompt))
	d.text = append(d.text, prompt...)
	return d, nil
}

// know makes tokens part of what penalties look at, which guesses are not.
func (d *modelDraft) know(tokens []int) {
	for _, t := range tokens {
		d.text = append(d.text, t)
		d.sampler.accept(t)
	}
}

// look promises as many guesses as the network's context has room for.
func (d *modelDraft) look(most int) []guess {
	d.guesses = d.guesses[:0]
	for range min(most, d.net.Context()-len(d.text)+1) {
		d.guesses = append(d.guesses, guess{-1, modelKind})
	}
	return d.guesses
}

// complete draws with the random numbers that the large network is going to draw
// with, so that networks that agree draw the same.
func (d *modelDraft) complete(guesses []guess, banned []int) ([]guess, error) {
	for d.agreed < min(len(d.cached), len(d.text)-1) && d.cached[d.agreed] == d.text[d.agreed] {
		d.agreed++
	}
	d.net.Rewind(d.agreed)
	d.cached = append(d.cached[:d.agreed], d.text[d.agreed:]...)
	*d.own = *d.large
	next := d.cached[d.agreed:]
	for i := range guesses {
		logits, err := d.net.Extend(next)
		if err != nil {
			return nil, err
		}
		token, p, err := d.sampler.Sample(logits, banned, nil)
		if err != nil {
			return nil, err
		}
		guesses[i].token = token
		if p < unsure {
			return guesses[:i+1], nil
		}
		if i+1 < len(guesses) {
			d.cached = append(d.cached, token)
			next = d.cached[len(d.cached)-1:]
		}
	}
	return guesses, nil
}

func (d *modelDraft) verified([]int, []float32, int) {}
