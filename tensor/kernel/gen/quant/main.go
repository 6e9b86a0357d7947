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
	pairs  bool // there are kernels for two groups at a time, too
}

// mostOfPair is the most rows of activations against two groups: the registers hold their sums, memory their results.
const mostOfPair = 4

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
	{name: "Q4", offset: atTimes8, most: 6, pairs: true},
	{name: "Q4Least", least: true, most: 6, pairs: true},
	{name: "Q5", high: 1, offset: atTimes16, most: 4},
	{name: "Q5Least", high: 1, least: true, most: 4},
	{name: "Q8", signed: true, most: 6, pairs: true},
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
				(&tile{scheme: s, rows: rows, groups: 1}).write()
			}
			if s.pairs && rows > 1 && rows <= mostOfPair {
				(&tile{scheme: s, rows: rows, groups: 2}).write()
			}
		}
	}
	Generate()
}

// tile is the state of a kernel: rows of activations against groups of 8 rows of weights, one or two at a time. Two share what
// is loaded of the activations, which is what limits products of several rows.
type tile struct {
	scheme
	rows, groups int
	x, x3        reg.Register // rows 0 to 2 at x + r*stride, 3 to 5 at x3 + r*stride
	stride       reg.Register
	w            []reg.Register     // (groups): the blocks
	header       reg.Register       // of the superblock
	mask         reg.VecVirtual     // 15 in each byte; 1 in each word where values have a sign
	acc          []reg.VecVirtual   // (rows): the results of one group
	spilled      Mem                // (groups,rows): those of two
	sums         [][]reg.VecVirtual // (groups,rows): of products, in integers
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

func (t *tile) weights(group, disp int) Mem { return Mem{Base: t.w[group], Disp: disp} }

// result is where the results of two groups are kept.
func (t *tile) result(group, row int) Mem { return t.spilled.Offset(32 * (group*t.rows + row)) }

func (t *tile) write() {
	name, of := fmt.Sprintf("multiply%sx%d", t.name, t.rows), "groups"
	if t.groups == 2 {
		name, of = fmt.Sprintf("multiply%sx%dx2", t.name, t.rows), "an even number of groups"
	}
	TEXT(name, NOSPLIT, "func(c *float32, ldc int, x *byte, stride int, w *byte, blocks, groups int)")
	Doc(fmt.Sprintf("%s multiplies %d rows of activations by %s of 8 rows of weights.", name, t.rows, of))
	Pragma("noescape")
	c := Load(Param("c"), GP64())
	ldc := Load(Param("ldc"), GP64())
	SHLQ(Imm(2), ldc)
	t.w = []reg.Register{Load(Param("w"), GP64())}
	t.stride = Load(Param("stride"), GP64())
	groups := Load(Param("groups"), GP64())
	t.mask = YMM()
	if t.signed {
		VMOVDQU(words.Eight("ones", 0x00010001), t.mask)
	} else {
		VMOVDQU(words.Eight("fifteens", 0x0f0f0f0f), t.mask)
	}
	t.registers()

	Label("group")
	t.x = GP64()
	Load(Param("x"), t.x)
	if t.rows > 3 {
		t.x3 = GP64()
		LEAQ(Mem{Base: t.x, Index: t.stride, Scale: 2}, t.x3)
		ADDQ(t.stride, t.x3)
	}
	blocks := Load(Param("blocks"), GP64())
	t.begin(blocks)
	t.walk(blocks)
	row := GP64()
	MOVQ(c, row)
	for r := range t.rows {
		if r > 0 {
			ADDQ(ldc, row)
		}
		t.store(r, row)
	}
	ADDQ(Imm(uint64(32*t.groups)), c)
	if t.groups == 2 {
		MOVQ(t.w[1], t.w[0])
	}
	SUBQ(Imm(uint64(t.groups)), groups)
	JNZ(LabelRef("group"))
	VZEROUPPER()
	RET()
}

// registers finds room for sums and results.
func (t *tile) registers() {
	for g := range t.groups {
		t.sums = append(t.sums, nil)
		for range t.rows {
			t.sums[g] = append(t.sums[g], YMM())
		}
	}
	if t.groups == 1 {
		for range t.rows {
			t.acc = append(t.acc, YMM())
		}
		return
	}
	local, base := AllocLocal(32*t.groups*t.rows+32), GP64()
	LEAQ(local.Offset(31), base)
	ANDQ(I32(-32), base)
	t.spilled = Mem{Base: base}
	t.w = append(t.w, GP64())
}

// begin clears the results, and finds the second group.
func (t *tile) begin(blocks reg.Register) {
	if t.groups == 1 {
		for _, a := range t.acc {
			VXORPS(a, a, a)
		}
		return
	}
	IMUL3Q(U32(uint32(t.blockSize())), blocks, t.w[1])
	ADDQ(t.w[0], t.w[1])
	zero := YMM()
	VXORPS(zero, zero, zero)
	for g := range t.groups {
		for r := range t.rows {
			VMOVUPS(zero, t.result(g, r))
		}
	}
}

// walk goes through all blocks.
func (t *tile) walk(blocks reg.Register) {
	if t.super {
		Label("super")
		t.header = GP64()
		MOVQ(t.w[0], t.header)
		ADDQ(Imm(uint64(t.headerSize())), t.w[0])
		inner := GP64()
		MOVQ(U32(8), inner)
		Label("block")
		t.block()
		DECQ(inner)
		JNZ(LabelRef("block"))
		SUBQ(Imm(8), blocks)
		JNZ(LabelRef("super"))
		return
	}
	Label("block")
	t.block()
	DECQ(blocks)
	JNZ(LabelRef("block"))
}

// store writes the results of a row.
func (t *tile) store(r int, row reg.Register) {
	for g := range t.groups {
		a := reg.VecVirtual(nil)
		if t.groups == 1 {
			a = t.acc[r]
		} else {
			a = YMM()
			VMOVUPS(t.result(g, r), a)
		}
		VMOVUPS(a, Mem{Base: row, Disp: 32 * g})
	}
}
