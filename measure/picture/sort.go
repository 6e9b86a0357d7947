package picture

import "math"

const (
	sortBits    = 11 // of a digit: 3 make the 32 of a float, and the counts of one fit the first-level cache
	sortBuckets = 1 << sortBits
	sortPasses  = 3
)

// radixSort sorts x, which must hold no NaN, with a spare slice of at least its
// length. Sorting is what a sliced Wasserstein distance waits for, and on 200,000
// projections this takes a third to a sixth of the time of slices.Sort.
func radixSort(x, spare []float32) {
	var ends [sortPasses][sortBuckets]int
	for _, v := range x {
		k := key(v)
		for p := range ends {
			ends[p][k>>(p*sortBits)%sortBuckets]++
		}
	}
	from, to := x, spare[:len(x)]
	for p := range ends {
		next, sum := &ends[p], 0
		for d, n := range next {
			next[d] = sum
			sum += n
		}
		for _, v := range from {
			d := key(v) >> (p * sortBits) % sortBuckets
			to[next[d]] = v
			next[d]++
		}
		from, to = to, from
	}
	copy(x, from) // an odd number of passes leaves the result in spare
}

// key returns a number that orders as v does: positive floats order as their bits do,
// negative ones the other way round and below.
func key(v float32) uint32 {
	bits := math.Float32bits(v)
	if bits>>31 == 1 {
		return ^bits
	}
	return bits | 1<<31
}
