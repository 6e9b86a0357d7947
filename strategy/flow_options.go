package strategy

import (
	"fmt"
	"math"
	"slices"
)

const (
	maxFlowPasses = 1024
	maxGuidance   = 100
	maxNoise      = 2 // times the noise that networks learn from
)

// Condition is what an object is to show: a caption, or a point between two,
// (1-Mix)·enc(Tokens) + Mix·enc(Toward), where enc is [Flow]'s Encode.
type Condition struct {
	// Tokens are those of the caption; none ask for anything at all, which is
	// called unconditional.
	Tokens []int
	// Toward is the other caption, of which Mix, from 0 to 1, is the share.
	Toward []int
	Mix    float32
}

// plain returns the condition in the simplest words, its slices copied: Mix is
// 0 and Toward nil if it is one caption.
func (c Condition) plain() Condition {
	switch {
	case c.Mix == 0 || slices.Equal(c.Tokens, c.Toward):
		return Condition{Tokens: slices.Clone(c.Tokens)}
	case c.Mix == 1:
		return Condition{Tokens: slices.Clone(c.Toward)}
	}
	return Condition{slices.Clone(c.Tokens), slices.Clone(c.Toward), c.Mix}
}

func (c Condition) equal(d Condition) bool {
	return slices.Equal(c.Tokens, d.Tokens) && slices.Equal(c.Toward, d.Toward) && c.Mix == d.Mix
}

// encode returns the condition as the vector that the network understands. c is
// plain.
func (c Condition) encode(net Flow) ([]float32, error) {
	v, err := net.Encode(c.Tokens)
	if err != nil {
		return nil, fmt.Errorf("condition: %w", err)
	}
	if c.Mix == 0 {
		return v, nil
	}
	to, err := net.Encode(c.Toward)
	if err != nil {
		return nil, fmt.Errorf("condition: %w", err)
	}
	if len(to) != len(v) {
		return nil, fmt.Errorf("condition: the network encodes one caption as %d values and another as %d, want as many", len(v), len(to))
	}
	for i := range v {
		v[i] = (1-c.Mix)*v[i] + c.Mix*to[i]
	}
	return v, nil
}

// FlowOptions is everything but the network that a flow depends on. Guidance 1
// and, for refine, Passes have to be set; the rest of the zero value is plain.
// Times go from 0 (noise) to 1 (the finished object).
type FlowOptions struct {
	// Seed fixes all randomness: the noise that the object begins as, that of
	// what is known, and the offsets of Wrap.
	Seed uint64
	// Passes is the number of passes of the network, exactly: for refine 1 to
	// 1024, for nar 1 (0 is 1).
	Passes int
	// Guidance g, 0 to 100, is how far the velocity goes from that of Negative
	// (0) to that of Condition (1) and beyond: v = vn + g·(vc - vn)
	// (classifier-free guidance, arXiv 2207.12598). At 0 and 1, and where the
	// conditions are equal, a pass evaluates one condition, else two side by
	// side.
	Guidance float32
	// Solver is refine's.
	Solver Solver
	// Temperature, above 0 to 2, scales the noise that the object begins as:
	// below 1 what comes of it is nearer to the mean of all that could have, as
	// is usual for speech (Matcha-TTS, arXiv 2309.03199); 0 is 1.
	Temperature float32
	// Shortcut tells the network how long each step is, for networks that
	// learned the mean velocity over a step (shortcut models, arXiv
	// 2410.12557). It takes the Euler solver.
	Shortcut bool
	// Condition is what the object is to show, Negative what it is not to:
	// empty, it is unconditional.
	Condition, Negative Condition
	// Init (Size) is an object to begin from, Strength, above 0 to 1, how much
	// of it is made anew: the flow starts at t = 1-Strength, from Init with so
	// much noise as belongs there (SDEdit, arXiv 2108.01073), and the passes
	// divide what is left. At 1 nothing of Init remains. A Strength below
	// Passes/2^24 counts as that, since shorter steps cannot be told apart.
	// Without Init, Strength is 0 or 1, which are the same.
	Init     []float32
	Strength float32
	// Mask (Elements) is true where the object is made anew; elsewhere it is
	// Known (Size), exactly. Known counts only there. Without Mask, all is made
	// anew.
	Known []float32
	Mask  []bool
	// Toward is the seed of a second noise, Mix, 0 to 1, how far to go to it on
	// the arc from the first (spherical interpolation): nearby values give
	// objects that resemble each other. The offsets of Wrap stay those of Seed.
	Toward uint64
	Mix    float32
	// Wrap, if set, makes an object that can be laid beside itself as a tile:
	// the plane is closed to a torus and rolled by a random number of columns
	// and rows before each pass, so that the network sees what was the edge in
	// the middle, and rolled back after it.
	Wrap *Grid
}

// check looks at everything for a network of size values in so many elements.
func (o *FlowOptions) check(name string, size, elements int) error {
	if name != "nar" && name != "refine" {
		return &UnsupportedError{name, "continuous elements", []string{"nar", "refine"}}
	}
	switch {
	case name == "nar" && o.Passes < 0:
		return badOption("passes", o.Passes, "0 to 1")
	case name == "nar" && o.Passes > 1:
		return &UnsupportedError{name, "more than one pass", []string{"refine"}}
	case name == "refine" && (o.Passes < 1 || o.Passes > maxFlowPasses):
		return badOption("passes", o.Passes, "1 to %d", maxFlowPasses)
	case o.Solver != Euler && o.Solver != Heun:
		return badOption("solver", int(o.Solver), "Euler or Heun")
	case name == "nar" && o.Solver == Heun:
		return &UnsupportedError{name, "Heun's method", []string{"refine"}}
	case o.Shortcut && o.Solver == Heun:
		return badOption("solver", "Heun", "Euler for shortcut steps, whose mean velocity needs no correction")
	case !(o.Guidance >= 0 && o.Guidance <= maxGuidance):
		return badOption("guidance", o.Guidance, "0 to %d", maxGuidance)
	case !(o.Temperature >= 0 && o.Temperature <= maxNoise):
		return badOption("temperature", o.Temperature, "above 0 to %d", maxNoise)
	case !(o.Mix >= 0 && o.Mix <= 1):
		return badOption("mix", o.Mix, "0 to 1")
	case !(o.Condition.Mix >= 0 && o.Condition.Mix <= 1):
		return badOption("mix", o.Condition.Mix, "0 to 1 for the condition")
	case !(o.Negative.Mix >= 0 && o.Negative.Mix <= 1):
		return badOption("mix", o.Negative.Mix, "0 to 1 for the negative condition")
	}
	if err := o.checkInit(size); err != nil {
		return err
	}
	if err := o.checkMask(size, elements); err != nil {
		return err
	}
	if g := o.Wrap; g != nil && (g.Width < 1 || g.Height < 1 || elements%g.Width != 0 || elements/g.Width != g.Height || g.Channels != size/elements) {
		return badOption("wrap", fmt.Sprintf("%dx%d of %d channels", g.Width, g.Height, g.Channels),
			"a grid of %d elements of %d channels", elements, size/elements)
	}
	return nil
}

func (o *FlowOptions) checkInit(size int) error {
	if o.Init == nil {
		if o.Strength != 0 && o.Strength != 1 {
			return badOption("strength", o.Strength, "0 or 1 without an object to begin from")
		}
		return nil
	}
	if len(o.Init) != size {
		return badOption("init", fmt.Sprintf("%d values", len(o.Init)), "%d", size)
	}
	if i := slices.IndexFunc(o.Init, notFinite); i >= 0 {
		return badOption("init", fmt.Sprintf("%g at %d", o.Init[i], i), "finite values")
	}
	if !(o.Strength > 0 && o.Strength <= 1) {
		return badOption("strength", o.Strength, "above 0 to 1")
	}
	return nil
}

func (o *FlowOptions) checkMask(size, elements int) error {
	switch {
	case o.Mask == nil && o.Known == nil:
		return nil
	case len(o.Mask) != elements:
		return badOption("mask", fmt.Sprintf("%d elements", len(o.Mask)), "%d", elements)
	case len(o.Known) != size:
		return badOption("mask", fmt.Sprintf("a known object of %d values", len(o.Known)), "one of %d", size)
	}
	channels := size / elements
	for i, x := range o.Known {
		if !o.Mask[i/channels] && notFinite(x) {
			return badOption("mask", fmt.Sprintf("a known object with %g at %d", x, i), "finite values where it stays")
		}
	}
	return nil
}

func notFinite(x float32) bool { return math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) }
