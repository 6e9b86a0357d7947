package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/stride-ml/stride/tensor/kernel/gen/words"
)

func polar() {
	kernel("polarAVX2", "func(re, im, logs, phases *float32, limit float32, n int)",
		"stores the parts of exp(min(logs, limit)) at angles phases in re and im.")
	re, im, logs, phases := pointer("re"), pointer("im"), pointer("logs"), pointer("phases")
	limit := broadcast("limit")
	forEach(pointer("n"), 1, []reg.Register{re, im, logs, phases}, func(l lane, _ int) {
		log := l.load(logs)
		VMINPS(log, limit, log) // log is the second source, which VMINPS returns for NaN
		size := exponential(log)
		sin, cos := sinCos(l.load(phases))
		VMULPS(size, cos, cos)
		VMULPS(size, sin, sin)
		l.store(cos, re)
		l.store(sin, im)
	})
	finish()
}

// sinCos returns sine and cosine of x by the steps and constants of the portable sinCos; x is clobbered.
func sinCos(x reg.Register) (sin, cos reg.VecVirtual) {
	turns, quarter, square := YMM(), YMM(), YMM()
	VMULPS(float("twoOverPi", 0.63661977236758134), x, turns)
	VROUNDPS(Imm(8), turns, turns) // to nearest
	VFNMADD231PS(float("piHigh", 1.5703125), turns, x)
	VFNMADD231PS(float("piMiddle", 4.837512969970703125e-4), turns, x)
	VFNMADD231PS(float("piLow", 7.54978995489188216e-8), turns, x)
	bound := YMM() // x is the second source of minimum and maximum, which they return for NaN
	VMOVUPS(float("mostRest", 1), bound)
	VMINPS(x, bound, x)
	VMOVUPS(float("leastRest", -1), bound)
	VMAXPS(x, bound, x)
	VMULPS(float("oneQuarter", 0.25), turns, quarter)
	VROUNDPS(Imm(9), quarter, quarter) // down
	VFNMADD231PS(float("four", 4), quarter, turns)
	VCVTPS2DQ(turns, turns) // the quadrant, 0 to 3

	VMULPS(x, x, square)
	s, c, t := YMM(), YMM(), YMM()
	VMOVUPS(float("sin7", -1.9515295891e-4), s)
	VFMADD213PS(float("sin5", 8.3321608736e-3), square, s)
	VFMADD213PS(float("sin3", -1.6666654611e-1), square, s)
	VMULPS(x, square, t)
	VFMADD213PS(x, t, s)
	VMOVUPS(float("cos8", 2.443315711809948e-5), c)
	VFMADD213PS(float("cos6", -1.388731625493765e-3), square, c)
	VFMADD213PS(float("cos4", 4.166664568298827e-2), square, c)
	VMULPS(square, square, t)
	VFNMADD213PS(float("one", 1), held(float("half", 0.5)), square) // 1 - x^2/2
	VFMADD213PS(square, t, c)

	// Odd quadrants exchange the two; the sine is negative in 2 and 3, the cosine in 1 and 2.
	odd, sign := YMM(), YMM()
	sin, cos = YMM(), YMM()
	VPSLLD(Imm(31), turns, odd)
	VBLENDVPS(odd, c, s, sin)
	VBLENDVPS(odd, s, c, cos)
	signBit := words.Eight("signBit", 1<<31)
	VPSLLD(Imm(30), turns, sign)
	VPAND(signBit, sign, sign)
	VXORPS(sign, sin, sin)
	VPADDD(words.Eight("oneInteger", 1), turns, turns)
	VPSLLD(Imm(30), turns, turns)
	VPAND(signBit, turns, turns)
	VXORPS(turns, cos, cos)
	return sin, cos
}
