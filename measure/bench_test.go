package measure

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// benchPoems makes n quatrains of 28 characters, drawn with Zipf's frequencies
// from about as many characters as the Tang poems have.
func benchPoems(n int) []Poem {
	source := rand.New(rand.NewPCG(1, 2))
	zipf := rand.NewZipf(source, 1.05, 20, 8000)
	poems := make([]Poem, n)
	for i := range poems {
		for range 4 {
			var line strings.Builder
			for range 7 {
				line.WriteRune('一' + rune(zipf.Uint64()))
			}
			poems[i] = append(poems[i], line.String())
		}
	}
	return poems
}

// The judge is trained on half of 98,582 poems, the baseline on all.
func BenchmarkTrainKneserNey(b *testing.B) {
	for _, size := range []struct {
		name  string
		poems int
	}{{"half", 49000}, {"all", 98000}} {
		poems := benchPoems(size.poems)
		b.Run(size.name, func(b *testing.B) {
			for b.Loop() {
				trainOn(b, 5, poems...)
			}
			b.ReportMetric(float64(size.poems*32)*float64(b.N)/b.Elapsed().Seconds(), "symbols/s")
		})
	}
}

func BenchmarkScore(b *testing.B) {
	poems := benchPoems(49000)
	m := trainOn(b, 5, poems...)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		m.Score(poems[i%1000], true)
		i++
	}
	b.ReportMetric(32*float64(b.N)/b.Elapsed().Seconds(), "symbols/s")
}

func BenchmarkNewCorpus(b *testing.B) {
	poems := benchPoems(98000)
	for b.Loop() {
		NewCorpus(slices.Values(poems))
	}
}
