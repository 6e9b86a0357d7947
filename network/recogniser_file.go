package network

import (
	"fmt"
	"maps"

	"github.com/stride-ml/stride/checkpoint"
)

// ArchitectureRecogniser is the general.architecture of a recogniser of speech.
// No public one fits.
const ArchitectureRecogniser = "stride.recogniser"

// keySymbols is the key of what a recogniser tells apart.
const keySymbols = ArchitectureRecogniser + ".symbols"

func (c *RecogniserConfig) sizes() []size {
	return []size{{"mel_bands", &c.Bands}, {"sample_rate", &c.Rate}, {"hop_length", &c.Hop}, {"group_length", &c.Group},
		{keyWidth, &c.Dim}, {keyLayers, &c.Layers}, {keyFFN, &c.FFN}, {"kernel_length", &c.Kernel}}
}

// Metadata gives symbols, sizes and the norm as keys and values of a model file.
func (m *RecogniserModel) Metadata() map[string]any {
	out := metadataOf(ArchitectureRecogniser, m.sizes())
	out[keySymbols] = m.Symbols
	maps.Copy(out, m.NormMetadata())
	return out
}

// ReadRecogniserConfig reads symbols and sizes of a recogniser.
func ReadRecogniserConfig(f *checkpoint.File) (RecogniserConfig, error) {
	var c RecogniserConfig
	err := readSizesOf(f, ArchitectureRecogniser, c.sizes())
	if err != nil {
		return c, err
	}
	if c.Symbols, err = f.Strings(keySymbols); err != nil {
		return c, err
	}
	if err := c.Validate(); err != nil {
		return c, fmt.Errorf("%s: %w", f.Name(), err)
	}
	return c, checkWeights(f, c.weights())
}

// ReadRecogniser loads the weights of a recogniser, packed for use.
func ReadRecogniser(f *checkpoint.File) (*RecogniserModel, error) {
	c, err := ReadRecogniserConfig(f)
	if err != nil {
		return nil, err
	}
	m, err := NewRecogniserModel(c)
	if err != nil {
		return nil, err
	}
	if err := m.ReadNorm(f); err != nil {
		return nil, err
	}
	return m, readParams(f, m.Params())
}
