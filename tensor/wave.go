package tensor

import "github.com/stride-ml/stride/tensor/kernel"

// Dilate gathers for each row of x (T,C) the row that lies so many rows before it
// and itself, result (T,2C); before the beginning of a span there are zeros. With
// [Run.Linear] it is a dilated causal convolution of two taps (van den Oord et
// al., "WaveNet", arXiv 1609.03499).
func (r *Run) Dilate(x *Tensor, dilation int, spans []Span) *Tensor {
	checkSpans("dilate", x, 1, spans)
	if dilation < 1 {
		mismatch("dilate", "by %d rows, want 1 or more", dilation)
	}
	y := r.New(x.Rows, 2*x.Cols)
	r.each(rowTask{f: dilateRows, x: x, y: y, spans: spans, n: dilation}, x.Rows, len(y.Data))
	if r.train {
		r.tape = append(r.tape, func() {
			r.gradSum(x)
			r.each(rowTask{f: dilateGradRows, x: x, y: y, spans: spans, n: dilation}, x.Rows, len(y.Data))
		})
	}
	return y
}

// neighbours of two taps, of which the first leads by so many rows, are those of a
// kernel of that many more.

func dilateRows(t *rowTask, lo, hi int) {
	c := t.x.Cols
	neighbours(t.spans, t.n+1, t.n, lo, hi, func(row, from, _ int) {
		y := t.y.Row(row)
		if from > 0 {
			clear(y[:c])
		} else {
			copy(y[:c], t.x.Row(row-t.n))
		}
		copy(y[c:], t.x.Row(row))
	})
}

func dilateGradRows(t *rowTask, lo, hi int) {
	c := t.x.Cols
	neighbours(t.spans, t.n+1, 0, lo, hi, func(row, _, to int) {
		dx := t.x.gradRow(row)
		kernel.Add(dx, dx, t.y.gradRow(row)[c:])
		if to > t.n {
			kernel.Add(dx, dx, t.y.gradRow(row + t.n)[:c])
		}
	})
}

// AddRepeated adds each row of y (T/n,C) to n rows of x (T,C), one after another,
// as a condition that changes more slowly than what it is for.
func (r *Run) AddRepeated(x, y *Tensor) *Tensor {
	if x.Cols != y.Cols || y.Rows == 0 || x.Rows%y.Rows != 0 {
		mismatch("add repeated", "(%d,%d) and (%d,%d)", x.Rows, x.Cols, y.Rows, y.Cols)
	}
	n := x.Rows / y.Rows
	z := r.New(x.Rows, x.Cols)
	r.each(rowTask{f: addRepeatedRows, x: x, y: z, z: y, n: n}, y.Rows, 2*len(x.Data))
	if r.train {
		r.tape = append(r.tape, func() {
			r.passGrad(x, z.Grad)
			r.gradSum(y)
			r.each(rowTask{f: addRepeatedGrad, y: z, z: y, n: n}, y.Rows, len(x.Data))
		})
	}
	return z
}

func addRepeatedRows(t *rowTask, lo, hi int) {
	for i := lo; i < hi; i++ {
		for k := i * t.n; k < (i+1)*t.n; k++ {
			kernel.Add(t.y.Row(k), t.x.Row(k), t.z.Row(i))
		}
	}
}

func addRepeatedGrad(t *rowTask, lo, hi int) {
	for i := lo; i < hi; i++ {
		g := t.z.gradRow(i)
		for k := i * t.n; k < (i+1)*t.n; k++ {
			kernel.Add(g, g, t.y.gradRow(k))
		}
	}
}
