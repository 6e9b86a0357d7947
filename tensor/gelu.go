package tensor

import "github.com/stride-ml/stride/tensor/kernel"

// GELU returns x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³))), element by element: the
// first approximation of Hendrycks and Gimpel (arXiv 1606.08415). x must feed
// nothing else; but for training, the result takes its place.
func (r *Run) GELU(x *Tensor) *Tensor {
	y := x
	if r.train {
		y = r.New(x.Rows, x.Cols)
	}
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

// GEGLU returns gelu(gate)·up, element by element (Shazeer, arXiv 2002.05202), with
// the approximation of [Run.GELU]. Each of the two must feed nothing else.
func (r *Run) GEGLU(gate, up *Tensor) *Tensor {
	return r.gated("geglu", gate, up, gegluRows, gegluGradRows)
}

func gegluRows(t *rowTask, lo, hi int) {
	lo, hi = lo*t.y.Cols, hi*t.y.Cols
	y := t.y.Data[lo:hi]
	kernel.GELU(y, t.x.Data[lo:hi])
	kernel.Mul(y, y, t.z.Data[lo:hi])
}

func gegluGradRows(t *rowTask, lo, hi int) {
	lo, hi = lo*t.y.Cols, hi*t.y.Cols
	gate, dy := t.x.Data[lo:hi], t.y.Grad[lo:hi]
	dgate, dup := t.x.Grad[lo:hi], t.z.Grad[lo:hi]
	kernel.Mul(dup, dy, t.z.Data[lo:hi])
	kernel.GELUGrad(dgate, dup, gate)
	kernel.GELU(dup, gate)
	kernel.Mul(dup, dup, dy)
}

// AddScaled returns x + h·w, both (T,C), each row of h times w (1,C): what a block
// adds, with the layer scale of CaiT (Touvron et al., arXiv 2103.17239).
func (r *Run) AddScaled(x, h *Tensor, w *Param) *Tensor {
	if x.Rows != h.Rows || x.Cols != h.Cols || x.Cols != w.Size() {
		mismatch("add scaled "+w.Name, "(%d,%d) and (%d,%d), weight %d", x.Rows, x.Cols, h.Rows, h.Cols, w.Size())
	}
	y := r.New(x.Rows, x.Cols)
	r.each(rowTask{f: addScaledRows, x: h, z: x, y: y, h: w.Data}, x.Rows, 2*len(x.Data))
	if r.train {
		r.tape = append(r.tape, func() {
			r.passGrad(x, y.Grad)
			r.gradSum(h)
			r.each(rowTask{f: scaleGradRows, x: h, y: y, h: w.Data}, h.Rows, 3*len(h.Data))
			if !w.Frozen {
				r.sumChunks(w.Grad, rowTask{f: scaleWeightChunks, x: h, y: y}, 3*len(h.Data))
			}
		})
	}
	return y
}

func addScaledRows(t *rowTask, lo, hi int) {
	for i := lo; i < hi; i++ {
		copy(t.y.Row(i), t.z.Row(i))
		kernel.DotColumns(t.y.Row(i), t.x.Row(i), t.h, 1)
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
