package tensor

import (
	"fmt"

	"github.com/stride-ml/stride/tensor/kernel"
	"github.com/stride-ml/stride/tensor/kernel/quant"
)

// Tensor is a dense float32 array seen as rows: all dimensions but the last
// are folded into Rows. It lives until its Run is reset.
type Tensor struct {
	Data []float32 // (Rows,Cols) row-major
	Grad []float32 // same shape; nil when nothing is to be learned
	Rows int
	Cols int

	packed []float32 // Data packed as an operand of weight gradients, once needed
	bytes  []byte    // Data in 8 bits, once needed
}

// Row returns row i.
func (t *Tensor) Row(i int) []float32 { return t.Data[i*t.Cols : (i+1)*t.Cols] }

func (t *Tensor) gradRow(i int) []float32 { return t.Grad[i*t.Cols : (i+1)*t.Cols] }

// Param is a learned tensor: a matrix (Out,In) as GGUF stores it, row o holding
// the weights of output o, or a vector with Out = 1. Update must be called
// after Data was changed, before the next use.
type Param struct {
	Name    string
	Out, In int
	Data    []float32 // (Out,In); nil where the weights are for evaluation only
	Grad    []float32 // (Out,In); nil unless training
	// NoDecay excludes the parameter from weight decay.
	NoDecay bool
	// Frozen lets gradients pass through operations with the parameter but collects
	// none of its own, as of a network that judges another's results.
	Frozen bool

	forward  []float32 // Data transposed, packed for x·Wᵀ
	backward []float32 // Data packed for dy·W
	matrix   *quant.Matrix
	half     *halves
	stale    bool
	staleT   bool
}

// NewParam returns a zeroed parameter of the given shape.
func NewParam(name string, out, in int) *Param {
	p := NewEmptyParam(name, out, in)
	p.Data = make([]float32, out*in)
	return p
}

// NewEmptyParam returns a parameter of the given shape that has no weights yet:
// Data is nil until they are read in the form in which they are kept.
func NewEmptyParam(name string, out, in int) *Param {
	return &Param{Name: name, Out: out, In: in, stale: true, staleT: true}
}

// Size is the number of values.
func (p *Param) Size() int { return p.Out * p.In }

// Update says that Data has changed.
func (p *Param) Update() { p.stale, p.staleT = true, true }

// ZeroGrad clears the gradient, making room for it the first time.
func (p *Param) ZeroGrad() {
	if p.Grad == nil {
		p.Grad = make([]float32, len(p.Data))
		return
	}
	clear(p.Grad)
}

// packed returns the weights packed for x·Wᵀ: K = In, N = Out.
func (p *Param) packed(pool *Pool) []float32 {
	if p.stale {
		p.forward = pack(pool, p.forward, p.Data, p.In, p.Out, 1, p.In)
		p.stale = false
	}
	return p.forward
}

// packedT returns the weights packed for dy·W: K = Out, N = In.
func (p *Param) packedT(pool *Pool) []float32 {
	if p.staleT {
		p.backward = pack(pool, p.backward, p.Data, p.Out, p.In, p.In, 1)
		p.staleT = false
	}
	return p.backward
}

type packTask struct {
	dst, b                 []float32
	k, n, rowStep, colStep int
}

func (t *packTask) run(part, parts int) {
	lo, hi := panelRange(t.n, part, parts)
	if lo < hi {
		kernel.PackB(t.dst[lo*t.k:], t.b[lo*t.colStep:], t.k, hi-lo, t.rowStep, t.colStep)
	}
}

func pack(pool *Pool, dst, b []float32, k, n, rowStep, colStep int) []float32 {
	if need := kernel.PackedSize(k, n); len(dst) != need {
		dst = make([]float32, need)
	}
	parts := 1
	if k*n >= 1<<16 {
		parts = pool.size
	}
	pool.do(&packTask{dst, b, k, n, rowStep, colStep}, parts)
	return dst
}

// panelRange is part i of n columns cut at multiples of the kernel's panel.
func panelRange(n, part, parts int) (lo, hi int) {
	panels := (n + panel - 1) / panel
	return min(n, panels*part/parts*panel), min(n, panels*(part+1)/parts*panel)
}

// panel is the number of columns in a panel of kernel.PackB.
const panel = 16

// mismatch reports operands whose shapes do not fit: a mistake in the caller's
// code. It is called after the check, so that passing checks cost no boxing.
func mismatch(op, format string, args ...any) {
	panic("tensor: " + op + ": " + fmt.Sprintf(format, args...))
}

// Prepare packs the weights for inference, so that several Runs may then use
// them at once.
func (p *Param) Prepare() {
	if p.stale {
		p.forward = make([]float32, kernel.PackedSize(p.In, p.Out))
		kernel.PackB(p.forward, p.Data, p.In, p.Out, 1, p.In)
		p.stale = false
	}
}
