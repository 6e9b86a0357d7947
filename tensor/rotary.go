package tensor

import (
	"math"
	"sync"
	"sync/atomic"

	"github.com/stride-ml/stride/tensor/kernel"
)

// RotaryTable holds the cosines and sines of rotary position embedding (Su et
// al., arXiv 2104.09864). They are computed in blocks of positions when these are
// first needed, since few sequences are as long as a context allows. Many Runs
// may use one.
type RotaryTable struct {
	half        int
	halves      bool
	frequencies []float64 // (half), radians a position
	magnitude   float64
	blocks      []atomic.Pointer[rotaryBlock]
	making      sync.Mutex
}

// rotaryBlock is the part of a table for rotaryBlockSize positions.
type rotaryBlock struct{ cos, sin, neg []float32 } // (positions,half) each

const rotaryBlockSize = 128

// NewRotaryTable returns the table of the usual angles, position ·
// base^(-2i/headDim), for neighbouring elements 2i and 2i+1 of a head.
func NewRotaryTable(context, headDim int, base float64) *RotaryTable {
	return NewRotaryTableOf(context, RotaryFrequencies(headDim, base), 1, false)
}

// RotaryFrequencies returns base^(-2i/headDim) for each pair i of a head.
func RotaryFrequencies(headDim int, base float64) []float64 {
	frequencies := make([]float64, headDim/2)
	for i := range frequencies {
		frequencies[i] = math.Pow(base, -2*float64(i)/float64(headDim))
	}
	return frequencies
}

// NewRotaryTableOf returns a table for positions 0 to context of the given
// frequencies, one for each pair of elements of a head; cosines and sines are
// multiplied by magnitude. Pair i is elements 2i and 2i+1, or with halves
// elements i and HeadDim/2+i, the form in which many public models keep their
// weights.
func NewRotaryTableOf(context int, frequencies []float64, magnitude float64, halves bool) *RotaryTable {
	return &RotaryTable{
		half: len(frequencies), halves: halves, frequencies: frequencies, magnitude: magnitude,
		blocks: make([]atomic.Pointer[rotaryBlock], (context+rotaryBlockSize-1)/rotaryBlockSize),
	}
}

// at returns cosines and sines of a position, and the sines' negatives.
func (t *RotaryTable) at(position int) (cos, sin, neg []float32) {
	n := position / rotaryBlockSize
	b := t.blocks[n].Load()
	if b == nil {
		b = t.make(n)
	}
	from := position % rotaryBlockSize * t.half
	to := from + t.half
	return b.cos[from:to], b.sin[from:to], b.neg[from:to]
}

// make computes a block, once whoever asks for it.
func (t *RotaryTable) make(n int) *rotaryBlock {
	t.making.Lock()
	defer t.making.Unlock()
	if b := t.blocks[n].Load(); b != nil {
		return b
	}
	size := rotaryBlockSize * t.half
	b := &rotaryBlock{make([]float32, size), make([]float32, size), make([]float32, size)}
	for i, frequency := range t.frequencies {
		for p := range rotaryBlockSize {
			s, c := math.Sincos(float64(n*rotaryBlockSize+p) * frequency)
			s, c = s*t.magnitude, c*t.magnitude
			at := p*t.half + i
			b.cos[at], b.sin[at], b.neg[at] = float32(c), float32(s), -float32(s)
		}
	}
	t.blocks[n].Store(b)
	return b
}

// Rotary rotates each head of each row of x (T,heads·HeadDim) in place by the
// row's position. x must be the result of an operation whose backward step does
// not need that result.
func (r *Run) Rotary(x *Tensor, positions []int, table *RotaryTable) *Tensor {
	if !(len(positions) == x.Rows && x.Cols%(2*table.half) == 0) {
		mismatch("rotary", "%d positions for (%d,%d), head dimension %d", len(positions), x.Rows, x.Cols, 2*table.half)
	}
	r.each(rowTask{f: rotaryRows, g: x.Data, n: x.Cols, rotary: table, ids: positions}, x.Rows, 2*len(x.Data))
	if r.train {
		r.tape = append(r.tape, func() {
			r.each(rowTask{f: rotaryGradRows, g: x.Grad, n: x.Cols, rotary: table, ids: positions}, x.Rows, 2*len(x.Data))
		})
	}
	return x
}

func rotaryRows(t *rowTask, lo, hi int) {
	for i := lo; i < hi; i++ {
		cos, sin, _ := t.rotary.at(t.ids[i])
		t.rotary.turn(t.g[i*t.n:(i+1)*t.n], cos, sin)
	}
}

// rotaryGradRows turns gradients back.
func rotaryGradRows(t *rowTask, lo, hi int) {
	for i := lo; i < hi; i++ {
		cos, _, neg := t.rotary.at(t.ids[i])
		t.rotary.turn(t.g[i*t.n:(i+1)*t.n], cos, neg)
	}
}

// turn rotates the heads of one row.
func (t *RotaryTable) turn(row, cos, sin []float32) {
	rotate := kernel.Rope
	if t.halves {
		rotate = kernel.RopeHalves
	}
	for len(row) > 0 {
		rotate(row[:2*t.half], cos, sin)
		row = row[2*t.half:]
	}
}
