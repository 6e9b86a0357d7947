package network

import (
	"fmt"
	"maps"

	"github.com/stride-ml/stride/checkpoint"
)

// ArchitectureWaveNet is the general.architecture of a network of samples. No
// public one fits.
const ArchitectureWaveNet = "stride.wavenet"

func (c *WaveNetConfig) sizes() []size {
	return []size{{"mel_bands", &c.Bands}, {"sample_rate", &c.Rate}, {"hop_length", &c.Hop}, {"conditions_per_frame", &c.Parts}, {keyWidth, &c.Dim},
		{keyLayers, &c.Layers}, {"dilation_cycle", &c.Cycle}, {"condition_length", &c.Cond}, {"kernel_length", &c.Kernel}, {"hidden_length", &c.Hidden}}
}

// Metadata gives the sizes and the norm as keys and values of a model file.
func (m *WaveNetModel) Metadata() map[string]any {
	out := metadataOf(ArchitectureWaveNet, m.sizes())
	maps.Copy(out, m.NormMetadata())
	return out
}

// ReadWaveNetConfig reads the sizes of a network of samples.
func ReadWaveNetConfig(f *checkpoint.File) (WaveNetConfig, error) {
	var c WaveNetConfig
	if err := readSizesOf(f, ArchitectureWaveNet, c.sizes()); err != nil {
		return c, err
	}
	if err := c.Validate(); err != nil {
		return c, fmt.Errorf("%s: %w", f.Name(), err)
	}
	return c, checkWeights(f, c.weights())
}

// ReadWaveNet loads the weights of a network of samples, packed for use.
func ReadWaveNet(f *checkpoint.File) (*WaveNetModel, error) {
	c, err := ReadWaveNetConfig(f)
	if err != nil {
		return nil, err
	}
	m, err := NewWaveNetModel(c)
	if err != nil {
		return nil, err
	}
	if err := m.ReadNorm(f); err != nil {
		return nil, err
	}
	return m, readParams(f, m.Params())
}
