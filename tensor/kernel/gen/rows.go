package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func rowKernels() {
	dotColumns()
}

// forColumns runs body for strips of the d columns at every pointer: 8 vectors wide, then 4, then 1, then the rest under a
// mask.
func forColumns(d reg.Register, pointers []reg.Register, body func(l lane, width int)) {
	for _, width := range []int{8, 4, 1} {
		loop, next := newLabel("columns"), newLabel("next")
		Label(loop)
		CMPQ(d, U32(8*width))
		JL(LabelRef(next))
		body(lane{}, width)
		for _, p := range pointers {
			ADDQ(U32(32*width), p)
		}
		SUBQ(U32(8*width), d)
		JMP(LabelRef(loop))
		Label(next)
	}
	done := newLabel("done")
	TESTQ(d, d)
	JZ(LabelRef(done))
	body(lane{mask: tailMask(d)}, 1)
	Label(done)
}

// dotColumns holds a strip of dst in registers while the rows of a and b pass.
func dotColumns() {
	kernel("dotColumnsAVX2", "func(dst, a, b *float32, n, d int)", "adds the products of columns of a and b, n rows of d each, to dst (d).")
	dst, a, b, d := pointer("dst"), pointer("a"), pointer("b"), pointer("d")
	stride, n, x, y := bytes("d"), GP64(), GP64(), GP64()
	forColumns(d, []reg.Register{dst, a, b}, func(l lane, width int) {
		Load(Param("n"), n)
		MOVQ(a, x)
		MOVQ(b, y)
		var acc []reg.VecVirtual
		for v := range width {
			acc = append(acc, lane{32 * v, l.mask}.load(dst))
		}
		loop := newLabel("row")
		Label(loop)
		for v := range width {
			at := lane{32 * v, l.mask}
			if l.mask == nil {
				VFMADD231PS(at.mem(y), at.load(x), acc[v])
			} else {
				VFMADD231PS(at.load(y), at.load(x), acc[v])
			}
		}
		ADDQ(stride, x)
		ADDQ(stride, y)
		DECQ(n)
		JNZ(LabelRef(loop))
		for v := range width {
			lane{32 * v, l.mask}.store(acc[v], dst)
		}
	})
	finish()
}
