package strategy

import (
	"math"
	"strings"
	"testing"

	"github.com/stride-ml/stride/internal/standin"
)

// A field stands in for a network of continuous elements.
type field = standin.Field

func drawings(pictures ...string) *field { return standin.Drawings(pictures...) }

func distance(a, b []float32) float64 { return standin.Distance(a, b) }

const (
	ring  = "·███·/█···█/█···█/█···█/·███·"
	cross = "█···█/·█·█·/··█··/·█·█·/█···█"
)

// twins are two pictures of two channels that differ little, so that it takes
// long to tell them apart.
func twins() *field {
	f := &field{Channels: 2, Weights: []float64{1, 1}}
	for k := range 2 {
		p := make([]float32, 16)
		for i := range p {
			p[i] = float32(i%5)/4 - 0.5
			if (i+k)%4 == 0 {
				p[i] += 0.1
			}
		}
		f.Pictures = append(f.Pictures, p)
	}
	return f
}

// draw writes square values of one channel in five shades.
func draw(values []float32) string {
	shades := []rune("·░▒▓█")
	side := int(math.Sqrt(float64(len(values))))
	var b strings.Builder
	for i, v := range values {
		if i > 0 && i%side == 0 {
			b.WriteByte('/')
		}
		b.WriteRune(shades[max(0, min(4, int(math.Round(float64(v+1)*2))))])
	}
	return b.String()
}

// flowOptions are plain options.
func flowOptions(seed uint64, passes int) FlowOptions {
	return FlowOptions{Seed: seed, Passes: passes, Guidance: 1}
}

func openFlow(t testing.TB, name string, net Flow, o FlowOptions) Machine {
	t.Helper()
	m, err := NewFlow(name, net, o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// values are those that a refine ends with.
func values(t testing.TB, net Flow, o FlowOptions) []float32 {
	t.Helper()
	steps := finish(t, openFlow(t, "refine", net, o))
	return steps[len(steps)-1].Values
}
