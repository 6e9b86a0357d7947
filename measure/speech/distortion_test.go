package speech

import (
	"math"
	"testing"
	"time"

	"github.com/stride-ml/stride/element/audio"
)

func TestCepstraReference(t *testing.T) {
	for _, c := range pairs(t) {
		got, err := cepstra(c.First.sound())
		if err != nil || len(got) != int(c.First[0])/160*order || len(c.Cepstrum) != order {
			t.Fatalf("%d values, %v", len(got), err)
		}
		for k, want := range c.Cepstrum {
			if v := got[10*order+k]; !near(v, want, 2e-4) {
				t.Errorf("coefficient %d: got %g, want %g", k+1, v, want)
			}
		}
	}
}

func TestDistortionReference(t *testing.T) {
	for _, c := range pairs(t) {
		a, b := c.First.sound(), c.Second.sound()
		path, err := Warp(a, b)
		if err != nil || len(path) != c.Steps {
			t.Fatalf("%d steps, %v, want %d", len(path), err, c.Steps)
		}
		if got, err := MelCepstralDistortion(a, b, path); err != nil || !near(got, c.Warped, 1e-3) {
			t.Errorf("warped: got %g, %v, want %g", got, err, c.Warped)
		}
		if c.Straight == 0 {
			continue
		}
		if path, err = Straight(a, b); err != nil {
			t.Fatal(err)
		}
		if got, err := MelCepstralDistortion(a, b, path); err != nil || !near(got, c.Straight, 1e-3) {
			t.Errorf("straight: got %g, %v, want %g", got, err, c.Straight)
		}
	}
}

// TestDistortionDecibels holds the scale to its meaning: spectra that differ by a
// cosine over the mel scale have the root mean square of it as distortion.
func TestDistortionDecibels(t *testing.T) {
	a, b := make([]float64, order), make([]float64, order)
	b[4] = 3 * math.Ln10 / 20 // 3 dB in the middle of a band
	if got := distortion(a, b, Path{{0, 0}}); !near(got, 3/math.Sqrt2, 1e-9) {
		t.Errorf("got %g dB, want %g", got, 3/math.Sqrt2)
	}
	// The level is left out.
	x := noise(8000, 0.1, 1)
	y := audio.Sound{Rate: 16000}
	for _, v := range x.Samples {
		y.Samples = append(y.Samples, v/4)
	}
	path, err := Straight(x, y)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := MelCepstralDistortion(x, y, path); err != nil || got > 1e-3 {
		t.Errorf("at a fourth of the level: got %g dB, %v, want 0", got, err)
	}
}

// sequence gives each number its own mel-cepstrum, the farther the more they differ.
func sequence(numbers ...float64) []float64 {
	var out []float64
	for _, v := range numbers {
		out = append(out, append([]float64{v}, make([]float64, order-1)...)...)
	}
	return out
}

func TestWarp(t *testing.T) {
	cases := []struct {
		name string
		a, b []float64
		band int
		want Path
	}{
		{"the same", sequence(1, 2, 3), sequence(1, 2, 3), 10, Path{{0, 0}, {1, 1}, {2, 2}}},
		{"slower", sequence(1, 5, 9), sequence(1, 1, 5, 5, 9), 10, Path{{0, 0}, {0, 1}, {1, 2}, {1, 3}, {2, 4}}},
		{"faster", sequence(1, 1, 5, 9, 9), sequence(1, 5, 9), 10, Path{{0, 0}, {1, 0}, {2, 1}, {3, 2}, {4, 2}}},
		{"one frame", sequence(1), sequence(4, 2, 0), 0, Path{{0, 0}, {0, 1}, {0, 2}}},
		{"beside one frame", sequence(4, 2, 0), sequence(1), 0, Path{{0, 0}, {1, 0}, {2, 0}}},
		{"late", sequence(0, 0, 0, 0, 0, 7), sequence(0, 7, 7, 7, 7, 7), 10,
			Path{{0, 0}, {1, 0}, {2, 0}, {3, 0}, {4, 0}, {5, 1}, {5, 2}, {5, 3}, {5, 4}, {5, 5}}},
		// At most two frames from the diagonal: the frames that fit best are out of reach.
		{"late, in a band", sequence(0, 0, 0, 0, 0, 7), sequence(0, 7, 7, 7, 7, 7), 1,
			Path{{0, 0}, {1, 0}, {2, 0}, {3, 1}, {4, 2}, {5, 3}, {5, 4}, {5, 5}}},
	}
	for _, c := range cases {
		got := warp(c.a, c.b, c.band)
		if len(got) != len(c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
			continue
		}
		for i, s := range got {
			if s != c.want[i] {
				t.Errorf("%s: step %d: got %v, want %v", c.name, i, got, c.want)
				break
			}
		}
	}
}

// TestWarpSteep holds paths between very different lengths to be whole.
func TestWarpSteep(t *testing.T) {
	for _, size := range [][2]int{{2, 900}, {900, 2}, {7, 400}, {400, 7}, {333, 500}} {
		a, b := make([]float64, size[0]*order), make([]float64, size[1]*order)
		for i := range b {
			b[i] = math.Sin(float64(i))
		}
		path := warp(a, b, 0)
		at := path[0]
		for _, s := range path[1:] {
			if i, j := s.Reference-at.Reference, s.Made-at.Made; i < 0 || j < 0 || i > 1 || j > 1 || i+j == 0 {
				t.Fatalf("%v: from %v to %v", size, at, s)
			}
			at = s
		}
		if (path[0] != Step{}) || at != (Step{size[0] - 1, size[1] - 1}) {
			t.Errorf("%v: from %v to %v", size, path[0], at)
		}
	}
}

// BenchmarkWarp aligns a minute.
func BenchmarkWarp(b *testing.B) {
	n := int(time.Minute / (10 * time.Millisecond))
	x, y := make([]float64, n*order), make([]float64, n*order)
	for i := range x {
		x[i], y[i] = math.Sin(float64(i)), math.Cos(float64(i))
	}
	for b.Loop() {
		warp(x, y, band)
	}
}
