//go:build !noasm

package kernel

import "sync"

const (
	tileRows = 6 // rows of the large tile of C; its width is one panel

	// A panel of B has blockK rows at a time (24 KB), so that it stays in the first-level cache of 32 KB while the rows
	// of A pass by; blockM rows of A (at most 216 KB) stay in the second level while the panels pass by.
	blockK = 384
	blockM = 24 * tileRows
)

var tilePool = sync.Pool{New: func() any { return new([blockM * blockK]float32) }}

func gemm(c []float32, ldc int, a []float32, ars, acs int, bp []float32, m, n, k int, accumulate bool) {
	switch {
	case !accelerated:
		gemmGeneric(c, ldc, a, ars, acs, bp, m, n, k, accumulate)
	case m < tileRows:
		gemmFew(c, ldc, a, ars, acs, bp, m, n, k, 0, k, accumulate)
	default:
		gemmMany(c, ldc, a, ars, acs, bp, m, n, k, accumulate)
	}
}

// gemmMany works block by block. Blocks of k after the first continue from the sums held in C, so that blocking changes
// no bits.
func gemmMany(c []float32, ldc int, a []float32, ars, acs int, bp []float32, m, n, k int, accumulate bool) {
	var packed *[blockM * blockK]float32
	if acs != 1 {
		packed = tilePool.Get().(*[blockM * blockK]float32)
		defer tilePool.Put(packed)
	}
	blocks := (k + blockK - 1) / blockK
	for block := range blocks {
		k0, k1 := k*block/blocks, k*(block+1)/blocks
		for i0 := 0; i0 < m; i0 += blockM {
			rows := min(blockM, m-i0)
			t := tiles{
				a: a[i0*ars+k0*acs:], ars: ars, acs: acs, stride: tileRows * ars,
				count: rows / tileRows, k: k1 - k0, accumulate: accumulate || block > 0,
			}
			if t.count > 0 {
				if packed != nil {
					t.pack(packed[:])
				}
				t.multiply(c[i0*ldc:], ldc, bp[k0*panelWidth:], k*panelWidth, n)
			}
			if done := t.count * tileRows; done < rows {
				gemmFew(c[(i0+done)*ldc:], ldc, a[(i0+done)*ars:], ars, acs, bp, rows-done, n, k, k0, k1, t.accumulate)
			}
		}
	}
}

// tiles is a block of A (count*tileRows, k): element (i,k) of tile t is a[t*stride+i*ars+k*acs].
type tiles struct {
	a                []float32
	ars, acs, stride int
	count, k         int
	accumulate       bool
}

// pack copies the block to scratch, each tile contiguous in the order it is read.
func (t *tiles) pack(scratch []float32) {
	size := tileRows * t.k
	for tile := range t.count {
		dst, src := scratch[tile*size:][:size], t.a[tile*t.stride:]
		if t.ars == 1 {
			packTile6(&dst[0], &src[0], t.k, t.acs)
			continue
		}
		for kk := range t.k {
			for i := range tileRows {
				dst[kk*tileRows+i] = src[i*t.ars+kk*t.acs]
			}
		}
	}
	t.a, t.ars, t.acs, t.stride = scratch, 1, tileRows, size
}

// multiply updates c (count*tileRows,n) by the block and the panels that start at b[p*panelStride:].
func (t *tiles) multiply(c []float32, ldc int, b []float32, panelStride, n int) {
	for j := 0; j < n; j += panelWidth {
		panel := &b[j/panelWidth*panelStride]
		if n-j >= panelWidth {
			gemm6x16(&c[j], ldc, &t.a[0], t.ars, t.acs, t.stride, panel, t.k, t.count, flag(t.accumulate))
			continue
		}
		var edge [tileRows * panelWidth]float32
		for tile := range t.count {
			out := c[tile*tileRows*ldc+j:]
			copyIn(&edge, out, ldc, tileRows, n-j)
			gemm6x16(&edge[0], panelWidth, &t.a[tile*t.stride], t.ars, t.acs, 0, panel, t.k, 1, flag(t.accumulate))
			copyOut(out, &edge, ldc, tileRows, n-j)
		}
	}
}

// mostPanels is how many panels the kernels for so many rows take.
var mostPanels = [tileRows]int{1: 6, 2: 3, 3: 2, 4: 1, 5: 1}

// gemmFew multiplies fewer than tileRows rows, with as many panels at once as give each row's chains time to complete.
// It takes k0 <= k < k1 of the whole product; c, a and bp start where the whole product does.
func gemmFew(c []float32, ldc int, a []float32, ars, acs int, bp []float32, m, n, k, k0, k1 int, accumulate bool) {
	most := mostPanels[m]
	panelStride := k * panelWidth
	from := &a[k0*acs]
	full := n / panelWidth
	for p := 0; p < full; {
		groups := (full - p + most - 1) / most
		panels := (full - p + groups - 1) / groups // even groups: 8 panels are 4+4, not 6+2
		gemmTile(m, panels, &c[p*panelWidth], ldc, from, ars, acs, &bp[p*panelStride+k0*panelWidth], panelStride, k1-k0, flag(accumulate))
		p += panels
	}
	if width := n - full*panelWidth; width > 0 {
		var edge [tileRows * panelWidth]float32
		out := c[full*panelWidth:]
		copyIn(&edge, out, ldc, m, width)
		gemmTile(m, 1, &edge[0], panelWidth, from, ars, acs, &bp[full*panelStride+k0*panelWidth], panelStride, k1-k0, flag(accumulate))
		copyOut(out, &edge, ldc, m, width)
	}
}

// gemmTile calls the kernel for a tile of few rows and several panels.
func gemmTile(rows, panels int, c *float32, ldc int, a *float32, ars, acs int, b *float32, panelStride, k, accumulate int) {
	switch rows<<4 | panels {
	case 0x11:
		gemm1x16(c, ldc, a, ars, acs, b, panelStride, k, accumulate)
	case 0x12:
		gemm1x32(c, ldc, a, ars, acs, b, panelStride, k, accumulate)
	case 0x13:
		gemm1x48(c, ldc, a, ars, acs, b, panelStride, k, accumulate)
	case 0x14:
		gemm1x64(c, ldc, a, ars, acs, b, panelStride, k, accumulate)
	case 0x15:
		gemm1x80(c, ldc, a, ars, acs, b, panelStride, k, accumulate)
	case 0x16:
		gemm1x96(c, ldc, a, ars, acs, b, panelStride, k, accumulate)
	case 0x21:
		gemm2x16(c, ldc, a, ars, acs, b, panelStride, k, accumulate)
	case 0x22:
		gemm2x32(c, ldc, a, ars, acs, b, panelStride, k, accumulate)
	case 0x23:
		gemm2x48(c, ldc, a, ars, acs, b, panelStride, k, accumulate)
	case 0x31:
		gemm3x16(c, ldc, a, ars, acs, b, panelStride, k, accumulate)
	case 0x32:
		gemm3x32(c, ldc, a, ars, acs, b, panelStride, k, accumulate)
	case 0x41:
		gemm4x16(c, ldc, a, ars, acs, b, panelStride, k, accumulate)
	case 0x51:
		gemm5x16(c, ldc, a, ars, acs, b, panelStride, k, accumulate)
	}
}

// copyIn fills the valid columns of an edge tile from C.
func copyIn(edge *[tileRows * panelWidth]float32, c []float32, ldc, rows, width int) {
	for i := range rows {
		copy(edge[i*panelWidth:][:width], c[i*ldc:])
	}
}

// copyOut stores the valid columns of an edge tile in C.
func copyOut(c []float32, edge *[tileRows * panelWidth]float32, ldc, rows, width int) {
	for i := range rows {
		copy(c[i*ldc:][:width], edge[i*panelWidth:])
	}
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

func packB(dst, b []float32, k, n, rowStride, colStride int) {
	switch {
	case accelerated && colStride == 1:
		packBRows(dst, b, k, n, rowStride)
	case accelerated && rowStride == 1:
		packBColumns(dst, b, k, n, colStride)
	default:
		packBGeneric(dst, b, k, n, rowStride, colStride)
	}
}

func packBRows(dst, b []float32, k, n, rowStride int) {
	j := 0
	for ; j+4*panelWidth <= n; j += 4 * panelWidth {
		packRows64(&dst[j*k], &b[j], k, rowStride)
	}
	for ; j+panelWidth <= n; j += panelWidth {
		packRows16(&dst[j*k], &b[j], k, rowStride)
	}
	if j < n {
		packBGeneric(dst[j*k:], b[j:], k, n-j, rowStride, 1)
	}
}

func packBColumns(dst, b []float32, k, n, colStride int) {
	j, even := 0, k&^7
	for ; j+panelWidth <= n; j += panelWidth {
		panel, from := dst[j*k:], b[j*colStride:]
		if even > 0 {
			packColumns16(&panel[0], &from[0], even/8, colStride)
		}
		if even < k {
			packBGeneric(panel[even*panelWidth:], from[even:], k-even, panelWidth, 1, colStride)
		}
	}
	if j < n {
		packBGeneric(dst[j*k:], b[j*colStride:], k, n-j, 1, colStride)
	}
}
