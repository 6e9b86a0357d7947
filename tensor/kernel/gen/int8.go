package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/stride-ml/stride/tensor/kernel/gen/words"
)

// int8Kernels writes what attention needs to work on a cache in int8: the product of integers and the rounding of its left
// side.
func int8Kernels() {
	gemmInt8()
	largestFloat()
	largestHalf()
	scaleInt16()
	expInt16()
}

// int8Ahead is how many bytes before its use b is fetched from memory, where few rows leave the product bound by that.
const int8Ahead = 4096

// gemmInt8 writes a tile for each number of rows of one panel. Pairs of b widen to 16 bits; their products with a pair of a,
// which is the same for all columns, are 8 sums of two.
func gemmInt8() {
	TEXT("gemmInt8AVX2", NOSPLIT, "func(rows int, c *float32, ldc int, a *int16, ars int, as *float32, b *int8, panelStride int, bs *uint16, bss int, panels, pairs, block int)")
	Doc("gemmInt8AVX2 multiplies up to 6 rows with panels: c = as * a * b in blocks of pairs in k, each scaled.")
	Pragma("noescape")
	rows := pointer("rows")
	for r := 1; r <= tileRows; r++ {
		CMPQ(rows, U32(r))
		JEQ(LabelRef(fmt.Sprintf("rows%d", r)))
	}
	RET()
	for r := 1; r <= tileRows; r++ {
		int8Tile(r, fmt.Sprintf("rows%d", r))
	}
}

// heldRows is up to how many rows registers hold results beside the sums of a block.
const heldRows = 3

func int8Tile(rows int, label string) {
	Label(label)
	c, ldc, ars := pointer("c"), bytes("ldc"), pointer("ars")
	ADDQ(ars, ars)
	panels := pointer("panels")
	panel, panelScales := pointer("b"), pointer("bs")

	Label(label + "Panel")
	c3 := thirdOf(c, ldc, rows)
	a := pointer("a")
	a3 := thirdOf(a, ars, rows)
	b, bs, left := GP64(), GP64(), pointer("pairs")
	MOVQ(panel, b)
	MOVQ(panelScales, bs)
	r := int8Results{at: func(r, v int) Mem { return at(c, c3, ldc, r, 32*v) }}
	r.begin(rows)

	Label(label + "Block")
	k := pointer("block")
	CMPQ(left, k)
	CMOVQLT(left, k)
	SUBQ(k, left)
	var sums [][2]reg.VecVirtual
	for range rows {
		sums = append(sums, [2]reg.VecVirtual{zeroed(), zeroed()})
	}
	steps := func(n int) {
		for i := range n {
			b0, b1 := YMM(), YMM()
			VPMOVSXBW(Mem{Base: b, Disp: 32 * i}, b0)
			VPMOVSXBW(Mem{Base: b, Disp: 32*i + 16}, b1)
			for r, sum := range sums {
				x, y := YMM(), YMM()
				VPBROADCASTD(at(a, a3, ars, r, 4*i), x)
				VPMADDWD(b0, x, y)
				VPADDD(y, sum[0], sum[0])
				VPMADDWD(b1, x, x)
				VPADDD(x, sum[1], sum[1])
			}
			if rows <= fewRows && i%2 == 0 {
				PREFETCHT0(Mem{Base: b, Disp: 32*i + int8Ahead})
			}
		}
		ADDQ(U32(32*n), b)
		for _, p := range []reg.Register{a, a3} {
			if p != nil {
				ADDQ(U32(4*n), p)
			}
		}
	}
	unrolled(k, label, "Scale", steps)

	Label(label + "Scale")
	for v := range 2 {
		s := YMM()
		VCVTPH2PS(Mem{Base: bs, Disp: 16 * v}, s)
		for i, sum := range sums {
			VCVTDQ2PS(sum[v], sum[v])
			VMULPS(s, sum[v], sum[v])
			r.add(i, v, sum[v])
		}
	}
	stride := pointer("bss")
	LEAQ(Mem{Base: bs, Index: stride, Scale: 2}, bs)
	TESTQ(left, left)
	JNZ(LabelRef(label + "Block"))
	r.end(rows, pointer("as"))

	ADDQ(Imm(64), c)
	ADDQ(Imm(32), panelScales)
	stride = pointer("panelStride")
	ADDQ(stride, panel)
	DECQ(panels)
	JNZ(LabelRef(label + "Panel"))
	finish()
}

// int8Results adds up blocks: in registers, or for many rows in memory.
type int8Results struct {
	at   func(r, v int) Mem
	held [][2]reg.VecVirtual
}

func (t *int8Results) begin(rows int) {
	if rows <= heldRows {
		for range rows {
			t.held = append(t.held, [2]reg.VecVirtual{zeroed(), zeroed()})
		}
		return
	}
	zero := zeroed()
	for r := range rows {
		VMOVUPS(zero, t.at(r, 0))
		VMOVUPS(zero, t.at(r, 1))
	}
}

func (t *int8Results) add(r, v int, x reg.VecVirtual) {
	if t.held != nil {
		VADDPS(x, t.held[r][v], t.held[r][v])
		return
	}
	VADDPS(t.at(r, v), x, x)
	VMOVUPS(x, t.at(r, v))
}

// end multiplies by the scales of the rows.
func (t *int8Results) end(rows int, scales reg.Register) {
	for r := range rows {
		s := YMM()
		VBROADCASTSS(Mem{Base: scales, Disp: 4 * r}, s)
		for v := range 2 {
			x := YMM()
			if t.held != nil {
				x = t.held[r][v]
				VMULPS(s, x, x)
			} else {
				VMULPS(t.at(r, v), s, x)
			}
			VMOVUPS(x, t.at(r, v))
		}
	}
}

func largestFloat() {
	kernel("largestFloatAVX2", "func(x *float32, blocks int) uint32", "returns the bits of the largest magnitude of x, 16 floats for each block.")
	x, blocks := pointer("x"), pointer("blocks")
	unsigned := held(words.Eight("magnitude", 1<<31-1))
	// Compared as integers those of NaN are above all others.
	most := []reg.VecVirtual{zeroed(), zeroed()}
	Label("block")
	for i := range most {
		v := YMM()
		VPAND(Mem{Base: x, Disp: 32 * i}, unsigned, v)
		VPMAXSD(v, most[i], most[i])
	}
	ADDQ(Imm(64), x)
	DECQ(blocks)
	JNZ(LabelRef("block"))
	VPMAXSD(most[1], most[0], most[0])
	returnLargest(most[0])
}

func largestHalf() {
	kernel("largestHalfAVX2", "func(x *uint16, blocks int) uint32", "returns the largest x, 16 of them for each block.")
	x, blocks, most := pointer("x"), pointer("blocks"), zeroed()
	Label("block")
	VPMAXUW(Mem{Base: x}, most, most)
	ADDQ(Imm(32), x)
	DECQ(blocks)
	JNZ(LabelRef("block"))
	// The larger of each pair, widened.
	odd := YMM()
	VPSRLD(Imm(16), most, odd)
	VPMAXUW(odd, most, most)
	VPSLLD(Imm(16), most, most)
	VPSRLD(Imm(16), most, most)
	returnLargest(most)
}

// returnLargest returns the largest of eight positive integers.
func returnLargest(v reg.VecVirtual) {
	low, high, r := v.AsX(), XMM(), GP32()
	VEXTRACTI128(Imm(1), v, high)
	VPMAXSD(high, low, low)
	for _, order := range []uint64{0x4E, 0xB1} {
		VPSHUFD(Imm(order), low, high)
		VPMAXSD(high, low, low)
	}
	VMOVD(low, r)
	Store(r, ReturnIndex(0))
	finish()
}

func scaleInt16() {
	kernel("scaleInt16AVX2", "func(dst *int16, x *float32, inverse float32, blocks int)", "stores x*inverse in dst, rounded to the nearest and on a tie to the even one, 16 for each block.")
	dst, x, inverse, blocks := pointer("dst"), pointer("x"), broadcast("inverse"), pointer("blocks")
	Label("block")
	var v [2]reg.VecVirtual
	for i := range v {
		v[i] = YMM()
		VMULPS(Mem{Base: x, Disp: 32 * i}, inverse, v[i])
		VCVTPS2DQ(v[i], v[i])
	}
	VPACKSSDW(v[1], v[0], v[0])
	VPERMQ(Imm(0xD8), v[0], v[0])
	VMOVDQU(v[0], Mem{Base: dst})
	ADDQ(Imm(64), x)
	ADDQ(Imm(32), dst)
	DECQ(blocks)
	JNZ(LabelRef("block"))
	finish()
}

// expInt16 writes exponentials that become integers at once, for as many scales as there are.
func expInt16() {
	kernel("expInt16AVX2", "func(dst *int16, ds int, x *float32, shift float32, y *uint16, ys int, inverses *float32, scales, n int) float32",
		"stores exp(x-shift)*y*inverse in dst, rounded, for each of several y, and returns the sum of the exponentials; n is a multiple of 16.")
	dst, ds, x, shift := pointer("dst"), pointer("ds"), pointer("x"), broadcast("shift")
	y, ys, n := pointer("y"), pointer("ys"), pointer("n")
	ADDQ(ds, ds)
	ADDQ(ys, ys)
	acc := accumulators(2)
	for _, vectors := range []int{4, 2} {
		loop, next := newLabel("loop"), newLabel("next")
		SUBQ(U32(8*vectors), n)
		JL(LabelRef(next))
		Label(loop)
		all := negativeExponentials(vectors, func(i int) reg.VecVirtual {
			v := YMM()
			VMOVUPS(Mem{Base: x, Disp: 32 * i}, v)
			VSUBPS(shift, v, v)
			return v
		})
		for i, e := range all {
			VADDPS(e, acc[i%2], acc[i%2])
		}
		to, by, inverses, scales := GP64(), GP64(), pointer("inverses"), pointer("scales")
		MOVQ(dst, to)
		MOVQ(y, by)
		scale := newLabel("scale")
		Label(scale)
		inverse := YMM()
		VBROADCASTSS(Mem{Base: inverses}, inverse)
		for i := 0; i < vectors; i += 2 {
			var v [2]reg.VecVirtual
			for j := range v {
				v[j] = YMM()
				VCVTPH2PS(Mem{Base: by, Disp: 16 * (i + j)}, v[j])
				VMULPS(all[i+j], v[j], v[j])
				VMULPS(inverse, v[j], v[j])
				VCVTPS2DQ(v[j], v[j])
			}
			VPACKSSDW(v[1], v[0], v[0])
			VPERMQ(Imm(0xD8), v[0], v[0])
			VMOVDQU(v[0], Mem{Base: to, Disp: 16 * i})
		}
		ADDQ(ds, to)
		ADDQ(ys, by)
		ADDQ(Imm(4), inverses)
		DECQ(scales)
		JNZ(LabelRef(scale))
		ADDQ(U32(32*vectors), x)
		ADDQ(U32(16*vectors), dst)
		ADDQ(U32(16*vectors), y)
		SUBQ(U32(8*vectors), n)
		JGE(LabelRef(loop))
		Label(next)
		ADDQ(U32(8*vectors), n)
	}
	returnSum(acc)
}
