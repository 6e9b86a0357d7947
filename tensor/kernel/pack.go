package kernel

// panelWidth is the number of columns of a packed panel of B: two 8-lane vectors.
const panelWidth = 16

// PackedSize returns the number of floats that a packed B (K,N) occupies: N is rounded up to whole panels of 16 columns.
func PackedSize(k, n int) int {
	return k * ((n + panelWidth - 1) / panelWidth) * panelWidth
}

// PackB stores B (K,N) in dst in the order Gemm reads it: panels of 16 columns one after another, each panel (K,16)
// contiguous, the last one padded with zeros. Element (k,j) of B is read from b[k*rowStride+j*colStride], so a row-major B
// has rowStride=N, colStride=1 and one stored transposed, as (N,K), has rowStride=1, colStride=K.
//
// dst needs PackedSize(k, n) floats.
func PackB(dst, b []float32, k, n, rowStride, colStride int) {
	if k <= 0 || n <= 0 {
		return
	}
	checkLen("PackB", "dst", len(dst), PackedSize(k, n))
	checkStride("PackB", "b", rowStride, colStride)
	checkLen("PackB", "b", len(b), (k-1)*rowStride+(n-1)*colStride+1)
	packB(dst, b, k, n, rowStride, colStride)
}

// packBGeneric walks B along whichever of its dimensions is contiguous.
func packBGeneric(dst, b []float32, k, n, rowStride, colStride int) {
	for j0 := 0; j0 < n; j0 += panelWidth {
		w := min(panelWidth, n-j0)
		panel := dst[j0*k : (j0+panelWidth)*k]
		if colStride == 1 {
			for kk := range k {
				row := panel[kk*panelWidth : (kk+1)*panelWidth]
				copy(row, b[kk*rowStride+j0:][:w])
				clear(row[w:])
			}
			continue
		}
		if w < panelWidth {
			clear(panel)
		}
		for j := range w {
			at := (j0 + j) * colStride
			for kk := range k {
				panel[kk*panelWidth+j] = b[at]
				at += rowStride
			}
		}
	}
}
