package tensor

import "github.com/stride-ml/stride/tensor/kernel"

// GELU returns x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³))), element by element: the
// first approximation of Hendrycks and Gimpel (arXiv 1606.08415). x must feed
// nothing else.
func (r *Run) GELU(x *Tensor) *Tensor {
	y := r.New(x.Rows, x.Cols)
	r.each(rowTask{f: geluRows, x: x, y: y}, x.Rows, 8*len(x.Data))
	if r.train {
		r.tape = append(r.tape, func() {
			r.grad(x)
			r.each(rowTask{f: geluGradRows, x: x, y: y}, x.Rows, 8*len(x.Data))
		})
	}
	return y
}

func geluRows(t *rowTask, lo, hi int) {
	lo, hi = lo*t.x.Cols, hi*t.x.Cols
	kernel.GELU(t.y.Data[lo:hi], t.x.Data[lo:hi])
}

func geluGradRows(t *rowTask, lo, hi int) {
	lo, hi = lo*t.x.Cols, hi*t.x.Cols
	kernel.GELUGrad(t.x.Grad[lo:hi], t.y.Grad[lo:hi], t.x.Data[lo:hi])
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
