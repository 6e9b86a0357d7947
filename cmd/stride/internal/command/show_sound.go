package command

import (
	"fmt"
	"slices"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/network"
)

// sounds tells a model that makes sound, or the frames that sound is made of: it
// has no tokenizer.
func sounds(f *checkpoint.File) bool {
	architecture, err := f.String("general.architecture")
	return err == nil && slices.Contains([]string{network.ArchitectureAcoustic, network.ArchitectureVocoder, network.ArchitectureWaveNet}, architecture)
}

// soundFact says what a model's sound is made of.
func soundFact(s *stride.SoundInfo) string {
	of := "samples"
	if !s.Samples {
		of = "log-mel frames alone, of which a vocoder makes sound"
	}
	return fmt.Sprintf("%d Hz, %g frames a second of %d bands; %s", s.Rate, float64(s.Rate)/float64(s.Hop), s.Bands, of)
}

// stageFacts lists the stages of a pipeline.
func stageFacts(info stride.Info) []string {
	var out []string
	for i, s := range info.Stages {
		out = append(out, fmt.Sprintf("%d: %s by %s, %s", i+1, s.Model, s.Strategy, s.Architecture))
	}
	return out
}

// acousticSizes says how large an acoustic network is.
func acousticSizes(c network.AcousticConfig) string {
	return fmt.Sprintf("layers of ConvNeXt: %d over phones, %d of ar and %d of nar and refine, %d frames a position; %d wide, feed-forward %d, kernel %d; %d symbols",
		c.Encoder, c.Causal, c.Flow, c.Group, c.Dim, c.FFN, c.Kernel, c.Symbols)
}

// vocoderSizes says how large a vocoder is.
func vocoderSizes(c network.VocoderConfig) string {
	return fmt.Sprintf("%d layers of ConvNeXt, %d wide, feed-forward %d, kernel %d; inverse transform of %d samples", c.Layers, c.Dim, c.FFN, c.Kernel, c.FFT)
}

// waveNetSizes says how large a network of samples is.
func waveNetSizes(c network.WaveNetConfig) string {
	return fmt.Sprintf("%d layers of gated convolutions, %d wide, over the %d samples before; %d conditions a frame, %d wide; %d levels of a sample",
		c.Layers, c.Dim, c.Past(), c.Parts, c.Cond, network.WaveLevels)
}
