package align

import (
	"fmt"
	"math"
)

// Config says what a model is and how it is trained.
type Config struct {
	Dim        int // values of a frame of features
	Classes    int
	States     int // of a class, one after another
	Components int // at most so many Gaussians a state; it grows to them
	Iterations int // of aligning all utterances and estimating the model again
	// Least is the fewest frames that a unit of each class takes. A nil one is 1 for all. Units that take fewer frames than
	// they have states leave out those before the last.
	Least []int
}

// Default is for the classes of speech and [Features]: 3 states of up to 4 Gaussians, 12 iterations.
func Default(classes int) Config {
	return Config{Dim: Dim, Classes: classes, States: 3, Components: 4, Iterations: 12}
}

const (
	maxValues = 1 << 21 // of the means of all Gaussians
	maxLeast  = 1000
)

// Validate tells what cannot be.
func (c Config) Validate() error {
	room := maxValues
	for _, v := range []struct {
		name string
		is   int
	}{{"dim", c.Dim}, {"classes", c.Classes}, {"states", c.States}, {"components", c.Components}} {
		if v.is < 1 || v.is > room {
			return fmt.Errorf("align: %s %d, want at least 1, and at most %d for the product of dim, classes, states and components",
				v.name, v.is, maxValues)
		}
		room /= v.is
	}
	if c.Iterations < 1 {
		return fmt.Errorf("align: iterations %d, want at least 1", c.Iterations)
	}
	if c.Least != nil && len(c.Least) != c.Classes {
		return fmt.Errorf("align: least frames of %d classes, want %d", len(c.Least), c.Classes)
	}
	for class, n := range c.Least {
		if n < 1 || n > maxLeast {
			return fmt.Errorf("align: least frames %d of class %d, want 1 to %d", n, class, maxLeast)
		}
	}
	return nil
}

func (c Config) least(class int) int {
	if c.Least == nil {
		return 1
	}
	return c.Least[class]
}

// Model is a trained hidden Markov model. It does not change, and any number of goroutines may align with it.
type Model struct {
	c      Config
	states []state   // (Classes,States)
	taken  []float64 // the probability that an optional unit of each class is there
}

// state is what is heard while in it, and how it goes on.
type state struct {
	mixture []gaussian
	frames  float64        // that it was estimated from
	move    [moves]float64 // logarithms of probabilities
}

// Moves from one frame to the next.
const (
	stay  = iota
	next  // to the next place, or from the last out of the unit
	skip  // to the last place, over those before it
	leave // from the first place out of the unit, the only frame of which it was
	moves
)

// gaussian has a diagonal covariance.
type gaussian struct {
	weight   float64
	mean     []float64
	variance []float64
	// What [gaussian.log] needs: the logarithm of the weight over the root of the determinant, and 1/(2·variance).
	constant float64
	half     []float64
}

func newGaussian(weight float64, mean, variance []float64) gaussian {
	g := gaussian{weight, mean, variance, math.Log(weight), make([]float64, len(mean))}
	for i, v := range variance {
		g.constant -= math.Log(2*math.Pi*v) / 2
		g.half[i] = 1 / (2 * v)
	}
	return g
}

// log is the logarithm of the weighted density at x. Four sums do not wait for each other.
func (g *gaussian) log(x []float64) float64 {
	mean, half := g.mean[:len(x)], g.half[:len(x)]
	var a, b, c, d float64
	i := 0
	for ; i+4 <= len(x); i += 4 {
		p, q, r, s := x[i]-mean[i], x[i+1]-mean[i+1], x[i+2]-mean[i+2], x[i+3]-mean[i+3]
		a += p * p * half[i]
		b += q * q * half[i+1]
		c += r * r * half[i+2]
		d += s * s * half[i+3]
	}
	for ; i < len(x); i++ {
		p := x[i] - mean[i]
		a += p * p * half[i]
	}
	return g.constant - (a + b + c + d)
}

// split makes two of a Gaussian that move apart when they are estimated again.
func (g *gaussian) split() (gaussian, gaussian) {
	low, high := make([]float64, len(g.mean)), make([]float64, len(g.mean))
	for i, m := range g.mean {
		shift := 0.2 * math.Sqrt(g.variance[i])
		low[i], high[i] = m-shift, m+shift
	}
	return newGaussian(g.weight/2, low, g.variance), newGaussian(g.weight/2, high, g.variance)
}

// log is the logarithm of the density at x; logs has room for one of each Gaussian, and keeps them.
func (s *state) log(x, logs []float64) float64 {
	most := math.Inf(-1)
	for i := range s.mixture {
		logs[i] = s.mixture[i].log(x)
		most = max(most, logs[i])
	}
	if len(s.mixture) == 1 {
		return most
	}
	sum := 0.0
	for _, v := range logs[:len(s.mixture)] {
		sum += math.Exp(v - most)
	}
	return most + math.Log(sum)
}
