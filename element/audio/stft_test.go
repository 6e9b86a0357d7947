package audio

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestSTFTReference compares with librosa and PyTorch; testdata/reference.py made the values.
func TestSTFTReference(t *testing.T) {
	var cases []struct {
		Samples, FFT, Hop, Window               int
		Same                                    bool
		Real, Imag, MadeReal, MadeImag, Inverse []float64
	}
	readJSON(t, "stft.json", &cases)
	for _, tc := range cases {
		c := STFTConfig{tc.FFT, tc.Hop, tc.Window, tc.Same}
		s, err := NewSTFT(c)
		if err != nil {
			t.Fatal(err)
		}
		var re, im []float32
		for _, v := range s.Forward(nil, signal(tc.Samples, 16000)) {
			re, im = append(re, real(v)), append(im, imag(v))
		}
		if d := max(furthest(re, tc.Real), furthest(im, tc.Imag)); d > 1e-5 {
			t.Errorf("%+v: forward off by %g", c, d)
		}
		made := make([]complex64, len(tc.MadeReal))
		for i := range made {
			made[i] = complex(float32(tc.MadeReal[i]), float32(tc.MadeImag[i]))
		}
		if d := furthest(s.Inverse(nil, made, len(tc.Inverse)), tc.Inverse); d > 1e-5 {
			t.Errorf("%+v: inverse off by %g", c, d)
		}
	}
}

func TestSTFTInverts(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for range 60 {
		c := STFTConfig{FFT: 8 << r.IntN(6), Same: r.IntN(2) == 0}
		c.Window = 4 + r.IntN(c.FFT-3)
		c.Hop = max(1+r.IntN(c.Window/2)&^1, 1)
		if c.Same {
			c.Hop = max(c.Hop&^1, 2)
		}
		s, err := NewSTFT(c)
		if err != nil {
			t.Fatal(err)
		}
		x := noise(1+r.IntN(3*c.FFT), r.Uint64())
		n := len(x)
		if c.Same {
			n = n / c.Hop * c.Hop
		}
		spectrum := s.Forward(nil, x)
		if len(spectrum) != s.Frames(len(x))*s.Bins() {
			t.Fatalf("%+v of %d samples: %d bins", c, len(x), len(spectrum))
		}
		if d := furthest(s.Inverse(nil, spectrum, n), wide(x[:n])); d > 1e-4 {
			t.Errorf("%+v of %d samples: off by %g", c, len(x), d)
		}
	}
}

func TestSTFTEdges(t *testing.T) {
	s, err := NewSTFT(STFTConfig{FFT: 16, Hop: 4, Window: 16})
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Forward(nil, nil); len(got) != 0 {
		t.Errorf("of nothing: %v", got)
	}
	if got := s.Forward(nil, []float32{1}); len(got) != s.Bins() || real(got[0]) != 8 { // one sample is a constant
		t.Errorf("of 1: %v", got)
	}
	// What no frame covers is silent, a part of a frame is ignored, and what was there stays.
	one := s.Forward(nil, []float32{1})
	got := s.Inverse([]float32{9}, append(one, 1, 2), 30)
	if len(got) != 31 || got[0] != 9 || math.Abs(float64(got[1]-1)) > 1e-6 || !slices.Equal(got[9:], make([]float32, 22)) {
		t.Errorf("longer than its frames: %v", got)
	}
	if got := s.Inverse(nil, one, -3); got != nil {
		t.Errorf("no samples: %v", got)
	}
	x := noise(4000, 1)
	spectrum := s.Forward(nil, x)
	y := s.Inverse(nil, spectrum, len(x))
	if n := testing.AllocsPerRun(5, func() { s.Forward(spectrum[:0], x); s.Inverse(y[:0], spectrum, len(x)) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestSTFTErrors(t *testing.T) {
	for _, tc := range []struct {
		c    STFTConfig
		want string
	}{
		{STFTConfig{FFT: 1000, Hop: 10, Window: 100}, "audio: FFT of 1000 samples, want a power of two from 4 to 65536"},
		{STFTConfig{FFT: 1024, Hop: 10, Window: 1025}, "audio: window of 1025 samples, want 2 to the 1024 of the FFT"},
		{STFTConfig{FFT: 1024, Hop: 513, Window: 1024}, "audio: hop of 513 samples, want 1 to half of the window, 512"},
		{STFTConfig{FFT: 1024, Hop: 0, Window: 1024}, "audio: hop of 0 samples, want 1 to half of the window, 512"},
		{STFTConfig{FFT: 1024, Hop: 9, Window: 1024, Same: true}, "audio: hop of 9 samples, want an even number for frames in the middle of it"},
	} {
		if _, err := NewSTFT(tc.c); fmt.Sprint(err) != tc.want {
			t.Errorf("%v, want %s", err, tc.want)
		}
	}
}

// BenchmarkSTFT transforms a second of sound at 16 kHz, and back.
func BenchmarkSTFT(b *testing.B) {
	s, err := NewSTFT(STFTConfig{FFT: 1024, Hop: 160, Window: 1024, Same: true})
	if err != nil {
		b.Fatal(err)
	}
	x := noise(16000, 1)
	spectrum := s.Forward(nil, x)
	b.Run("forward", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			spectrum = s.Forward(spectrum[:0], x)
		}
	})
	b.Run("inverse", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			x = s.Inverse(x[:0], spectrum, 16000)
		}
	})
}
