package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/stride-ml/stride/tensor/kernel/gen/words"
)

var negInf = float32(math.Inf(-1))

// exponentials returns exp of count vectors that load gives, by the steps and constants of the portable exp. load is called
// twice for each, so that no register keeps it.
func exponentials(count int, load func(i int) reg.VecVirtual) []reg.VecVirtual {
	p := powers(count, load)
	for i := range count {
		x, tooLow := load(i), YMM()
		VCMPPS(Imm(1), float("expLowest", -87.33654), x, tooLow) // x < lowest; false for NaN
		VANDNPS(p[i], tooLow, p[i])
		VCMPPS(Imm(14), float("expHighest", 88.72283), x, x) // x > highest
		VBLENDVPS(x, float("infinity", float32(math.Inf(1))), p[i], p[i])
	}
	return p
}

// negativeExponentials is exponentials for x of at most 0, or NaN; what is below the lowest is taken to be that.
func negativeExponentials(count int, load func(i int) reg.VecVirtual) []reg.VecVirtual {
	return powers(count, func(i int) reg.VecVirtual {
		x, lowest := load(i), YMM()
		VMOVUPS(float("expLowest", -87.33654), lowest)
		VMAXPS(x, lowest, x) // of NaN and a number it gives the one that is named first here
		return x
	})
}

// powers returns exp of vectors between the lowest and the highest. Each step is done for all of them before the next: one
// vector waits some 60 cycles for its own results, more than the processor sees ahead.
func powers(count int, load func(i int) reg.VecVirtual) []reg.VecVirtual {
	var x, n, p []reg.VecVirtual
	for i := range count {
		x, n, p = append(x, load(i)), append(n, YMM()), append(p, YMM())
	}
	all := func(step func(i int)) {
		for i := range count {
			step(i)
		}
	}
	all(func(i int) { VMULPS(float("expLog2E", 1.44269504088896341), x[i], n[i]) })
	all(func(i int) { VROUNDPS(Imm(8), n[i], n[i]) }) // to nearest
	all(func(i int) { VFNMADD231PS(float("expLn2High", 0.693359375), n[i], x[i]) })
	all(func(i int) { VFNMADD231PS(float("expLn2Low", -2.12194440e-4), n[i], x[i]) })
	all(func(i int) { VMOVUPS(float("exp7", 1.9875691500e-4), p[i]) })
	all(func(i int) { VFMADD213PS(float("exp6", 1.3981999507e-3), x[i], p[i]) })
	all(func(i int) { VFMADD213PS(float("exp5", 8.3334519073e-3), x[i], p[i]) })
	all(func(i int) { VFMADD213PS(float("exp4", 4.1665795894e-2), x[i], p[i]) })
	all(func(i int) { VFMADD213PS(float("exp3", 1.6666665459e-1), x[i], p[i]) })
	all(func(i int) { VFMADD213PS(float("exp2", 5.0000001201e-1), x[i], p[i]) })
	all(func(i int) {
		square := YMM()
		VMULPS(x[i], x[i], square)
		VFMADD213PS(x[i], square, p[i])
	})
	all(func(i int) { VADDPS(float("one", 1), p[i], p[i]) })
	// 2^n is added to the exponent. Where n is 128, p is below 1.
	all(func(i int) { VCVTPS2DQ(n[i], n[i]) })
	all(func(i int) { VPSLLD(Imm(23), n[i], n[i]) })
	all(func(i int) { VPADDD(n[i], p[i], p[i]) })
	return p
}

// exponential returns exp(x).
func exponential(x reg.Register) reg.VecVirtual {
	return exponentials(1, func(int) reg.VecVirtual {
		copied := YMM()
		VMOVAPS(x, copied)
		return copied
	})[0]
}

// sigmoid returns 1/(1+exp(-g)).
func sigmoid(g reg.Register) reg.VecVirtual {
	minus, s := YMM(), YMM()
	VXORPS(words.Eight("signBit", 1<<31), g, minus)
	e := exponential(minus)
	one := float("one", 1)
	VADDPS(one, e, e)
	VMOVUPS(one, s)
	VDIVPS(e, s, s)
	return s
}

func expKernels() {
	kernel("expSumAVX2", "func(dst, x *float32, shift float32, n int) float32", "stores exp(x-shift) in dst and returns the sum.")
	dst, x, shift := pointer("dst"), pointer("x"), broadcast("shift")
	acc := accumulators(2)
	forLanes(pointer("n"), 4, []reg.Register{dst, x}, func(lanes []lane) {
		all := exponentials(len(lanes), func(i int) reg.VecVirtual {
			v := lanes[i].load(x)
			VSUBPS(shift, v, v)
			return v
		})
		for i, e := range all {
			lanes[i].store(e, dst)
			lanes[i].clip(e)
			VADDPS(e, acc[i%2], acc[i%2])
		}
	})
	returnSum(acc)

	kernel("swiGLUAVX2", "func(dst, gate, up *float32, n int)", "stores silu(gate)*up in dst.")
	dst, gate, up := pointer("dst"), pointer("gate"), pointer("up")
	forEach(pointer("n"), 2, []reg.Register{dst, gate, up}, func(l lane, _ int) {
		g := l.load(gate)
		s := sigmoid(g)
		VMULPS(s, g, g)
		VMULPS(l.load(up), g, g)
		l.store(g, dst)
	})
	finish()

	kernel("swiGLUGradAVX2", "func(dgate, dup, dy, gate, up *float32, n int)", "stores the gradients of silu(gate)*up.")
	dgate, dup, dy := pointer("dgate"), pointer("dup"), pointer("dy")
	gate, up = pointer("gate"), pointer("up")
	forEach(pointer("n"), 1, []reg.Register{dgate, dup, dy, gate, up}, func(l lane, _ int) {
		g := l.load(gate)
		s := sigmoid(g)
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
func geluGate(x, square reg.Register) reg.VecVirtual {
	u := YMM()
	VMULPS(x, x, square)
	VMOVUPS(float("geluCubic", 1.5957691216057308*0.044715), u)
	VFMADD213PS(float("geluK", 1.5957691216057308), square, u)
	VMULPS(x, u, u)
	return sigmoid(u)
}

func geluKernels() {
	kernel("geluAVX2", "func(dst, x *float32, n int)", "stores x*sigmoid(k*x + k*c*x^3) in dst.")
	dst, x := pointer("dst"), pointer("x")
	forEach(pointer("n"), 2, []reg.Register{dst, x}, func(l lane, _ int) {
		v := l.load(x)
		s := geluGate(v, YMM())
		VMULPS(v, s, s)
		l.store(s, dst)
	})
	finish()

	kernel("geluGradAVX2", "func(dx, dy, x *float32, n int)", "stores the gradient of x*sigmoid(k*x + k*c*x^3).")
	dx, dy, x := pointer("dx"), pointer("dy"), pointer("x")
	forEach(pointer("n"), 1, []reg.Register{dx, dy, x}, func(l lane, _ int) {
		v, square, slope := l.load(x), YMM(), YMM()
		s := geluGate(v, square)
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
