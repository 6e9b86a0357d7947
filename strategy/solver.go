package strategy

import (
	"math"
	"math/rand/v2"
)

// Solver is how a flow gets from the velocities that the network gives to the
// path between them. N passes cut the time that is left into N equal parts.
type Solver int

const (
	// Euler goes one part a pass, along the velocity at the part's beginning.
	// Its error falls as 1/N.
	Euler Solver = iota
	// Heun goes two parts in two passes: the first predicts their end as Euler
	// would, the second evaluates the velocity there and corrects the
	// prediction to the mean of the two velocities. Its error falls as 1/N²
	// where the path is smooth.
	//
	// At t = 1 nothing may be evaluated: a network that predicts the object x̂
	// has the velocity (x̂ - x)/(1 - t). So the last part is always one Euler
	// pass, as in the sampler of Karras et al. (arXiv 2206.00364, algorithm 1).
	// If N is even another one is left over. It goes first, where the path is
	// straightest: all noise is still drawn to the same mean. Two passes are
	// therefore the same as with Euler, and an odd number is well spent.
	Heun
)

// leg says which parts of the time a pass, counted from 1, goes: it evaluates
// at the beginning of part from and takes the object to the beginning of part
// to. If it corrects, it evaluates at to instead, where the pass before has
// predicted the object, and mends what that did.
func (s Solver) leg(pass, passes int) (from, to int, corrects bool) {
	alone := 1 - passes%2 // passes before the pairs
	if s != Heun || pass <= alone || pass == passes {
		return pass - 1, pass, false
	}
	end := alone + (pass-alone+1)/2*2 // of the pair that this one is in
	return end - 2, end, pass == end
}

// finestTime is the distance of float32 numbers just below 1: the shortest
// part of the time that a network can be told.
const finestTime = 1.0 / (1 << 24)

// startTime is the time at which passes that redo the given strength of an
// object begin. It leaves room for them to be told apart, so that none but the
// end is at t = 1.
func startTime(strength float32, passes int) float64 {
	return 1 - max(float64(strength), float64(passes)*finestTime)
}

// partTime is the time at the beginning of a part of [start,1], rounded to what
// the network is told, so that steps add up to exactly what is left.
func partTime(start float64, part, passes int) float32 {
	return float32(start + (1-start)*float64(part)/float64(passes))
}

// noises draws the noise of a flow: that of one seed, or what lies between the
// noises of two.
type noises struct {
	source, toward *rand.Rand // toward is nil for one seed
	mix            float64
	scale          float32
}

func newNoises(o *FlowOptions) noises {
	n := noises{source: newSource(o.Seed), mix: float64(o.Mix), scale: o.Temperature}
	if o.Mix > 0 {
		n.toward = newSource(o.Toward)
	}
	if n.scale == 0 {
		n.scale = 1
	}
	return n
}

// draw fills dst; scratch is as long.
func (n *noises) draw(dst, scratch []float32) {
	gaussian(dst, n.source)
	if n.toward != nil {
		gaussian(scratch, n.toward)
		slerp(dst, scratch, n.mix)
	}
	if n.scale != 1 {
		for i := range dst {
			dst[i] *= n.scale
		}
	}
}

// gaussian fills dst with numbers of mean 0 and variance 1.
func gaussian(dst []float32, source *rand.Rand) {
	for i := range dst {
		dst[i] = float32(source.NormFloat64())
	}
}

// slerp moves a towards b along the arc between them, mix from 0 (a) to 1 (b).
// What lies on the straight line between two noises is less noisy than either,
// which a network has never seen; on the arc it is noise again (White, arXiv
// 1609.04468).
func slerp(a, b []float32, mix float64) {
	var ab, aa, bb float64
	for i, x := range a {
		y := float64(b[i])
		ab += float64(x) * y
		aa += float64(x) * float64(x)
		bb += y * y
	}
	p, q := 1-mix, mix
	angle := math.Acos(max(-1, min(1, ab/math.Sqrt(aa*bb))))
	if sin := math.Sin(angle); sin > 1e-6 { // else they are as good as one line; a NaN angle means no length
		p, q = math.Sin(p*angle)/sin, math.Sin(q*angle)/sin
	}
	for i, x := range a {
		a[i] = float32(p*float64(x) + q*float64(b[i]))
	}
}

// blend writes the point at time t of the straight path from noise to data.
func blend(dst, noise, data []float32, t float32) {
	for i := range dst {
		dst[i] = (1-t)*noise[i] + t*data[i]
	}
}

// Grid says how the elements of an object lie on a plane: rows one after the
// other, the channels of an element side by side (H,W,C).
type Grid struct{ Width, Height, Channels int }

// roll writes src (H,W,C) moved by dx columns and dy rows, each from 0 to less
// than W and H, what leaves at one edge coming in at the other.
func (g Grid) roll(dst, src []float32, dx, dy int) {
	row := g.Width * g.Channels
	cut := (g.Width - dx) * g.Channels
	for y := range g.Height {
		from := src[y*row : (y+1)*row]
		below := (y + dy) % g.Height
		to := dst[below*row : (below+1)*row]
		copy(to[row-cut:], from[:cut])
		copy(to, from[cut:])
	}
}
