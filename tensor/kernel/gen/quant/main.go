// Command quant writes the AVX2 assembly of package quant: products of 8-bit activations and quantised weights.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/stride-ml/stride/tensor/kernel/gen/words"
)

// scheme is how a block of weights is laid out and what its products need. Package quant has the same table and says what
// the words mean.
type scheme struct {
	name   string
	signed bool // values are bytes with a sign, and others have 4 bits or more
	high   int  // bits above the first four
	offset int  // where in a record of activations lies what the offset of the weights takes away; 0 for none
	least  bool // blocks have a minimum
	super  bool // scales are bytes, times those of a superblock of 8 blocks
	halves bool // two scales a block
	most   int  // rows of activations whose results fit registers
}

// mostRows is the most rows at a time: their sums fit registers, and beyond scheme.most their results stay in memory.
const mostRows = 8

// A record of activations: 32 bytes, their scale, and what sums are needed.
const (
	recordSize = 64
	atScale    = 32
	atSum      = 36 // the sum times the scale
	atTimes8   = 40 // -8 times the sum
	atTimes16  = 44
	atHalves   = 48 // -32 times the sum of the first half, then of the second
)

var schemes = []scheme{
	{name: "Q4", offset: atTimes8, most: 6},
	{name: "Q4Least", least: true, most: 6},
	{name: "Q5", high: 1, offset: atTimes16, most: 4},
	{name: "Q5Least", high: 1, least: true, most: 4},
	{name: "Q8", signed: true, most: 6},
	{name: "Q4Super", least: true, super: true, most: 6},
	{name: "Q5Super", high: 1, least: true, super: true, most: 4},
	{name: "Q6Super", high: 2, offset: atHalves, super: true, halves: true, most: 4},
}

func main() {
	ConstraintExpr("amd64,!noasm")
	quantise()
	widenBrain()
	for _, s := range schemes {
		for rows := range mostRows {
			(&tile{scheme: s, rows: rows + 1}).write()
		}
	}
	Generate()
}

// tile is the state of a kernel: rows of activations against groups of 8 rows of weights.
type tile struct {
	scheme
	rows   int
	x      threes           // of activations, stride bytes apart
	c      threes           // of results, ldc bytes apart
	w      reg.Register     // the block
	header reg.Register     // of the superblock
	mask   reg.VecVirtual   // 15 in each byte; 1 in each word where values have a sign
	acc    []reg.VecVirtual // (rows): the results; none where room has them
	room   reg.Register     // (rows,8) in memory
	sums   []reg.VecVirtual // (rows): of products, in integers
}

// threes addresses rows: x86 scales an index by 1 or 2 but not by 3, so each third row has a register.
type threes struct {
	bases  []reg.Register
	stride reg.Register
}

// newThrees returns rows from base on.
func newThrees(base, stride reg.Register, rows int) threes {
	t := threes{stride: stride}
	for r := 0; r < rows; r += 3 {
		next := GP64()
		if r == 0 {
			MOVQ(base, next)
		} else {
			LEAQ(Mem{Base: t.bases[len(t.bases)-1], Index: stride, Scale: 2}, next)
			ADDQ(stride, next)
		}
		t.bases = append(t.bases, next)
	}
	return t
}

func (t threes) at(r, disp int) Mem {
	m := Mem{Base: t.bases[r/3], Disp: disp}
	if r%3 > 0 {
		m.Index, m.Scale = t.stride, uint8(r%3)
	}
	return m
}

func (t threes) advance(n uint64) {
	for _, b := range t.bases {
		ADDQ(Imm(n), b)
	}
}

func (t *tile) weights(disp int) Mem { return Mem{Base: t.w, Disp: disp} }

func (t *tile) write() {
	name := fmt.Sprintf("multiply%sx%d", t.name, t.rows)
	TEXT(name, NOSPLIT, "func(c *float32, ldc int, x *byte, stride int, w *byte, blocks, groups int)")
	Doc(fmt.Sprintf("%s multiplies %d rows of activations by groups of 8 rows of weights.", name, t.rows))
	Pragma("noescape")
	c := Load(Param("c"), GP64())
	ldc := Load(Param("ldc"), GP64())
	SHLQ(Imm(2), ldc)
	t.w = Load(Param("w"), GP64())
	stride := Load(Param("stride"), GP64())
	groups := Load(Param("groups"), GP64())
	t.mask = YMM()
	if t.signed {
		VMOVDQU(words.Eight("ones", 0x00010001), t.mask)
	} else {
		VMOVDQU(words.Eight("fifteens", 0x0f0f0f0f), t.mask)
	}
	t.c = newThrees(c, ldc, t.rows)
	for range t.rows {
		t.sums = append(t.sums, YMM())
		if t.rows <= t.most {
			t.acc = append(t.acc, YMM())
		}
	}
	if t.rows > t.most {
		t.room = GP64()
		LEAQ(AllocLocal(32*t.rows+32).Offset(31), t.room)
		ANDQ(I8(-32), t.room)
	}

	Label("group")
	x := Load(Param("x"), GP64())
	t.x = newThrees(x, stride, t.rows)
	blocks := Load(Param("blocks"), GP64())
	t.clear()
	if t.super {
		Label("super")
		t.header = GP64()
		MOVQ(t.w, t.header)
		ADDQ(Imm(uint64(t.headerSize())), t.w)
		inner := GP64()
		MOVQ(U32(8), inner)
		Label("block")
		t.block()
		DECQ(inner)
		JNZ(LabelRef("block"))
		SUBQ(Imm(8), blocks)
		JNZ(LabelRef("super"))
	} else {
		Label("block")
		t.block()
		DECQ(blocks)
		JNZ(LabelRef("block"))
	}
	for r := range t.rows {
		VMOVUPS(t.result(r), t.c.at(r, 0))
	}
	t.c.advance(32)
	DECQ(groups)
	JNZ(LabelRef("group"))
	VZEROUPPER()
	RET()
}

// clear sets the results to zero.
func (t *tile) clear() {
	for _, a := range t.acc {
		VXORPS(a, a, a)
	}
	if t.room == nil {
		return
	}
	zero := YMM()
	VXORPS(zero, zero, zero)
	for r := range t.rows {
		VMOVAPS(zero, t.inRoom(r))
	}
}

func (t *tile) inRoom(r int) Mem { return Mem{Base: t.room, Disp: 32 * r} }

// gather adds x*y to the result of row r.
func (t *tile) gather(r int, x, y reg.VecVirtual) {
	if t.room == nil {
		VFMADD231PS(x, y, t.acc[r])
		return
	}
	VFMADD213PS(t.inRoom(r), x, y)
	VMOVAPS(y, t.inRoom(r))
}

// result returns the result of row r.
func (t *tile) result(r int) reg.VecVirtual {
	if t.room == nil {
		return t.acc[r]
	}
	a := YMM()
	VMOVAPS(t.inRoom(r), a)
	return a
}
