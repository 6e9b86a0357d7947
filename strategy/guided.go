package strategy

import (
	"fmt"
	"math"
)

// Guided is a causal network that leans away from another prompt: its logits are
//
//	negative + g·(logits - negative)
//
// with those after the negative prompt and the same elements, but for elements
// that may not come at all (classifier-free
// guidance, arXiv 2207.12598, as Make-A-Scene, arXiv 2203.13131, uses it one
// element at a time). At 1 it is the network itself. Two caches of the same
// network take part, so that an element costs two evaluations.
type Guided struct {
	with, without    Causal
	prompt, negative []int
	guidance         float32
	taken            int // positions of the prompt's cache
	logits           []float32
}

// NewGuided returns a network for [NewAR] with that prompt. with and without are
// evaluators of the same network, each with a cache of its own.
func NewGuided(with, without Causal, prompt, negative []int, guidance float32) (*Guided, error) {
	if !(guidance >= 0 && guidance <= maxGuidance) {
		return nil, badOption("guidance", guidance, "0 to %d", maxGuidance)
	}
	if err := checkPrompt(negative, without.Vocab(), without.Context()); err != nil {
		return nil, err
	}
	return &Guided{with: with, without: without, prompt: prompt, negative: negative, guidance: guidance, logits: make([]float32, with.Vocab())}, nil
}

// Vocab implements [Causal].
func (g *Guided) Vocab() int { return g.with.Vocab() }

// Context implements [Causal]: what both caches hold.
func (g *Guided) Context() int {
	return min(g.with.Context(), g.without.Context()-len(g.negative)+len(g.prompt))
}

// Extend implements [Causal]; the first tokens have to be the prompt.
func (g *Guided) Extend(tokens []int) ([]float32, error) {
	logits, err := g.with.Extend(tokens)
	if err != nil {
		return nil, err
	}
	copy(g.logits, logits)
	rest := tokens
	if g.taken == 0 {
		if len(tokens) < len(g.prompt) {
			return nil, fmt.Errorf("guidance: %d tokens first, want the prompt of %d", len(tokens), len(g.prompt))
		}
		rest = append(append([]int(nil), g.negative...), tokens[len(g.prompt):]...)
	}
	g.taken += len(tokens)
	negative, err := g.without.Extend(rest)
	if err != nil {
		return nil, err
	}
	never := float32(math.Inf(-1))
	for i, v := range g.logits {
		if v != never && negative[i] != never {
			g.logits[i] = negative[i] + g.guidance*(v-negative[i])
		}
	}
	return g.logits, nil
}

// Rewind implements [Causal]; a part of the prompt cannot be kept alone.
func (g *Guided) Rewind(n int) {
	other := n - len(g.prompt) + len(g.negative)
	if n < len(g.prompt) {
		n, other = 0, 0
	}
	g.taken = min(n, g.taken)
	g.with.Rewind(n)
	g.without.Rewind(other)
}
