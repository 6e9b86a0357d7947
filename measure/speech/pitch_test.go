package speech

import (
	"math"
	"testing"

	"github.com/stride-ml/stride/element/audio"
)

func TestMelody(t *testing.T) {
	a := []audio.Pitch{{Hz: 100, Voiced: true}, {Hz: 200, Voiced: true}, {Hz: 300}, {}, {Hz: 100, Voiced: true}}
	b := []audio.Pitch{{Hz: 200, Voiced: true}, {Hz: 200, Voiced: true}, {Hz: 900}, {Hz: 100, Voiced: true}, {Hz: 90}}
	got := melody(a, b, Path{{0, 0}, {1, 1}, {2, 2}, {3, 3}, {4, 4}})
	if !near(got.RMSE, math.Sqrt(12*12/2.0), 1e-9) || got.Voicing != 2.0/5 || got.Voiced != 2 {
		t.Errorf("got %+v, want an octave in one of two steps, and two of five voiced in one alone", got)
	}
	// Frames are those of the path.
	if got = melody(a, b, Path{{1, 0}, {1, 1}, {4, 3}}); !near(got.RMSE, 0, 1e-9) || got.Voicing != 0 || got.Voiced != 3 {
		t.Errorf("got %+v, want no errors of three", got)
	}
	if got = melody(a, b, Path{{2, 2}}); !math.IsNaN(got.RMSE) || got.Voicing != 0 {
		t.Errorf("got %+v, want an RMSE of NaN", got)
	}
}

// hum is a tone with harmonics, and silence after a part of it.
func hum(n int, hz, voiced float64) audio.Sound {
	x := make([]float32, n)
	for i := range x[:int(voiced*float64(n))] {
		for h := 1.0; h <= 5; h++ {
			x[i] += float32(0.2 / h * math.Sin(2*math.Pi*h*hz*float64(i)/16000))
		}
	}
	return audio.Sound{Samples: x, Rate: 16000}
}

func TestComparePitch(t *testing.T) {
	a, b := hum(16000, 150, 1), hum(16000, 150*math.Pow(2, 3.0/12), 0.5)
	path, err := Straight(a, b)
	if err != nil {
		t.Fatal(err)
	}
	got, err := ComparePitch(a, b, path)
	if err != nil || !near(got.RMSE, 3, 0.1) || !near(got.Voicing, 0.5, 0.03) {
		t.Errorf("got %+v, %v, want 3 semitones and half of the voicing", got, err)
	}
	if got, err = ComparePitch(a, a, path); err != nil || got.RMSE != 0 || got.Voicing != 0 || got.Voiced < 97 {
		t.Errorf("of itself: got %+v, %v", got, err)
	}
}
