package strategy

import "math"

// fewPopped is up to how many tokens of a nucleus are taken from a heap. Where it
// takes more, the network is unsure, and sorting is faster.
const fewPopped = 32

// top leaves in kept the likeliest of the tokens of at least some weight, likeliest
// first, until they have the given mass.
func (s *Sampler) top(least, mass float64) {
	s.gather(least)
	s.order(s.logits)
	var sum float64
	for len(s.heap) > 0 && sum < mass && len(s.kept) < fewPopped {
		i := s.pop()
		s.kept = append(s.kept, i)
		sum += float64(s.weights[i])
	}
	if len(s.heap) == 0 || sum >= mass {
		return
	}
	s.gather(least) // in the order of the vocabulary again
	s.heavy(mass)
	s.sort()
	sum, s.kept = 0, s.kept[:0]
	for _, r := range s.ranked {
		if sum >= mass {
			break
		}
		i := int(uint32(r))
		s.kept = append(s.kept, i)
		sum += float64(s.weights[i])
	}
}

const (
	digit  = 11 // bits that one pass of a sort looks at; three passes are enough for 32
	digits = 1 << digit
)

// rank is a number that is the smaller the larger a logit is, with the token in its
// lower half.
func rank(x float32, token int) uint64 {
	b := math.Float32bits(x)
	if x == 0 {
		b = 0 // of either sign
	}
	// As integers, floats are in order but for the sign, which turns that of the
	// negative ones around.
	b ^= uint32(int32(b)>>31) | 1<<31
	return uint64(^b)<<32 | uint64(uint32(token))
}

// heavy leaves in ranked, in the order of the vocabulary, the tokens of heap whose
// first digits are those that hold the given mass, and a little more.
func (s *Sampler) heavy(mass float64) {
	if cap(s.ranked) < len(s.logits) {
		s.ranked, s.other = make([]uint64, len(s.logits)), make([]uint64, len(s.logits))
	}
	s.ranked = s.ranked[:len(s.heap)]
	clear(s.masses[:])
	for n, i := range s.heap {
		r := rank(s.logits[i], i)
		s.ranked[n] = r
		s.masses[r>>(64-digit)] += float64(s.weights[i])
	}
	last, sum := uint64(0), 0.0
	for ; last < digits-1; last++ {
		if sum += s.masses[last]; sum > mass*(1+1e-9) {
			break
		}
	}
	kept := s.ranked[:0]
	for _, r := range s.ranked {
		if r>>(64-digit) <= last {
			kept = append(kept, r)
		}
	}
	s.ranked = kept
}

// sort puts ranked in order, equal logits in that of the vocabulary: digit by digit,
// the last one first.
func (s *Sampler) sort() {
	from, to := s.ranked, s.other[:len(s.ranked)]
	for shift := 32; shift < 64; shift += digit {
		counts := &s.counts
		clear(counts[:])
		for _, r := range from {
			counts[r>>shift&(digits-1)]++
		}
		var at int32
		for d, n := range counts {
			counts[d], at = at, at+n
		}
		for _, r := range from {
			place := &counts[r>>shift&(digits-1)]
			to[*place] = r
			*place++
		}
		from, to = to, from
	}
	s.ranked, s.other = from, to[:cap(to)]
}
