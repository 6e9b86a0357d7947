package network

import (
	"fmt"
	"maps"

	"github.com/stride-ml/stride/checkpoint"
)

// ArchitectureVocoder is the general.architecture of a vocoder. No public one
// fits.
const ArchitectureVocoder = "stride.vocoder"

func (c *VocoderConfig) sizes() []size {
	return []size{{"mel_bands", &c.Bands}, {"sample_rate", &c.Rate}, {"fft_length", &c.FFT}, {"hop_length", &c.Hop},
		{keyWidth, &c.Dim}, {keyLayers, &c.Layers}, {keyFFN, &c.FFN}, {"kernel_length", &c.Kernel}}
}

// Metadata gives the sizes and the norm as keys and values of a model file.
func (m *VocoderModel) Metadata() map[string]any {
	out := metadataOf(ArchitectureVocoder, m.sizes())
	maps.Copy(out, m.NormMetadata())
	return out
}

// ReadVocoderConfig reads the sizes of a vocoder.
func ReadVocoderConfig(f *checkpoint.File) (VocoderConfig, error) {
	var c VocoderConfig
	if err := readSizesOf(f, ArchitectureVocoder, c.sizes()); err != nil {
		return c, err
	}
	if err := c.Validate(); err != nil {
		return c, fmt.Errorf("%s: %w", f.Name(), err)
	}
	return c, checkWeights(f, c.weights())
}

// ReadVocoder loads the weights of a vocoder, packed for use.
func ReadVocoder(f *checkpoint.File) (*VocoderModel, error) {
	c, err := ReadVocoderConfig(f)
	if err != nil {
		return nil, err
	}
	m, err := NewVocoderModel(c)
	if err != nil {
		return nil, err
	}
	if err := m.ReadNorm(f); err != nil {
		return nil, err
	}
	return m, readParams(f, m.Params())
}
