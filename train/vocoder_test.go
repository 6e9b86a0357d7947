package train

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stride-ml/stride/element/audio"
	"github.com/stride-ml/stride/network"
	"github.com/stride-ml/stride/tensor"
)

const tinySounds = `name: tiny
title: Small sounds
seed: 3
data: {kind: sounds, folders: [tones, more], source: somewhere}
elements: {bands: 20}
network: {kind: vocoder, width: 16, layers: 2, ffn: 32, kernel: 3}
train: {steps: 14, batch_segments: 4, micro_segments: 3, segment_frames: 16, valid_segments: 2, learning_rate: 0.01, warmup: 2, decay: 0.5, clip: 100, validate: 8, checkpoint: 6}
weights: q8_0
`

func tinyVocoder(t testing.TB) *Recipe {
	t.Helper()
	return parsed(t, tinySounds)
}

// tone is a buzz with some noise.
func tone(rng *rand.Rand, hz float64, samples, rate int) audio.Sound {
	x := make([]float32, samples)
	for i := range x {
		var sum float64
		for k := 1.0; k <= 6; k++ {
			sum += math.Sin(2*math.Pi*hz*k*float64(i)/float64(rate)) / k
		}
		x[i] = float32(0.1*sum + 0.01*rng.NormFloat64())
	}
	return audio.Sound{Samples: x, Rate: rate}
}

func writeSound(t testing.TB, path string, s audio.Sound) {
	t.Helper()
	var b bytes.Buffer
	encode := audio.EncodeWAV
	if strings.HasSuffix(path, ".flac") {
		encode = audio.EncodeFLAC
	}
	if err := encode(&b, s); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// tones writes two folders of sounds, some of them short, one at another rate.
func tones(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	rng := rand.New(rand.NewPCG(2, 3))
	for f, folder := range []string{"tones", "more"} {
		if err := os.Mkdir(filepath.Join(dir, folder), 0o755); err != nil {
			t.Fatal(err)
		}
		lines := "split\tfile\ttext\n"
		for i := range 6 {
			split := []string{"train", "train", "train", "train", "valid", "test"}[i]
			name, rate := fmt.Sprintf("%d.wav", i), 16000
			if i == 1 {
				name = "1.flac"
			}
			if i == 2 && f == 1 {
				rate = 22050
			}
			seconds := 0.11 + 0.06*float64(i)
			writeSound(t, filepath.Join(dir, folder, name), tone(rng, 120+20*float64(i), int(seconds*float64(rate)), rate))
			lines += split + "\t" + name + "\t\"quote\r\n"
		}
		if err := os.WriteFile(filepath.Join(dir, folder, "manifest.tsv"), []byte(lines), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestSpectralGradient compares the gradient of the loss with central
// differences, over several sounds at once.
func TestSpectralGradient(t *testing.T) {
	r := tinyVocoder(t)
	pool := tensor.NewPool(2)
	defer pool.Close()
	c := r.vocoderConfig()
	l, err := newSpectralLoss(c.Mel(), TrainRecipe{MelWeight: 45, STFTWeight: 10, PhaseWeight: 20}, 2)
	if err != nil {
		t.Fatal(err)
	}
	spans := []tensor.Span{{Start: 0, Len: 9}, {Start: 9, Len: 12}}
	rng := rand.New(rand.NewPCG(5, 5))
	// White noise has few of the magnitudes near 0 at which logarithms are steep.
	x, target := make([]float32, 21*c.Hop), make([]float32, 21*c.Hop)
	for i := range x {
		x[i], target[i] = float32(0.3*rng.NormFloat64()), float32(0.2*rng.NormFloat64())
	}
	run := tensor.NewRun(pool, tensor.Training())
	eval := func() (float64, []float32) {
		run.Reset(0)
		wave := run.New(21, c.Hop)
		copy(wave.Data, x)
		return l.add(run, wave, target, spans, []float64{0.4, 0.6}), run.Gradient(wave)
	}
	loss, g := eval()
	if !(loss > 1 && loss < 1000) {
		t.Errorf("loss %g", loss)
	}
	grad := slices.Clone(g)
	// Along random directions, as the loss of one sample has corners close by.
	for range 8 {
		direction := make([]float32, len(x))
		var want float64
		for i := range direction {
			direction[i] = float32(rng.NormFloat64())
			want += float64(direction[i]) * float64(grad[i])
		}
		const h = 3e-6
		old := slices.Clone(x)
		at := func(step float32) float64 {
			for i, v := range old {
				x[i] = v + step*direction[i]
			}
			l, _ := eval()
			return l
		}
		if got := (at(h) - at(-h)) / (2 * h); math.Abs(got-want) > 2e-2*max(5, math.Abs(want)) {
			t.Errorf("along a direction: gradient %g, central difference %g", want, got)
		}
		copy(x, old)
	}
	// Next to silence, where numbers have hardly a direction, the gradient is finite.
	for i := range x {
		x[i] = 0
	}
	x[700], x[2500] = 1e-44, 1e-38
	_, g = eval()
	for i, v := range g {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			t.Fatalf("gradient %d next to silence is %g", i, v)
		}
	}
	run = tensor.NewRun(pool)
	copy(x, target)
	// The turns of what is nearly silent never agree wholly.
	if loss, _ := eval(); loss < 0 || loss > 1e-4 {
		t.Errorf("loss of equal sounds is %g, want 0 or hardly more", loss)
	}
}

// TestSegments holds that a segment's frames are those of the whole sound.
func TestSegments(t *testing.T) {
	r := tinyVocoder(t)
	s := sounds{t: &trainer{recipe: r, pool: tensor.NewPool(2)}}
	defer s.t.pool.Close()
	c := clip{pcm: audio.AppendPCM(nil, tone(rand.New(rand.NewPCG(1, 4)), 140, 50*r.Elements.Hop+30, r.Elements.Rate).Samples)}
	short := clip{pcm: c.pcm[:2*9*r.Elements.Hop]}
	if err := s.lay(); err != nil {
		t.Fatal(err)
	}
	all, bands := s.mels[0].Log(nil, c.values(0, 50*r.Elements.Hop)), r.Elements.Bands
	places := []place{{&short, 0}}
	for frame := range 35 {
		places = append(places, place{&c, frame})
	}
	for i, got := range s.segments(places) {
		from, n := places[i].frame, 16
		if i == 0 {
			n = 9
		} else if !slices.Equal(got.mel, all[from*bands:(from+n)*bands]) {
			t.Errorf("frames of the segment at %d are not those of the whole sound", from)
		}
		if got.frames != n || !slices.Equal(got.samples, places[i].clip.values(from*r.Elements.Hop, (from+n)*r.Elements.Hop)) {
			t.Errorf("segment at %d: %d frames, or not its samples", from, got.frames)
		}
	}
}

// TestVocoderResume stops a run again and again and compares every byte with an
// unbroken run of another number of workers.
func TestVocoderResume(t *testing.T) {
	data, r := tones(t), tinyVocoder(t)
	whole := t.TempDir()
	result, err := Run(t.Context(), r, Options{Data: data, Out: whole, Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	if math.IsNaN(result.Valid) || !math.IsNaN(result.ValidBits) {
		t.Errorf("result %+v", result)
	}
	resumes(t, r, data, whole, 4, 5)
}

// TestVocoderLearns holds that the loss falls, and that the written model makes a
// sound whose spectrogram is near to the one it was made of.
func TestVocoderLearns(t *testing.T) {
	data, r := tones(t), tinyVocoder(t)
	r.Data.Folders, r.Weights = r.Data.Folders[:1], "f32"
	run := func(steps int) Result {
		r.Train.Steps, r.Train.EMA, r.Train.Warmup = steps, 0.9, min(2, steps)
		result, err := Run(t.Context(), r, Options{Data: data, Out: t.TempDir(), Workers: 1})
		if err != nil {
			t.Fatal(err)
		}
		return result
	}
	first := run(1).Valid
	result := run(80)
	if !(result.Valid < 0.6*first) {
		t.Errorf("loss %.1f after 80 steps, %.1f after one; want below 0.6 of that", result.Valid, first)
	}
	t.Logf("loss %.1f after one step, %.1f after 80", first, result.Valid)
	m, err := network.ReadVocoder(open(t, result.Model))
	if err != nil {
		t.Fatal(err)
	}
	pool := tensor.NewPool(1)
	defer pool.Close()
	v, err := network.NewVocoder(m, pool)
	if err != nil {
		t.Fatal(err)
	}
	mel, err := audio.NewMel(m.Mel())
	if err != nil {
		t.Fatal(err)
	}
	sound, err := audio.Read(filepath.Join(data, "tones", "4.wav"), audio.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	frames := mel.Log(nil, sound.Samples)
	made, err := v.Synthesize(frames, 1)
	if err != nil {
		t.Fatal(err)
	}
	var off float64
	for i, x := range mel.Log(nil, made) {
		off += math.Abs(float64(x-frames[i])) / float64(len(frames))
	}
	if !(off < 0.7) {
		t.Errorf("log-mel distance %.2f, want below 0.7", off)
	}
}

func TestVocoderRecipeErrors(t *testing.T) {
	for _, tc := range []struct{ from, to, want string }{
		{"[tones, more]", "[]", "data.folders names no folder"},
		{"[tones, more]", "[../tones]", "want folders below the data folder"},
		{"kind: vocoder", "kind: flow", "want vocoder or wavenet for sounds"},
		{"source: somewhere", "train: [{file: x}]", "their splits come from manifest.tsv"},
		{"segment_frames: 16", "segment_frames: 1", "segment_frames is 1"},
		{"micro_segments: 3", "micro_segments: 5", "micro_segments 5"},
		{"valid_segments: 2", "valid_segments: 0", "valid_segments is 0"},
		{"clip: 100", "clip: 100, mel_weight: 0, stft_weight: 0", "not both 0"},
		{"kernel: 3", "kernel: 4", "kernel of 4 frames"},
		{"kernel: 3", "fft: 256", "hop of 160 samples"},
		{"bands: 20", "bands: 20, rate: 0", "sample rate is 0"},
		{"bands: 20", "bands: 20, loud: 1", "r.yaml:5:"},
		{"weights: q8_0", "strategies: [ar]", `cannot serve "ar"`},
	} {
		if _, err := ParseRecipe("r.yaml", []byte(strings.Replace(tinySounds, tc.from, tc.to, 1))); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%q: error %v, want one with %q", tc.to, err, tc.want)
		}
	}
}

// TestBadSoundsAreNamed reads a folder in which some sounds cannot be used.
func TestBadSoundsAreNamed(t *testing.T) {
	data, r := tones(t), tinyVocoder(t)
	folder := filepath.Join(data, "tones")
	loud := tone(rand.New(rand.NewPCG(1, 1)), 100, 8000, 16000)
	for i := range loud.Samples {
		loud.Samples[i] *= 20
	}
	writeSound(t, filepath.Join(folder, "loud.wav"), loud)
	writeSound(t, filepath.Join(folder, "short.wav"), audio.Sound{Samples: loud.Samples[:900], Rate: 16000})
	for i := range 900 {
		loud.Samples[i] /= 50
	}
	writeSound(t, filepath.Join(folder, "short.wav"), audio.Sound{Samples: loud.Samples[:900], Rate: 16000})
	writeSound(t, filepath.Join(folder, "silent.wav"), audio.Sound{Samples: make([]float32, 8000), Rate: 16000})
	if err := os.WriteFile(filepath.Join(folder, "odd.mp3"), []byte("no sound"), 0o644); err != nil {
		t.Fatal(err)
	}
	list := read(t, filepath.Join(folder, "manifest.tsv"))
	for _, name := range []string{"loud.wav", "short.wav", "silent.wav", "odd.mp3", "none.wav"} {
		list = append(list, "train\t"+name+"\t\n"...)
	}
	path := filepath.Join(folder, "manifest.tsv")
	if err := os.WriteFile(path, list, 0o644); err != nil {
		t.Fatal(err)
	}
	var said []string
	r.Train.Steps, r.Train.Warmup = 1, 0
	options := Options{Data: data, Out: t.TempDir(), Workers: 1, Progress: func(p Progress) { said = append(said, p.Message) }}
	if _, err := Run(t.Context(), r, options); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"left out loud.wav: clipped: ", "left out short.wav: too short: 900 samples", "left out silent.wav: empty: ",
		"left out odd.mp3: audio: ", "left out none.wav: audio: ", "brought 1 of 6 sounds to 16000 Hz"} {
		if !slices.ContainsFunc(said, func(s string) bool { return strings.HasPrefix(s, want) }) {
			t.Errorf("nothing begins with %q among %q", want, said)
		}
	}
	for list, want := range map[string]string{
		"":                               "manifest.tsv:1: empty",
		"file\ttext\na.wav\thm\n":        "manifest.tsv:1: columns file, text, want file and split",
		"file\tsplit\n\na.wav\n":         "manifest.tsv:3: 1 columns, want 2",
		"file\tsplit\na.wav\tdev\n":      `manifest.tsv:2: split "dev"`,
		"file\tsplit\n../a.wav\ttrain\n": `manifest.tsv:2: file "../a.wav"`,
		"file\tsplit\n0.wav\tvalid\n":    "is in the split train",
	} {
		if err := os.WriteFile(path, []byte(list), 0o644); err != nil {
			t.Fatal(err)
		}
		r.Data.Folders = []string{"tones"}
		if _, err := Run(t.Context(), r, Options{Data: data, Out: t.TempDir(), Workers: 1}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("manifest %q: error %v, want one with %q", list, err, want)
		}
	}
	r.Data.Folders = []string{"absent"}
	if _, err := Run(t.Context(), r, Options{Data: data, Out: t.TempDir(), Workers: 1}); err == nil || !strings.Contains(err.Error(), "the data comes from: somewhere") {
		t.Errorf("no folder: %v", err)
	}
}

// BenchmarkTrainVocoder is training steps of the vocoder recipe's network on
// buzzes: seconds of sound a second.
func BenchmarkTrainVocoder(b *testing.B) {
	r, err := LoadRecipe("../recipes/vocoder.yaml")
	if err != nil {
		b.Fatal(err)
	}
	t := &trainer{recipe: r, pool: tensor.NewPool(0)}
	defer t.pool.Close()
	t.run = tensor.NewRun(t.pool, tensor.Training())
	o := &vocoderObjective{sounds: sounds{t: t, clips: map[string][]clip{}}}
	rng := rand.New(rand.NewPCG(1, 1))
	for i := range 20 {
		x := tone(rng, 100+10*float64(i), 2*r.Elements.Rate, r.Elements.Rate)
		o.clips["train"] = append(o.clips["train"], clip{pcm: audio.AppendPCM(nil, x.Samples)})
	}
	if err := o.lay(); err != nil {
		b.Fatal(err)
	}
	if err := o.build(nil); err != nil {
		b.Fatal(err)
	}
	t.goal, t.opt = o, newOptimiser(o.params())
	t.train(1e-4)
	t.seen = 0
	for b.Loop() {
		t.train(1e-4)
	}
	b.ReportMetric(float64(t.seen)*float64(r.Elements.Hop)/float64(r.Elements.Rate)/b.Elapsed().Seconds(), "s/s")
}

// adversarial is the tiny vocoder against discriminators.
func adversarial(t testing.TB) *Recipe {
	t.Helper()
	return parsed(t, strings.Replace(tinySounds, "clip: 100,", "clip: 100, adversarial_weight: 1, feature_weight: 2, phase_weight: 5,", 1))
}

// TestAdversaryResume holds that a run with an adversary is resumed to the byte:
// its weights and moments are part of the state, and not of the model.
func TestAdversaryResume(t *testing.T) {
	data, r := tones(t), adversarial(t)
	r.Train.Steps = 9
	whole := t.TempDir()
	if _, err := Run(t.Context(), r, Options{Data: data, Out: whole, Workers: 1}); err != nil {
		t.Fatal(err)
	}
	state, model := open(t, filepath.Join(whole, "state.gguf")), open(t, filepath.Join(whole, "model.gguf"))
	if _, ok := state.Tensor("period.2.0.weight.m"); !ok {
		t.Error("the state has no moments of a discriminator")
	}
	if _, ok := model.Tensor("period.2.0.weight"); ok {
		t.Error("the model has the weights of a discriminator")
	}
	resumes(t, r, data, whole, 4, 5)
}

// TestAdversaryLearns holds that the discriminators learn to tell sounds, and that
// what they say changes the vocoder.
func TestAdversaryLearns(t *testing.T) {
	pool := tensor.NewPool(1)
	defer pool.Close()
	a, err := newAdversary(pool, 1, 2048, 1, 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	opt := newOptimiser(a.judges.Params())
	run := tensor.NewRun(pool, tensor.Training())
	rng := rand.New(rand.NewPCG(4, 4))
	spans := []tensor.Span{{Len: 13}}
	recipe := adversarial(t).Train
	step := func(n int) float64 {
		run.Reset(0)
		opt.zeroGrad()
		wave := run.New(13, 160)
		for i := range wave.Data {
			wave.Data[i] = float32(0.1 * rng.NormFloat64())
		}
		loss := a.add(run, wave, tone(rng, 150, len(wave.Data), 16000).Samples, spans, 1)
		run.Backward()
		if !slices.ContainsFunc(wave.Grad, func(v float32) bool { return v != 0 }) {
			t.Fatal("no gradient reaches the vocoder")
		}
		opt.step(pool, recipe, 0.002, n)
		return loss
	}
	first := step(1)
	var last float64
	for n := range 24 {
		last = step(n + 2)
	}
	// Noise deceives nobody who has learned.
	if !(last > first+8) {
		t.Errorf("the vocoder's loss is %.1f at first and %.1f when the discriminators have learned, want 8 more", first, last)
	}
	t.Logf("loss %.1f, then %.1f", first, last)
}
