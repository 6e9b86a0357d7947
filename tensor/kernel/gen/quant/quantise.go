package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/stride-ml/stride/tensor/kernel/gen/words"
)

func floats(name string, v float32) Mem { return words.Eight(name, math.Float32bits(v)) }

// four returns four 32-bit words in read-only memory.
func four(name string, v ...int32) Mem {
	m := GLOBL(name, RODATA|NOPTR)
	for i, x := range v {
		DATA(4*i, U32(uint32(x)))
	}
	return m
}

// quantise writes the records of blocks of 32 floats.
func quantise() {
	TEXT("quantiseAVX2", NOSPLIT, "func(dst *byte, x *float32, blocks int)")
	Doc("quantiseAVX2 writes a record for each block of 32 floats.")
	Pragma("noescape")
	dst, x, blocks := Load(Param("dst"), GP64()), Load(Param("x"), GP64()), Load(Param("blocks"), GP64())
	order := GLOBL("order", RODATA|NOPTR)
	for i, lane := range []uint32{0, 4, 1, 5, 2, 6, 3, 7} {
		DATA(4*i, U32(lane))
	}
	toFirst, toSecond := four("timesFirst", 0, 0, -8, -16), four("timesSecond", -32, -32, 0, 0)
	Label("block")
	var v [4]reg.VecVirtual
	for i := range v {
		v[i] = YMM()
		VMOVUPS(Mem{Base: x, Disp: 32 * i}, v[i])
	}
	largest := largestOf(v)
	scale, inverse := XMM(), XMM()
	VMULSS(floats("one127th", 1.0/127), largest, scale)
	VMOVSS(floats("most", 127), inverse)
	VDIVSS(largest, inverse, inverse)
	zero := XMM()
	VXORPS(zero, zero, zero)
	VCMPSS(Imm(0), zero, largest, zero)
	VANDNPS(inverse, zero, inverse)
	times := YMM()
	VBROADCASTSS(inverse, times)
	for i := range v {
		VMULPS(times, v[i], v[i])
		VCVTPS2DQ(v[i], v[i])
	}
	first, second := YMM(), YMM()
	VPADDD(v[1], v[0], first)
	VPADDD(v[3], v[2], second)
	VPACKSSDW(v[1], v[0], v[0])
	VPACKSSDW(v[3], v[2], v[2])
	VPACKSSWB(v[2], v[0], v[0])
	lanes := YMM()
	VMOVDQU(order, lanes)
	VPERMD(v[0], lanes, v[0])
	VMOVDQU(v[0], Mem{Base: dst})
	// Both halves' sums, in turns, then the sum of both.
	VPHADDD(second, first, first)
	VPHADDD(first, first, first)
	upper, halves, sum := XMM(), XMM(), XMM()
	VEXTRACTI128(Imm(1), first, upper)
	VPADDD(upper, first.AsX(), halves)
	VPHADDD(halves, halves, sum)
	times4, scaled, out := XMM(), XMM(), XMM()
	VBROADCASTSS(scale, times4)
	VCVTDQ2PS(sum, scaled)
	VMULPS(times4, scaled, scaled)
	VPMULLD(toFirst, sum, out)
	VBLENDPS(Imm(1), times4, out, out)
	VBLENDPS(Imm(2), scaled, out, out)
	VMOVUPS(out, Mem{Base: dst, Disp: atScale})
	VPMULLD(toSecond, halves, halves)
	VMOVUPS(halves, Mem{Base: dst, Disp: atHalves})
	ADDQ(Imm(128), x)
	ADDQ(Imm(recordSize), dst)
	DECQ(blocks)
	JNZ(LabelRef("block"))
	VZEROUPPER()
	RET()
}

// largestOf returns the largest magnitude of 32 floats. As integers magnitudes have the same order, and NaN above them all.
func largestOf(v [4]reg.VecVirtual) reg.VecVirtual {
	sign := words.Eight("magnitude", 0x7fffffff)
	a, b := YMM(), YMM()
	VPAND(sign, v[0], a)
	for _, x := range v[1:] {
		VPAND(sign, x, b)
		VPMAXUD(b, a, a)
	}
	high := XMM()
	VEXTRACTI128(Imm(1), a, high)
	VPMAXUD(high, a.AsX(), high)
	for _, order := range []uint64{0b01001110, 0b10110001} {
		swapped := XMM()
		VPSHUFD(Imm(order), high, swapped)
		VPMAXUD(swapped, high, high)
	}
	return high
}

// widenBrain writes floats whose upper halves are given.
func widenBrain() {
	TEXT("widenBrainAVX2", NOSPLIT, "func(dst *float32, src *uint16, n int)")
	Doc("widenBrainAVX2 widens n numbers, a multiple of 16.")
	Pragma("noescape")
	dst, src, n := Load(Param("dst"), GP64()), Load(Param("src"), GP64()), Load(Param("n"), GP64())
	Label("loop")
	for i := range 2 {
		x := YMM()
		VPMOVZXWD(Mem{Base: src, Disp: 16 * i}, x)
		VPSLLD(Imm(16), x, x)
		VMOVDQU(x, Mem{Base: dst, Disp: 32 * i})
	}
	ADDQ(Imm(32), src)
	ADDQ(Imm(64), dst)
	SUBQ(Imm(16), n)
	JNZ(LabelRef("loop"))
	VZEROUPPER()
	RET()
}
