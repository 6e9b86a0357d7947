package strategy

import (
	"math"

	"github.com/stride-ml/stride/tensor/kernel"
)

// maxLogprobs is the most of [Options.Logprobs].
const maxLogprobs = 128

// Candidate is a token and the natural logarithm of its probability.
type Candidate struct {
	Token   int
	Logprob float32
}

// Logprobs is how likely the network found the token that was committed to a
// slot, and the likeliest ones there, likeliest first: of the whole vocabulary,
// before biases, penalties, constraints, filters and temperature.
type Logprobs struct {
	Slot int
	Candidate
	Top []Candidate
}

// logprobs is that of a token, with the n likeliest. It uses the scratch memory of
// Sample.
func (s *Sampler) logprobs(logits []float32, slot, token, n int) Logprobs {
	copy(s.logits, logits)
	top := kernel.Max(s.logits)
	all := float64(top) + math.Log(float64(kernel.ExpSum(s.weights, s.logits, top)))
	of := func(token int) Candidate { return Candidate{token, float32(float64(logits[token]) - all)} }
	l := Logprobs{Slot: slot, Candidate: of(token)}
	s.best(min(n, len(logits)))
	for _, token := range s.kept {
		l.Top = append(l.Top, of(token))
	}
	return l
}
