package tensor

import (
	"math"

	"github.com/stride-ml/stride/tensor/kernel"
)

// Linear returns x·Wᵀ: x (T,In), w (Out,In), result (T,Out).
func (r *Run) Linear(x *Tensor, w *Param) *Tensor {
	if !(x.Cols == w.In) {
		mismatch("linear "+w.Name, "input has %d columns, weight wants %d", x.Cols, w.In)
	}
	y := r.New(x.Rows, w.Out)
	r.forward(y.Data, x, w)
	if r.train {
		r.tape = append(r.tape, func() { r.linearGrad(x, w, y.Grad) })
	}
	return y
}

// mostLinears is how many products [Run.Linears] makes at once.
const mostLinears = 3

// Linears returns x·Wᵀ for up to 3 weights of the same input, as [Run.Linear] does
// for each. Of quantised ones it makes one task: a pass over few rows consists of
// products so short that each start and end of workers counts. The slice is valid
// until the next call.
func (r *Run) Linears(x *Tensor, ws ...*Param) []*Tensor {
	together := !r.train
	for _, w := range ws {
		together = together && w.matrix != nil && w.In == x.Cols
	}
	out := r.several[:len(ws)]
	if !together {
		for i, w := range ws {
			out[i] = r.Linear(x, w)
		}
		return out
	}
	rows := r.inBytes(x)
	r.quant = quantTask{rows: rows, n: x.Rows}
	for i, w := range ws {
		out[i] = r.New(x.Rows, w.Out)
		r.quant.products[i] = quantProduct{w.matrix, out[i].Data}
	}
	r.multiply()
	return out
}

// Project writes x·Wᵀ to dst: x (T,In) any whole number of rows, dst (T,Out).
// Unlike Linear it uses memory of the caller's and is never differentiated.
func (r *Run) Project(dst, x []float32, w *Param) {
	slab, used := r.arena.mark()
	rows := Tensor{Data: x, Rows: len(x) / w.In, Cols: w.In}
	r.forward(dst, &rows, w)
	r.arena.release(slab, used)
}

// forward writes x·Wᵀ to y (T,Out), by the form in which the weights are kept.
func (r *Run) forward(y []float32, x *Tensor, w *Param) {
	switch {
	case w.matrix != nil:
		r.quantised(y, r.inBytes(x), w.matrix, x.Rows)
	case w.half != nil:
		r.halfProduct(y, x.Data, w, x.Rows)
	default:
		r.product(y, w.Out, x.Data, w.In, 1, w.packed(r.pool), x.Rows, w.Out, w.In, false)
	}
}

// linearGrad adds to the gradients of x and w: dx += dy·W, dW += dyᵀ·x.
func (r *Run) linearGrad(x *Tensor, w *Param, dy []float32) {
	dx, add := r.grad(x)
	r.product(dx, w.In, dy, w.Out, 1, w.packedT(r.pool), x.Rows, w.In, w.Out, add)
	if w.Frozen {
		return
	}
	if x.packed == nil {
		x.packed = r.packRows(x.Data, x.Rows, x.Cols)
	}
	r.product(w.Grad, w.In, dy, 1, w.Out, x.packed, w.Out, w.In, x.Rows, true)
}

// packRows packs a row-major (K,N) operand into arena memory.
func (r *Run) packRows(b []float32, k, n int) []float32 {
	return pack(r.pool, r.arena.floats(kernel.PackedSize(k, n)), b, k, n, n, 1)
}

// Embed looks up rows of table (V,C) by id, result (T,C). Ids must be in range.
func (r *Run) Embed(table *Param, ids []int) *Tensor { return r.EmbedSum(table, ids, 1) }

// EmbedSum adds up k rows of table (V,C) for each row of the result (T,C): ids
// holds k for each, T·k in all. Ids must be in range.
func (r *Run) EmbedSum(table *Param, ids []int, k int) *Tensor {
	if k < 1 || len(ids)%k != 0 {
		mismatch("embed "+table.Name, "%d ids, %d a row", len(ids), k)
	}
	y := r.New(len(ids)/k, table.In)
	if table.Data == nil {
		r.embedEvaluated(y, table, ids, k)
		return y
	}
	r.each(rowTask{f: embedRows, y: y, h: table.Data, ids: ids, m: k}, y.Rows, k*len(y.Data))
	if r.train && !table.Frozen {
		r.tape = append(r.tape, func() {
			r.each(rowTask{f: embedGrad, y: y, g: table.Grad, ids: ids, n: table.In, m: k}, max(1, table.In/panel), k*len(y.Data))
		})
	}
	return y
}

func embedRows(t *rowTask, lo, hi int) {
	c := t.y.Cols
	for i := lo; i < hi; i++ {
		y := t.y.Row(i)
		for j, id := range t.ids[i*t.m : (i+1)*t.m] {
			if j == 0 {
				copy(y, t.h[id*c:(id+1)*c])
			} else {
				kernel.Add(y, y, t.h[id*c:])
			}
		}
	}
}

// embedGrad adds the gradient rows to the table for a range of column blocks:
// cut by columns, each sum runs over the tokens in order whoever computes it.
func embedGrad(t *rowTask, lo, hi int) {
	from, to := lo*panel, hi*panel
	if hi == t.items {
		to = t.n
	}
	for i, id := range t.ids {
		at := i / t.m * t.n
		kernel.Axpy(t.g[id*t.n+from:id*t.n+to], 1, t.y.Grad[at+from:at+to])
	}
}

// Gather returns the given rows of x, result (len(rows),C).
func (r *Run) Gather(x *Tensor, rows []int) *Tensor {
	y := r.New(len(rows), x.Cols)
	for i, row := range rows {
		copy(y.Row(i), x.Row(row))
	}
	if r.train {
		r.tape = append(r.tape, func() {
			dx := r.gradSum(x)
			for i, row := range rows {
				kernel.Axpy(dx[row*x.Cols:(row+1)*x.Cols], 1, y.gradRow(i))
			}
		})
	}
	return y
}

// xentTask turns rows of logits into losses and, if asked, gradients in place.
type xentTask struct {
	logits  []float32 // (rows,V)
	targets []int
	weights []float32 // per row; nil: no gradient
	nll     []float32 // per row, nats
	v, n    int
}

func (t *xentTask) run(part, parts int) {
	for i := part * t.n / parts; i < (part+1)*t.n/parts; i++ {
		row := t.logits[i*t.v : (i+1)*t.v]
		top := kernel.Max(row)
		at := row[t.targets[i]]
		sum := kernel.ExpSum(row, row, top)
		t.nll[i] = float32(math.Log(float64(sum))) + top - at
		if t.weights != nil {
			w := t.weights[i]
			kernel.Scale(row, w/sum)
			row[t.targets[i]] -= w
		}
	}
}

// xentRows is how many rows of logits exist at a time: enough for a full-speed
// product, few enough that they stay in the cache between its three products.
const xentRows = 192

// CrossEntropy computes -log softmax(x·Wᵀ)[target] for each row of x (T,C) with
// the output table w (V,C), in nats, into nll (T). While training it also adds
// the gradients of Σ weights[i]·nll[i] to x and w: call it before Backward,
// any number of times. The logits are never held for all rows at once.
func (r *Run) CrossEntropy(x *Tensor, w *Param, targets []int, weights, nll []float32) {
	if !(x.Cols == w.In && len(targets) == x.Rows && len(nll) == x.Rows) {
		mismatch("cross entropy", "%d rows of %d, %d targets, %d losses, table of width %d", x.Rows, x.Cols, len(targets), len(nll), w.In)
	}
	slab, used := r.arena.mark()
	learn := r.train && weights != nil
	var dx []float32
	var add bool
	if learn {
		dx, add = r.grad(x)
		slab, used = r.arena.mark()
	}
	logits := r.arena.floats(min(xentRows, max(x.Rows, 1)) * w.Out)
	var packed []float32
	if learn {
		packed = r.arena.floats(kernel.PackedSize(xentRows, w.In))
	}
	for lo := 0; lo < x.Rows; lo += xentRows {
		n := min(xentRows, x.Rows-lo)
		xs := x.Data[lo*x.Cols : (lo+n)*x.Cols]
		r.Project(logits, xs, w)
		r.xentRow = xentTask{logits: logits, targets: targets[lo : lo+n], nll: nll[lo : lo+n], v: w.Out, n: n}
		if learn {
			r.xentRow.weights = weights[lo : lo+n]
		}
		r.pool.do(&r.xentRow, min(n, 4*r.pool.size))
		if !learn {
			continue
		}
		r.product(dx[lo*x.Cols:], w.In, logits, w.Out, 1, w.packedT(r.pool), n, w.In, w.Out, add)
		if !w.Frozen {
			b := pack(r.pool, packed[:kernel.PackedSize(n, w.In)], xs, n, w.In, w.In, 1)
			r.product(w.Grad, w.In, logits, 1, w.Out, b, w.Out, w.In, n, true)
		}
	}
	r.arena.release(slab, used)
}

// Stack returns the rows of a (T,C) followed by those of b (U,C), (T+U,C).
func (r *Run) Stack(a, b *Tensor) *Tensor {
	if a.Cols != b.Cols {
		mismatch("stack", "(%d,%d) and (%d,%d)", a.Rows, a.Cols, b.Rows, b.Cols)
	}
	y := r.New(a.Rows+b.Rows, a.Cols)
	copy(y.Data, a.Data)
	copy(y.Data[len(a.Data):], b.Data)
	if r.train {
		r.tape = append(r.tape, func() {
			r.passGrad(a, y.Grad[:len(a.Data)])
			r.passGrad(b, y.Grad[len(a.Data):])
		})
	}
	return y
}

// Reshape returns the values of x as (rows,cols), in the same memory.
func (r *Run) Reshape(x *Tensor, rows, cols int) *Tensor {
	if rows*cols != len(x.Data) {
		mismatch("reshape", "(%d,%d) to (%d,%d)", x.Rows, x.Cols, rows, cols)
	}
	y := r.arena.tensor()
	y.Data, y.Rows, y.Cols = x.Data, rows, cols
	if r.train {
		r.tape = append(r.tape, func() {
			if x.Grad == nil {
				x.Grad = y.Grad
				return
			}
			r.passGrad(x, y.Grad)
		})
	}
	return y
}
