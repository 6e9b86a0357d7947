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
			slab, used := r.arena.mark()
			turned := r.arena.floats(len(w.Data))
			for k := range w.Out {
				copy(turned[k*w.In:(k+1)*w.In], w.Data[(w.Out-1-k)*w.In:])
			}
			r.each(rowTask{f: depthwiseGradRows, x: x, y: y, h: turned, spans: spans, m: w.Out, n: lead}, x.Rows, work)
			r.arena.release(slab, used)
			if !w.Frozen {
				r.sumChunks(w.Grad, rowTask{f: depthwiseWeightChunks, x: x, y: y, spans: spans, m: w.Out, n: lead}, work)
			}
		})
	}
	return y
}

func depthwiseRows(t *rowTask, lo, hi int) {
	c := t.x.Cols
	neighbours(t.spans, t.m, t.n, lo, hi, func(row, from, to int) {
		y := t.y.Row(row)
		clear(y)
		kernel.DotColumns(y, t.x.Data[(row-t.n+from)*c:], t.h[from*c:], to-from)
	})
}

// depthwiseGradRows collects for each row of x what the rows that saw it got: taps
// t.h in reverse.
func depthwiseGradRows(t *rowTask, lo, hi int) {
	c := t.x.Cols
	lead := t.m - 1 - t.n
	neighbours(t.spans, t.m, lead, lo, hi, func(row, from, to int) {
		kernel.DotColumns(t.x.gradRow(row), t.y.Grad[(row-lead+from)*c:], t.h[from*c:], to-from)
	})
}

// depthwiseWeightChunks collects for each tap the products of gradients with the
// rows that it saw, for as many rows of a span at a time as are in a chunk.
func depthwiseWeightChunks(t *rowTask, lo, hi int) {
	c := t.x.Cols
	for chunk := lo; chunk < hi; chunk++ {
		dw, first := t.z.Row(chunk), chunk*normChunk
		for _, s := range t.spans {
			start, end := max(s.Start, first), min(s.Start+s.Len, first+normChunk)
			for k := range t.m {
				ahead := k - t.n // rows from the one that gets the result to the one under the tap
				if from, to := max(start, s.Start-ahead), min(end, s.Start+s.Len-ahead); from < to {
					kernel.DotColumns(dw[k*c:(k+1)*c], t.x.Data[(from+ahead)*c:], t.y.Grad[from*c:], to-from)
				}
			}
		}
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
