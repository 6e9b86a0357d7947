package tensor

import "github.com/stride-ml/stride/tensor/kernel"

// Run evaluates operations on one pool of workers. It is for one goroutine.
type Run struct {
	pool    *Pool
	arena   arena
	tape    []func() // backward steps, in forward order; used when training
	train   bool
	seed    uint64 // of dropout
	drawn   uint64 // dropout operations since the last Reset
	gemm    gemmTask
	quant   quantTask
	several [mostLinears]*Tensor // of Linears
	half    halfTask
	rows    rowTask
	attend  attendTask
	cached  cachedTask
	xentRow xentTask
	conv    convTask
	// convWeight is the weight gradient of a convolution.
	convWeight convWeightTask
}

// RunOption changes what a Run does.
type RunOption func(*Run)

// Training makes a Run that keeps a tape and applies dropout.
func Training() RunOption { return func(r *Run) { r.train = true } }

// NewRun returns a Run on the given pool.
func NewRun(pool *Pool, opts ...RunOption) *Run {
	r := &Run{pool: pool}
	for _, o := range opts {
		o(r)
	}
	return r
}

// Reset frees all tensors of the Run and clears its tape. The seed is that of
// the dropout masks until the next Reset.
func (r *Run) Reset(seed uint64) {
	r.arena.reset()
	clear(r.tape)
	r.tape = r.tape[:0]
	r.seed, r.drawn = seed, 0
}

// Mark is a point in the memory of a Run, for [Run.Keep].
type Mark struct{ slab, used int }

// Mark returns the present point.
func (r *Run) Mark() Mark {
	slab, used := r.arena.mark()
	return Mark{slab, used}
}

// Keep frees all tensors made since the mark but x, which it returns, moved. A
// Run that trains keeps all: its way back needs them.
func (r *Run) Keep(m Mark, x *Tensor) *Tensor {
	if r.train {
		return x
	}
	r.arena.release(m.slab, m.used)
	y := r.New(x.Rows, x.Cols)
	copy(y.Data, x.Data)
	return y
}

// Training reports whether the Run keeps a tape.
func (r *Run) Training() bool { return r.train }

// Backward walks the tape from the last operation to the first. Gradients of
// parameters are added to, those of tensors are set. It is called once after
// the losses.
func (r *Run) Backward() {
	for i := len(r.tape) - 1; i >= 0; i-- {
		r.tape[i]()
	}
	clear(r.tape)
	r.tape = r.tape[:0]
}

// New returns a tensor of the given shape with undefined content.
func (r *Run) New(rows, cols int) *Tensor {
	t := r.arena.tensor()
	t.Rows, t.Cols = rows, cols
	t.Data = r.arena.floats(rows * cols)
	return t
}

// Over returns a tensor on rows of memory that its caller keeps until it is no
// longer used, for evaluation.
func (r *Run) Over(data []float32, cols int) *Tensor {
	t := r.arena.tensor()
	t.Rows, t.Cols, t.Data = len(data)/cols, cols, data
	return t
}

// grad returns t's gradient and whether it already holds something; the caller
// then adds to it, and otherwise overwrites all of it.
func (r *Run) grad(t *Tensor) (g []float32, add bool) {
	if t.Grad == nil {
		t.Grad = r.arena.floats(len(t.Data))
		return t.Grad, false
	}
	return t.Grad, true
}

// gradSum is like grad for operations that can only add.
func (r *Run) gradSum(t *Tensor) []float32 {
	g, add := r.grad(t)
	if !add {
		clear(g)
	}
	return g
}

// gemmTask is one matrix product cut by rows of C, or by columns when there
// are too few rows.
type gemmTask struct {
	c, a, b       []float32
	ldc, ars, acs int
	m, n, k       int
	add           bool
	byColumns     bool
}

func (t *gemmTask) run(part, parts int) {
	if t.byColumns {
		lo, hi := panelRange(t.n, part, parts)
		if lo < hi {
			kernel.Gemm(t.c[lo:], t.ldc, t.a, t.ars, t.acs, t.b[lo*t.k:], t.m, hi-lo, t.k, t.add)
		}
		return
	}
	// Cut at whole tiles, so that only the last part has rows left over.
	tiles := (t.m + tileRows - 1) / tileRows
	lo, hi := min(t.m, tiles*part/parts*tileRows), min(t.m, tiles*(part+1)/parts*tileRows)
	if lo < hi {
		kernel.Gemm(t.c[lo*t.ldc:], t.ldc, t.a[lo*t.ars:], t.ars, t.acs, t.b, hi-lo, t.n, t.k, t.add)
	}
}

const (
	gemmSerial   = 1 << 16 // multiply-adds below which a product is not cut
	gemmRowsPart = 96      // fewest rows worth a part of their own
	tileRows     = 6       // rows of the kernel's tile
)

// product computes C = A·B, or C += A·B.
func (r *Run) product(c []float32, ldc int, a []float32, ars, acs int, b []float32, m, n, k int, add bool) {
	t := &r.gemm
	*t = gemmTask{c: c, a: a, b: b, ldc: ldc, ars: ars, acs: acs, m: m, n: n, k: k, add: add}
	parts := 1
	switch size := r.pool.size; {
	case m*n*k < gemmSerial || size == 1:
	case m >= gemmRowsPart*size:
		parts = min(4, m/gemmRowsPart/size) * size // each worker as many
	default:
		t.byColumns = true
		parts = size
	}
	r.pool.do(t, parts)
}

// MatMul multiplies C (M,N) = A (M,K) by packed weights, for benchmarks and for
// programs that bring their own networks: A is row-major, b comes from [Pack].
func (r *Run) MatMul(c, a, b []float32, m, n, k int) { r.product(c, n, a, k, 1, b, m, n, k, false) }

// Pack packs a row-major B (K,N) for [Run.MatMul].
func (r *Run) Pack(b []float32, k, n int) []float32 { return pack(r.pool, nil, b, k, n, n, 1) }

// rowTask applies a function to ranges of rows. The function is a top-level
// one and its operands are fields, so that nothing is allocated per call.
type rowTask struct {
	f       func(t *rowTask, lo, hi int)
	x, y, z *Tensor
	u       *Tensor
	grid    Grid
	spans   []Span
	g       []float32 // a gradient, or another plain operand
	h, w    []float32
	ids     []int
	a       float32
	rotary  *RotaryTable
	n, m    int
	seed    uint64
	items   int
}

func (t *rowTask) run(part, parts int) {
	if lo, hi := part*t.items/parts, (part+1)*t.items/parts; lo < hi {
		t.f(t, lo, hi)
	}
}

// each runs r.rows over its items; work is the floats touched in all.
func (r *Run) each(t rowTask, items, work int) {
	r.rows = t
	r.rows.items = items
	parts := 1
	if work >= 1<<15 && items > 1 {
		parts = min(items, 2*r.pool.size)
	}
	r.pool.do(&r.rows, parts)
}
