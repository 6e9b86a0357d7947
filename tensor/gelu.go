package tensor

import "github.com/stride-ml/stride/tensor/kernel"

// GELU returns x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³))), element by element: the
// first approximation of Hendrycks and Gimpel (arXiv 1606.08415). x must feed
// nothing else.
func (r *Run) GELU(x *Tensor) *Tensor {
	y := r.New(x.Rows, x.Cols)
	r.each(rowTask{f: geluRows, x: x, y: y}, x.Rows, 16*len(x.Data))
	if r.train {
		r.tape = append(r.tape, func() {
			r.grad(x)
			r.each(rowTask{f: geluGradRows, x: x, y: y}, x.Rows, 24*len(x.Data))
		})
	}
	return y
}

// As (1+tanh(u/2))/2 is sigmoid(u), GELU is x·sigmoid(u) = silu(u)·x/u with
//
//	u = k·x·(1 + c·x²)   and   x/u = 1/(k·(1 + c·x²)),
//
// so that the exponentials are those of the kernel of SwiGLU.
const (
	geluK = 1.5957691216057308 // 2·√(2/π)
	geluC = 0.044715
)

// geluBlock is how many elements are at hand at a time.
const geluBlock = 256

// geluParts sets u and x/u of a block.
func geluParts(u, v, x []float32) {
	u, v = u[:len(x)], v[:len(x)]
	for i, a := range x {
		q := geluK + geluK*geluC*a*a
		u[i], v[i] = a*q, 1/q
	}
}

func geluRows(t *rowTask, lo, hi int) {
	var u, v [geluBlock]float32
	for at, end := lo*t.x.Cols, hi*t.x.Cols; at < end; at += geluBlock {
		x := t.x.Data[at:min(at+geluBlock, end)]
		geluParts(u[:], v[:], x)
		kernel.SwiGLU(t.y.Data[at:at+len(x)], u[:], v[:])
	}
}

func geluGradRows(t *rowTask, lo, hi int) {
	var u, v, du, dv [geluBlock]float32
	for at, end := lo*t.x.Cols, hi*t.x.Cols; at < end; at += geluBlock {
		x := t.x.Data[at:min(at+geluBlock, end)]
		dx, n := t.x.Grad[at:at+len(x)], len(x)
		geluParts(u[:], v[:], x)
		kernel.SwiGLUGrad(du[:n], dv[:], t.y.Grad[at:at+n], u[:], v[:])
		for i, a := range x {
			dx[i] = du[i]*(geluK+3*geluK*geluC*a*a) - dv[i]*2*geluK*geluC*a*v[i]*v[i]
		}
	}
}

// Scale multiplies each row of x (T,C) by w (1,C), as the layer scale of CaiT
// does (Touvron et al., arXiv 2103.17239).
func (r *Run) Scale(x *Tensor, w *Param) *Tensor {
	if x.Cols != w.Size() {
		mismatch("scale "+w.Name, "input has %d columns, weight %d", x.Cols, w.Size())
	}
	y := r.New(x.Rows, x.Cols)
	r.each(rowTask{f: scaleRows, x: x, y: y, h: w.Data}, x.Rows, 2*len(x.Data))
	if r.train {
		r.tape = append(r.tape, func() {
			r.gradSum(x)
			r.each(rowTask{f: scaleGradRows, x: x, y: y, h: w.Data}, x.Rows, 3*len(x.Data))
			if !w.Frozen {
				r.sumChunks(w.Grad, rowTask{f: scaleWeightChunks, x: x, y: y}, 3*len(x.Data))
			}
		})
	}
	return y
}

func scaleRows(t *rowTask, lo, hi int) {
	for i := lo; i < hi; i++ {
		kernel.Mul(t.y.Row(i), t.x.Row(i), t.h)
	}
}

func scaleGradRows(t *rowTask, lo, hi int) {
	for i := lo; i < hi; i++ {
		kernel.DotColumns(t.x.gradRow(i), t.y.gradRow(i), t.h, 1)
	}
}

func scaleWeightChunks(t *rowTask, lo, hi int) {
	for chunk := lo; chunk < hi; chunk++ {
		from, to := chunk*normChunk, min((chunk+1)*normChunk, t.x.Rows)
		kernel.DotColumns(t.z.Row(chunk), t.x.Data[from*t.x.Cols:], t.y.Grad[from*t.x.Cols:], to-from)
	}
}
