package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/stride-ml/stride/tensor/kernel/gen/words"
)

var negInf = float32(math.Inf(-1))

// exponential returns exp(x) by the steps and constants of the portable exp; x is clobbered.
func exponential(x reg.Register, highest reg.Register) reg.VecVirtual {
	tooLow, n, p, square := YMM(), YMM(), YMM(), YMM()
	VCMPPS(Imm(1), float("expLowest", -87.33654), x, tooLow) // x < lowest; false for NaN
	VMINPS(x, highest, x)                                    // x is the second source, which VMINPS returns for NaN
	VMULPS(float("expLog2E", 1.44269504088896341), x, n)
	VROUNDPS(Imm(8), n, n) // to nearest
	VFNMADD231PS(float("expLn2High", 0.693359375), n, x)
	VFNMADD231PS(float("expLn2Low", -2.12194440e-4), n, x)
	VMOVUPS(float("exp7", 1.9875691500e-4), p)
	VFMADD213PS(float("exp6", 1.3981999507e-3), x, p)
	VFMADD213PS(float("exp5", 8.3334519073e-3), x, p)
	VFMADD213PS(float("exp4", 4.1665795894e-2), x, p)
	VFMADD213PS(float("exp3", 1.6666665459e-1), x, p)
	VFMADD213PS(float("exp2", 5.0000001201e-1), x, p)
	VMULPS(x, x, square)
	VFMADD213PS(x, square, p)
	VADDPS(float("one", 1), p, p)
	// 2^n in two factors, because n = 128 has no float32 of its own.
	half := YMM()
	VCVTPS2DQ(n, n)
	VPSRAD(Imm(1), n, half)
	VPSUBD(half, n, n)
	for _, part := range []reg.Register{half, n} {
		VPADDD(words.Eight("exponentBias", 127), part, part)
		VPSLLD(Imm(23), part, part)
		VMULPS(part, p, p)
	}
	VANDNPS(p, tooLow, p)
	return p
}

// sigmoid returns 1/(1+exp(-g)).
func sigmoid(g, highest reg.Register) reg.VecVirtual {
	minus, s := YMM(), YMM()
	VXORPS(words.Eight("signBit", 1<<31), g, minus)
	e := exponential(minus, highest)
	one := float("one", 1)
	VADDPS(one, e, e)
	VMOVUPS(one, s)
	VDIVPS(e, s, s)
	return s
}

func expKernels() {
	kernel("expSumAVX2", "func(dst, x *float32, shift float32, n int) float32", "stores exp(x-shift) in dst and returns the sum.")
	dst, x := pointer("dst"), pointer("x")
	shift, highest := broadcast("shift"), held(float("expHighest", 89))
	acc := accumulators(2)
	forEach(pointer("n"), 2, []reg.Register{dst, x}, func(l lane, u int) {
		v := l.load(x)
		VSUBPS(shift, v, v)
		e := exponential(v, highest)
		l.store(e, dst)
		l.clip(e)
		VADDPS(e, acc[u], acc[u])
	})
	returnSum(acc)

	kernel("swiGLUAVX2", "func(dst, gate, up *float32, n int)", "stores silu(gate)*up in dst.")
	dst, gate, up := pointer("dst"), pointer("gate"), pointer("up")
	highest = held(float("expHighest", 89))
	forEach(pointer("n"), 2, []reg.Register{dst, gate, up}, func(l lane, _ int) {
		g := l.load(gate)
		s := sigmoid(g, highest)
		VMULPS(s, g, g)
		VMULPS(l.load(up), g, g)
		l.store(g, dst)
	})
	finish()

	kernel("swiGLUGradAVX2", "func(dgate, dup, dy, gate, up *float32, n int)", "stores the gradients of silu(gate)*up.")
	dgate, dup, dy := pointer("dgate"), pointer("dup"), pointer("dy")
	gate, up = pointer("gate"), pointer("up")
	highest = held(float("expHighest", 89))
	forEach(pointer("n"), 1, []reg.Register{dgate, dup, dy, gate, up}, func(l lane, _ int) {
		g := l.load(gate)
		s := sigmoid(g, highest)
		VMULPS(s, g, g) // silu
		d, slope := l.load(dy), YMM()
		VMOVAPS(g, slope)
		VFNMADD213PS(g, s, slope) // silu*(1-s), then + s: the derivative of silu
		VADDPS(s, slope, slope)
		VMULPS(d, slope, slope)
		VMULPS(l.load(up), slope, slope)
		VMULPS(d, g, g)
		l.store(g, dup)
		l.store(slope, dgate)
	})
	finish()
}

// geluGate returns sigmoid(u) with u = k*x + k*c*x^3, and leaves x*x in square.
func geluGate(x, square, highest reg.Register) reg.VecVirtual {
	u := YMM()
	VMULPS(x, x, square)
	VMOVUPS(float("geluCubic", 1.5957691216057308*0.044715), u)
	VFMADD213PS(float("geluK", 1.5957691216057308), square, u)
	VMULPS(x, u, u)
	return sigmoid(u, highest)
}

func geluKernels() {
	kernel("geluAVX2", "func(dst, x *float32, n int)", "stores x*sigmoid(k*x + k*c*x^3) in dst.")
	dst, x := pointer("dst"), pointer("x")
	highest := held(float("expHighest", 89))
	forEach(pointer("n"), 2, []reg.Register{dst, x}, func(l lane, _ int) {
		v := l.load(x)
		s := geluGate(v, YMM(), highest)
		VMULPS(v, s, s)
		l.store(s, dst)
	})
	finish()

	kernel("geluGradAVX2", "func(dx, dy, x *float32, n int)", "stores the gradient of x*sigmoid(k*x + k*c*x^3).")
	dx, dy, x := pointer("dx"), pointer("dy"), pointer("x")
	highest = held(float("expHighest", 89))
	forEach(pointer("n"), 1, []reg.Register{dx, dy, x}, func(l lane, _ int) {
		v, square, slope := l.load(x), YMM(), YMM()
		s := geluGate(v, square, highest)
		VMULPS(s, v, v)
		VFNMADD213PS(v, s, v) // x*s*(1-s), then times the derivative of u, + s
		VMOVUPS(float("geluSlope", 3*1.5957691216057308*0.044715), slope)
		VFMADD213PS(float("geluK", 1.5957691216057308), square, slope)
		VFMADD231PS(v, slope, s)
		VMULPS(l.load(dy), s, s)
		l.store(s, dx)
	})
	finish()
}
