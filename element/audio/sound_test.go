package audio

import (
	"math"
	"testing"
	"time"
)

func TestDuration(t *testing.T) {
	for _, tc := range []struct {
		n, rate int
		want    time.Duration
	}{{0, 16000, 0}, {8000, 16000, 500 * time.Millisecond}, {1, 3, time.Second / 3}, {100, 0, 0}} {
		if got := (Sound{make([]float32, tc.n), tc.rate}).Duration(); got != tc.want {
			t.Errorf("%d at %d Hz: %v, want %v", tc.n, tc.rate, got, tc.want)
		}
	}
}

func TestLevel(t *testing.T) {
	for _, tc := range []struct {
		name  string
		x     []float32
		level float64
		peak  float32
	}{
		{"square", []float32{1, -1, 1, -1}, 0, 1},
		{"quiet square", []float32{0.1, -0.1}, -20, 0.1},
		{"sine", tone(16000, 16000, 100, 1, 1), -3.0103, 1},
		{"below", []float32{0, -0.5, 0.25, 0}, 10 * math.Log10(0.3125/4), 0.5},
		{"silence", make([]float32, 5), math.Inf(-1), 0},
		{"nothing", nil, math.Inf(-1), 0},
	} {
		if got := Level(tc.x); got != tc.level && !(math.Abs(got-tc.level) < 1e-3) {
			t.Errorf("%s: %v dBFS, want %v", tc.name, got, tc.level)
		}
		if got := Peak(tc.x); math.Abs(float64(got-tc.peak)) > 1e-6 {
			t.Errorf("%s: peak %v, want %v", tc.name, got, tc.peak)
		}
	}
}
