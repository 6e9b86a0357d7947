package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func networkKernels() {
	rmsNormGrad()
	rope()
	adamW()
}

func rmsNormGrad() {
	kernel("rmsNormGradAVX2", "func(dx, dw, dy, x, w *float32, inv, coefficient float32, n int)",
		"adds dy*inv*w - coefficient*x to dx and dy*inv*x to dw.")
	dx, dw, dy := pointer("dx"), pointer("dw"), pointer("dy")
	x, w := pointer("x"), pointer("w")
	inv, coefficient := broadcast("inv"), broadcast("coefficient")
	forEach(pointer("n"), 2, []reg.Register{dx, dw, dy, x, w}, func(l lane, _ int) {
		scaled, in := l.load(dy), l.load(x)
		VMULPS(inv, scaled, scaled)
		toX, toW := l.load(dx), l.load(dw)
		VFMADD231PS(l.load(w), scaled, toX)
		VFNMADD231PS(in, coefficient, toX)
		VFMADD231PS(in, scaled, toW)
		l.store(toX, dx)
		l.store(toW, dw)
	})
	finish()
}

// rope rotates 4 pairs at a time: x*cos, and the swapped pair times sin, subtracted for the first of a pair and added for
// the second.
func rope() {
	kernel("ropeAVX2", "func(x, cos, sin *float32, pairs int)", "rotates pairs of x.")
	x, cos, sin := pointer("x"), pointer("cos"), pointer("sin")
	pairs := pointer("pairs")
	rotate := func(v, c, s reg.VecVirtual) {
		swapped := YMM()
		VPERMILPS(Imm(0xB1), v, swapped)
		VMULPS(s, swapped, swapped)
		VFMADDSUB213PS(swapped, c, v)
	}
	// twice returns x0 x0 x1 x1 x2 x2 x3 x3.
	twice := func(half reg.VecVirtual) reg.VecVirtual {
		low, high := half.AsX(), XMM()
		VUNPCKHPS(low, low, high)
		VUNPCKLPS(low, low, low)
		VINSERTF128(Imm(1), high, half, half)
		return half
	}
	SUBQ(Imm(4), pairs)
	JL(LabelRef("rest"))
	Label("four")
	v, c, s := YMM(), YMM(), YMM()
	VMOVUPS(Mem{Base: x}, v)
	VMOVUPS(Mem{Base: cos}, c.AsX())
	VMOVUPS(Mem{Base: sin}, s.AsX())
	rotate(v, twice(c), twice(s))
	VMOVUPS(v, Mem{Base: x})
	ADDQ(Imm(32), x)
	ADDQ(Imm(16), cos)
	ADDQ(Imm(16), sin)
	SUBQ(Imm(4), pairs)
	JGE(LabelRef("four"))
	Label("rest")
	ADDQ(Imm(4), pairs)
	JZ(LabelRef("done"))
	narrow := tailMask(pairs)
	c, s = YMM(), YMM()
	VMASKMOVPS(Mem{Base: cos}, narrow.AsX(), c.AsX())
	VMASKMOVPS(Mem{Base: sin}, narrow.AsX(), s.AsX())
	ADDQ(pairs, pairs)
	tail := lane{mask: tailMask(pairs)}
	v = tail.load(x)
	rotate(v, twice(c), twice(s))
	tail.store(v, x)
	Label("done")
	finish()
}

// adamW reads its factors in the order of the Go struct adamWFactors.
func adamW() {
	kernel("adamWAVX2", "func(w, grad, m, v, factors *float32, n int)", "makes one AdamW step.")
	w, g, m, v := pointer("w"), pointer("grad"), pointer("m"), pointer("v")
	factors := pointer("factors")
	var f [9]reg.VecVirtual
	for i := range f {
		f[i] = YMM()
		VBROADCASTSS(Mem{Base: factors, Disp: 4 * i}, f[i])
	}
	gradScale, beta1, rest1, beta2, rest2, unbias2, eps, step, keep := f[0], f[1], f[2], f[3], f[4], f[5], f[6], f[7], f[8]
	forEach(pointer("n"), 1, []reg.Register{w, g, m, v}, func(l lane, _ int) {
		grad, first, second := l.load(g), l.load(m), l.load(v)
		VMULPS(gradScale, grad, grad)
		VMULPS(beta1, first, first)
		VFMADD231PS(grad, rest1, first)
		VMULPS(grad, grad, grad)
		VMULPS(beta2, second, second)
		VFMADD231PS(grad, rest2, second)
		l.store(first, m)
		l.store(second, v)
		VMULPS(unbias2, second, second)
		VSQRTPS(second, second)
		VADDPS(eps, second, second)
		VMULPS(step, first, first)
		VDIVPS(second, first, first)
		weight := l.load(w)
		VFMSUB213PS(first, keep, weight)
		l.store(weight, w)
	})
	finish()
}
