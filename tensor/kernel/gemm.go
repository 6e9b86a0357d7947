package kernel

// Gemm computes C (M,N) = A (M,K) * B (K,N), or C += A*B if accumulate is set.
//
// C is row-major with row stride ldc. Element (i,k) of A is a[i*ars+k*acs], so a transposed A needs no copy. bp is B as PackB
// leaves it. With k == 0 the product is all zeros.
//
// Each element of C is one chain of fused multiply-adds over k = 0..K-1 that starts from zero, or from the element's old
// value if accumulate is set. It therefore does not depend on M, on N or on which rows and columns share the call: a caller
// may split work by rows, or by columns in multiples of 16 (panel p starts at bp[p*k*16] and writes c[p*16:]), and one row
// alone gets the same bits as inside a large product.
func Gemm(c []float32, ldc int, a []float32, ars, acs int, bp []float32, m, n, k int, accumulate bool) {
	if m <= 0 || n <= 0 {
		return
	}
	if ldc < n && m > 1 {
		panicf("Gemm: row stride %d of c is less than its %d columns", ldc, n)
	}
	checkLen("Gemm", "c", len(c), (m-1)*ldc+n)
	if k <= 0 {
		if !accumulate {
			for i := range m {
				clear(c[i*ldc:][:n])
			}
		}
		return
	}
	checkStride("Gemm", "a", ars, acs)
	checkLen("Gemm", "a", len(a), (m-1)*ars+(k-1)*acs+1)
	checkLen("Gemm", "bp", len(bp), PackedSize(k, n))
	gemm(c, ldc, a, ars, acs, bp, m, n, k, accumulate)
}

// gemmGeneric takes one row of A against half a panel at a time: eight independent chains, few enough for registers.
func gemmGeneric(c []float32, ldc int, a []float32, ars, acs int, bp []float32, m, n, k int, accumulate bool) {
	var sums [8]float32
	for j0 := 0; j0 < n; j0 += 8 {
		panel := bp[j0/panelWidth*panelWidth*k+j0%panelWidth:]
		for i := range m {
			out := c[i*ldc+j0:][:min(8, n-j0)]
			clear(sums[:])
			if accumulate {
				copy(sums[:], out)
			}
			chains(&sums, a[i*ars:], acs, panel, k)
			copy(out, sums[:])
		}
	}
}

// chains adds a[kk*acs] * panel[kk*16:][:8] to sums for kk = 0..k-1.
func chains(sums *[8]float32, a []float32, acs int, panel []float32, k int) {
	s0, s1, s2, s3 := sums[0], sums[1], sums[2], sums[3]
	s4, s5, s6, s7 := sums[4], sums[5], sums[6], sums[7]
	for kk := range k {
		x := a[kk*acs]
		b := (*[8]float32)(panel[kk*panelWidth:])
		s0 += x * b[0]
		s1 += x * b[1]
		s2 += x * b[2]
		s3 += x * b[3]
		s4 += x * b[4]
		s5 += x * b[5]
		s6 += x * b[6]
		s7 += x * b[7]
	}
	*sums = [8]float32{s0, s1, s2, s3, s4, s5, s6, s7}
}
