package speech

import (
	"math"
	"testing"

	"github.com/stride-ml/stride/element/audio"
)

func TestRipplesReference(t *testing.T) {
	for _, c := range pairs(t) {
		for i, s := range []audio.Sound{c.First.sound(), c.Second.sound()} {
			got, err := ripples(s)
			var mean float64
			for _, v := range got {
				mean += v / float64(len(got))
			}
			if err != nil || len(got) != len(s.Samples)/160 || !near(mean, c.Ripples[i], 1e-3) {
				t.Errorf("got %d frames, mean %g, %v, want %g", len(got), mean, err, c.Ripples[i])
			}
		}
	}
}

// mixed adds sounds.
func mixed(a, b audio.Sound) audio.Sound {
	out := audio.Sound{Samples: make([]float32, len(a.Samples)), Rate: a.Rate}
	for i, v := range a.Samples {
		out.Samples[i] = v + b.Samples[i]
	}
	return out
}

// pulses have so many a second.
func pulses(n, hz int, height float32) audio.Sound {
	s := audio.Sound{Samples: make([]float32, n), Rate: 16000}
	for i := 0; i < n; i += 16000 / hz {
		s.Samples[i] = height
	}
	return s
}

// comb adds to a sound itself some samples before.
func comb(s audio.Sound, delay int, gain float32) audio.Sound {
	out := audio.Sound{Samples: make([]float32, len(s.Samples)), Rate: s.Rate}
	for i, v := range s.Samples {
		out.Samples[i] = v
		if i >= delay {
			out.Samples[i] += gain * s.Samples[i-delay]
		}
	}
	return out
}

func TestCompareBuzz(t *testing.T) {
	const n = 24000
	reference := noise(n, 0.01, 1)
	tone := hum(n, 3000, 0)
	for i := range tone.Samples {
		tone.Samples[i] = float32(0.01 * math.Sin(2*math.Pi*3000*float64(i)/16000))
	}
	cases := []struct {
		name      string
		made      audio.Sound
		low, high float64 // of the excess
	}{
		{"itself", reference, 0, 0},
		{"fresh noise", noise(n, 0.01, 2), -0.05, 0.05},
		{"fainter noise", noise(n, 0.001, 3), -0.05, 0.05},
		{"nothing", audio.Sound{Samples: make([]float32, n), Rate: 16000}, -2, -1},
		// 0.1 every 160 samples has a root mean square of 0.0079: 2 dB below the noise.
		{"faint pulses", mixed(noise(n, 0.01, 2), pulses(n, 100, 0.1)), 1.5, 2.5},
		{"pulses", mixed(noise(n, 0.01, 2), pulses(n, 100, 0.3)), 6, 9},
		{"high pulses", mixed(noise(n, 0.01, 2), pulses(n, 400, 0.1)), 1.9, 3},
		// ln|1 + g·exp(-iω80)| is g·cos(ω80) and more: 8.69·0.7 = 6.1 dB, less what the window blurs.
		{"comb", comb(noise(n, 0.01, 2), 80, 0.7), 3.8, 5},
		{"pulses that nobody hears", mixed(reference, pulses(n, 100, 1e-4)), -0.01, 0.01},
		{"a tone, to which it is deaf", mixed(noise(n, 0.01, 2), tone), -0.15, 0.15},
	}
	path, err := Straight(reference, reference)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		got, err := CompareBuzz(reference, c.made, path)
		if e := got.Excess(); err != nil || !(e >= c.low && e <= c.high) || got.Frames != n/160 {
			t.Errorf("%s: got %+v, an excess of %g, %v, want %g to %g", c.name, got, e, err, c.low, c.high)
		}
	}
}

// TestBuzzFrames holds buzz to steps where the reference is unvoiced.
func TestBuzzFrames(t *testing.T) {
	const n = 24000
	reference := mixed(hum(n, 150, 0.5), noise(n, 0.001, 1))
	path, err := Straight(reference, reference)
	if err != nil {
		t.Fatal(err)
	}
	got, err := CompareBuzz(reference, mixed(hum(n, 200, 0.5), noise(n, 0.001, 2)), path)
	if err != nil || !near(float64(got.Frames), 75, 5) || !near(got.Excess(), 0, 0.2) {
		t.Errorf("a voice where one should be: got %+v, %v", got, err)
	}
	if got, err = CompareBuzz(reference, mixed(hum(n, 200, 1), noise(n, 0.001, 2)), path); err != nil || got.Excess() < 2 {
		t.Errorf("a voice where none should be: got %+v, %v", got, err)
	}
	if got, err = CompareBuzz(reference, reference, path[:60]); err != nil || got.Frames != 0 || !math.IsNaN(got.Excess()) {
		t.Errorf("in voiced frames: got %+v, %v, want NaN", got, err)
	}
}
