package audio

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// signal is that of testdata/reference.py: two tones, a rising one and noise of a linear congruential generator.
func signal(n, rate int) []float32 {
	x := make([]float32, n)
	state := uint32(1)
	for i := range x {
		state = 1664525*state + 1013904223
		t := float64(i) / float64(rate)
		v := 0.3*math.Sin(2*math.Pi*220*t) + 0.1*math.Sin(2*math.Pi*3100*t)
		v += 0.2 * math.Sin(2*math.Pi*(500+1000*float64(i)/float64(n))*t)
		x[i] = float32(v + 0.02*(float64(state)/(1<<31)-1))
	}
	return x
}

// tone is a sine with a number of harmonics, each half as strong as the one before.
func tone(n, rate int, hz, amplitude float64, harmonics int) []float32 {
	x := make([]float32, n)
	for i := range x {
		for h := range harmonics {
			x[i] += float32(amplitude * math.Pow(0.5, float64(h)) * math.Sin(2*math.Pi*hz*float64(h+1)*float64(i)/float64(rate)))
		}
	}
	return x
}

func readFile(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func readJSON(t *testing.T, name string, v any) {
	t.Helper()
	if err := json.Unmarshal(readFile(t, name), v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// furthest is the largest distance of values from those wanted; values that are missing are infinitely far.
func furthest[F float32 | float64](got []F, want []float64) float64 {
	if len(got) != len(want) {
		return math.Inf(1)
	}
	worst := 0.0
	for i, w := range want {
		if d := math.Abs(float64(got[i]) - w); !(d <= worst) {
			worst = d
		}
	}
	return worst
}

func wide(x []float32) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}
