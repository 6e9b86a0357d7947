package audio

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// middle is samples without their ends, where there is silence beside the sound.
func middle(s Sound, seconds float64) []float32 {
	n := int(seconds * float64(s.Rate))
	start := (len(s.Samples) - n) / 2
	return s.Samples[start : start+n]
}

// resampledTone is the amplitude at a frequency of a tone of another, resampled, in dB.
func resampledTone(t *testing.T, from, to int, hz, heard float64) float64 {
	t.Helper()
	s, err := Sound{tone(from*3/10, from, hz, 1, 1), from}.Resample(to)
	if err != nil {
		t.Fatal(err)
	}
	if want := int(math.Ceil(float64(from*3/10) * float64(to) / float64(from))); len(s.Samples) != want || s.Rate != to {
		t.Fatalf("%d Hz to %d: %d samples, want %d", from, to, len(s.Samples), want)
	}
	return 20 * math.Log10(amplitude(middle(s, 0.2), to, heard))
}

func TestResampleTones(t *testing.T) {
	for _, r := range []struct{ from, to int }{
		{48000, 16000}, {44100, 16000}, {16000, 48000}, {16000, 22050}, {8000, 16000}, {22050, 16000}, {16000, 11025}, {16000, 15990},
	} {
		lower := float64(min(r.from, r.to)) / 2
		for _, part := range []float64{0.02, 0.3, 0.7, passband} {
			hz := math.Round(part*lower/10) * 10 // whole periods in 0.2 s
			if got := resampledTone(t, r.from, r.to, hz, hz); math.Abs(got) > 0.001 {
				t.Errorf("%d to %d Hz: a tone of %g Hz is %.5f dB louder", r.from, r.to, hz, got)
			}
		}
		if r.to > r.from {
			continue
		}
		// Above the stop band a tone would come back mirrored at half of the new rate.
		for _, part := range []float64{1.0, 1.1, 1.5} {
			hz := math.Ceil(part*lower/10)*10 + 10
			if hz >= float64(r.from)/2 {
				continue
			}
			if got := resampledTone(t, r.from, r.to, hz, math.Abs(float64(r.to)-hz)); got > -100 {
				t.Errorf("%d to %d Hz: a tone of %g Hz is %.1f dB as its alias", r.from, r.to, hz, got)
			}
		}
	}
	// Going up, images of a tone would be above half of the old rate.
	if got := resampledTone(t, 16000, 48000, 5000, 11000); got > -100 {
		t.Errorf("the image of a tone is %.1f dB", got)
	}
}

// TestResampleTime looks whether samples are where they were.
func TestResampleTime(t *testing.T) {
	for _, r := range []struct{ from, to int }{{16000, 24000}, {44100, 16000}, {16000, 15991}} {
		s, err := Sound{tone(4000, r.from, 300, 0.5, 3), r.from}.Resample(r.to)
		if err != nil {
			t.Fatal(err)
		}
		want := tone(len(s.Samples), r.to, 300, 0.5, 3)
		edge := len(want) / 4
		if d := furthest(s.Samples[edge:3*edge], wide(want[edge:3*edge])); d > 1e-4 {
			t.Errorf("%d to %d Hz: off by %g", r.from, r.to, d)
		}
	}
}

func TestResampleEdges(t *testing.T) {
	x := noise(50, 1)
	s, err := Sound{x, 8000}.Resample(8000)
	if err != nil || !slices.Equal(s.Samples, x) || &s.Samples[0] == &x[0] {
		t.Errorf("the same rate: %v, %v", s.Samples, err)
	}
	constant := make([]float32, 3000)
	for i := range constant {
		constant[i] = 0.5
	}
	s, err = Sound{constant, 44100}.Resample(16000)
	if err != nil || math.Abs(float64(s.Samples[500])-0.5) > 1e-7 {
		t.Errorf("a constant: %v, %v", s.Samples[500], err)
	}
	for _, n := range []int{0, 1, 2} {
		if s, err := (Sound{make([]float32, n), 3}).Resample(7); err != nil || len(s.Samples) != (n*7+2)/3 {
			t.Errorf("%d samples: %d, %v", n, len(s.Samples), err)
		}
	}
	for _, tc := range []struct {
		s    Sound
		to   int
		want string
	}{
		{Sound{x, 0}, 16000, "audio: rate 0 Hz, want 1 to 768000"},
		{Sound{x, 16000}, 768001, "audio: rate 768001 Hz, want 1 to 768000"},
		{Sound{make([]float32, 400), 1}, 768000, "audio: 400 samples of 1 Hz at 768000 Hz are 307200000, want at most 268435456"},
	} {
		if _, err := tc.s.Resample(tc.to); fmt.Sprint(err) != tc.want {
			t.Errorf("%v, want %s", err, tc.want)
		}
	}
}

// BenchmarkResample resamples a second of sound.
func BenchmarkResample(b *testing.B) {
	for _, r := range []struct{ from, to int }{{48000, 16000}, {44100, 16000}, {16000, 24000}} {
		s := Sound{noise(r.from, 1), r.from}
		b.Run(fmt.Sprintf("%d-%d", r.from, r.to), func(b *testing.B) {
			for b.Loop() {
				if _, err := s.Resample(r.to); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
