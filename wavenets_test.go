package stride

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/element/audio"
	"github.com/stride-ml/stride/internal/card"
	"github.com/stride-ml/stride/models"
	"github.com/stride-ml/stride/network"
)

// tinyWaves are the sizes of a network of samples with random weights, which goes
// with the tiny vocoder.
var tinyWaves = network.WaveNetConfig{Bands: 20, Rate: 8000, Hop: 80, Parts: 4, Dim: 16, Layers: 4, Cycle: 4, Cond: 16, Kernel: 3, Hidden: 16}

func init() {
	m, err := network.NewWaveNetModel(tinyWaves)
	if err != nil {
		panic(err)
	}
	m.Init(3)
	about := card.Card{Name: "tiny-waves", Title: "A test", Strategies: []string{"ar"}, Licence: "none", Defaults: card.Defaults{Temperature: 1}}
	b := checkpoint.NewBuilder(network.ArchitectureWaveNet)
	var buf bytes.Buffer
	if err := errors.Join(card.Store(b, m.Metadata(), about.Metadata()), network.WriteParams(b, m.Params(), nil, checkpoint.F32), write(b, &buf)); err != nil {
		panic(err)
	}
	models.Add("tiny-waves", buf.Bytes())
	models.Add("tiny-ancestor", []byte("name: tiny-ancestor\ntitle: A test\nstages:\n  - {model: chant, strategy: nar}\n  - {model: tiny-waves}\n"))
}

// made are the samples that a generation ends with, and its last step.
func made(t *testing.T, m *Model, p Prompt, opts ...Option) ([]float32, Step) {
	t.Helper()
	var last Step
	for s, err := range m.Generate(t.Context(), p, opts...) {
		if err != nil {
			t.Fatal(err)
		}
		last = s
	}
	return last.Object.(Sound).Samples, last
}

// TestWaveNet holds that each pass is a sample, that these are levels of the
// mu-law, and that a cascade makes of frames what the network alone makes of them.
func TestWaveNet(t *testing.T) {
	cascade, alone := mustOpen(t, "tiny-ancestor"), mustOpen(t, "tiny-waves")
	samples, last := made(t, cascade, Prompt{Text: "tu"}, Seed(3))
	frames := last.Object.(Sound).Frames
	if len(samples) != 8*80 || len(frames) != 8*20 {
		t.Fatalf("%d samples of %d values of frames, want 8 frames", len(samples), len(frames))
	}
	if s := last.Stats; s.Strategy != "nar + ar" || s.Stages[1].Passes != 640 || s.Stages[1].Elements != 640 {
		t.Errorf("stats %+v", s)
	}
	if back := audio.DecodeMuLaw(nil, audio.EncodeMuLaw(nil, samples)); !slices.Equal(back, samples) {
		t.Error("samples are no levels of the mu-law")
	}
	again, step := made(t, alone, Prompt{Sound: &Sound{Frames: frames, Rate: 8000, Hop: 80, Bands: 20}}, Seed(3))
	if !slices.Equal(again, samples) || step.Pass != 640 || step.Passes != 640 || !step.Done {
		t.Errorf("alone: %d samples in %d passes, not those of the cascade", len(again), step.Pass)
	}
	if other, _ := made(t, cascade, Prompt{Text: "tu"}, Seed(4)); slices.Equal(other, samples) {
		t.Error("another seed made the same samples")
	}
	greedy, _ := made(t, cascade, Prompt{Text: "tu"}, Seed(4), Temperature(0))
	if same, _ := made(t, cascade, Prompt{Text: "tu"}, Seed(5), Temperature(0)); !slices.Equal(same, greedy) {
		t.Error("at temperature 0 the seed makes a difference")
	}
	if chunk, _ := made(t, cascade, Prompt{Text: "tu"}, Seed(3), Chunks()); len(chunk) != 1 || chunk[0] != samples[639] {
		t.Errorf("the last chunk is %v, want the last sample", chunk)
	}
}

// TestStrategiesOfStages asks for strategies of several stages.
func TestStrategiesOfStages(t *testing.T) {
	m := mustOpen(t, "tiny-ancestor")
	for asked, want := range map[string]string{"": "nar + ar", "ar": "ar + ar", "ar+ar": "ar + ar", "refine + ar": "refine + ar"} {
		if _, last := made(t, m, Prompt{Text: "t"}, Strategy(asked)); last.Stats.Strategy != want {
			t.Errorf("%q was %s, want %s", asked, last.Stats.Strategy, want)
		}
	}
	for asked, want := range map[string]string{
		"ar+nar": "strategy nar does not support model tiny-waves", "ar+ar+ar": `strategy: got ar+ar+ar, want at most 2 joined by +, one for each stage`,
		"ar+": "", "+ar": "",
	} {
		var err error
		for _, e := range m.Generate(t.Context(), Prompt{Text: "t"}, Strategy(asked)) {
			err = errors.Join(err, e)
		}
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: error %v, want %q", asked, err, want)
		}
	}
}

func TestWaveNetInfo(t *testing.T) {
	m := mustOpen(t, "tiny-waves")
	if want := (SoundInfo{Rate: 8000, Hop: 80, Bands: 20, Samples: true}); *m.Info().Sound != want || m.Info().Default != "ar" {
		t.Errorf("sounds are %+v, by %s", m.Info().Sound, m.Info().Default)
	}
	if g, err := m.Gain(t.Context(), 800); err != nil || g.Elements <= 0 || g.Positions != 0 {
		t.Errorf("gain %+v, %v", g, err)
	}
	if flops, err := m.ElementFLOPs("ar"); err != nil || math.Abs(flops-tinyWaves.FLOPs()) > 1 {
		t.Errorf("%g operations a sample, %v; want %g", flops, err, tinyWaves.FLOPs())
	}
	for want, opts := range map[string][]Option{
		"a number of passes": {Passes(2)}, "a pitch": {Pitch(1)}, "guidance": {Guidance(2)},
	} {
		var err error
		for _, e := range m.Generate(t.Context(), Prompt{Sound: &Sound{Frames: make([]float32, 20), Rate: 8000, Hop: 80, Bands: 20}}, opts...) {
			err = e
		}
		var unsupported *UnsupportedError
		if !errors.As(err, &unsupported) || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want that %s is not supported", err, want)
		}
	}
}
