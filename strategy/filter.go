package strategy

import (
	"math"
	"slices"

	"github.com/stride-ml/stride/tensor/kernel"
)

// filter leaves in kept what top-k, typical, top-p and min-p leave, of all tokens
// that are possible. sum is that of all weights, of which the largest is 1.
func (s *Sampler) filter(sum float64) {
	o := s.sampling
	nucleus := o.TopP > 0 && o.TopP < 1
	limited := o.TopK > 0 && o.TopK < len(s.logits)
	floor := float64(o.MinP)
	s.kept = s.kept[:0]
	switch {
	case o.Typical > 0 && o.Typical < 1:
		if limited {
			s.best(o.TopK)
		} else {
			s.gather(0)
			s.heap, s.kept = s.kept, s.heap
		}
		s.typical(float64(o.Typical))
		s.nucleus(nucleus, floor)
	case limited && nucleus:
		s.best(o.TopK)
		s.nucleus(true, floor)
	case limited:
		// Tokens below the floor are no candidates. Where no more are left than
		// may be kept, they stay in the order of the vocabulary.
		s.best(o.TopK + 1)
		if s.floor(floor); len(s.kept) > o.TopK {
			s.kept = s.kept[:o.TopK]
		} else {
			slices.Sort(s.kept)
		}
	case nucleus:
		// Tokens below this weight have less than half of 1-p together, so the
		// others hold the nucleus whatever the rounding.
		s.top(max(floor, (1-float64(o.TopP))/2*sum/float64(len(s.logits))), float64(o.TopP)*sum)
	default:
		s.gather(floor)
		s.heap, s.kept = s.kept, s.heap
	}
}

// block is how many tokens are looked at together for one that is likely enough.
const block = 128

// gather leaves in heap, in the order of the vocabulary, the possible tokens of
// at least that weight.
func (s *Sampler) gather(least float64) {
	s.heap = s.heap[:0]
	for lo := 0; lo < len(s.weights); lo += block {
		hi := min(lo+block, len(s.weights))
		if least > 0 && float64(kernel.Max(s.weights[lo:hi])) < least {
			continue
		}
		for i := lo; i < hi; i++ {
			if float64(s.weights[i]) >= least && s.logits[i] >= -math.MaxFloat32 {
				s.heap = append(s.heap, i)
			}
		}
	}
}

// fewBest is up to how many of the likeliest tokens are found by inserting each
// into those found so far.
const fewBest = 128

// best leaves in kept the k likeliest of the possible tokens, likeliest first.
func (s *Sampler) best(k int) {
	s.kept = s.kept[:0]
	if k > fewBest {
		s.gather(0)
		s.order(s.logits)
		for len(s.heap) > 0 && len(s.kept) < k {
			s.kept = append(s.kept, s.pop())
		}
		return
	}
	least := negativeInfinity // a token has to be above it to be kept
	for lo := 0; lo < len(s.logits); lo += block {
		part := s.logits[lo:min(lo+block, len(s.logits))]
		if !(kernel.Max(part) > least) {
			continue
		}
		for i, x := range part {
			if !(x > least) {
				continue
			}
			if len(s.kept) == k {
				s.kept = s.kept[:k-1]
			}
			at := len(s.kept)
			s.kept = append(s.kept, 0)
			for at > 0 && s.logits[s.kept[at-1]] < x {
				s.kept[at] = s.kept[at-1]
				at--
			}
			if s.kept[at] = lo + i; len(s.kept) == k {
				least = s.logits[s.kept[k-1]]
			}
		}
	}
}

// typical leaves of kept those whose surprise is nearest to the entropy, more
// than p of their mass in all, and puts them in falling order of likelihood.
func (s *Sampler) typical(p float64) {
	var mass float64
	for _, i := range s.kept {
		mass += float64(s.weights[i])
	}
	// The likeliest token is always among them, and its weight is 1.
	top := s.logits[s.kept[0]]
	for _, i := range s.kept {
		top = max(top, s.logits[i])
	}
	if cap(s.scores) < len(s.logits) {
		s.scores = make([]float32, len(s.logits))
	}
	s.scores = s.scores[:len(s.logits)]
	scale := math.Log(mass) // so that -ln p = scale - (logit - top)
	var entropy float64
	for _, i := range s.kept {
		entropy += float64(s.weights[i]) / mass * (scale - float64(s.logits[i]-top))
	}
	for _, i := range s.kept {
		s.scores[i] = -float32(math.Abs(scale - float64(s.logits[i]-top) - entropy))
	}
	s.heap, s.kept = s.kept, s.heap[:0]
	s.order(s.scores)
	for sum := 0.0; len(s.heap) > 0 && sum <= p*mass; {
		i := s.pop()
		s.kept = append(s.kept, i)
		sum += float64(s.weights[i])
	}
	s.heap, s.kept = s.kept, s.heap[:0]
	s.order(s.logits)
	for len(s.heap) > 0 {
		s.kept = append(s.kept, s.pop())
	}
}

// nucleus leaves of kept, which is in falling order, what top-p and min-p do.
func (s *Sampler) nucleus(share bool, floor float64) {
	if share {
		var mass float64
		for _, i := range s.kept {
			mass += float64(s.weights[i])
		}
		s.kept = s.kept[:s.share(float64(s.sampling.TopP)*mass)]
	}
	s.floor(floor * float64(s.weights[s.kept[0]]))
}

// floor cuts off the tail of kept that is below a weight, but not the first.
func (s *Sampler) floor(least float64) {
	for len(s.kept) > 1 && float64(s.weights[s.kept[len(s.kept)-1]]) < least {
		s.kept = s.kept[:len(s.kept)-1]
	}
}

// share is how many of kept it takes for their weights to reach mass.
func (s *Sampler) share(mass float64) int {
	var sum float64
	for n, i := range s.kept {
		if sum += float64(s.weights[i]); sum >= mass {
			return n + 1
		}
	}
	return len(s.kept)
}

// order makes a heap of the candidates by falling key.
func (s *Sampler) order(key []float32) {
	s.key = key
	for i := len(s.heap)/2 - 1; i >= 0; i-- {
		s.sink(i)
	}
}

// before orders tokens by falling key, and equals by rising token.
func (s *Sampler) before(a, b int) bool {
	x, y := s.key[a], s.key[b]
	return x > y || x == y && a < b
}

// sink restores the heap below i, whose children are heaps.
func (s *Sampler) sink(i int) {
	for {
		child := 2*i + 1
		if child >= len(s.heap) {
			return
		}
		if right := child + 1; right < len(s.heap) && s.before(s.heap[right], s.heap[child]) {
			child = right
		}
		if s.before(s.heap[i], s.heap[child]) {
			return
		}
		s.heap[i], s.heap[child] = s.heap[child], s.heap[i]
		i = child
	}
}

// pop takes the first candidate from the heap.
func (s *Sampler) pop() int {
	first, last := s.heap[0], len(s.heap)-1
	s.heap[0] = s.heap[last]
	s.heap = s.heap[:last]
	s.sink(0)
	return first
}
