package network

import (
	"fmt"
	"maps"

	"github.com/stride-ml/stride/checkpoint"
)

// ArchitectureVocoder is the general.architecture of a vocoder. No public one
// fits.
const ArchitectureVocoder = "stride.vocoder"

// Keys of what a vocoder's input is normalised by, arrays of a value a band.
const (
	keyMelMean      = ArchitectureVocoder + ".mel_mean"
	keyMelDeviation = ArchitectureVocoder + ".mel_deviation"
)

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

// NormMetadata gives mean and deviation of the bands alone.
func (m *VocoderModel) NormMetadata() map[string]any {
	return map[string]any{keyMelMean: m.Mean, keyMelDeviation: m.Deviation}
}

// ReadNorm reads mean and deviation of the bands.
func (m *VocoderModel) ReadNorm(f *checkpoint.File) error {
	for _, v := range []struct {
		key   string
		to    []float32
		least float64
	}{{keyMelMean, m.Mean, -1e6}, {keyMelDeviation, m.Deviation, 1e-6}} {
		value, _ := f.Value(v.key)
		got, ok := value.([]float32)
		if !ok || len(got) != m.Bands {
			return fmt.Errorf("%s: %s is %T of %d, want an array of %d float32 values", f.Name(), v.key, value, len(got), m.Bands)
		}
		for i, x := range got {
			if !(float64(x) >= v.least && float64(x) <= 1e6) {
				return fmt.Errorf("%s: %s of band %d is %g, want %g to 1e6", f.Name(), v.key, i, x, v.least)
			}
		}
		copy(v.to, got)
	}
	return nil
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
