package measure

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Summary describes repeated measurements of one thing by their median and
// spread.
type Summary struct {
	N                  int
	Median             float64
	Lower, Upper       float64 // the quartiles; Upper-Lower is the interquartile range
	Smallest, Greatest float64
}

// Summarize returns the summary of values, whose order does not matter and is
// not changed. Between two values the quartiles are interpolated linearly
// (Hyndman and Fan, "Sample quantiles in statistical packages", 1996, type 7).
// Without values, and if one is NaN, all fields but N are NaN.
func Summarize(values []float64) Summary {
	nan := math.NaN()
	if len(values) == 0 || slices.ContainsFunc(values, math.IsNaN) {
		return Summary{N: len(values), Median: nan, Lower: nan, Upper: nan, Smallest: nan, Greatest: nan}
	}
	sorted := slices.Sorted(slices.Values(values))
	return Summary{
		N:        len(sorted),
		Median:   quantile(sorted, 0.5),
		Lower:    quantile(sorted, 0.25),
		Upper:    quantile(sorted, 0.75),
		Smallest: sorted[0],
		Greatest: sorted[len(sorted)-1],
	}
}

// quantile returns the q-quantile, q from 0 to 1, of sorted values.
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	part := at - float64(i)
	return sorted[i]*(1-part) + sorted[i+1]*part
}

// Quantile returns the q-quantile, q from 0 to 1, of values in any order, as
// [Summarize] has the quartiles; NaN without values.
func Quantile(values []float64, q float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	return quantile(slices.Sorted(slices.Values(values)), q)
}

// Mean returns the arithmetic mean of values, NaN without any.
func Mean(values []float64) float64 {
	var sum float64
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// Deviation returns the standard deviation of the values' distribution, estimated
// from this sample of it; NaN for fewer than two.
func Deviation(values []float64) float64 {
	mean, sum := Mean(values), 0.0
	for _, v := range values {
		sum += (v - mean) * (v - mean)
	}
	if len(values) < 2 {
		return math.NaN()
	}
	return math.Sqrt(sum / float64(len(values)-1))
}

// bootstrapRounds puts some 25 means outside each end of a 95 % interval.
const bootstrapRounds = 1000

// BootstrapMean returns a confidence interval of the mean of values by the
// percentile bootstrap (Efron, "Bootstrap methods", 1979) with 1,000 resamples:
// level is 0.95 for an interval that holds the true mean 95 times of 100. The
// same values and seed give the same interval. It is NaN without values, and
// for a level outside (0, 1).
func BootstrapMean(values []float64, level float64, seed uint64) (low, high float64) {
	ones := make([]float64, len(values))
	for i := range ones {
		ones[i] = 1
	}
	return bootstrapRatio(values, ones, level, seed)
}

// bootstrapRatio is [BootstrapMean] for the ratio of two sums over the same
// objects, such as bits a symbol: objects are resampled, not symbols, because
// the symbols of one object are not independent.
func bootstrapRatio(above, below []float64, level float64, seed uint64) (low, high float64) {
	if len(above) == 0 || !(level > 0 && level < 1) {
		return math.NaN(), math.NaN()
	}
	source := rand.New(rand.NewPCG(seed, 0))
	ratios := make([]float64, bootstrapRounds)
	for i := range ratios {
		var a, b float64
		for range above {
			k := source.IntN(len(above))
			a += above[k]
			b += below[k]
		}
		ratios[i] = a / b
	}
	slices.Sort(ratios)
	return quantile(ratios, (1-level)/2), quantile(ratios, (1+level)/2)
}
