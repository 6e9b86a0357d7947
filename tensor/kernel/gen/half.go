package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

var halves = operand{32, func(m Mem, to reg.VecVirtual) { VCVTPH2PS(m, to) }}

// halfShapes are the tiles of products with a B in half precision, by rows<<4|panels: those of gemmFew, but with no more panels than
// a head's dimensions usually have.
var halfShapes = []struct{ rows, panels int }{
	{1, 1}, {1, 2}, {1, 4}, {2, 1}, {2, 2}, {3, 1}, {3, 2}, {4, 1}, {5, 1}, {6, 1},
}

// halfKernels writes what attention needs to work on a cache in half precision: products with a B that is widened in
// registers, and the copies between it and float32.
func halfKernels() {
	gemmHalf()

	kernel("widenHalfAVX2", "func(dst *float32, src *uint16, blocks int)", "widens 16 elements for each block.")
	to, from, count := pointer("dst"), pointer("src"), pointer("blocks")
	Label("block")
	for i := range 2 {
		x := YMM()
		VCVTPH2PS(Mem{Base: from, Disp: 16 * i}, x)
		VMOVUPS(x, Mem{Base: to, Disp: 32 * i})
	}
	ADDQ(Imm(32), from)
	ADDQ(Imm(64), to)
	DECQ(count)
	JNZ(LabelRef("block"))
	finish()

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

// fewRows is up to how many rows a product is bound by what it reads of B: then it fetches two panels of keys ahead, which
// is also half a panel of values.
const fewRows = 4

// gemmHalf writes one function for all tiles: it finds the tile by its shape.
func gemmHalf() {
	TEXT("gemmHalfAVX2", NOSPLIT, "func(shape int, c *float32, ldc int, a *float32, ars int, b *uint16, panelStride, k int)")
	Doc("gemmHalfAVX2 multiplies one tile of shape rows<<4|panels: c = a * b, the elements of a row of a being adjacent.")
	Pragma("noescape")
	shape := pointer("shape")
	for _, s := range halfShapes {
		CMPQ(shape, U32(s.rows<<4|s.panels))
		JEQ(LabelRef(fmt.Sprintf("tile%dx%d", s.rows, s.panels)))
	}
	RET()
	for _, s := range halfShapes {
		label := fmt.Sprintf("tile%dx%d", s.rows, s.panels)
		Label(label)
		p := &product{rows: s.rows, panels: s.panels, operand: halves}
		p.a, p.ars = pointer("a"), bytes("ars")
		p.b, p.bps = pointer("b"), pointer("panelStride")
		ADDQ(p.bps, p.bps)
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
