package audio

import (
	"math"
	"slices"
	"testing"
)

// voice is like a vowel: a pitch that rises, its harmonics, and a pause.
func voice(n int) []float32 {
	x := make([]float32, n)
	phase := 0.0
	for i := range x {
		phase += 2 * math.Pi * (120 + 60*float64(i)/float64(n)) / 16000
		for h := 1; h < 30; h++ {
			x[i] += float32(0.1 / float64(h) * math.Sin(float64(h)*phase))
		}
	}
	clear(x[n/2 : n*5/8])
	return x
}

func TestGriffinLim(t *testing.T) {
	m, err := NewMel(DefaultMel)
	if err != nil {
		t.Fatal(err)
	}
	want := m.Log(nil, voice(8050))
	distance := func(iterations int) float64 {
		x := m.GriffinLim(want, iterations, 1)
		if len(x) != 8000 {
			t.Fatalf("%d samples", len(x))
		}
		sum := 0.0
		for i, v := range m.Log(nil, x) {
			// What is 60 dB down is not heard.
			sum += math.Abs(max(float64(v), -6) - max(float64(want[i]), -6))
		}
		return sum / float64(len(want))
	}
	first, last := distance(1), distance(40)
	if last > 0.16 || first < 4*last {
		t.Errorf("mean distance of logarithms %.3f after an iteration, %.3f after 40", first, last)
	}
	short := want[:10*80]
	if a, b := m.GriffinLim(short, 2, 5), m.GriffinLim(append(slices.Clone(short), 1, 2, 3), 2, 5); !slices.Equal(a, b) {
		t.Error("the same seed gives another sound")
	}
	if a, b := m.GriffinLim(short, 2, 5), m.GriffinLim(short, 2, 6); slices.Equal(a, b) {
		t.Error("another seed gives the same sound")
	}
	if x := m.GriffinLim(nil, 4, 1); x != nil {
		t.Errorf("of nothing: %d samples", len(x))
	}
	wild := slices.Clone(short)
	wild[3], wild[100], wild[200] = float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))
	for i, v := range m.GriffinLim(wild, 0, 1) {
		if v != v || math.IsInf(float64(v), 0) {
			t.Fatalf("sample %d of a wild spectrogram is %v", i, v)
		}
	}
}

func TestMagnitudes(t *testing.T) {
	m, err := NewMel(DefaultMel)
	if err != nil {
		t.Fatal(err)
	}
	want := m.Log(nil, voice(3200))[5*80:][:80]
	magnitudes := make([]float32, m.stft.Bins())
	m.magnitudes(magnitudes, want)
	for b, f := range m.filters {
		if got := math.Log(float64(f.of(magnitudes))); math.Abs(got-float64(want[b])) > 0.2 {
			t.Errorf("band %d: %.3f, want %.3f", b, got, want[b])
		}
	}
}

// BenchmarkGriffinLim makes a second of sound in 32 iterations.
func BenchmarkGriffinLim(b *testing.B) {
	m, err := NewMel(DefaultMel)
	if err != nil {
		b.Fatal(err)
	}
	values := m.Log(nil, voice(16000))
	for b.Loop() {
		m.GriffinLim(values, 32, 1)
	}
}
