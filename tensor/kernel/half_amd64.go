//go:build !noasm

package kernel

// Every processor with AVX2 also converts half precision (F16C).

func gemmPanels(c []float32, ldc int, a []float32, ars int, bp []float32, stride, m, panels, k int) {
	if !accelerated {
		gemmPanelsGeneric(c, ldc, a, ars, bp, stride, m, panels, k)
		return
	}
	for i0 := 0; i0 < m; i0 += blockM {
		rows := min(blockM, m-i0)
		t := tiles{a: a[i0*ars:], ars: ars, acs: 1, stride: tileRows * ars, count: rows / tileRows, k: k}
		if t.count > 0 {
			t.multiply(c[i0*ldc:], ldc, bp, stride, panels*panelWidth)
		}
		if done := i0 + t.count*tileRows; done < i0+rows {
			gemmFew(c[done*ldc:], ldc, a[done*ars:], ars, 1, bp, i0+rows-done, panels*panelWidth, stride/panelWidth, 0, k, false)
		}
	}
}

// gemmHalf cuts the rows evenly: 7 are 4 and 3, not 6 and 1.
func gemmHalf(c []float32, ldc int, a []float32, ars int, bp []uint16, stride, m, panels, k int) {
	if !accelerated {
		gemmHalfGeneric(c, ldc, a, ars, bp, stride, m, panels, k)
		return
	}
	groups := (m + tileRows - 1) / tileRows
	for g := range groups {
		from, to := g*m/groups, (g+1)*m/groups
		for p := 0; p < panels; {
			n := halfPanels(to-from, panels-p)
			gemmHalfAVX2((to-from)<<4|n, &c[from*ldc+p*panelWidth], ldc, &a[from*ars], ars, &bp[p*stride], stride, k)
			p += n
		}
	}
}

// halfPanels is the most panels that a tile of so many rows has, of those that are left.
func halfPanels(rows, left int) int {
	switch {
	case rows == 1 && left >= 4:
		return 4
	case rows <= 3 && left >= 2:
		return 2
	}
	return 1
}

func widenHalf(dst []float32, src []uint16) {
	blocks := 0
	if accelerated {
		blocks = len(dst) / panelWidth
	}
	for i := 0; i < blocks; i += maxCall / panelWidth {
		widenHalfAVX2(&dst[i*panelWidth], &src[i*panelWidth], min(maxCall/panelWidth, blocks-i))
	}
	widenHalfGeneric(dst[blocks*panelWidth:], src[blocks*panelWidth:])
}

func narrowHalf(dst []uint16, src []float32) {
	blocks := 0
	if accelerated {
		blocks = len(dst) / panelWidth
	}
	for i := 0; i < blocks; i += maxCall / panelWidth {
		narrowHalfAVX2(&dst[i*panelWidth], &src[i*panelWidth], min(maxCall/panelWidth, blocks-i))
	}
	narrowHalfGeneric(dst[blocks*panelWidth:], src[blocks*panelWidth:])
}
