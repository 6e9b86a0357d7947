package tensor

import "github.com/stride-ml/stride/tensor/kernel"

// Modulate normalises each row of x (B·n,C) to a root mean square of 1 and
// gives it the scale and shift of its object: row i of object b becomes
//
//	x/rms(x)·(1 + mod[b][scale:scale+C]) + mod[b][shift:shift+C]
//
// mod (B,M) holds one row an object, so n = rows of x / B. This is the adaptive
// norm of DiT (Peebles and Xie, arXiv 2212.09748) on the norm of RMSNorm.
func (r *Run) Modulate(x, mod *Tensor, shift, scale int, eps float32) *Tensor {
	checkObjects("modulate", x, mod, max(shift, scale)+x.Cols)
	y := r.New(x.Rows, x.Cols)
	inv, gain := r.arena.floats(x.Rows), r.New(mod.Rows, x.Cols)
	for b := range mod.Rows {
		for j, v := range mod.Row(b)[scale : scale+x.Cols] {
			gain.Data[b*x.Cols+j] = 1 + v
		}
	}
	r.each(rowTask{f: modulateRows, x: x, y: y, z: mod, g: inv, h: gain.Data, m: shift, n: x.Rows / mod.Rows, a: eps}, x.Rows, 3*len(x.Data))
	if r.train {
		r.tape = append(r.tape, func() {
			r.gradSum(x)
			r.gradSum(mod)
			gain.Grad = r.arena.floats(len(gain.Data))
			clear(gain.Grad)
			r.each(rowTask{f: modulateGradObjects, x: x, y: y, z: mod, u: gain, g: inv, m: shift, n: x.Rows / mod.Rows}, mod.Rows, 6*len(x.Data))
			for b := range mod.Rows {
				g := mod.gradRow(b)[scale : scale+x.Cols]
				kernel.Add(g, g, gain.gradRow(b))
			}
		})
	}
	return y
}

func checkObjects(op string, x, mod *Tensor, columns int) {
	if mod.Rows == 0 || x.Rows%mod.Rows != 0 || mod.Cols < columns {
		mismatch(op, "(%d,%d) with (%d,%d), want rows in equal parts and %d columns", x.Rows, x.Cols, mod.Rows, mod.Cols, columns)
	}
}

func modulateRows(t *rowTask, lo, hi int) {
	c := t.x.Cols
	for i := lo; i < hi; i++ {
		b, y := i/t.n, t.y.Row(i)
		t.g[i] = kernel.RMSNorm(y, t.x.Row(i), t.h[b*c:(b+1)*c], t.a)
		kernel.Add(y, y, t.z.Row(b)[t.m:])
	}
}

func modulateGradObjects(t *rowTask, lo, hi int) {
	c := t.x.Cols
	for b := lo; b < hi; b++ {
		shift := t.z.gradRow(b)[t.m : t.m+c]
		for i := b * t.n; i < (b+1)*t.n; i++ {
			dy := t.y.gradRow(i)
			kernel.RMSNormGrad(t.x.gradRow(i), t.u.gradRow(b), dy, t.x.Row(i), t.u.Row(b), t.g[i])
			kernel.Add(shift, shift, dy)
		}
	}
}

// Gate returns x + mod[b][at:at+C]·h for each row of object b: x and h (B·n,C),
// mod (B,M). h must feed nothing else.
func (r *Run) Gate(x, h, mod *Tensor, at int) *Tensor {
	checkObjects("gate", x, mod, at+x.Cols)
	if x.Rows != h.Rows || x.Cols != h.Cols {
		mismatch("gate", "(%d,%d) and (%d,%d)", x.Rows, x.Cols, h.Rows, h.Cols)
	}
	y := r.New(x.Rows, x.Cols)
	r.each(rowTask{f: gateRows, x: x, y: y, z: mod, u: h, m: at, n: x.Rows / mod.Rows}, x.Rows, 2*len(x.Data))
	if r.train {
		r.tape = append(r.tape, func() {
			r.passGrad(x, y.Grad)
			r.grad(h)
			r.gradSum(mod)
			r.each(rowTask{f: gateGradObjects, y: y, z: mod, u: h, m: at, n: x.Rows / mod.Rows}, mod.Rows, 4*len(x.Data))
		})
	}
	return y
}

func gateRows(t *rowTask, lo, hi int) {
	for i := lo; i < hi; i++ {
		y := t.y.Row(i)
		kernel.Mul(y, t.u.Row(i), t.z.Row(i / t.n)[t.m:])
		kernel.Add(y, y, t.x.Row(i))
	}
}

func gateGradObjects(t *rowTask, lo, hi int) {
	c := t.y.Cols
	for b := lo; b < hi; b++ {
		gate, dgate := t.z.Row(b)[t.m:t.m+c], t.z.gradRow(b)[t.m:t.m+c]
		for i := b * t.n; i < (b+1)*t.n; i++ {
			dh, dy := t.u.gradRow(i), t.y.gradRow(i)
			kernel.Mul(dh, dy, t.u.Row(i)) // scratch until the line after next
			kernel.Add(dgate, dgate, dh)
			kernel.Mul(dh, dy, gate)
		}
	}
}

// AddTable adds row i mod n of table (n,C) to each row i of x (B·n,C).
func (r *Run) AddTable(x *Tensor, table *Param) *Tensor {
	if x.Cols != table.In || x.Rows%table.Out != 0 {
		mismatch("add table "+table.Name, "(%d,%d) and (%d,%d)", x.Rows, x.Cols, table.Out, table.In)
	}
	y := r.New(x.Rows, x.Cols)
	r.each(rowTask{f: addTableRows, x: x, y: y, h: table.Data, n: table.Out}, x.Rows, 2*len(x.Data))
	if r.train {
		r.tape = append(r.tape, func() {
			r.passGrad(x, y.Grad)
			if table.Frozen {
				return
			}
			r.each(rowTask{f: addTableGrad, y: y, g: table.Grad, n: table.Out}, table.Out, len(x.Data))
		})
	}
	return y
}

func addTableRows(t *rowTask, lo, hi int) {
	c := t.x.Cols
	for i := lo; i < hi; i++ {
		kernel.Add(t.y.Row(i), t.x.Row(i), t.h[i%t.n*c:])
	}
}

// addTableGrad sums over the objects for a range of the table's rows.
func addTableGrad(t *rowTask, lo, hi int) {
	c := t.y.Cols
	for i := lo; i < hi; i++ {
		g := t.g[i*c : (i+1)*c]
		for row := i; row < t.y.Rows; row += t.n {
			kernel.Add(g, g, t.y.gradRow(row))
		}
	}
}

// Mean returns the mean of the rows of each span of x (T,C), (len(spans),C). A
// span without rows gives zeros.
func (r *Run) Mean(x *Tensor, spans []Span) *Tensor {
	y := r.New(len(spans), x.Cols)
	clear(y.Data)
	for b, s := range spans {
		for i := range s.Len {
			kernel.Axpy(y.Row(b), 1/float32(s.Len), x.Row(s.Start+i))
		}
	}
	if r.train {
		r.tape = append(r.tape, func() {
			r.gradSum(x)
			for b, s := range spans {
				for i := range s.Len {
					kernel.Axpy(x.gradRow(s.Start+i), 1/float32(s.Len), y.gradRow(b))
				}
			}
		})
	}
	return y
}

// Max returns for each span of x (T,C) the largest value of each column,
// (len(spans),C). Spans have at least one row.
func (r *Run) Max(x *Tensor, spans []Span) *Tensor {
	y := r.New(len(spans), x.Cols)
	from := make([]int, len(y.Data)) // row of each largest value
	for b, s := range spans {
		copy(y.Row(b), x.Row(s.Start))
		for j := range x.Cols {
			at := s.Start
			for i := s.Start + 1; i < s.Start+s.Len; i++ {
				if x.Data[i*x.Cols+j] > x.Data[at*x.Cols+j] {
					at = i
				}
			}
			y.Data[b*x.Cols+j], from[b*x.Cols+j] = x.Data[at*x.Cols+j], at
		}
	}
	if r.train {
		r.tape = append(r.tape, func() {
			dx := r.gradSum(x)
			for i, row := range from {
				dx[row*x.Cols+i%x.Cols] += y.Grad[i]
			}
		})
	}
	return y
}

// SiLU returns x·sigmoid(x), element by element (Elfwing et al., arXiv
// 1702.03118). x must feed nothing else.
func (r *Run) SiLU(x *Tensor) *Tensor {
	y := r.New(x.Rows, x.Cols)
	r.each(rowTask{f: siluRows, x: x, y: y}, x.Rows, 8*len(x.Data))
	if r.train {
		r.tape = append(r.tape, func() {
			r.grad(x)
			slab, used := r.arena.mark()
			r.each(rowTask{f: siluGradRows, x: x, y: y, g: r.arena.floats(len(x.Data))}, x.Rows, 8*len(x.Data))
			r.arena.release(slab, used)
		})
	}
	return y
}

// ones is the second factor of a SwiGLU that is only a SiLU.
var ones = func() (o [1 << 12]float32) {
	for i := range o {
		o[i] = 1
	}
	return o
}()

func siluRows(t *rowTask, lo, hi int) {
	for at, end := lo*t.x.Cols, hi*t.x.Cols; at < end; at += len(ones) {
		to := min(at+len(ones), end)
		kernel.SwiGLU(t.y.Data[at:to], t.x.Data[at:to], ones[:])
	}
}

func siluGradRows(t *rowTask, lo, hi int) {
	for at, end := lo*t.x.Cols, hi*t.x.Cols; at < end; at += len(ones) {
		to := min(at+len(ones), end)
		kernel.SwiGLUGrad(t.x.Grad[at:to], t.g[at:to], t.y.Grad[at:to], t.x.Data[at:to], ones[:])
	}
}
