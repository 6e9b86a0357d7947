package network

import (
	"fmt"
	"maps"

	"github.com/stride-ml/stride/checkpoint"
)

// ArchitectureAcoustic is the general.architecture of an acoustic network. No
// public one fits.
const ArchitectureAcoustic = "stride.acoustic"

func (c *AcousticConfig) sizes() []size {
	return []size{{"symbol_count", &c.Symbols}, {"speaker_count", &c.Speakers}, {"mel_bands", &c.Bands}, {"sample_rate", &c.Rate}, {"hop_length", &c.Hop},
		{"group_length", &c.Group}, {keyWidth, &c.Dim}, {keyFFN, &c.FFN}, {"kernel_length", &c.Kernel},
		{"encoder_block_count", &c.Encoder}, {"causal_block_count", &c.Causal}, {keyLayers, &c.Flow}}
}

// keyVoices is the key of what the speakers' voices are normalised by: four values
// each, as in [VoiceNorm].
const keyVoices = ArchitectureAcoustic + ".voice_norm"

// Metadata gives the sizes and the norms as keys and values of a model file.
func (m *AcousticModel) Metadata() map[string]any {
	out := metadataOf(ArchitectureAcoustic, m.sizes())
	maps.Copy(out, m.Norms())
	return out
}

// Norms gives the norms alone.
func (m *AcousticModel) Norms() map[string]any {
	out := m.NormMetadata()
	var voices []float32
	for _, v := range m.Voices {
		voices = append(voices, v.Pitch, v.PitchDeviation, v.Energy, v.EnergyDeviation)
	}
	out[keyVoices] = voices
	return out
}

// ReadNorms reads the norms.
func (m *AcousticModel) ReadNorms(f *checkpoint.File) error {
	if err := m.ReadNorm(f); err != nil {
		return err
	}
	value, _ := f.Value(keyVoices)
	got, ok := value.([]float32)
	if !ok || len(got) != 4*len(m.Voices) {
		return fmt.Errorf("%s: %s is %T of %d, want an array of %d float32 values", f.Name(), keyVoices, value, len(got), 4*len(m.Voices))
	}
	for i := range m.Voices {
		v := VoiceNorm{got[4*i], got[4*i+1], got[4*i+2], got[4*i+3]}
		if !(v.Pitch > 0 && v.Pitch < 20) || !(v.PitchDeviation > 0 && v.PitchDeviation < 10) ||
			!(v.Energy > -1e3 && v.Energy < 1e3) || !(v.EnergyDeviation > 0 && v.EnergyDeviation < 1e3) {
			return fmt.Errorf("%s: %s of speaker %d is %v, want a mean and a positive deviation of pitch and of energy", f.Name(), keyVoices, i, got[4*i:4*i+4])
		}
		m.Voices[i] = v
	}
	return nil
}

// ReadAcousticConfig reads the sizes of an acoustic network.
func ReadAcousticConfig(f *checkpoint.File) (AcousticConfig, error) {
	var c AcousticConfig
	if err := readSizesOf(f, ArchitectureAcoustic, c.sizes()); err != nil {
		return c, err
	}
	if err := c.Validate(); err != nil {
		return c, fmt.Errorf("%s: %w", f.Name(), err)
	}
	return c, checkWeights(f, c.weights())
}

// ReadAcoustic loads the weights of an acoustic network, packed for use.
func ReadAcoustic(f *checkpoint.File) (*AcousticModel, error) {
	c, err := ReadAcousticConfig(f)
	if err != nil {
		return nil, err
	}
	m, err := NewAcousticModel(c)
	if err != nil {
		return nil, err
	}
	if err := m.ReadNorms(f); err != nil {
		return nil, err
	}
	return m, readParams(f, m.Params())
}
