package network

import (
	"fmt"
	"math"

	"github.com/stride-ml/stride/tensor"
)

// Kinds of [RopeScaling].
const (
	ropeLinear = "linear"
	ropeYaRN   = "yarn"
)

// RopeScaling makes rotary angles turn more slowly than a network first learned,
// for contexts longer than it first learned from.
type RopeScaling struct {
	// Kind is "" for none, "linear" for all frequencies divided by Factor (Chen et
	// al., arXiv 2306.15595), or "yarn" for only those that turn less than BetaFast
	// times in the Original positions, wholly from BetaSlow times on (Peng et al.,
	// arXiv 2309.00071).
	Kind               string
	Factor             float64
	Original           int
	BetaFast, BetaSlow float64
	Magnitude          float64 // of what yarn rotates: it evens out the attention of long contexts
}

func (s RopeScaling) validate() error {
	switch {
	case s.Kind == "":
	case s.Kind != ropeLinear && s.Kind != ropeYaRN:
		return fmt.Errorf("network: rotary scaling %q is not known; known: none, %s, %s", s.Kind, ropeLinear, ropeYaRN)
	case !(s.Factor > 0 && s.Factor < 1e9):
		return fmt.Errorf("network: rotary scaling by %g, want more than 0", s.Factor)
	case s.Kind == ropeLinear:
	case s.Original < 1 || s.Original > maxContext:
		return fmt.Errorf("network: rotary scaling of a context of %d, want 1 to %d", s.Original, maxContext)
	case !(s.BetaSlow > 0 && s.BetaFast >= s.BetaSlow && s.BetaFast < 1e9):
		return fmt.Errorf("network: rotary scaling between %g and %g turns, want the first more than 0 and the second no less", s.BetaSlow, s.BetaFast)
	case !(s.Magnitude > 0 && s.Magnitude < 1e9):
		return fmt.Errorf("network: rotary scaling of magnitude %g, want more than 0", s.Magnitude)
	}
	return nil
}

// yarnMagnitude is the magnitude that the paper found for a factor, by how much
// of it is wanted.
func yarnMagnitude(factor, share float64) float64 {
	if factor <= 1 {
		return 1
	}
	return 1 + 0.1*share*math.Log(factor)
}

// stretch scales the frequencies of the pairs of a head and returns the magnitude
// of what is rotated.
func (s RopeScaling) stretch(frequencies []float64, base float64) float64 {
	switch s.Kind {
	case ropeLinear:
		for i := range frequencies {
			frequencies[i] /= s.Factor
		}
	case ropeYaRN:
		// Pair i turns t times in the original context where t = original·base^(-i/n)/2π.
		n := float64(len(frequencies))
		pair := func(turns float64) float64 {
			return n * math.Log(float64(s.Original)/(turns*2*math.Pi)) / math.Log(base)
		}
		low, high := max(0, math.Floor(pair(s.BetaFast))), min(2*n-1, math.Ceil(pair(s.BetaSlow)))
		for i, f := range frequencies {
			kept := 1 - min(1, max(0, (float64(i)-low)/max(1e-3, high-low)))
			frequencies[i] = f*kept + f/s.Factor*(1-kept)
		}
		return s.Magnitude
	}
	return 1
}

// rotaryTables are those of global and local layers; factors may be nil.
func (c Config) rotaryTables(factors []float32) (global, local *tensor.RotaryTable) {
	frequencies := tensor.RotaryFrequencies(c.HeadDim(), c.RopeBase)
	for i, by := range factors {
		frequencies[i] /= float64(by)
	}
	magnitude := c.RopeScaling.stretch(frequencies, c.RopeBase)
	global = tensor.NewRotaryTableOf(c.Context, frequencies, magnitude, c.Halves)
	if local = global; c.LocalBase != 0 {
		local = tensor.NewRotaryTableOf(c.Context, tensor.RotaryFrequencies(c.HeadDim(), c.LocalBase), 1, c.Halves)
	}
	return global, local
}
