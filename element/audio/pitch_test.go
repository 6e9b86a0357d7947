package audio

import (
	"math"
	"testing"
)

func TestF0Tones(t *testing.T) {
	for _, rate := range []int{8000, 16000, 24000} {
		for _, hz := range []float64{62, 85, 110.5, 155, 220, 311.1, 440, 490} {
			for _, harmonics := range []int{1, 6} {
				pitch, err := F0(Sound{tone(rate*3/10, rate, hz, 0.3, harmonics), rate}, rate/100)
				if err != nil || len(pitch) != 30 {
					t.Fatalf("%d frames, %v", len(pitch), err)
				}
				// Frames at both ends are partly silent.
				for f, p := range pitch[3:27] {
					if d := math.Abs(float64(p.Hz) - hz); !p.Voiced || d > 0.004*hz {
						t.Fatalf("%g Hz with %d harmonics at %d Hz: frame %d is %+v", hz, harmonics, rate, f+3, p)
					}
				}
			}
		}
	}
}

func TestF0Glide(t *testing.T) {
	x := make([]float32, 16000)
	phase := 0.0
	at := func(i int) float64 { return 100 + 150*float64(i)/16000 }
	for i := range x {
		phase += 2 * math.Pi * at(i) / 16000
		x[i] = float32(0.3*math.Sin(phase) + 0.2*math.Sin(2*phase) + 0.1*math.Sin(5*phase))
	}
	pitch, err := F0(Sound{x, 16000}, 160)
	if err != nil {
		t.Fatal(err)
	}
	for f := 3; f < 97; f++ {
		want := at(f*160 + 80)
		if d := math.Abs(float64(pitch[f].Hz) - want); !pitch[f].Voiced || d > 2.5 {
			t.Errorf("frame %d: %+v, want %.1f", f, pitch[f], want)
		}
	}
}

func TestF0Unvoiced(t *testing.T) {
	for name, x := range map[string][]float32{
		"noise": noise(32000, 1), "silence": make([]float32, 32000), "a hum below 60 dB": tone(32000, 16000, 100, 0.001, 1),
	} {
		pitch, err := F0(Sound{x, 16000}, 160)
		if err != nil || len(pitch) != 200 {
			t.Fatal(err)
		}
		for f, p := range pitch {
			if p.Voiced {
				t.Errorf("%s: frame %d is %+v", name, f, p)
			}
			if name == "silence" && p.Hz != 0 {
				t.Errorf("silence of %g Hz", p.Hz)
			}
		}
	}
	// A tone in as much noise as 10 dB below is still voiced.
	x := tone(16000, 16000, 150, 0.3, 6)
	for i, v := range noise(16000, 2) {
		x[i] += 0.15 * v
	}
	pitch, err := F0(Sound{x, 16000}, 160)
	if err != nil {
		t.Fatal(err)
	}
	for f := 3; f < 97; f++ {
		if p := pitch[f]; !p.Voiced || math.Abs(float64(p.Hz)-150) > 6 {
			t.Errorf("in noise: frame %d is %+v", f, p)
		}
	}
}

func TestF0Errors(t *testing.T) {
	for _, tc := range []struct{ rate, hop int }{{0, 160}, {1999, 10}, {16000, 0}, {800000, 160}} {
		if _, err := F0(Sound{make([]float32, 100), tc.rate}, tc.hop); err == nil {
			t.Errorf("%d Hz, hop %d: no error", tc.rate, tc.hop)
		}
	}
	if p, err := F0(Sound{noise(1000, 1), maxRate}, 100); err != nil || len(p) != 10 {
		t.Errorf("%v, %v", p, err)
	}
}

// BenchmarkF0 estimates a second of sound.
func BenchmarkF0(b *testing.B) {
	s := Sound{tone(16000, 16000, 150, 0.3, 6), 16000}
	for b.Loop() {
		if _, err := F0(s, 160); err != nil {
			b.Fatal(err)
		}
	}
}
