package strategy

import (
	"math"
	"slices"
	"testing"
)

// The nucleus is what sorting all tokens gives, ties and infinities included.
func TestTop(t *testing.T) {
	r := newSource(11)
	for n := range 60 {
		vocab := 1 + r.IntN(4000)
		logits := make([]float32, vocab)
		for i := range logits {
			logits[i] = float32(r.NormFloat64() * 3)
			switch r.IntN(12) {
			case 0:
				logits[i] = negativeInfinity
			case 1:
				logits[i] = float32(r.IntN(3)) // many are equal
			case 2:
				logits[i] = float32(math.Copysign(0, -1))
			}
		}
		logits[r.IntN(vocab)] = 4
		p := float32(n+1) / 61
		s, err := NewSampler(Sampling{Temperature: 1, TopP: p}, r)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.Sample(logits, nil, nil); err != nil {
			t.Fatal(err)
		}
		order := make([]int, 0, vocab)
		var sum float64
		for i, x := range logits {
			if x > negativeInfinity {
				order = append(order, i)
				sum += float64(s.weights[i])
			}
		}
		slices.SortStableFunc(order, func(a, b int) int {
			switch {
			case logits[a] > logits[b]:
				return -1
			case logits[a] < logits[b]:
				return 1
			}
			return 0
		})
		got := slices.Clone(s.kept)
		if !slices.Equal(got, order[:len(got)]) {
			t.Fatalf("%d of %d tokens, p %g: not the likeliest in their order", len(got), vocab, p)
		}
		var mass float64
		for _, i := range got {
			mass += float64(s.weights[i])
		}
		last := float64(s.weights[got[len(got)-1]])
		if mass < float64(p)*sum*(1-1e-5) || mass-last > float64(p)*sum*(1+1e-5) {
			t.Fatalf("%d of %d tokens have %g of the mass, want the fewest that have %g", len(got), vocab, mass/sum, p)
		}
	}
}

func BenchmarkUnsureNucleus(b *testing.B) {
	r := newSource(12)
	logits := make([]float32, 7257)
	for i := range logits {
		logits[i] = float32(r.NormFloat64())
	}
	s, err := NewSampler(Sampling{Temperature: 1, TopP: 0.95}, r)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, _, err := s.Sample(logits, nil, nil); err != nil {
			b.Fatal(err)
		}
	}
}
