package measure

import (
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/element/audio"
	"github.com/stride-ml/stride/element/speech/language"
	"github.com/stride-ml/stride/internal/card"
	"github.com/stride-ml/stride/network"
	"github.com/stride-ml/stride/tensor"
)

// writeNetwork writes a model file.
func writeNetwork(t *testing.T, path, architecture string, c card.Card, params []*tensor.Param, metadata ...map[string]any) string {
	t.Helper()
	b := checkpoint.NewBuilder(architecture)
	if err := card.Store(b, append(metadata, c.Metadata())...); err != nil {
		t.Fatal(err)
	}
	if err := network.WriteParams(b, params, nil, checkpoint.F32); err != nil {
		t.Fatal(err)
	}
	if err := b.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// tinyVoice writes a voice, a vocoder and a recogniser with random weights, of
// which the first was trained by a recipe.
func tinyVoice(t *testing.T) (voice, vocoder, recogniser string) {
	t.Helper()
	dir := t.TempDir()
	english, err := language.Find("english")
	if err != nil {
		t.Fatal(err)
	}
	format := language.Format{Language: english, Symbols: english.Symbols(), Speakers: []string{""}}
	a, err := network.NewAcousticModel(network.AcousticConfig{
		Symbols: len(format.Symbols), Speakers: 1, Bands: 20, Rate: 8000, Hop: 80, Group: 2, Dim: 16, FFN: 24, Kernel: 3, Encoder: 1, Causal: 1, Flow: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	a.Init(1)
	clear(a.Prosody.Data)
	a.ProsodyBias.Data[0] = float32(math.Log(1 + 6)) // all phones last 6 frames
	v, err := network.NewVocoderModel(network.VocoderConfig{Bands: 20, Rate: 8000, FFT: 256, Hop: 80, Dim: 16, Layers: 2, FFN: 24, Kernel: 5})
	if err != nil {
		t.Fatal(err)
	}
	v.Init(1)
	r, err := network.NewRecogniserModel(network.RecogniserConfig{Symbols: english.BareSounds(), Bands: 20, Rate: 8000, Hop: 80, Group: 2, Dim: 16, Layers: 1, FFN: 24, Kernel: 3})
	if err != nil {
		t.Fatal(err)
	}
	r.Init(1)
	voice = writeNetwork(t, filepath.Join(dir, "voice.gguf"), network.ArchitectureAcoustic,
		card.Card{Name: "voice", Strategies: []string{"ar", "nar", "refine"}, Recipe: voiceRecipe}, a.Params(), a.Metadata(), format.Metadata())
	vocoder = writeNetwork(t, filepath.Join(dir, "vocoder.gguf"), network.ArchitectureVocoder, card.Card{Name: "vocoder", Strategies: []string{"nar"}}, v.Params(), v.Metadata())
	recogniser = writeNetwork(t, filepath.Join(dir, "recogniser.gguf"), network.ArchitectureRecogniser, card.Card{Name: "recogniser"}, r.Params(), r.Metadata())
	return voice, vocoder, recogniser
}

// All of it with real networks, which have learned nothing: what they say is
// noise, but each strategy has to do what its row says.
func TestCompareSpeechModel(t *testing.T) {
	voice, vocoder, recogniser := tinyVoice(t)
	m, err := stride.OpenStages(voice, vocoder)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	o := CompareOptions{Data: whistleData(t), Recogniser: recogniser, Objects: 4, Runs: 2, Passes: []int{1, 3}}
	c, err := Compare(t.Context(), m, o)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range c.Rows {
		names = append(names, r.Name)
		s, q := r.Speaking, r.Speech
		for what, v := range map[string]float64{
			"time": r.Seconds.Median, "FLOPs": r.FLOPs, "expected time": r.Predicted, "first sound": s.FirstSound, "times real time": s.RealTime.Median,
			"error rate": q.ErrorRate, "MCD-DTW": q.figure(0).Median, "tempo": q.figure(7).Median,
		} {
			if !(v > 0) {
				t.Errorf("%s of %s is %v", what, r.Name, v)
			}
		}
		if !(s.FirstSound <= r.Seconds.Greatest) || len(s.Stages) != 2 || s.Stages[1] != (StageCost{"vocoder", "nar", 1, 1 / s.Seconds}) {
			t.Errorf("%s: %+v", r.Name, s)
		}
	}
	if got := strings.Join(names, ", "); got != "ar, nar, refine 1, refine 3" {
		t.Errorf("rows %s", got)
	}
	near(t, "passes of ar a second", row(t, c, "ar").Speaking.Stages[0].PerSecond, 50)
	near(t, "passes of refine", row(t, c, "refine 3").Speaking.Stages[0].Passes, 3)
	near(t, "operations of three passes above one", (row(t, c, "refine 3").FLOPs-row(t, c, "nar").FLOPs)/(row(t, c, "nar").FLOPs-flopsOfVocoder(t, m, row(t, c, "nar").Elements)), 2)
	if !(c.Gain.P > 0) || c.Predicted.Fastest == "" || c.Measured.Fastest == "" || len(c.Real) != 4 {
		t.Errorf("gain %+v, predicted %+v, measured %+v", c.Gain, c.Predicted, c.Measured)
	}
	if copied := c.Real[1]; copied.Name != "copy synthesis" || !(copied.Speech.figure(4).Median > 0) {
		t.Errorf("%+v", copied)
	}
	if notes := strings.Join(c.Notes, "\n"); !strings.Contains(notes, "that recogniser hears wrongly") {
		t.Errorf("notes\n%s", notes)
	}

	o.Recogniser = vocoder
	if _, err := Compare(t.Context(), m, o); err == nil || !strings.Contains(err.Error(), "stride.vocoder") {
		t.Errorf("a vocoder as recogniser: %v", err)
	}
	alone := openModel(t, voice)
	if _, err := Compare(t.Context(), alone, CompareOptions{}); err == nil || !strings.Contains(err.Error(), "ends in a vocoder") {
		t.Errorf("a voice without a vocoder: %v", err)
	}
	testSpeechJudge(t, recogniser)
}

func flopsOfVocoder(t *testing.T, m *stride.Model, samples float64) float64 {
	t.Helper()
	each, err := m.Stages()[1].ElementFLOPs("nar")
	if err != nil {
		t.Fatal(err)
	}
	return each * samples
}

func testSpeechJudge(t *testing.T, path string) {
	j, err := OpenSpeechJudge(path)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	phones, all := englishPhones(t, "Tea again.")
	heard, err := j.Hear(audio.Sound{Samples: whistle(phones, all, 0.5), Rate: 8000})
	if err != nil || len(heard) == 0 || len(j.Symbols) != len(all) {
		t.Errorf("heard %v, error %v, %d symbols", heard, err, len(j.Symbols))
	}
	for _, s := range heard {
		if !slices.Contains(j.Symbols, s) {
			t.Errorf("heard %q, which is no symbol", s)
		}
	}
	if heard, err := j.Hear(audio.Sound{Samples: make([]float32, 10), Rate: 8000}); err != nil || heard != nil {
		t.Errorf("in less than a frame is heard %v, error %v", heard, err)
	}
	if _, err := j.Hear(audio.Sound{Samples: make([]float32, 10)}); err == nil {
		t.Error("a sound without a rate, and no error")
	}
}
