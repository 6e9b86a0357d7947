package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// peak writes a loop of nothing but independent fused multiply-adds in registers.
func peak() {
	const chains = 12
	TEXT("peakAVX2", NOSPLIT, "func(n int)")
	Doc("peakAVX2 runs n times 12 fused multiply-adds of 8 elements.")
	n := pointer("n")
	acc, x := accumulators(chains), zeroed()
	Label("loop")
	for _, a := range acc {
		VFMADD231PS(x, x, a)
	}
	DECQ(n)
	JNZ(LabelRef("loop"))
	finish()
}
