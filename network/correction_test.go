package network

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stride-ml/stride/element/audio"
)

// corrected is what so many passes make of a sound, all of it at once.
func corrected(t *testing.T, m *VocoderModel, samples, mel []float32, passes int) []float32 {
	t.Helper()
	second, err := audio.NewSTFT(m.Mel().STFT())
	if err != nil {
		t.Fatal(err)
	}
	bands, err := audio.NewMel(m.Mel())
	if err != nil {
		t.Fatal(err)
	}
	for range passes - 1 {
		spectra := second.Forward(nil, samples)
		for i := range len(mel) / m.Bands {
			bands.Correct(spectra[i*second.Bins():][:second.Bins()], audio.Magnitudes(nil, mel[i*m.Bands:][:m.Bands]))
		}
		samples = second.Inverse(nil, spectra, len(samples))
	}
	return samples
}

// TestCorrectionsStream makes sound in several passes, the frames coming in pieces
// of many sizes: the samples are those of passes over the whole, to the bit, and
// the first come as early as FirstFrames says.
func TestCorrectionsStream(t *testing.T) {
	m := newVocoderModel(t, tinyVocoder)
	v := newVocoder(t, m, 2)
	for _, frames := range []int{1, 2, 30, 130} {
		mel := melFrames(frames, m.Bands)
		once, err := v.Synthesize(mel, 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, passes := range []int{2, 4} {
			want := corrected(t, m, once, mel, passes)
			if got, err := v.Synthesize(mel, passes); err != nil || !slices.Equal(got, want) {
				t.Errorf("%d frames in %d passes: %d samples, %v, not those of passes over the whole", frames, passes, len(got), err)
			}
			for _, tc := range []struct{ chunk, write int }{{1, 1}, {3, 7}, {0, 4}, {8, 75}} {
				s := v.Stream(tc.chunk, passes)
				var got []float32
				written, first := 0, 0
				for part := range slices.Chunk(mel, tc.write*m.Bands) {
					if got, err = s.Write(got, part); err != nil {
						t.Fatal(err)
					}
					if written += len(part) / m.Bands; first == 0 && len(got) > 0 {
						first = written
					}
				}
				if want := m.FirstFrames(1, passes); tc.write == 1 && first != want && frames >= want {
					t.Errorf("%d frames in %d passes: the first sample came with frame %d, want %d", frames, passes, first, want)
				}
				if got = s.Close(got); !slices.Equal(got, want) {
					t.Errorf("%d frames in %d passes, chunks of %d: not the samples of passes over the whole", frames, passes, tc.chunk)
				}
			}
		}
	}
}

// TestCorrectionsHelp holds that each pass brings the frames of a sound nearer to
// those that were given, and that silence stays silent.
func TestCorrectionsHelp(t *testing.T) {
	m := newVocoderModel(t, VocoderConfig{Bands: 80, Rate: 16000, FFT: 512, Hop: 160, Dim: 16, Layers: 1, FFN: 16, Kernel: 3})
	bands, err := audio.NewMel(m.Mel())
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(4, 4))
	x, noise := make([]float32, 8000), make([]float32, 8000)
	for i := range x {
		t := float64(i) / 16000
		x[i] = float32(0.2 * math.Sin(2*math.Pi*200*t) * (1 + math.Sin(2*math.Pi*3*t)))
		noise[i] = float32(0.05 * rng.NormFloat64())
	}
	mel := bands.Log(nil, x)
	off := func(y []float32) (sum float64) {
		for i, v := range bands.Log(nil, y) {
			sum += math.Abs(float64(v-mel[i])) / float64(len(mel))
		}
		return sum
	}
	var all []string
	last := off(noise)
	for passes := 2; passes <= 5; passes++ {
		d := off(corrected(t, m, noise, mel, passes))
		if !(d < last) {
			t.Errorf("%d passes: frames are %.3f off, %.3f before", passes, d, last)
		}
		all = append(all, fmt.Sprintf("%.3f", d))
		last = d
	}
	t.Logf("noise %.3f, then %v", off(noise), all)
	for _, v := range corrected(t, m, make([]float32, 8000), mel, 3) {
		if v != 0 {
			t.Fatal("silence became a sound")
		}
	}
}
