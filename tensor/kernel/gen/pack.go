package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func packKernels() {
	packRows(1)
	packRows(4)
	packColumns()
	packTile()
}

// packRows copies panels side by side in a row-major matrix. Four at a time read whole runs of 256 bytes, which spares
// the translation of addresses where rows are far apart.
func packRows(panels int) {
	name := fmt.Sprintf("packRows%d", 16*panels)
	TEXT(name, NOSPLIT, "func(dst, b *float32, k, rowStride int)")
	Doc(fmt.Sprintf("%s packs k rows of %d columns, rowStride floats apart.", name, 16*panels))
	Pragma("noescape")
	dst, b := Load(Param("dst"), GP64()), Load(Param("b"), GP64())
	k, stride := Load(Param("k"), GP64()), bytes("rowStride")
	panel := GP64()
	MOVQ(k, panel)
	SHLQ(Imm(6), panel)
	dst3 := thirdOf(dst, panel, panels)
	Label("row")
	for v := range 2 * panels {
		x := YMM()
		VMOVUPS(Mem{Base: b, Disp: 32 * v}, x)
		VMOVUPS(x, at(dst, dst3, panel, v/2, v%2*32))
	}
	ADDQ(stride, b)
	ADDQ(Imm(64), dst)
	if dst3 != nil {
		ADDQ(Imm(64), dst3)
	}
	DECQ(k)
	JNZ(LabelRef("row"))
	VZEROUPPER()
	RET()
}

// packColumns packs a panel of a matrix stored transposed, by transposing squares of 8 by 8.
func packColumns() {
	TEXT("packColumns16", NOSPLIT, "func(dst, b *float32, blocks, colStride int)")
	Doc("packColumns16 packs 8*blocks rows of 16 columns, each column contiguous, colStride floats apart.")
	Pragma("noescape")
	dst, b := Load(Param("dst"), GP64()), Load(Param("b"), GP64())
	blocks, stride := Load(Param("blocks"), GP64()), bytes("colStride")
	column := GP64()
	Label("block")
	MOVQ(b, column)
	for half := range 2 {
		var cols [8]reg.VecVirtual
		for j := range cols {
			cols[j] = YMM()
			VMOVUPS(Mem{Base: column}, cols[j])
			ADDQ(stride, column)
		}
		for kk, row := range transpose8(cols) {
			VMOVUPS(row, Mem{Base: dst, Disp: 64*kk + 32*half})
		}
	}
	ADDQ(Imm(32), b)
	ADDQ(U32(512), dst)
	DECQ(blocks)
	JNZ(LabelRef("block"))
	VZEROUPPER()
	RET()
}

// transpose8 returns the transpose of an 8 by 8 matrix: pairs, then quads, then halves change places.
func transpose8(in [8]reg.VecVirtual) [8]reg.VecVirtual {
	var pairs, quads, out [8]reg.VecVirtual
	for i := 0; i < 8; i += 2 {
		pairs[i], pairs[i+1] = YMM(), YMM()
		VUNPCKLPS(in[i+1], in[i], pairs[i])
		VUNPCKHPS(in[i+1], in[i], pairs[i+1])
	}
	for i := 0; i < 8; i += 4 {
		for j := range 2 {
			lo, hi := pairs[i+j], pairs[i+j+2]
			quads[i+2*j], quads[i+2*j+1] = YMM(), YMM()
			VSHUFPS(Imm(0x44), hi, lo, quads[i+2*j])
			VSHUFPS(Imm(0xEE), hi, lo, quads[i+2*j+1])
		}
	}
	for i := range 4 {
		out[i], out[i+4] = YMM(), YMM()
		VPERM2F128(Imm(0x20), quads[i+4], quads[i], out[i])
		VPERM2F128(Imm(0x31), quads[i+4], quads[i], out[i+4])
	}
	return out
}

// packTile gathers a tile of a transposed A, whose 6 rows are adjacent floats.
func packTile() {
	TEXT("packTile6", NOSPLIT, "func(dst, a *float32, k, acs int)")
	Doc("packTile6 copies k groups of 6 adjacent floats, acs floats apart.")
	Pragma("noescape")
	dst, a := Load(Param("dst"), GP64()), Load(Param("a"), GP64())
	k, acs := Load(Param("k"), GP64()), bytes("acs")
	Label("group")
	four, two := XMM(), GP64()
	VMOVUPS(Mem{Base: a}, four)
	MOVQ(Mem{Base: a, Disp: 16}, two)
	VMOVUPS(four, Mem{Base: dst})
	MOVQ(two, Mem{Base: dst, Disp: 16})
	ADDQ(acs, a)
	ADDQ(Imm(24), dst)
	DECQ(k)
	JNZ(LabelRef("group"))
	VZEROUPPER()
	RET()
}
