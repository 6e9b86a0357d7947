package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// tileRows is the number of rows of the large tile: 6 rows of 2 vectors are 12 accumulators, which leaves 4 registers for
// operands, and 12 chains hide the latency of two FMA units (4 to 5 cycles).
const tileRows = 6

// gemmKernels writes one kernel for each tile shape: the large one for many rows of C, and for 1 to 5 rows shapes that
// make up for the missing rows with more panels of B, so that there are still enough chains.
func gemmKernels() {
	gemmTiles()
	for _, shape := range []struct{ rows, panels int }{
		{1, 1}, {1, 2}, {1, 3}, {1, 4}, {1, 5}, {1, 6},
		{2, 1}, {2, 2}, {2, 3},
		{3, 1}, {3, 2},
		{4, 1},
		{5, 1},
	} {
		gemmFew(shape.rows, shape.panels)
	}
}

// operand is how a packed B is stored.
type operand struct {
	row  int                            // bytes of one k of a panel
	load func(m Mem, to reg.VecVirtual) // widens 8 elements to float32
}

var floats = operand{64, func(m Mem, to reg.VecVirtual) { VMOVUPS(m, to) }}

// product is the state of one tile: c (rows, 16*panels) += a (rows, k) * b (k, 16*panels).
type product struct {
	rows, panels int
	operand
	acc      [][]reg.VecVirtual // of row, vector
	a, a3    reg.Register       // rows 0 to 2 at a + r*ars, rows 3 to 5 at a3 + r*ars
	ars, acs reg.Register       // in bytes; no acs: the elements of a row are adjacent
	b, b3    reg.Register       // panels 0 to 2 at b + p*bps, 3 to 5 at b3 + p*bps
	bps      reg.Register       // in bytes
	ahead    int                // bytes before its use that b is fetched from memory; 0 for not at all
}

// at addresses row or panel i, counted from a base of every third one: x86 scales an index by 1 or 2 but not by 3.
func at(base, base3, stride reg.Register, i, disp int) Mem {
	m := Mem{Base: base, Disp: disp}
	if i >= 3 {
		m.Base = base3
	}
	if i%3 > 0 {
		m.Index, m.Scale = stride, uint8(i%3)
	}
	return m
}

// thirdOf returns a register that holds base + 3*stride, or nil where fewer than 4 are needed.
func thirdOf(base, stride reg.Register, count int) reg.Register {
	if count < 4 {
		return nil
	}
	r := GP64()
	LEAQ(Mem{Base: base, Index: stride, Scale: 2}, r)
	ADDQ(stride, r)
	return r
}

func (p *product) declare() {
	for range p.rows {
		var row []reg.VecVirtual
		for range 2 * p.panels {
			row = append(row, YMM())
		}
		p.acc = append(p.acc, row)
	}
}

// step adds the products of one k, disp bytes on in b.
func (p *product) step(disp int) {
	aAt := func(row int) Mem { return at(p.a, p.a3, p.ars, row, 0) }
	bAt := func(v int) Mem { return at(p.b, p.b3, p.bps, v/2, disp+v%2*p.row/2) }
	switch {
	case p.rows == 1 && p.row == floats.row:
		x := YMM()
		VBROADCASTSS(aAt(0), x)
		for v, acc := range p.acc[0] {
			VFMADD231PS(bAt(v), x, acc)
		}
	case p.panels == 1:
		b0, b1 := YMM(), YMM()
		p.load(bAt(0), b0)
		p.load(bAt(1), b1)
		for r, acc := range p.acc {
			x := YMM()
			VBROADCASTSS(aAt(r), x)
			VFMADD231PS(b0, x, acc[0])
			VFMADD231PS(b1, x, acc[1])
		}
	default:
		var x []reg.VecVirtual
		for r := range p.rows {
			x = append(x, YMM())
			VBROADCASTSS(aAt(r), x[r])
		}
		for v := range 2 * p.panels {
			b := YMM()
			p.load(bAt(v), b)
			for r, acc := range p.acc {
				VFMADD231PS(b, x[r], acc[v])
			}
		}
	}
	for _, a := range []reg.Register{p.a, p.a3} {
		switch {
		case a == nil:
		case p.acs == nil:
			ADDQ(Imm(4), a)
		default:
			ADDQ(p.acs, a)
		}
	}
}

// loop runs all k steps, unrolled by 4; it clobbers a, b and k.
func (p *product) loop(k reg.Register, label string) {
	steps := func(n int) {
		for i := range n {
			p.step(p.row * i)
		}
		for v := 0; n == 4 && p.ahead > 0 && v < p.panels; v++ {
			for line := 0; line < 4*p.row; line += 64 {
				PREFETCHT0(at(p.b, p.b3, p.bps, v, p.ahead+line))
			}
		}
		ADDQ(U32(p.row*n), p.b)
		if p.b3 != nil {
			ADDQ(U32(p.row*n), p.b3)
		}
	}
	unrolled(k, label, "Done", steps)
	Label(label + "Done")
}

// unrolled makes k steps, four at a time and then one by one, and goes to the label done; it clobbers k.
func unrolled(k reg.Register, label, done string, steps func(n int)) {
	SUBQ(Imm(4), k)
	JL(LabelRef(label + "Rest"))
	Label(label + "Four")
	steps(4)
	SUBQ(Imm(4), k)
	JGE(LabelRef(label + "Four"))
	Label(label + "Rest")
	ADDQ(Imm(4), k)
	JZ(LabelRef(label + done))
	Label(label + "One")
	steps(1)
	DECQ(k)
	JNZ(LabelRef(label + "One"))
}

// begin loads the accumulators from c, or clears them if accumulate is 0.
func (p *product) begin(accumulate reg.Register, c, c3, ldc reg.Register, label string) {
	TESTQ(accumulate, accumulate)
	JZ(LabelRef(label + "Clear"))
	for r, row := range p.acc {
		for v, acc := range row {
			VMOVUPS(at(c, c3, ldc, r, 32*v), acc)
		}
	}
	JMP(LabelRef(label + "Start"))
	Label(label + "Clear")
	p.clear()
	Label(label + "Start")
}

func (p *product) clear() {
	for _, row := range p.acc {
		for _, acc := range row {
			VXORPS(acc, acc, acc)
		}
	}
}

func (p *product) end(c, c3, ldc reg.Register) {
	for r, row := range p.acc {
		for v, acc := range row {
			VMOVUPS(acc, at(c, c3, ldc, r, 32*v))
		}
	}
}

// bytes loads a parameter that counts floats and converts it to bytes.
func bytes(name string) reg.Register {
	r := Load(Param(name), GP64())
	SHLQ(Imm(2), r)
	return r
}

// gemmTiles writes the kernel for many rows: one panel of B against a column of tiles, so that the panel stays in the
// first-level cache and the call is paid once.
func gemmTiles() {
	TEXT("gemm6x16", NOSPLIT, "func(c *float32, ldc int, a *float32, ars, acs, tileStride int, b *float32, k, tiles, accumulate int)")
	Doc(
		"gemm6x16 multiplies tiles of 6 rows with one panel: c (6*tiles,16) = or += a * b (k,16).",
		"Row r of tile t is at a[t*tileStride+r*ars:], its elements acs apart.",
	)
	Pragma("noescape")
	p := &product{rows: tileRows, panels: 1, operand: floats}
	c := Load(Param("c"), GP64())
	ldc := bytes("ldc")
	aTile := Load(Param("a"), GP64())
	p.ars, p.acs = bytes("ars"), bytes("acs")
	tiles := Load(Param("tiles"), GP64())
	p.declare()

	Label("tile")
	c3 := thirdOf(c, ldc, p.rows)
	p.a = GP64()
	MOVQ(aTile, p.a)
	p.a3 = thirdOf(p.a, p.ars, p.rows)
	p.b = Load(Param("b"), GP64())
	p.begin(Load(Param("accumulate"), GP64()), c, c3, ldc, "tile")
	// The next tile's part of C is fetched while this one is computed.
	next, next3 := GP64(), GP64()
	LEAQ(Mem{Base: c3, Index: ldc, Scale: 2}, next)
	ADDQ(ldc, next)
	LEAQ(Mem{Base: next, Index: ldc, Scale: 2}, next3)
	ADDQ(ldc, next3)
	for r := range p.rows {
		PREFETCHT0(at(next, next3, ldc, r, 0))
	}
	p.loop(Load(Param("k"), GP64()), "tile")
	p.end(c, c3, ldc)

	MOVQ(next, c)
	stride := bytes("tileStride")
	ADDQ(stride, aTile)
	DECQ(tiles)
	JNZ(LabelRef("tile"))
	VZEROUPPER()
	RET()
}

// gemmFew writes the kernel for a tile of few rows and several panels.
func gemmFew(rows, panels int) {
	name := fmt.Sprintf("gemm%dx%d", rows, 16*panels)
	TEXT(name, NOSPLIT, "func(c *float32, ldc int, a *float32, ars, acs int, b *float32, panelStride, k, accumulate int)")
	Doc(fmt.Sprintf("%s multiplies one tile: c (%d,%d) = or += a * b (k,%d).", name, rows, 16*panels, 16*panels))
	Pragma("noescape")
	p := &product{rows: rows, panels: panels, operand: floats}
	c := Load(Param("c"), GP64())
	ldc := bytes("ldc")
	p.a = Load(Param("a"), GP64())
	p.ars, p.acs = bytes("ars"), bytes("acs")
	p.b, p.bps = Load(Param("b"), GP64()), bytes("panelStride")
	k := Load(Param("k"), GP64())
	accumulate := Load(Param("accumulate"), GP64())
	c3 := thirdOf(c, ldc, rows)
	p.a3 = thirdOf(p.a, p.ars, rows)
	p.b3 = thirdOf(p.b, p.bps, panels)
	p.declare()
	p.begin(accumulate, c, c3, ldc, "tile")
	p.loop(k, "tile")
	p.end(c, c3, ldc)
	VZEROUPPER()
	RET()
}
