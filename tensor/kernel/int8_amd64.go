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
			gemmInt8AVX2(to-from, &c[from*ldc+p*panelWidth], ldc, &a.Data[from*a.Stride], a.Stride, &a.Scales[from],
				&b.Data[p*b.Stride], b.Stride, &b.Scales[p*panelWidth], b.ScaleStride, min(step, s.Panels-p), s.K/2, s.Block/2)
		}
	}
}

// wholeBlocks is how many blocks of 16 a kernel takes of n elements; the portable version takes the rest.
func wholeBlocks(n int) int {
	if !accelerated {
		return 0
	}
	return min(n, maxCall) / panelWidth
}

func largestFloat(x []float32) (most uint32) {
	blocks := wholeBlocks(len(x))
	if blocks > 0 {
		most = largestFloatAVX2(&x[0], blocks)
	}
	return max(most, largestFloatGeneric(x[blocks*panelWidth:]))
}

func largestHalf(x []uint16) (most uint32) {
	blocks := wholeBlocks(len(x))
	if blocks > 0 {
		most = largestHalfAVX2(&x[0], blocks)
	}
	return max(most, largestHalfGeneric(x[blocks*panelWidth:]))
}

func scaleInt16(dst []int16, x []float32, inverse float32) {
	blocks := wholeBlocks(len(dst))
	if blocks > 0 {
		scaleInt16AVX2(&dst[0], &x[0], inverse, blocks)
	}
	n := blocks * panelWidth
	scaleInt16Generic(dst[n:], x[n:], inverse)
}

func expInt16(dst []int16, ds int, x []float32, shift float32, y []uint16, ys int, inverses []float32) (sum float32) {
	if !accelerated {
		return expInt16Generic(dst, ds, x, shift, y, ys, inverses)
	}
	for i := 0; i < len(x); i += maxCall {
		sum += expInt16AVX2(&dst[i], ds, &x[i], shift, &y[i], ys, &inverses[0], len(inverses), min(maxCall, len(x)-i))
	}
	return sum
}
