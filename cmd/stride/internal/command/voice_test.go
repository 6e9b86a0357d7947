package command

import (
	"math"
	"os"
	"path/filepath"

	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/element/speech/language"
	"github.com/stride-ml/stride/internal/card"
	"github.com/stride-ml/stride/network"
	"github.com/stride-ml/stride/tensor"
)

// voicePipeline is the voice that scripts speak with: what it says is noise, but
// as long as speech is.
const voicePipeline = `name: english
title: A voice for tests
stages:
  - model: english-voice
    strategy: ar
  - model: vocoder
`

// writeVoice writes a pipeline and its models, whose weights are random.
func writeVoice(dir string) error {
	english, err := language.Find("english")
	if err != nil {
		return err
	}
	format := language.Format{Language: english, Symbols: english.Symbols(), Speakers: []string{""}}
	acoustic, err := network.NewAcousticModel(network.AcousticConfig{
		Symbols: len(format.Symbols), Speakers: 1, Bands: 20, Rate: 8000, Hop: 80, Group: 2, Dim: 16, FFN: 24, Kernel: 3, Encoder: 1, Causal: 1, Flow: 1,
	})
	if err != nil {
		return err
	}
	acoustic.Init(1)
	clear(acoustic.Prosody.Data)
	acoustic.ProsodyBias.Data[0] = float32(math.Log(1 + 8)) // all phones last 8 frames
	vocoder, err := network.NewVocoderModel(network.VocoderConfig{Bands: 20, Rate: 8000, FFT: 256, Hop: 80, Dim: 16, Layers: 2, FFN: 24, Kernel: 5})
	if err != nil {
		return err
	}
	vocoder.Init(1)
	for _, m := range []struct {
		architecture string
		card         card.Card
		metadata     []map[string]any
		params       []*tensor.Param
	}{
		{network.ArchitectureAcoustic, card.Card{
			Name: "english-voice", Title: "Frames for tests", Strategies: []string{"ar", "nar", "refine"}, Licence: "none", Credits: "nobody",
			Defaults: card.Defaults{Passes: 4},
		}, []map[string]any{acoustic.Metadata(), format.Metadata()}, acoustic.Params()},
		{network.ArchitectureVocoder, card.Card{Name: "vocoder", Title: "Sound for tests", Strategies: []string{"nar"}, Licence: "free"},
			[]map[string]any{vocoder.Metadata()}, vocoder.Params()},
	} {
		b := checkpoint.NewBuilder(m.architecture)
		if err := card.Store(b, append(m.metadata, m.card.Metadata())...); err != nil {
			return err
		}
		if err := network.WriteParams(b, m.params, nil, checkpoint.F32); err != nil {
			return err
		}
		if err := b.WriteFile(filepath.Join(dir, m.card.Name+".gguf")); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(dir, "english.yaml"), []byte(voicePipeline), 0o644)
}
