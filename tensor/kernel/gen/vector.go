package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func vectorKernels() {
	kernel("addAVX2", "func(dst, a, b *float32, n int)", "stores a+b in dst.")
	dst, a, b := pointer("dst"), pointer("a"), pointer("b")
	forEach(pointer("n"), 4, []reg.Register{dst, a, b}, func(l lane, _ int) {
		x := l.load(a)
		VADDPS(l.load(b), x, x)
		l.store(x, dst)
	})
	finish()

	kernel("mulAVX2", "func(dst, a, b *float32, n int)", "stores a*b in dst.")
	dst, a, b = pointer("dst"), pointer("a"), pointer("b")
	forEach(pointer("n"), 4, []reg.Register{dst, a, b}, func(l lane, _ int) {
		x := l.load(a)
		VMULPS(l.load(b), x, x)
		l.store(x, dst)
	})
	finish()

	kernel("mulScaledAVX2", "func(dst, a, b *float32, alpha float32, n int)", "stores a*alpha*b in dst.")
	dst, a, b = pointer("dst"), pointer("a"), pointer("b")
	alpha := broadcast("alpha")
	forEach(pointer("n"), 4, []reg.Register{dst, a, b}, func(l lane, _ int) {
		x := l.load(a)
		VMULPS(alpha, x, x)
		VMULPS(l.load(b), x, x)
		l.store(x, dst)
	})
	finish()

	kernel("scaleAVX2", "func(dst *float32, alpha float32, n int)", "multiplies dst by alpha.")
	dst, alpha = pointer("dst"), broadcast("alpha")
	forEach(pointer("n"), 4, []reg.Register{dst}, func(l lane, _ int) {
		x := l.load(dst)
		VMULPS(alpha, x, x)
		l.store(x, dst)
	})
	finish()

	kernel("axpyAVX2", "func(y *float32, alpha float32, x *float32, n int)", "adds alpha*x to y.")
	y, x := pointer("y"), pointer("x")
	alpha = broadcast("alpha")
	forEach(pointer("n"), 4, []reg.Register{y, x}, func(l lane, _ int) {
		acc := l.load(y)
		VFMADD231PS(l.load(x), alpha, acc)
		l.store(acc, y)
	})
	finish()

	kernel("lerpAVX2", "func(dst, x *float32, alpha float32, n int)", "adds alpha*(x-dst) to dst.")
	dst, x = pointer("dst"), pointer("x")
	alpha = broadcast("alpha")
	forEach(pointer("n"), 4, []reg.Register{dst, x}, func(l lane, _ int) {
		old, new := l.load(dst), l.load(x)
		VSUBPS(old, new, new)
		VFMADD231PS(new, alpha, old)
		l.store(old, dst)
	})
	finish()
}

// kernel starts a function; doc completes the sentence that begins with its name.
func kernel(name, signature, doc string) {
	TEXT(name, NOSPLIT, signature)
	Doc(name + " " + doc)
	Pragma("noescape")
}

func reduceKernels() {
	kernel("dotAVX2", "func(a, b *float32, n int) float32", "returns the sum of a*b.")
	a, b := pointer("a"), pointer("b")
	acc := accumulators(4)
	forEach(pointer("n"), 4, []reg.Register{a, b}, func(l lane, u int) {
		VFMADD231PS(l.load(b), l.load(a), acc[u])
	})
	returnSum(acc)

	kernel("dot3AVX2", "func(a, b, c *float32, n int) float32", "returns the sum of a*b*c.")
	a, b = pointer("a"), pointer("b")
	c := pointer("c")
	acc = accumulators(4)
	forEach(pointer("n"), 4, []reg.Register{a, b, c}, func(l lane, u int) {
		x := l.load(a)
		VMULPS(l.load(b), x, x)
		VFMADD231PS(l.load(c), x, acc[u])
	})
	returnSum(acc)

	kernel("sumAVX2", "func(x *float32, n int) float32", "returns the sum of x.")
	x := pointer("x")
	acc = accumulators(4)
	forEach(pointer("n"), 4, []reg.Register{x}, func(l lane, u int) {
		VADDPS(l.load(x), acc[u], acc[u])
	})
	returnSum(acc)

	maximum()
}

// maximum keeps the largest elements in best and remembers in nan where an element did not equal itself, because
// VMAXPS forgets a NaN as soon as the next number comes.
func maximum() {
	kernel("maximumAVX2", "func(x *float32, n int) float32", "returns the largest of x, or NaN if it holds one.")
	x := pointer("x")
	lowest := held(float("negativeInf", negInf))
	best, nan := accumulators(4), zeroed()
	for _, b := range best {
		VMOVAPS(lowest, b)
	}
	forEach(pointer("n"), 4, []reg.Register{x}, func(l lane, u int) {
		v, unordered := l.load(x), YMM()
		if l.mask != nil {
			VBLENDVPS(l.mask, v, lowest, v)
		}
		VCMPPS(Imm(3), v, v, unordered)
		VORPS(unordered, nan, nan)
		VMAXPS(v, best[u], best[u])
	})
	VMAXPS(best[1], best[0], best[0])
	VMAXPS(best[3], best[2], best[2])
	VMAXPS(best[2], best[0], best[0])
	half, result := XMM(), best[0].AsX()
	VEXTRACTF128(Imm(1), best[0], half)
	VMAXPS(half, result, result)
	VMOVHLPS(result, result, half)
	VMAXPS(half, result, result)
	VMOVSHDUP(result, half)
	VMAXSS(half, result, result)
	// All ones are a NaN: a set mask replaces the result.
	any, none := GP32(), newLabel("none")
	VMOVMSKPS(nan, any)
	TESTL(any, any)
	JZ(LabelRef(none))
	VPCMPEQD(result, result, result)
	Label(none)
	Store(result, ReturnIndex(0))
	finish()
}

func accumulators(n int) []reg.VecVirtual {
	var acc []reg.VecVirtual
	for range n {
		acc = append(acc, zeroed())
	}
	return acc
}

// returnSum adds up all elements of the accumulators, always in the same order, and returns.
func returnSum(acc []reg.VecVirtual) {
	for len(acc) > 1 {
		half := len(acc) / 2
		for i := range half {
			VADDPS(acc[half+i], acc[i], acc[i])
		}
		acc = acc[:half]
	}
	high, low := XMM(), acc[0].AsX()
	VEXTRACTF128(Imm(1), acc[0], high)
	VADDPS(high, low, low)
	VMOVHLPS(low, low, high)
	VADDPS(high, low, low)
	VMOVSHDUP(low, high)
	VADDSS(high, low, low)
	Store(low, ReturnIndex(0))
	finish()
}
