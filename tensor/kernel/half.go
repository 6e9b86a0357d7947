package kernel

import "github.com/stride-ml/stride/internal/half"

// A product of attention has a cache of keys or values as its right side: panels of 16 columns as [PackB] leaves them, but
// stride elements apart, because a cache has room for more rows than it holds, in float32 or in half precision.
// Halves are widened, which is exact: the product has the bits of one with the same panels in float32.

// GemmPanels computes C (M,16·panels) = A (M,K) * B (K,16·panels), K >= 1: row i of A begins at a[i*ars], panel p of B at
// bp[p*stride]. An element is the chain of [Gemm].
func GemmPanels(c []float32, ldc int, a []float32, ars int, bp []float32, stride, m, panels, k int) {
	checkPanels("GemmPanels", len(c), ldc, len(a), ars, len(bp), stride, m, panels, k)
	if m > 0 && panels > 0 {
		gemmPanels(c, ldc, a, ars, bp, stride, m, panels, k)
	}
}

// GemmHalf is [GemmPanels] for a B in half precision. Each tile of rows widens B anew: for many rows widen it once.
func GemmHalf(c []float32, ldc int, a []float32, ars int, bp []uint16, stride, m, panels, k int) {
	checkPanels("GemmHalf", len(c), ldc, len(a), ars, len(bp), stride, m, panels, k)
	if m > 0 && panels > 0 {
		gemmHalf(c, ldc, a, ars, bp, stride, m, panels, k)
	}
}

func checkPanels(kernel string, c, ldc, a, ars, bp, stride, m, panels, k int) {
	if m <= 0 || panels <= 0 {
		return
	}
	if k < 1 || ldc < panels*panelWidth && m > 1 {
		panicf("%s: k is %d, want 1 or more; row stride of c is %d, want %d or more", kernel, k, ldc, panels*panelWidth)
	}
	if checkStride(kernel, "a and b", ars, stride); stride%panelWidth != 0 {
		panicf("%s: panels are %d elements apart, want a multiple of %d", kernel, stride, panelWidth)
	}
	checkLen(kernel, "c", c, (m-1)*ldc+panels*panelWidth)
	checkLen(kernel, "a", a, (m-1)*ars+k)
	checkLen(kernel, "bp", bp, (panels-1)*stride+k*panelWidth)
}

// WidenHalf stores len(dst) half-precision numbers in dst as float32, exactly.
func WidenHalf(dst []float32, src []uint16) {
	checkLen("WidenHalf", "src", len(src), len(dst))
	widenHalf(dst, src)
}

// NarrowHalf stores len(dst) floats in half precision, rounded to the nearest and on a tie to the even one.
func NarrowHalf(dst []uint16, src []float32) {
	checkLen("NarrowHalf", "src", len(src), len(dst))
	narrowHalf(dst, src)
}

func widenHalfGeneric(dst []float32, src []uint16) {
	for i, h := range src[:len(dst)] {
		dst[i] = half.From(h)
	}
}

func narrowHalfGeneric(dst []uint16, src []float32) {
	for i, x := range src[:len(dst)] {
		dst[i] = half.To(x)
	}
}

func gemmPanelsGeneric(c []float32, ldc int, a []float32, ars int, bp []float32, stride, m, panels, k int) {
	for p := range panels {
		gemmGeneric(c[p*panelWidth:], ldc, a, ars, 1, bp[p*stride:], m, panelWidth, k, false)
	}
}

// gemmHalfGeneric widens a part of a panel at a time.
func gemmHalfGeneric(c []float32, ldc int, a []float32, ars int, bp []uint16, stride, m, panels, k int) {
	const most = 64
	var wide [most * panelWidth]float32
	for p := range panels {
		for k0 := 0; k0 < k; k0 += most {
			n := min(most, k-k0)
			widenHalfGeneric(wide[:n*panelWidth], bp[p*stride+k0*panelWidth:])
			gemmGeneric(c[p*panelWidth:], ldc, a[k0:], ars, 1, wide[:], m, panelWidth, n, k0 > 0)
		}
	}
}
