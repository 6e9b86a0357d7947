package tensor

import (
	"unsafe"

	"github.com/stride-ml/stride/tensor/kernel"
	"github.com/stride-ml/stride/tensor/kernel/quant"
)

// halves is weights of 16 bits, as they are in a file but packed as panels of
// kernel.PackB. They are widened as they are used, which is exact.
type halves struct {
	bits  []uint16 // panels (In,16)
	brain bool     // bfloat16, else half precision
}

// HalfSize is the bytes that [Param.Half] takes for weights (out,in).
func HalfSize(out, in int) int { return 2 * kernel.PackedSize(in, out) }

// Half replaces the weights by those of 16 bits that raw holds row by row, in
// half precision or in bfloat16 (brain). They are then for evaluation only, as
// those of [Param.Quantised] are. Their memory is room, of [HalfSize] bytes of
// zeros at an even address, or new where that is nil.
func (p *Param) Half(raw []byte, brain bool, room []byte) {
	if len(raw) != 2*p.Size() {
		mismatch("half "+p.Name, "%d bytes for %d weights", len(raw), p.Size())
	}
	size := HalfSize(p.Out, p.In)
	if room == nil {
		room = NewMemory(size)
	}
	if len(room) != size {
		mismatch("half "+p.Name, "%d bytes of memory, want %d", len(room), size)
	}
	h := &halves{bits: unsafe.Slice((*uint16)(unsafe.Pointer(unsafe.SliceData(room))), size/2), brain: brain}
	for o := range p.Out {
		row, column := raw[2*o*p.In:], h.bits[o/panel*panel*p.In+o%panel:]
		for k := range p.In {
			column[k*panel] = uint16(row[2*k]) | uint16(row[2*k+1])<<8
		}
	}
	p.Data, p.forward, p.half = nil, nil, h
}

// Pack keeps the weights in the form of products only: they are then for
// evaluation only.
func (p *Param) Pack() {
	p.Prepare()
	p.Data = nil
}

// lookup writes row id of weights for evaluation to dst (In).
func (p *Param) lookup(dst []float32, id int) {
	at := id/panel*panel*p.In + id%panel
	switch {
	case p.matrix != nil:
		p.matrix.Row(dst, id)
	case p.half != nil:
		var bits [panel]uint16
		var wide [panel]float32
		for k := 0; k < p.In; k += panel {
			n := min(panel, p.In-k)
			for i := range n {
				bits[i] = p.half.bits[at+(k+i)*panel]
			}
			p.half.widen(wide[:], bits[:])
			copy(dst[k:k+n], wide[:])
		}
	default:
		for k := range p.In {
			dst[k] = p.forward[at+k*panel]
		}
	}
}

func (h *halves) widen(dst []float32, bits []uint16) {
	if h.brain {
		quant.WidenBrain(dst, bits)
		return
	}
	kernel.WidenHalf(dst, bits)
}

// halfTask multiplies rows by panels of weights of 16 bits.
type halfTask struct {
	x, y    []float32
	w       *halves
	m, n, k int
	scratch []float32 // a panel widened, for each part
}

// widenFrom is from how many rows on a panel is widened once for all of them.
const widenFrom = 7

func (t *halfTask) run(part, parts int) {
	size := panel * t.k
	wide := t.scratch[part*size : (part+1)*size]
	lo, hi := panelRange(t.n, part, parts)
	for j := lo; j < hi; j += panel {
		bits := t.w.bits[j*t.k : (j+panel)*t.k]
		if hi-j >= panel && t.m < widenFrom && !t.w.brain {
			kernel.GemmHalf(t.y[j:], t.n, t.x, t.k, bits, size, t.m, 1, t.k)
			continue
		}
		t.w.widen(wide, bits)
		kernel.Gemm(t.y[j:], t.n, t.x, t.k, 1, wide, t.m, min(panel, hi-j), t.k, false)
	}
}

// halfProduct computes y (m,Out) = x (m,In)·Wᵀ.
func (r *Run) halfProduct(y, x []float32, w *Param, m int) {
	if r.train {
		mismatch("weights of 16 bits", "training needs float32")
	}
	parts := 1
	if m*w.Size() >= gemmSerial {
		parts = r.pool.size
	}
	slab, used := r.arena.mark()
	r.half = halfTask{x: x, y: y, w: w.half, m: m, n: w.Out, k: w.In, scratch: r.arena.floats(parts * panel * w.In)}
	r.pool.do(&r.half, parts)
	r.arena.release(slab, used)
}
