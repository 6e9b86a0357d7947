package audio

import (
	"fmt"
	"math"
	"testing"
)

// TestMelReference compares with librosa; testdata/reference.py made the values.
func TestMelReference(t *testing.T) {
	var cases []struct {
		Rate, FFT, Hop, Window, Bands, Samples int
		Low, High                              float64
		Log, Sums                              []float64
	}
	readJSON(t, "mel.json", &cases)
	for _, tc := range cases {
		c := MelConfig{Rate: tc.Rate, FFT: tc.FFT, Window: tc.Window, Hop: tc.Hop, Bands: tc.Bands, Low: tc.Low, High: tc.High, Floor: 1e-5}
		m, err := NewMel(c)
		if err != nil {
			t.Fatal(err)
		}
		x := signal(tc.Samples, tc.Rate)
		clear(x[tc.Samples/2:])
		if d := furthest(m.Log(nil, x), tc.Log); d > 2e-3 {
			t.Errorf("%+v: off by %g", c, d)
		}
		sums := make([]float64, c.Bands)
		for b, f := range m.filters {
			for _, w := range f.weights {
				sums[b] += float64(w)
			}
		}
		if d := furthest(sums, tc.Sums); d > 1e-6 {
			t.Errorf("%+v: sums of weights off by %g", c, d)
		}
	}
}

func TestMelFrames(t *testing.T) {
	m, err := NewMel(DefaultMel)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ samples, frames int }{{0, 0}, {159, 0}, {160, 1}, {319, 1}, {320, 2}, {16000, 100}} {
		if got := m.Log(nil, make([]float32, tc.samples)); m.Frames(tc.samples) != tc.frames || len(got) != tc.frames*80 {
			t.Errorf("%d samples: %d frames, %d values", tc.samples, m.Frames(tc.samples), len(got))
		}
	}
	silence := m.Log([]float32{7}, make([]float32, 160))
	if silence[0] != 7 || silence[1] != float32(math.Log(1e-5)) {
		t.Errorf("silence: %v", silence[:3])
	}
	// A click in the middle of frame 3 is loudest there.
	x := make([]float32, 1600)
	x[3*160+80] = 1
	values := m.Log(nil, x)
	for f := range 10 {
		if f != 3 && values[f*80+40] >= values[3*80+40] {
			t.Errorf("frame %d is as loud as that of the click", f)
		}
	}
}

func TestMelErrors(t *testing.T) {
	for _, tc := range []struct {
		change func(*MelConfig)
		want   string
	}{
		{func(*MelConfig) {}, "<nil>"},
		{func(c *MelConfig) { c.Rate = 0 }, "audio: rate 0 Hz, want 1 to 768000"},
		{func(c *MelConfig) { c.FFT = 1000 }, "audio: FFT of 1000 samples, want a power of two from 4 to 65536"},
		{func(c *MelConfig) { c.Bands = 0 }, "audio: 0 mel bands, want 1 to half of the FFT, 512"},
		{func(c *MelConfig) { c.High = 9000 }, "audio: mel bands from 0 to 9000 Hz, want them between 0 and half of the rate, 8000"},
		{func(c *MelConfig) { c.Low = math.NaN() }, "audio: mel bands from NaN to 8000 Hz, want them between 0 and half of the rate, 8000"},
		{func(c *MelConfig) { c.Floor = 0 }, "audio: mel floor 0, want above 0, at most 1"},
		{func(c *MelConfig) { c.FFT, c.Window, c.Hop, c.Bands = 256, 256, 80, 128 }, "audio: mel band 0 of 128 is between two of the 129 frequencies, want fewer bands or a longer FFT"},
	} {
		c := DefaultMel
		tc.change(&c)
		if _, err := NewMel(c); fmt.Sprint(err) != tc.want {
			t.Errorf("%v, want %s", err, tc.want)
		}
	}
}

// BenchmarkMel makes the spectrogram of a second of sound.
func BenchmarkMel(b *testing.B) {
	m, err := NewMel(DefaultMel)
	if err != nil {
		b.Fatal(err)
	}
	x := noise(16000, 1)
	values := m.Log(nil, x)
	b.ReportAllocs()
	for b.Loop() {
		values = m.Log(values[:0], x)
	}
}
