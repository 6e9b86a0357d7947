// Command gen writes the AVX2 and FMA assembly of package kernel, and the Go declarations that go with it.
// It is a module of its own, so that users of Stride do not depend on the generator.
package main

import (
	. "github.com/mmcloughlin/avo/build"
)

func main() {
	ConstraintExpr("amd64,!noasm")
	gemmKernels()
	halfKernels()
	int8Kernels()
	packKernels()
	vectorKernels()
	reduceKernels()
	expKernels()
	geluKernels()
	polar()
	networkKernels()
	rowKernels()
	peak()
	Generate()
}
