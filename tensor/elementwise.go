package tensor

import (
	"math"
	"math/bits"

	"github.com/stride-ml/stride/tensor/kernel"
)

// Add returns a + b, both of the same shape.
func (r *Run) Add(a, b *Tensor) *Tensor {
	if !(a.Rows == b.Rows && a.Cols == b.Cols) {
		mismatch("add", "(%d,%d) and (%d,%d)", a.Rows, a.Cols, b.Rows, b.Cols)
	}
	y := r.New(a.Rows, a.Cols)
	r.each(rowTask{f: addRows, x: a, z: b, y: y}, y.Rows, len(y.Data))
	if r.train {
		r.tape = append(r.tape, func() {
			r.passGrad(a, y.Grad)
			r.passGrad(b, y.Grad)
		})
	}
	return y
}

func addRows(t *rowTask, lo, hi int) {
	c := t.y.Cols
	kernel.Add(t.y.Data[lo*c:hi*c], t.x.Data[lo*c:hi*c], t.z.Data[lo*c:hi*c])
}

// passGrad adds g to the gradient of t.
func (r *Run) passGrad(t *Tensor, g []float32) {
	d, add := r.grad(t)
	f := copyRows
	if add {
		f = accumulateRows
	}
	r.each(rowTask{f: f, g: d, h: g, n: t.Cols}, t.Rows, len(g))
}

func copyRows(t *rowTask, lo, hi int) { copy(t.g[lo*t.n:hi*t.n], t.h[lo*t.n:hi*t.n]) }

func accumulateRows(t *rowTask, lo, hi int) {
	g := t.g[lo*t.n : hi*t.n]
	kernel.Add(g, g, t.h[lo*t.n:hi*t.n])
}

// RMSNorm scales each row of x (T,C) to a root mean square of 1 and multiplies
// it by w (1,C): x / sqrt(mean(x²) + eps) · w (Zhang and Sennrich, arXiv
// 1910.07467).
func (r *Run) RMSNorm(x *Tensor, w *Param, eps float32) *Tensor {
	if !(x.Cols == w.Size()) {
		mismatch("rms norm "+w.Name, "input has %d columns, weight %d", x.Cols, w.Size())
	}
	y := r.New(x.Rows, x.Cols)
	inv := r.arena.floats(x.Rows)
	r.each(rowTask{f: rmsNormRows, x: x, y: y, g: inv, h: w.Data, a: eps}, x.Rows, 2*len(x.Data))
	if r.train {
		r.tape = append(r.tape, func() { r.rmsNormGrad(x, y, w, inv) })
	}
	return y
}

func rmsNormRows(t *rowTask, lo, hi int) {
	for i := lo; i < hi; i++ {
		t.g[i] = kernel.RMSNorm(t.y.Row(i), t.x.Row(i), t.h, t.a)
	}
}

// normChunk is the number of rows whose weight gradients are summed together:
// fixed, so that the sum is the same for any number of workers.
const normChunk = 128

func (r *Run) rmsNormGrad(x, y *Tensor, w *Param, inv []float32) {
	r.gradSum(x)
	slab, used := r.arena.mark()
	chunks := (x.Rows + normChunk - 1) / normChunk
	dw := r.arena.floats(chunks * x.Cols)
	clear(dw)
	r.each(rowTask{f: rmsNormGradChunks, x: x, y: y, g: inv, h: w.Data, z: &Tensor{Data: dw}}, chunks, 4*len(x.Data))
	for c := 0; c < chunks && !w.Frozen; c++ {
		kernel.Axpy(w.Grad, 1, dw[c*x.Cols:(c+1)*x.Cols])
	}
	r.arena.release(slab, used)
}

func rmsNormGradChunks(t *rowTask, lo, hi int) {
	c := t.x.Cols
	for chunk := lo; chunk < hi; chunk++ {
		dw := t.z.Data[chunk*c : (chunk+1)*c]
		for i := chunk * normChunk; i < min((chunk+1)*normChunk, t.x.Rows); i++ {
			kernel.RMSNormGrad(t.x.gradRow(i), dw, t.y.gradRow(i), t.x.Row(i), t.h, t.g[i])
		}
	}
}

// SwiGLU returns silu(gate)·up, element by element (Shazeer, arXiv 2002.05202).
func (r *Run) SwiGLU(gate, up *Tensor) *Tensor {
	return r.gated("swiglu", gate, up, swigluRows, swigluGradRows)
}

// gated is an operation on a gate and what it lets through, and its gradient.
func (r *Run) gated(op string, gate, up *Tensor, rows, gradRows func(t *rowTask, lo, hi int)) *Tensor {
	if !(gate.Rows == up.Rows && gate.Cols == up.Cols) {
		mismatch(op, "(%d,%d) and (%d,%d)", gate.Rows, gate.Cols, up.Rows, up.Cols)
	}
	y := r.New(gate.Rows, gate.Cols)
	r.each(rowTask{f: rows, x: gate, z: up, y: y}, y.Rows, 8*len(y.Data))
	if r.train {
		r.tape = append(r.tape, func() {
			// Each of the two feeds this operation alone, so their gradients are set.
			r.grad(gate)
			r.grad(up)
			r.each(rowTask{f: gradRows, x: gate, z: up, y: y}, y.Rows, 8*len(y.Data))
		})
	}
	return y
}

func swigluRows(t *rowTask, lo, hi int) {
	lo, hi = lo*t.y.Cols, hi*t.y.Cols
	kernel.SwiGLU(t.y.Data[lo:hi], t.x.Data[lo:hi], t.z.Data[lo:hi])
}

func swigluGradRows(t *rowTask, lo, hi int) {
	lo, hi = lo*t.y.Cols, hi*t.y.Cols
	kernel.SwiGLUGrad(t.x.Grad[lo:hi], t.z.Grad[lo:hi], t.y.Grad[lo:hi], t.x.Data[lo:hi], t.z.Data[lo:hi])
}

// LeakyReLU returns x where it is positive and slope·x elsewhere, 0 <= slope < 1,
// element by element (Maas et al., "Rectifier nonlinearities improve neural
// network acoustic models", 2013). x must feed nothing else.
func (r *Run) LeakyReLU(x *Tensor, slope float32) *Tensor {
	y := r.New(x.Rows, x.Cols)
	r.each(rowTask{f: leakyRows, x: x, y: y, a: slope}, x.Rows, 2*len(x.Data))
	if r.train {
		r.tape = append(r.tape, func() {
			r.grad(x)
			r.each(rowTask{f: leakyGradRows, x: x, y: y, a: slope}, x.Rows, 3*len(x.Data))
		})
	}
	return y
}

func leakyRows(t *rowTask, lo, hi int) {
	lo, hi = lo*t.x.Cols, hi*t.x.Cols
	y := t.y.Data[lo:hi]
	for i, v := range t.x.Data[lo:hi] {
		y[i] = max(v, t.a*v)
	}
}

func leakyGradRows(t *rowTask, lo, hi int) {
	lo, hi = lo*t.x.Cols, hi*t.x.Cols
	dx, dy := t.x.Grad[lo:hi], t.y.Grad[lo:hi]
	slopes := [2]float32{1, t.a} // by sign: a branch would be foretold wrong half of the time
	for i, v := range t.x.Data[lo:hi] {
		dx[i] = dy[i] * slopes[math.Float32bits(v)>>31]
	}
}

// Scale multiplies x by a number, in place. x must be the result of an operation
// whose backward step does not need that result, as for [Run.Dropout].
func (r *Run) Scale(x *Tensor, by float32) *Tensor {
	r.each(rowTask{f: scaleRows, g: x.Data, a: by, n: x.Cols}, x.Rows, len(x.Data))
	if r.train {
		r.tape = append(r.tape, func() {
			r.each(rowTask{f: scaleRows, g: x.Grad, a: by, n: x.Cols}, x.Rows, len(x.Data))
		})
	}
	return x
}

func scaleRows(t *rowTask, lo, hi int) { kernel.Scale(t.g[lo*t.n:hi*t.n], t.a) }

// Dropout sets each element of x to zero with probability p while training, in
// place, and scales the others by 1/(1-p) (Srivastava et al., 2014). x must be
// the result of an operation whose backward step does not need that result:
// Linear, Embed or Add.
func (r *Run) Dropout(x *Tensor, p float32) *Tensor {
	if !r.train || p <= 0 {
		return x
	}
	r.drawn++
	seed := mix(r.seed ^ mix(r.drawn))
	r.each(rowTask{f: dropoutRows, g: x.Data, a: p, n: x.Cols, seed: seed}, x.Rows, 4*len(x.Data))
	r.tape = append(r.tape, func() {
		r.each(rowTask{f: dropoutRows, g: x.Grad, a: p, n: x.Cols, seed: seed}, x.Rows, 4*len(x.Data))
	})
	return x
}

// dropoutRows draws 16 bits an element from a counter-based generator seeded
// by operation and row, so the mask need not be kept for the backward pass.
func dropoutRows(t *rowTask, lo, hi int) {
	limit := uint64(t.a * 65536)
	scale := 1 / (1 - t.a)
	keep := [2]float32{scale, 0}
	for i := lo; i < hi; i++ {
		row := t.g[i*t.n : (i+1)*t.n]
		state := t.seed + uint64(i)*0x9E3779B97F4A7C15
		var word uint64
		for j := range row {
			if j&3 == 0 {
				state += 0x9E3779B97F4A7C15
				word = mix(state)
			}
			_, drop := bits.Sub64(word&0xFFFF, limit, 0)
			row[j] *= keep[drop]
			word >>= 16
		}
	}
}

// mix is the finaliser of SplitMix64 (Steele, Lea and Flood, 2014).
func mix(z uint64) uint64 {
	z += 0x9E3779B97F4A7C15
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}
