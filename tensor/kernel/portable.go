//go:build !amd64 || noasm

package kernel

// Accelerated reports whether the kernels run as assembly. It is false on other processors than amd64 with AVX2 and FMA,
// under the build tag noasm, and when the environment variable STRIDE_NOASM is set to 1.
func Accelerated() bool { return false }

// Name returns the implementation in use: "avx2" or "portable".
func Name() string { return "portable" }

func gemm(c []float32, ldc int, a []float32, ars, acs int, bp []float32, m, n, k int, accumulate bool) {
	gemmGeneric(c, ldc, a, ars, acs, bp, m, n, k, accumulate)
}
func gemmPanels(c []float32, ldc int, a []float32, ars int, bp []float32, stride, m, panels, k int) {
	gemmPanelsGeneric(c, ldc, a, ars, bp, stride, m, panels, k)
}
func gemmHalf(c []float32, ldc int, a []float32, ars int, bp []uint16, stride, m, panels, k int) {
	gemmHalfGeneric(c, ldc, a, ars, bp, stride, m, panels, k)
}
func widenHalf(dst []float32, src []uint16)  { widenHalfGeneric(dst, src) }
func narrowHalf(dst []uint16, src []float32) { narrowHalfGeneric(dst, src) }
func gemmInt8(c []float32, ldc int, a Int16s, b Int8s, s Int8Shape) {
	gemmInt8Generic(c, ldc, a, b, s)
}
func largestFloat(x []float32) uint32 { return largestFloatGeneric(x) }
func largestHalf(x []uint16) uint32   { return largestHalfGeneric(x) }
func expInt16(dst []int16, ds int, x []float32, shift float32, y []uint16, ys int, inverses []float32) float32 {
	return expInt16Generic(dst, ds, x, shift, y, ys, inverses)
}
func scaleInt16(dst []int16, x []float32, inverse float32) {
	scaleInt16Generic(dst, x, inverse)
}
func packB(dst, b []float32, k, n, rowStride, colStride int) {
	packBGeneric(dst, b, k, n, rowStride, colStride)
}
func dot(a, b []float32) float32                     { return dotGeneric(a, b) }
func dot3(a, b, c []float32) float32                 { return dot3Generic(a, b, c) }
func sum(x []float32) float32                        { return sumGeneric(x) }
func maximum(x []float32) float32                    { return maximumGeneric(x) }
func axpy(y []float32, alpha float32, x []float32)   { axpyGeneric(y, alpha, x) }
func add(dst, a, b []float32)                        { addGeneric(dst, a, b) }
func mul(dst, a, b []float32)                        { mulGeneric(dst, a, b) }
func mulScaled(dst, a, b []float32, alpha float32)   { mulScaledGeneric(dst, a, b, alpha) }
func scale(dst []float32, alpha float32)             { scaleGeneric(dst, alpha) }
func lerp(dst, x []float32, alpha float32)           { lerpGeneric(dst, x, alpha) }
func dotColumns(dst, a, b []float32, n int)          { dotColumnsGeneric(dst, a, b, n) }
func expSum(dst, x []float32, shift float32) float32 { return expSumGeneric(dst, x, shift) }
func rmsNormGrad(dx, dw, dy, x, w []float32, inv, coefficient float32) {
	rmsNormGradGeneric(dx, dw, dy, x, w, inv, coefficient)
}
func swiGLU(dst, gate, up []float32)                { swiGLUGeneric(dst, gate, up) }
func swiGLUGrad(dgate, dup, dy, gate, up []float32) { swiGLUGradGeneric(dgate, dup, dy, gate, up) }
func gelu(dst, x []float32)                         { geluGeneric(dst, x) }
func geluGrad(dx, dy, x []float32)                  { geluGradGeneric(dx, dy, x) }
func polar(re, im, logs, phases []float32, limit float32) {
	polarGeneric(re, im, logs, phases, limit)
}
func rope(x, cos, sin []float32)                 { ropeGeneric(x, cos, sin) }
func adamW(w, g, m, v []float32, f adamWFactors) { adamWGeneric(w, g, m, v, f) }
func peakFMA(iterations int)                     { peakFMAGeneric(iterations) }
