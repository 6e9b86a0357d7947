//go:build !noasm

package kernel

// gemmInt8 cuts the rows evenly, as gemmHalf does.
func gemmInt8(c []float32, ldc int, a Int16s, b Int8s, s Int8Shape) {
	if !accelerated {
		gemmInt8Generic(c, ldc, a, b, s)
		return
	}
	groups := (s.M + tileRows - 1) / tileRows
	for g := range groups {
		from, to := g*s.M/groups, (g+1)*s.M/groups
		step := max(1, maxCall/(panelWidth*s.K))
		for p := 0; p < s.Panels; p += step {
			gemmInt8AVX2(to-from, &c[from*ldc+p*panelWidth], ldc, &a.Data[from*a.Stride], a.Stride, &a.Scales[from], a.ScaleStride,
				&b.Data[p*b.Stride], b.Stride, &b.Scales[p*panelWidth], b.ScaleStride, min(step, s.Panels-p), s.K/2, s.Block/2)
		}
	}
}

// quantiseInt16 leaves elements that fill no block of 16 to the portable version.
func quantiseInt16(dst []int16, x []float32, y []uint16) float32 {
	blocks := len(dst) / panelWidth
	if !accelerated || blocks == 0 || len(dst) > maxCall {
		return quantiseInt16Generic(dst, x, y)
	}
	n := blocks * panelWidth
	mostX, mostY := largest(x[n:], y[n:])
	bits := largestAVX2(&x[0], &y[0], blocks)
	most, inverse := spread(max(mostX, uint32(bits)), max(mostY, uint32(bits>>32)))
	scaleInt16AVX2(&dst[0], &x[0], &y[0], inverse, blocks)
	scaleInt16(dst[n:], x[n:], y[n:], inverse)
	return most * (1.0 / 32767)
}
