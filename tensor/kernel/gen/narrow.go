package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

var (
	halves = operand{32, func(m Mem, to reg.VecVirtual) { VCVTPH2PS(m, to) }}
	int8s  = operand{16, func(m Mem, to reg.VecVirtual) {
		VPMOVSXBD(m, to)
		VCVTDQ2PS(to, to)
	}}
)

// narrowShapes are the tiles of products with a narrow B, by rows<<4|panels: those of gemmFew, but with no more panels than
// a head's dimensions usually have.
var narrowShapes = []struct{ rows, panels int }{
	{1, 1}, {1, 2}, {1, 4}, {2, 1}, {2, 2}, {3, 1}, {3, 2}, {4, 1}, {5, 1}, {6, 1},
}

// narrowKernels writes what attention needs to work on a cache in half precision or in int8: products with a B that is
// widened in registers, and the copies between it and float32.
func narrowKernels() {
	gemmNarrow("gemmHalf", "*uint16", halves)
	gemmNarrow("gemmInt8", "*int8", int8s)
	widen("widenHalfAVX2", "*uint16", halves)
	widen("widenInt8AVX2", "*int8", int8s)

	kernel("narrowHalfAVX2", "func(dst *uint16, src *float32, blocks int)", "rounds 16 floats for each block, to the nearest and on a tie to the even one.")
	dst, src, blocks := pointer("dst"), pointer("src"), pointer("blocks")
	Label("block")
	for i := range 2 {
		x := YMM()
		VMOVUPS(Mem{Base: src, Disp: 32 * i}, x)
		VCVTPS2PH(Imm(0), x, Mem{Base: dst, Disp: 16 * i})
	}
	ADDQ(Imm(64), src)
	ADDQ(Imm(32), dst)
	DECQ(blocks)
	JNZ(LabelRef("block"))
	finish()
}

func widen(name, from string, o operand) {
	kernel(name, "func(dst *float32, src "+from+", blocks int)", "widens 16 elements for each block.")
	dst, src, blocks := pointer("dst"), pointer("src"), pointer("blocks")
	Label("block")
	for i := range 2 {
		x := YMM()
		o.load(Mem{Base: src, Disp: o.row / 2 * i}, x)
		VMOVUPS(x, Mem{Base: dst, Disp: 32 * i})
	}
	ADDQ(U32(o.row), src)
	ADDQ(Imm(64), dst)
	DECQ(blocks)
	JNZ(LabelRef("block"))
	finish()
}

// fewRows is up to how many rows a product is bound by what it reads of B: then it fetches two panels of keys ahead, which
// is also half a panel of values.
const fewRows = 4

// gemmNarrow writes one function for all tiles of an operand: it finds the tile by its shape.
func gemmNarrow(name, of string, o operand) {
	TEXT(name, NOSPLIT, "func(shape int, c *float32, ldc int, a *float32, ars int, b "+of+", panelStride, k int)")
	Doc(name + " multiplies one tile of shape rows<<4|panels: c = a * b, the elements of a row of a being adjacent.")
	Pragma("noescape")
	shape := pointer("shape")
	for _, s := range narrowShapes {
		CMPQ(shape, U32(s.rows<<4|s.panels))
		JEQ(LabelRef(fmt.Sprintf("tile%dx%d", s.rows, s.panels)))
	}
	RET()
	for _, s := range narrowShapes {
		label := fmt.Sprintf("tile%dx%d", s.rows, s.panels)
		Label(label)
		p := &product{rows: s.rows, panels: s.panels, operand: o}
		p.a, p.ars = pointer("a"), bytes("ars")
		p.b, p.bps = pointer("b"), pointer("panelStride")
		if o.row == halves.row {
			ADDQ(p.bps, p.bps)
		}
		p.a3 = thirdOf(p.a, p.ars, s.rows)
		p.b3 = thirdOf(p.b, p.bps, s.panels)
		if s.rows <= fewRows {
			p.ahead = 4096
		}
		p.declare()
		p.clear()
		p.loop(pointer("k"), label)
		c, ldc := pointer("c"), bytes("ldc")
		p.end(c, thirdOf(c, ldc, s.rows), ldc)
		finish()
	}
}
