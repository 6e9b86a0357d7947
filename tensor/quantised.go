package tensor

import (
	"unsafe"

	"github.com/stride-ml/stride/tensor/kernel"
	"github.com/stride-ml/stride/tensor/kernel/quant"
)

// Quantised replaces the weights by m, of the same shape: they are then for
// evaluation by [Run.Linear], [Run.Project], [Run.Embed] and [Run.CrossEntropy]
// only.
func (p *Param) Quantised(m *quant.Matrix) {
	if m.Out() != p.Out || m.In() != p.In {
		mismatch("quantised "+p.Name, "(%d,%d), want (%d,%d)", m.Out(), m.In(), p.Out, p.In)
	}
	p.Data, p.forward, p.matrix = nil, nil, m
}

// inBytes returns the rows of x in 8 bits, in arena memory; those of an input that
// several products share are made once.
func (r *Run) inBytes(x *Tensor) []byte {
	if r.train {
		mismatch("quantised weights", "training needs float32")
	}
	if x.bytes != nil {
		return x.bytes
	}
	size := quant.RowsSize(x.Rows, x.Cols)
	x.bytes = unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(r.arena.floats(size/4)))), size)
	r.quant = quantTask{x: x.Data, rows: x.bytes, width: x.Cols, n: x.Rows}
	parts := 1
	if x.Rows > 1 && len(x.Data) >= 1<<12 {
		parts = min(x.Rows, r.pool.size)
	}
	r.pool.do(&r.quant, parts)
	return x.bytes
}

// quantised computes y (n,Out) = x·Wᵀ for rows in 8 bits.
func (r *Run) quantised(y []float32, x []byte, m *quant.Matrix, n int) {
	r.quant = quantTask{rows: x, n: n}
	r.quant.products[0] = quantProduct{m, y}
	r.multiply()
}

// multiply runs the products of r.quant.
func (r *Run) multiply() {
	work := 0
	for _, p := range r.quant.products {
		if p.m != nil {
			r.quant.groups += p.m.Groups()
			work += r.quant.n * p.m.Out() * p.m.In()
		}
	}
	parts := 1
	if work >= quantSerial {
		parts = r.pool.size
		if work >= 64*quantSerial {
			parts *= 4 // for workers that other programs slow down
		}
	}
	r.pool.do(&r.quant, min(parts, r.quant.groups))
}

// quantSerial is the multiply-adds below which a product is not cut.
const quantSerial = 1 << 16

// quantTask quantises rows, or multiplies them by groups of columns.
type quantTask struct {
	x        []float32
	rows     []byte
	width    int
	n        int
	products [mostLinears]quantProduct
	groups   int // of all products; 0 where rows are quantised
}

// quantProduct is the weights of a product and where its result (n,Out) goes.
type quantProduct struct {
	m *quant.Matrix
	y []float32
}

func (t *quantTask) run(part, parts int) {
	if t.groups == 0 {
		lo, hi := part*t.n/parts, (part+1)*t.n/parts
		quant.Quantise(t.rows[quant.RowsSize(lo, t.width):], t.x[lo*t.width:hi*t.width])
		return
	}
	lo, hi := part*t.groups/parts, (part+1)*t.groups/parts
	for _, p := range t.products {
		if p.m == nil {
			return
		}
		here := p.m.Groups()
		if from, to := max(lo, 0), min(hi, here); from < to {
			p.m.Multiply(p.y[from*quant.GroupRows:], p.m.Out(), t.rows, t.n, from, to)
		}
		lo, hi = lo-here, hi-here
	}
}

// embedEvaluated adds up k rows of a table for evaluation for each row of y.
func (r *Run) embedEvaluated(y *Tensor, table *Param, ids []int, k int) {
	slab, used := r.arena.mark()
	row := r.arena.floats(y.Cols)
	for i := range y.Rows {
		out := y.Row(i)
		clear(out)
		for _, id := range ids[i*k : (i+1)*k] {
			table.lookup(row, id)
			kernel.Add(out, out, row)
		}
	}
	r.arena.release(slab, used)
}
