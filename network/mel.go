package network

import (
	"fmt"
	"math"

	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/element/audio"
)

// melConfig is the spectrogram of the networks of sound: [audio.DefaultMel] at
// that rate, hop and number of bands.
func melConfig(rate, hop, bands int) audio.MelConfig {
	m := audio.DefaultMel
	m.Rate, m.Hop, m.Bands, m.High = rate, hop, bands, min(m.High, float64(rate)/2)
	return m
}

// MelNorm is what a network's log-mel frames are normalised by: it sees values
// less the mean, over the deviation.
type MelNorm struct {
	Mean, Deviation []float32 // (Bands)

	architecture string // that keys begin with
}

func newMelNorm(architecture string, bands int) MelNorm {
	n := MelNorm{make([]float32, bands), make([]float32, bands), architecture}
	fill(n.Deviation, 1)
	return n
}

// normalise sets dst to whole frames mel.
func (n *MelNorm) normalise(dst, mel []float32) {
	for i, v := range mel {
		b := i % len(n.Mean)
		dst[i] = (v - n.Mean[b]) / n.Deviation[b]
	}
}

// Normalise returns log-mel frames as the network sees them.
func (n *MelNorm) Normalise(mel []float32) []float32 {
	out := make([]float32, len(mel))
	n.normalise(out, mel)
	return out
}

// restore turns normalised frames back into log-mel frames, in place.
func (n *MelNorm) restore(x []float32) {
	for i, v := range x {
		b := i % len(n.Mean)
		x[i] = v*n.Deviation[b] + n.Mean[b]
	}
}

// checkMel reports log-mel values that are no whole frames of finite values.
func (n *MelNorm) checkMel(mel []float32) error {
	bands := len(n.Mean)
	if len(mel)%bands != 0 {
		return fmt.Errorf("network: %d log-mel values, want whole frames of %d", len(mel), bands)
	}
	for i, v := range mel {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return fmt.Errorf("network: band %d of frame %d is %g, want a finite logarithm", i%bands, i/bands, v)
		}
	}
	return nil
}

// Keys of a norm in a model file, after the architecture's name: arrays of a
// value a band.
const (
	keyMelMean      = ".mel_mean"
	keyMelDeviation = ".mel_deviation"
)

// NormMetadata gives mean and deviation as keys and values of a model file.
func (n *MelNorm) NormMetadata() map[string]any {
	return map[string]any{n.architecture + keyMelMean: n.Mean, n.architecture + keyMelDeviation: n.Deviation}
}

// ReadNorm reads mean and deviation.
func (n *MelNorm) ReadNorm(f *checkpoint.File) error {
	for _, v := range []struct {
		key   string
		to    []float32
		least float64
	}{{n.architecture + keyMelMean, n.Mean, -1e6}, {n.architecture + keyMelDeviation, n.Deviation, 1e-6}} {
		value, _ := f.Value(v.key)
		got, ok := value.([]float32)
		if !ok || len(got) != len(v.to) {
			return fmt.Errorf("%s: %s is %T of %d, want an array of %d float32 values", f.Name(), v.key, value, len(got), len(v.to))
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
