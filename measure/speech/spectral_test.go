package speech

import (
	"math"
	"testing"

	"github.com/stride-ml/stride/element/audio"
)

func TestSpectralDistanceReference(t *testing.T) {
	for _, c := range pairs(t)[:2] {
		got, err := SpectralDistance(c.First.sound(), c.Second.sound())
		if err != nil || !near(got.Convergence, c.Convergence, 1e-4) || !near(got.LogMagnitude, c.LogMagnitude, 1e-3) {
			t.Errorf("got %+v, %v, want %g and %g", got, err, c.Convergence, c.LogMagnitude)
		}
	}
}

func TestSpectralDistance(t *testing.T) {
	a := noise(48000, 0.1, 1)
	half := audio.Sound{Rate: 16000}
	for _, v := range a.Samples {
		half.Samples = append(half.Samples, -v/2)
	}
	silence := audio.Sound{Samples: make([]float32, 48000), Rate: 16000}
	cases := []struct {
		name            string
		reference, made audio.Sound
		want            Spectral
		tolerance       float64
	}{
		{"itself", a, a, Spectral{}, 0},
		{"half, turned over", a, half, Spectral{0.5, math.Ln2}, 1e-4},
		{"fresh noise", a, noise(48000, 0.1, 2), Spectral{math.Sqrt(2 - math.Pi/2), math.Ln2}, 0.02},
		{"silence", silence, silence, Spectral{}, 0},
	}
	for _, c := range cases {
		got, err := SpectralDistance(c.reference, c.made)
		if err != nil || !near(got.Convergence, c.want.Convergence, c.tolerance) || !near(got.LogMagnitude, c.want.LogMagnitude, c.tolerance) {
			t.Errorf("%s: got %+v, %v, want %+v", c.name, got, err, c.want)
		}
	}
}
