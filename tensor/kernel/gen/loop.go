package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/stride-ml/stride/tensor/kernel/gen/words"
)

// lane is where one step of a loop stands: disp bytes after every pointer, and the first elements only if mask is set.
// Full and masked steps run the same instructions, so an element gets the same bits wherever in a slice it lies.
type lane struct {
	disp int
	mask reg.Register
}

func (l lane) mem(p reg.Register) Mem { return Mem{Base: p, Disp: l.disp} }

// load returns 8 floats at p; elements beyond the mask are zero and not touched in memory.
func (l lane) load(p reg.Register) reg.VecVirtual {
	x := YMM()
	if l.mask == nil {
		VMOVUPS(l.mem(p), x)
	} else {
		VMASKMOVPS(l.mem(p), l.mask, x)
	}
	return x
}

func (l lane) store(x, p reg.Register) {
	if l.mask == nil {
		VMOVUPS(x, l.mem(p))
	} else {
		VMASKMOVPS(x, l.mask, l.mem(p))
	}
}

// clip sets elements of x beyond the mask to zero.
func (l lane) clip(x reg.Register) {
	if l.mask != nil {
		VANDPS(l.mask, x, x)
	}
}

var labels int

func newLabel(name string) string {
	labels++
	return fmt.Sprintf("%s%d", name, labels)
}

// forEach runs body over n floats of every pointer: unroll vectors at a time, then single ones, then what is left under a
// mask. body is told which of the unrolled vectors it is at. The pointers and n are clobbered.
func forEach(n reg.Register, unroll int, pointers []reg.Register, body func(l lane, u int)) {
	forLanes(n, unroll, pointers, func(lanes []lane) {
		for u, l := range lanes {
			body(l, u)
		}
	})
}

// forLanes is [forEach] with a body that takes all vectors of a step.
func forLanes(n reg.Register, unroll int, pointers []reg.Register, body func(lanes []lane)) {
	steps := []int{unroll, 1}
	if unroll == 1 {
		steps = steps[:1]
	}
	for _, u := range steps {
		loop, next := newLabel("loop"), newLabel("next")
		SUBQ(U32(8*u), n)
		JL(LabelRef(next))
		Label(loop)
		var lanes []lane
		for i := range u {
			lanes = append(lanes, lane{disp: 32 * i})
		}
		body(lanes)
		for _, p := range pointers {
			ADDQ(U32(32*u), p)
		}
		SUBQ(U32(8*u), n)
		JGE(LabelRef(loop))
		Label(next)
		ADDQ(U32(8*u), n)
	}
	done := newLabel("done")
	TESTQ(n, n)
	JZ(LabelRef(done))
	body([]lane{{mask: tailMask(n)}})
	Label(done)
}

var maskTable *Mem

// tailMask returns a mask whose first n elements are set, 0 <= n <= 8: a window on 8 set and 8 clear elements.
func tailMask(n reg.Register) reg.VecVirtual {
	if maskTable == nil {
		table := GLOBL("tailMasks", RODATA|NOPTR)
		for i := range 16 {
			var set uint32
			if i < 8 {
				set = math.MaxUint32
			}
			DATA(4*i, U32(set))
		}
		maskTable = &table
	}
	table, mask := GP64(), YMM()
	LEAQ(*maskTable, table)
	NEGQ(n)
	VMOVUPS(Mem{Base: table, Index: n, Scale: 4, Disp: 32}, mask)
	NEGQ(n)
	return mask
}

func float(name string, x float32) Mem { return words.Eight(name, math.Float32bits(x)) }

// held loads a constant into a register for the whole kernel.
func held(m Mem) reg.VecVirtual {
	x := YMM()
	VMOVUPS(m, x)
	return x
}

// broadcast loads a float32 parameter into all elements of a register.
func broadcast(name string) reg.VecVirtual {
	x := YMM()
	addr, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	VBROADCASTSS(addr.Addr, x)
	return x
}

// pointer loads a pointer or an integer parameter.
func pointer(name string) reg.Register { return Load(Param(name), GP64()) }

func zeroed() reg.VecVirtual {
	x := YMM()
	VXORPS(x, x, x)
	return x
}

func finish() {
	VZEROUPPER()
	RET()
}
