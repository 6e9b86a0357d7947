package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func rowKernels() {
	dotRows()
	axpyRows()
	addOuter()
	dotColumns()
}

// dotRows takes four rows at a time, then single ones. A single row adds its lanes in the same order as four.
func dotRows() {
	kernel("dotRowsAVX2", "func(dst, q, rows *float32, stride, n, d int)", "stores the products of q (d) with each of n rows in dst.")
	dst, rows := pointer("dst"), pointer("rows")
	stride, n, d := bytes("stride"), pointer("n"), GP64()
	group := func(count int) reg.VecVirtual {
		q, row := pointer("q"), GP64()
		Load(Param("d"), d)
		MOVQ(rows, row)
		row3 := thirdOf(row, stride, count)
		pointers := []reg.Register{q, row}
		if row3 != nil {
			pointers = append(pointers, row3)
		}
		acc := accumulators(count)
		forEach(d, 1, pointers, func(l lane, _ int) {
			x := l.load(q)
			for i := range acc {
				r := at(row, row3, stride, i, 0)
				if l.mask == nil {
					VFMADD231PS(r, x, acc[i])
					continue
				}
				y := YMM()
				VMASKMOVPS(r, l.mask, y)
				VFMADD231PS(y, x, acc[i])
			}
		})
		for len(acc) > 1 {
			for i := 0; i < len(acc); i += 2 {
				VHADDPS(acc[i+1], acc[i], acc[i])
				acc[i/2] = acc[i]
			}
			acc = acc[:len(acc)/2]
		}
		if count == 1 {
			VHADDPS(acc[0], acc[0], acc[0])
			VHADDPS(acc[0], acc[0], acc[0])
		}
		high := XMM()
		VEXTRACTF128(Imm(1), acc[0], high)
		VADDPS(high, acc[0].AsX(), acc[0].AsX())
		return acc[0]
	}
	SUBQ(Imm(4), n)
	JL(LabelRef("rest"))
	Label("four")
	VMOVUPS(group(4).AsX(), Mem{Base: dst})
	ADDQ(Imm(16), dst)
	LEAQ(Mem{Base: rows, Index: stride, Scale: 4}, rows)
	SUBQ(Imm(4), n)
	JGE(LabelRef("four"))
	Label("rest")
	ADDQ(Imm(4), n)
	JZ(LabelRef("done"))
	Label("one")
	VMOVSS(group(1).AsX(), Mem{Base: dst})
	ADDQ(Imm(4), dst)
	ADDQ(stride, rows)
	DECQ(n)
	JNZ(LabelRef("one"))
	Label("done")
	finish()
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

// axpyRows holds a strip of dst in registers while the rows pass.
func axpyRows() {
	kernel("axpyRowsAVX2", "func(dst, w, rows *float32, stride, n, d int)", "adds w[i] times row i of n to dst (d).")
	dst, rows, d := pointer("dst"), pointer("rows"), pointer("d")
	stride, w, n, row := bytes("stride"), GP64(), GP64(), GP64()
	forColumns(d, []reg.Register{dst, rows}, func(l lane, width int) {
		Load(Param("w"), w)
		Load(Param("n"), n)
		MOVQ(rows, row)
		var acc []reg.VecVirtual
		for v := range width {
			acc = append(acc, lane{32 * v, l.mask}.load(dst))
		}
		loop := newLabel("row")
		Label(loop)
		weight := YMM()
		VBROADCASTSS(Mem{Base: w}, weight)
		for v := range width {
			if l.mask == nil {
				VFMADD231PS(Mem{Base: row, Disp: 32 * v}, weight, acc[v])
			} else {
				VFMADD231PS(l.load(row), weight, acc[v])
			}
		}
		ADDQ(Imm(4), w)
		ADDQ(stride, row)
		DECQ(n)
		JNZ(LabelRef(loop))
		for v := range width {
			lane{32 * v, l.mask}.store(acc[v], dst)
		}
	})
	finish()
}

// addOuter holds a strip of x in registers while the rows pass.
func addOuter() {
	kernel("addOuterAVX2", "func(rows *float32, stride, n int, w, x *float32, d int)", "adds w[i]*x (d) to row i of n.")
	rows, x, d := pointer("rows"), pointer("x"), pointer("d")
	stride, w, n, row := bytes("stride"), GP64(), GP64(), GP64()
	forColumns(d, []reg.Register{x, rows}, func(l lane, width int) {
		Load(Param("w"), w)
		Load(Param("n"), n)
		MOVQ(rows, row)
		var strip []reg.VecVirtual
		for v := range width {
			strip = append(strip, lane{32 * v, l.mask}.load(x))
		}
		loop := newLabel("row")
		Label(loop)
		weight := YMM()
		VBROADCASTSS(Mem{Base: w}, weight)
		for v := range width {
			at := lane{32 * v, l.mask}
			sum := at.load(row)
			VFMADD231PS(strip[v], weight, sum)
			at.store(sum, row)
		}
		ADDQ(Imm(4), w)
		ADDQ(stride, row)
		DECQ(n)
		JNZ(LabelRef(loop))
	})
	finish()
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
