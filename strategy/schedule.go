package strategy

import "math"

// left is how many of n slots are unknown after pass p of passes, where so
// many are open before it. Every pass commits at least one and, as long as it
// can, leaves one for each later pass; the last leaves none.
func (s Schedule) left(n, open, p, passes int) int {
	if p >= passes {
		return 0
	}
	share := 1 - float64(p)/float64(passes)
	if s == Cosine {
		share = math.Cos(math.Pi / 2 * float64(p) / float64(passes))
	}
	// Less a little, so that rounding in the product does not add a slot.
	left := int(math.Ceil(float64(n)*share - 1e-9))
	return max(0, min(max(left, passes-p), open-1))
}

// sharePasses deals passes to blocks in proportion to their open slots, each
// block with any getting from one to as many as it has open slots (D'Hondt's
// method: the next pass goes where it leaves the most slots a pass).
func sharePasses(open []int, passes int) []int {
	shares := make([]int, len(open))
	total, used := 0, 0
	for b, n := range open {
		total += n
		if n > 0 {
			shares[b] = 1
			used++
		}
	}
	for ; used < min(passes, total); used++ {
		best := -1
		for b, n := range open {
			if shares[b] < n && (best < 0 || n*(shares[best]+1) > open[best]*(shares[b]+1)) {
				best = b
			}
		}
		shares[best]++
	}
	return shares
}
