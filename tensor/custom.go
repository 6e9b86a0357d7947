package tensor

// Custom makes y, which the caller computed from x, part of the tape: while
// training, backward is to add the gradient of x to dx, given that of y. It is
// for operations that need more than this package knows, such as transforms of
// sound.
func (r *Run) Custom(x, y *Tensor, backward func(dx, dy []float32)) {
	if r.train {
		r.tape = append(r.tape, func() { backward(r.gradSum(x), y.Grad) })
	}
}

// Gradient is t's gradient, zeros the first time it is asked for. A loss adds to
// it before Backward.
func (r *Run) Gradient(t *Tensor) []float32 { return r.gradSum(t) }

// Each calls f(0), f(1) ... f(parts-1) on the workers and returns when all have
// returned, for operations of the caller's own.
func (r *Run) Each(parts int, f func(part int)) { r.pool.Each(parts, f) }
