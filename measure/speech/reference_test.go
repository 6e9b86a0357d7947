package speech

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stride-ml/stride/element/audio"
)

// settings are those of a made-up sound: samples, Hz, Hz a second, bursts a second
// and the amplitude of the hiss.
type settings [5]float64

// sound is that of testdata/reference.py: a voice that rises, in bursts, and hiss of
// a linear congruential generator.
func (s settings) sound() audio.Sound {
	hz, rise, tempo, hiss := s[1], s[2], s[3], s[4]
	x := make([]float32, int(s[0]))
	state := uint32(1)
	for i := range x {
		t := float64(i) / 16000
		var v float64
		if math.Sin(2*math.Pi*tempo*t) > -0.5 {
			for h := 1.0; h <= 8; h++ {
				off := h - 4 - 3*math.Sin(2*math.Pi*1.5*tempo*t)
				v += 0.2 / (1 + off*off) * math.Sin(2*math.Pi*h*(hz*t+rise*t*t/2))
			}
		}
		state = 1664525*state + 1013904223
		x[i] = float32(v + hiss*(float64(state)/(1<<31)-1))
	}
	return audio.Sound{Samples: x, Rate: 16000}
}

// compared is a pair of sounds and what others measure.
type compared struct {
	First, Second                               settings
	Warped, Straight, Convergence, LogMagnitude float64
	Steps                                       int
	Cepstrum                                    []float64 // of frame 10 of the first
	Ripples                                     [2]float64
}

func pairs(t *testing.T) []compared {
	t.Helper()
	var cases []compared
	readJSON(t, "sounds.json", &cases)
	if len(cases) != 3 {
		t.Fatalf("%d pairs of sounds, want 3", len(cases))
	}
	return cases
}

func readJSON(t *testing.T, name string, v any) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// noise is white, with a root mean square.
func noise(n int, level float64, seed uint64) audio.Sound {
	r := rand.New(rand.NewPCG(seed, 0))
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(level * r.NormFloat64())
	}
	return audio.Sound{Samples: x, Rate: 16000}
}

func near(got, want, tolerance float64) bool { return math.Abs(got-want) <= tolerance }

// TestErrors holds every measure to the same checks.
func TestErrors(t *testing.T) {
	good := noise(1600, 0.1, 1)
	slow := audio.Sound{Samples: good.Samples, Rate: 8000}
	short := audio.Sound{Samples: good.Samples[:159], Rate: 16000}
	broken := noise(1600, 0.1, 1)
	broken.Samples[7] = float32(math.Inf(1))
	along := Path{{0, 0}, {9, 9}}
	measures := map[string]func(a, b audio.Sound, p Path) error{
		"warp":                    func(a, b audio.Sound, _ Path) error { _, err := Warp(a, b); return err },
		"straight path":           func(a, b audio.Sound, _ Path) error { _, err := Straight(a, b); return err },
		"mel-cepstral distortion": func(a, b audio.Sound, p Path) error { _, err := MelCepstralDistortion(a, b, p); return err },
		"pitch":                   func(a, b audio.Sound, p Path) error { _, err := ComparePitch(a, b, p); return err },
		"buzz":                    func(a, b audio.Sound, p Path) error { _, err := CompareBuzz(a, b, p); return err },
		"spectral distance":       func(a, b audio.Sound, _ Path) error { _, err := SpectralDistance(a, b); return err },
		"compare":                 func(a, b audio.Sound, _ Path) error { _, err := Compare(a, b); return err },
	}
	for name, measure := range measures {
		if err := measure(good, good, along); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, c := range []struct {
			reference, made audio.Sound
			want            string
		}{
			{slow, good, "reference: a rate of 8000 Hz, expected 16000"},
			{good, short, "made: 159 samples, expected at least the 160 of a frame"},
			{good, broken, "made: sample 7 is +Inf"},
		} {
			err := measure(c.reference, c.made, along)
			if err == nil || !strings.HasPrefix(err.Error(), name+": ") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: got error %v, want one with %q", name, err, c.want)
			}
		}
	}
	for _, name := range []string{"mel-cepstral distortion", "pitch", "buzz"} {
		for want, path := range map[string]Path{
			"a path without steps": nil,
			"step 1 of the path is frame 0 of 10 of the reference, 10 of 10 of what was made": {{0, 0}, {0, 10}},
			"step 0 of the path is frame -1 of 10":                                            {{-1, 0}},
		} {
			if err := measures[name](good, good, path); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got error %v, want one with %q", name, err, want)
			}
		}
	}
	const want = "5 frames beside 11 of the reference, expected at most 5 more or fewer"
	if _, err := CompareAligned(noise(1760, 0.1, 1), noise(800, 0.1, 1)); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got error %v, want one with %q", err, want)
	}
}
