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
	most   int  // rows of activations at a time, as many as there are registers for
}

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
		for _, rows := range []int{1, 2, 3, 4, 5, 6} {
			if rows <= s.most {
				(&tile{scheme: s, rows: rows}).write()
			}
		}
	}
	Generate()
}

// tile is the state of a kernel: rows of activations against groups of 8 rows of weights.
type tile struct {
	scheme
	rows   int
	x, x3  reg.Register // rows 0 to 2 at x + r*stride, 3 to 5 at x3 + r*stride
	stride reg.Register
	w      reg.Register     // the block
	header reg.Register     // of the superblock
	mask   reg.VecVirtual   // 15 in each byte; 1 in each word where values have a sign
	acc    []reg.VecVirtual // (rows): the results
	sums   []reg.VecVirtual // (rows): of products, in integers
}

// at addresses row r: x86 scales an index by 1 or 2 but not by 3.
func (t *tile) at(r, disp int) Mem {
	m := Mem{Base: t.x, Disp: disp}
	if r >= 3 {
		m.Base = t.x3
	}
	if r%3 > 0 {
		m.Index, m.Scale = t.stride, uint8(r%3)
	}
	return m
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
	t.stride = Load(Param("stride"), GP64())
	groups := Load(Param("groups"), GP64())
	t.mask = YMM()
	if t.signed {
		VMOVDQU(words.Eight("ones", 0x00010001), t.mask)
	} else {
		VMOVDQU(words.Eight("fifteens", 0x0f0f0f0f), t.mask)
	}
	for range t.rows {
		t.acc, t.sums = append(t.acc, YMM()), append(t.sums, YMM())
	}

	Label("group")
	t.x = GP64()
	Load(Param("x"), t.x)
	if t.rows > 3 {
		t.x3 = GP64()
		LEAQ(Mem{Base: t.x, Index: t.stride, Scale: 2}, t.x3)
		ADDQ(t.stride, t.x3)
	}
	blocks := Load(Param("blocks"), GP64())
	for _, a := range t.acc {
		VXORPS(a, a, a)
	}
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
	row := GP64()
	MOVQ(c, row)
	for r, a := range t.acc {
		if r > 0 {
			ADDQ(ldc, row)
		}
		VMOVUPS(a, Mem{Base: row})
	}
	ADDQ(Imm(32), c)
	DECQ(groups)
	JNZ(LabelRef("group"))
	VZEROUPPER()
	RET()
}
