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

// gemmNarrow cuts the rows evenly: 7 are 4 and 3, not 6 and 1.
func gemmNarrow[B uint16 | int8](c []float32, ldc int, a []float32, ars int, bp []B, stride, m, panels, k int) {
	if !accelerated {
		gemmNarrowGeneric(c, ldc, a, ars, bp, stride, m, panels, k)
		return
	}
	groups := (m + tileRows - 1) / tileRows
	for g := range groups {
		from, to := g*m/groups, (g+1)*m/groups
		for p := 0; p < panels; {
			n := narrowPanels(to-from, panels-p)
			gemmNarrowTile((to-from)<<4|n, &c[from*ldc+p*panelWidth], ldc, &a[from*ars], ars, &bp[p*stride], stride, k)
			p += n
		}
	}
}

// narrowPanels is the most panels that a tile of so many rows has, of those that are left.
func narrowPanels(rows, left int) int {
	switch {
	case rows == 1 && left >= 4:
		return 4
	case rows <= 3 && left >= 2:
		return 2
	}
	return 1
}

func gemmNarrowTile[B uint16 | int8](shape int, c *float32, ldc int, a *float32, ars int, b *B, stride, k int) {
	switch b := any(b).(type) {
	case *uint16:
		gemmHalf(shape, c, ldc, a, ars, b, stride, k)
	case *int8:
		gemmInt8(shape, c, ldc, a, ars, b, stride, k)
	}
}

func widen[B uint16 | int8](dst []float32, src []B) {
	blocks := 0
	if accelerated {
		blocks = len(dst) / panelWidth
	}
	for i := 0; i < blocks; i += maxCall / panelWidth {
		n, to := min(maxCall/panelWidth, blocks-i), &dst[i*panelWidth]
		switch from := any(&src[i*panelWidth]).(type) {
		case *uint16:
			widenHalfAVX2(to, from, n)
		case *int8:
			widenInt8AVX2(to, from, n)
		}
	}
	widenGeneric(dst[blocks*panelWidth:], src[blocks*panelWidth:])
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
