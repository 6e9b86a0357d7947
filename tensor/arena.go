package tensor

// arena hands out buffers that all become free at once. It grows in slabs and
// never shrinks, so that after the first pass of a kind the same buffers are
// handed out again.
type arena struct {
	slabs   [][]float32
	slab    int // index of the slab in use
	used    int // floats used of it
	tensors [][]Tensor
	block   int
	count   int
}

const (
	slabFloats   = 1 << 20
	tensorsBlock = 256
	alignFloats  = 16 // a cache line
)

// floats returns n floats; their content is whatever was there before.
func (a *arena) floats(n int) []float32 {
	need := (n + alignFloats - 1) &^ (alignFloats - 1)
	for {
		if a.slab < len(a.slabs) {
			if s := a.slabs[a.slab]; a.used+need <= len(s) {
				out := s[a.used : a.used+n : a.used+n]
				a.used += need
				return out
			}
			a.slab, a.used = a.slab+1, 0
			continue
		}
		a.slabs = append(a.slabs, make([]float32, max(slabFloats, need)))
	}
}

// tensor returns an empty tensor header.
func (a *arena) tensor() *Tensor {
	if a.count == tensorsBlock {
		a.block, a.count = a.block+1, 0
	}
	if a.block == len(a.tensors) {
		a.tensors = append(a.tensors, make([]Tensor, tensorsBlock))
	}
	t := &a.tensors[a.block][a.count]
	a.count++
	*t = Tensor{}
	return t
}

// mark and release bracket scratch space inside an operation.
func (a *arena) mark() (slab, used int) { return a.slab, a.used }

func (a *arena) release(slab, used int) { a.slab, a.used = slab, used }

// reset makes all buffers free.
func (a *arena) reset() { a.slab, a.used, a.block, a.count = 0, 0, 0, 0 }
