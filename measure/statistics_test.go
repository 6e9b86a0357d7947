package measure

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestSummarize(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		values []float64
		want   Summary
	}{
		{[]float64{3}, Summary{1, 3, 3, 3, 3, 3}},
		{[]float64{4, 1}, Summary{2, 2.5, 1.75, 3.25, 1, 4}},
		{[]float64{5, 1, 2, 4, 3}, Summary{5, 3, 2, 4, 1, 5}},
		{[]float64{9, 1, 2, 1}, Summary{4, 1.5, 1, 3.75, 1, 9}},
		{nil, Summary{0, nan, nan, nan, nan, nan}},
		{[]float64{1, nan}, Summary{2, nan, nan, nan, nan, nan}},
	} {
		got := Summarize(c.values)
		fields := func(s Summary) []float64 {
			return []float64{float64(s.N), s.Median, s.Lower, s.Upper, s.Smallest, s.Greatest}
		}
		for i, want := range fields(c.want) {
			if g := fields(got)[i]; g != want && !(math.IsNaN(g) && math.IsNaN(want)) {
				t.Errorf("%v: got %+v, want %+v", c.values, got, c.want)
				break
			}
		}
	}
}

func TestMean(t *testing.T) {
	near(t, "mean", Mean([]float64{1, 2, 6}), 3)
	if !math.IsNaN(Mean(nil)) {
		t.Error("mean of nothing is not NaN")
	}
}

// An interval of 90 % should hold the true mean in about 90 of 100 samples.
func TestBootstrapMeanCovers(t *testing.T) {
	source := rand.New(rand.NewPCG(1, 2))
	held := 0
	const trials = 200
	for range trials {
		values := make([]float64, 60)
		for i := range values {
			values[i] = 7 + source.NormFloat64()
		}
		low, high := BootstrapMean(values, 0.9, source.Uint64())
		if low <= 7 && 7 <= high {
			held++
		}
	}
	if held < trials*83/100 || held > trials*96/100 {
		t.Errorf("90 %% intervals held the mean %d times of %d", held, trials)
	}
}

func TestBootstrapMean(t *testing.T) {
	values := []float64{1, 2, 3, 4, 10}
	low, high := BootstrapMean(values, 0.95, 7)
	again, _ := BootstrapMean(values, 0.95, 7)
	if !(1 <= low && low < 4 && 4 < high && high <= 10) || again != low {
		t.Errorf("got [%v, %v], then %v", low, high, again)
	}
	if low, high = BootstrapMean([]float64{2, 2}, 0.95, 1); low != 2 || high != 2 {
		t.Errorf("of equal values: got [%v, %v]", low, high)
	}
	for _, level := range []float64{0, 1, math.NaN()} {
		if low, high = BootstrapMean(values, level, 1); !math.IsNaN(low) || !math.IsNaN(high) {
			t.Errorf("level %v: got [%v, %v], want NaN", level, low, high)
		}
	}
	if low, _ = BootstrapMean(nil, 0.95, 1); !math.IsNaN(low) {
		t.Errorf("of nothing: got %v, want NaN", low)
	}
}

func TestDeviation(t *testing.T) {
	if got := Deviation([]float64{2, 4, 4, 4, 5, 5, 7, 9}); math.Abs(got-math.Sqrt(32./7)) > 1e-12 {
		t.Errorf("deviation %g, want %g", got, math.Sqrt(32./7))
	}
	if got := Deviation([]float64{3}); !math.IsNaN(got) {
		t.Errorf("deviation of one value %g, want NaN", got)
	}
}

func TestQuantile(t *testing.T) {
	for _, c := range []struct {
		values  []float64
		q, want float64
	}{{[]float64{3, 1, 2}, 0.5, 2}, {[]float64{4, 2}, 0.25, 2.5}, {[]float64{1, 9}, 1, 9}, {nil, 0.5, math.NaN()}} {
		if got := Quantile(c.values, c.q); got != c.want && !(math.IsNaN(got) && math.IsNaN(c.want)) {
			t.Errorf("quantile %v of %v: got %v, want %v", c.q, c.values, got, c.want)
		}
	}
}
