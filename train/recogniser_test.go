package train

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stride-ml/stride/element/audio"
	"github.com/stride-ml/stride/internal/card"
	"github.com/stride-ml/stride/network"
	"github.com/stride-ml/stride/tensor"
)

const tinySpeech = `name: tiny
title: Small words
seed: 3
data: {kind: speech, language: english, folders: [words], source: somewhere}
elements: {bands: 20}
network: {kind: recogniser, width: 24, layers: 2, ffn: 48, kernel: 3}
train: {steps: 14, batch_frames: 200, micro_frames: 100, valid_utterances: 2, learning_rate: 0.01, warmup: 2, decay: 0.5, stretch: 0.1, mask_frames: 4, mask_bands: 3, validate: 8, checkpoint: 6}
weights: q8_0
`

func tinyRecogniser(t testing.TB) *Recipe {
	t.Helper()
	return parsed(t, tinySpeech)
}

// words writes a folder of words as spoken by a machine whose every phone is a
// buzz of its own pitch.
func words(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	folder := filepath.Join(dir, "words")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	hz := map[string]float64{"S": 200, "T": 430, "IY": 700, "OW": 1100, "UW": 1700}
	rng := rand.New(rand.NewPCG(4, 4))
	list := "file\ttext\tsplit\n"
	for i := range 40 {
		word := []string{"see|S IY", "so|S OW", "tea|T IY", "toe|T OW", "too|T UW", "sue|S UW"}[i%6]
		text, phones, _ := strings.Cut(word, "|")
		var x []float32
		for p := range strings.FieldsSeq(phones) {
			x = append(x, tone(rng, hz[p]*(1+0.02*rng.NormFloat64()), 1600+rng.IntN(1600), 16000).Samples...)
			x = append(x, make([]float32, 160)...)
		}
		split := "train"
		if i >= 34 {
			split = []string{"valid", "test"}[i%2]
		}
		name := fmt.Sprintf("%d.wav", i)
		writeSound(t, filepath.Join(folder, name), audio.Sound{Samples: x, Rate: 16000})
		list += name + "\t" + text + ".\t" + split + "\n"
	}
	if err := os.WriteFile(filepath.Join(folder, manifest), []byte(list), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestRecogniserResumes holds that a run that was stopped ends in the bytes of one
// that never was.
func TestRecogniserResumes(t *testing.T) {
	data, r, whole := words(t), tinyRecogniser(t), t.TempDir()
	if _, err := Run(t.Context(), r, Options{Data: data, Out: whole, Workers: 2}); err != nil {
		t.Fatal(err)
	}
	resumes(t, r, data, whole, 4, 5)
}

// TestRecogniserLearns holds that words which were not heard in training are
// recognised, and that the model says how many of their phones are not.
func TestRecogniserLearns(t *testing.T) {
	data, r := words(t), tinyRecogniser(t)
	r.Train.Steps, r.Train.EMA, r.Train.Validate = 160, 0.95, 160
	var told []string
	result, err := Run(t.Context(), r, Options{Data: data, Out: t.TempDir(), Workers: 1, Progress: func(p Progress) { told = append(told, p.Message) }})
	if err != nil {
		t.Fatal(err)
	}
	f := open(t, result.Model)
	c, err := card.Read(f)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Results["test.phone_error_rate"]; !(got <= 0.1) || c.Results["valid.nats_per_phone"] != result.Valid {
		t.Errorf("results %v, want a phone error rate of at most 0.1 and a loss of %g", c.Results, result.Valid)
	}
	if !slices.ContainsFunc(told, func(s string) bool { return strings.HasSuffix(s, "% of 6 sounds not recognised") }) {
		t.Errorf("nothing is told of the phone error rate among %q", told)
	}
	m, err := network.ReadRecogniser(f)
	if err != nil {
		t.Fatal(err)
	}
	pool := tensor.NewPool(1)
	defer pool.Close()
	mel, err := audio.NewMel(m.Mel())
	if err != nil {
		t.Fatal(err)
	}
	sound, err := audio.Read(filepath.Join(data, "words", "39.wav"), audio.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := network.NewRecogniser(m, pool).Recognise(mel.Log(nil, sound.Samples)); err != nil || !slices.Equal(got, []string{"T", "OW"}) {
		t.Errorf("heard %q, %v, want T OW", got, err)
	}
}

// TestRecogniserDisturbs holds what is done to training utterances.
func TestRecogniserDisturbs(t *testing.T) {
	r := tinyRecogniser(t)
	model, err := network.NewRecogniserModel(r.recogniserConfig([]string{"one"}))
	if err != nil {
		t.Fatal(err)
	}
	for b := range model.Mean {
		model.Mean[b] = -100
	}
	o := &recogniserObjective{speeches: speeches{sounds: sounds{t: &trainer{recipe: r}}}, model: model}
	rng := rand.New(rand.NewPCG(1, 5))
	ramp := make([]float32, 100*model.Bands)
	for i := range ramp {
		ramp[i] = float32(i / model.Bands)
	}
	var lengths []int
	for range 50 {
		mel := o.stretch(ramp, rng)
		n := len(mel) / model.Bands
		lengths = append(lengths, n)
		for i, v := range mel {
			if want := min(99, float64(i/model.Bands)*100/float64(n)); math.Abs(float64(v)-want) > 0.6 {
				t.Fatalf("frame %d of %d is that of %.2f, want about %.2f", i/model.Bands, n, v, want)
			}
		}
		o.mask(mel, rng)
		hidden := 0
		for _, v := range mel {
			if v == -100 {
				hidden++
			}
		}
		if most := r.Train.MaskFrames*2*model.Bands + bandMasks*r.Train.MaskBands*n; hidden > most {
			t.Errorf("%d of %d values are hidden, want at most %d", hidden, len(mel), most)
		}
	}
	if lo, hi := slices.Min(lengths), slices.Max(lengths); lo < 90 || lo > 93 || hi > 110 || hi < 107 {
		t.Errorf("lengths %d to %d of 100 frames, want about 90 to 110", lo, hi)
	}
	r.Train.Stretch = 0
	if mel := o.stretch(ramp, rng); !slices.Equal(mel, ramp) {
		t.Error("frames change where stretch is 0")
	}
}

func TestRecogniserRecipeErrors(t *testing.T) {
	for _, tc := range []struct{ from, to, want string }{
		{"language: english", "language: latin", `data.language: language "latin"`},
		{"kind: recogniser", "kind: vocoder", "want acoustic or recogniser for speech"},
		{"stretch: 0.1", "stretch: 0.6", "train.stretch is 0.6"},
		{"mask_frames: 4", "mask_frames: -1", "train.mask_frames is -1"},
		{"mask_bands: 3", "mask_bands: 21", "train.mask_bands is 21, want 0 to elements.bands, 20"},
		{"kernel: 3", "kernel: 4", "kernel of 4 positions"},
		{"kernel: 3", "group: 0", "frames of a position is 0"},
		{"weights: q8_0", "strategies: [ar]", `cannot serve "ar"`},
	} {
		if _, err := ParseRecipe("r.yaml", []byte(strings.Replace(tinySpeech, tc.from, tc.to, 1))); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%q: error %v, want one with %q", tc.to, err, tc.want)
		}
	}
}
