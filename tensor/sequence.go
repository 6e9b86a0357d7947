package tensor

import (
	"sort"

	"github.com/stride-ml/stride/tensor/kernel"
)

// Operations over time: the rows of a tensor are spans, each a sequence, one
// after another without gaps. Beyond the ends of a span there are zeros.

func checkSpans(op string, x *Tensor, k int, spans []Span) {
	at := 0
	for _, s := range spans {
		if s.Start != at || s.Len < 0 {
			mismatch(op, "a span of %d rows at row %d, want it at row %d", s.Len, s.Start, at)
		}
		at += s.Len
	}
	if at != x.Rows || k%2 == 0 || k < 1 {
		mismatch(op, "%d rows in spans of %d in all, kernel of %d; want as many, and an odd kernel", x.Rows, at, k)
	}
}

// neighbours calls f for rows lo to hi with the taps from and to, of k of which
// so many lead the row, that are inside its span.
func neighbours(spans []Span, k, lead, lo, hi int, f func(row, from, to int)) {
	s := sort.Search(len(spans), func(i int) bool { return spans[i].Start+spans[i].Len > lo })
	for row := lo; row < hi; row++ {
		for row >= spans[s].Start+spans[s].Len {
			s++
		}
		first := row - lead // the row under the first tap
		f(row, max(0, spans[s].Start-first), min(k, spans[s].Start+spans[s].Len-first))
	}
}

// Window gathers for each row of x (T,C) the k rows around it, k odd, result
// (T,k·C) in order of time. With [Run.Linear] it is a convolution over time.
func (r *Run) Window(x *Tensor, k int, spans []Span) *Tensor {
	checkSpans("window", x, k, spans)
	y := r.New(x.Rows, k*x.Cols)
	r.each(rowTask{f: windowRows, x: x, y: y, spans: spans, m: k}, x.Rows, len(y.Data))
	if r.train {
		r.tape = append(r.tape, func() {
			r.gradSum(x)
			r.each(rowTask{f: windowGradRows, x: x, y: y, spans: spans, m: k}, x.Rows, 2*len(y.Data))
		})
	}
	return y
}

func windowRows(t *rowTask, lo, hi int) {
	c := t.x.Cols
	neighbours(t.spans, t.m, t.m/2, lo, hi, func(row, from, to int) {
		y, first := t.y.Row(row), row-t.m/2
		clear(y[:from*c])
		copy(y[from*c:to*c], t.x.Data[(first+from)*c:(first+to)*c])
		clear(y[to*c:])
	})
}

// windowGradRows collects for each row of x what the windows that hold it got.
func windowGradRows(t *rowTask, lo, hi int) {
	c := t.x.Cols
	neighbours(t.spans, t.m, t.m/2, lo, hi, func(row, from, to int) {
		dx := t.x.gradRow(row)
		for k := from; k < to; k++ {
			at := (t.m - 1 - k) * c
			kernel.Add(dx, dx, t.y.gradRow(row - t.m/2 + k)[at:at+c])
		}
	})
}

// DepthwiseConv is the convolution over time of each channel of x (T,C) by
// itself with w (k,C), k odd: row t of the result (T,C) is the sum of
// w[i]·x[t+i-k/2]. Weights lie by tap, so that a tap is a product of rows.
func (r *Run) DepthwiseConv(x *Tensor, w *Param, spans []Span) *Tensor {
	return r.depthwise("depthwise convolution ", x, w, w.Out/2, spans)
}

// CausalConv is [Run.DepthwiseConv] that sees only what came before: row t is the
// sum of w[i]·x[t+i-(k-1)].
func (r *Run) CausalConv(x *Tensor, w *Param, spans []Span) *Tensor {
	return r.depthwise("causal convolution ", x, w, w.Out-1, spans)
}

// depthwise is a convolution of which so many taps lead each row.
func (r *Run) depthwise(op string, x *Tensor, w *Param, lead int, spans []Span) *Tensor {
	checkSpans(op+w.Name, x, w.Out, spans)
	if w.In != x.Cols {
		mismatch(op+w.Name, "input has %d channels, weight %d", x.Cols, w.In)
	}
	y := r.New(x.Rows, x.Cols)
	work := 2 * w.Out * len(x.Data)
	r.each(rowTask{f: depthwiseRows, x: x, y: y, h: w.Data, spans: spans, m: w.Out, n: lead}, x.Rows, work)
	if r.train {
		r.tape = append(r.tape, func() {
			r.gradSum(x)
			r.each(rowTask{f: depthwiseGradRows, x: x, y: y, h: w.Data, spans: spans, m: w.Out, n: lead}, x.Rows, work)
			if !w.Frozen {
				r.sumChunks(w.Grad, rowTask{f: depthwiseWeightChunks, x: x, y: y, spans: spans, m: w.Out, n: lead}, work)
			}
		})
	}
	return y
}

// rowScratch is how many products of two rows exist at a time.
const rowScratch = 512

// addProduct adds a·b to dst, element by element.
func addProduct(dst, a, b []float32, scratch *[rowScratch]float32) {
	for at := 0; at < len(dst); at += rowScratch {
		to := min(at+rowScratch, len(dst))
		s := scratch[:to-at]
		kernel.Mul(s, a[at:to], b[at:to])
		kernel.Add(dst[at:to], dst[at:to], s)
	}
}

func depthwiseRows(t *rowTask, lo, hi int) {
	c := t.x.Cols
	var scratch [rowScratch]float32
	neighbours(t.spans, t.m, t.n, lo, hi, func(row, from, to int) {
		y, first := t.y.Row(row), row-t.n
		clear(y)
		for k := from; k < to; k++ {
			addProduct(y, t.x.Row(first+k), t.h[k*c:(k+1)*c], &scratch)
		}
	})
}

func depthwiseGradRows(t *rowTask, lo, hi int) {
	c := t.x.Cols
	var scratch [rowScratch]float32
	lead := t.m - 1 - t.n // of the taps of rows that saw a row
	neighbours(t.spans, t.m, lead, lo, hi, func(row, from, to int) {
		dx, first := t.x.gradRow(row), row-lead
		for k := from; k < to; k++ {
			turned := t.m - 1 - k
			addProduct(dx, t.y.gradRow(first+k), t.h[turned*c:(turned+1)*c], &scratch)
		}
	})
}

func depthwiseWeightChunks(t *rowTask, lo, hi int) {
	c := t.x.Cols
	var scratch [rowScratch]float32
	for chunk := lo; chunk < hi; chunk++ {
		dw := t.z.Row(chunk)
		neighbours(t.spans, t.m, t.n, chunk*normChunk, min((chunk+1)*normChunk, t.x.Rows), func(row, from, to int) {
			dy, first := t.y.gradRow(row), row-t.n
			for k := from; k < to; k++ {
				addProduct(dw[k*c:(k+1)*c], t.x.Row(first+k), dy, &scratch)
			}
		})
	}
}

// sumChunks runs a task over chunks of normChunk rows, which are to add to row
// chunk of t.z, and adds the sums to grad in order: so they are the same for any
// number of workers.
func (r *Run) sumChunks(grad []float32, t rowTask, work int) {
	slab, used := r.arena.mark()
	chunks := (t.x.Rows + normChunk - 1) / normChunk
	sums := r.New(chunks, len(grad))
	clear(sums.Data)
	t.z = sums
	r.each(t, chunks, work)
	for i := range chunks {
		kernel.Axpy(grad, 1, sums.Row(i))
	}
	r.arena.release(slab, used)
}
