package tensor

import "github.com/stride-ml/stride/tensor/kernel"

// view is positions from to to of a page, as some rows of one head look at them;
// from is a whole number of panels.
type view struct {
	cache    *Cache
	page     *cachePage
	head     int
	rows     int
	from, to int
}

// score writes products of queries and keys to the scores (rows,page).
func (v view) score(w *workspace) {
	c := v.cache
	base, panels := v.head*c.head(), (v.to-v.from+panel-1)/panel
	if c.kind == CacheQ8_0 {
		n := 2 * c.blocks * c.rows
		kernel.WidenHalf(w.scales[:n], v.page.scales[v.head*n:])
	}
	for b := range c.blocks {
		at, k := c.keyPanel(b, v.from)
		at += base
		n, scores, q := panels*panel*k, w.scores[v.from:], w.q[b*c.block:]
		switch {
		case c.kind == CacheF32:
			kernel.GemmPanels(scores, c.rows, q, c.dim, v.page.floats[at:], panel*k, v.rows, panels, k)
		case c.kind == CacheF16 && v.rows <= narrowRows:
			kernel.GemmHalf(scores, c.rows, q, c.dim, v.page.halves[at:], panel*k, v.rows, panels, k)
		case c.kind == CacheF16:
			kernel.WidenHalf(w.wide[:n], v.page.halves[at:])
			kernel.GemmPanels(scores, c.rows, q, c.dim, w.wide, panel*k, v.rows, panels, k)
		case v.rows <= narrowRows:
			kernel.GemmInt8(w.weighted[v.from:], c.rows, q, c.dim, v.page.bytes[at:], panel*k, v.rows, panels, k)
		default:
			kernel.WidenInt8(w.wide[:n], v.page.bytes[at:])
			kernel.GemmPanels(w.weighted[v.from:], c.rows, q, c.dim, w.wide, panel*k, v.rows, panels, k)
		}
		if c.kind == CacheQ8_0 {
			v.scale(w, b)
		}
	}
}

// scale adds the products with a block of keys, times the scales of the keys, to
// the scores.
func (v view) scale(w *workspace, block int) {
	c := v.cache
	scales := w.scales[block*c.rows:][v.from:v.to]
	for i := range v.rows {
		to, products := w.scores[i*c.rows:][v.from:v.to], w.weighted[i*c.rows+v.from:]
		if block == 0 {
			kernel.Mul(to, products, scales)
		} else {
			kernel.DotColumns(to, products, scales, 1)
		}
	}
}

// weigh writes the values weighted by the scores to out (rows,wide).
func (v view) weigh(w *workspace, out []float32) {
	c := v.cache
	base, n, stride := v.head*c.head()+c.values()+v.from*panel, v.to-v.from, c.rows*panel
	panels, weights := c.wide/panel, w.scores[v.from:]
	switch {
	case c.kind == CacheF32:
		kernel.GemmPanels(out, c.wide, weights, c.rows, v.page.floats[base:], stride, v.rows, panels, n)
	case c.kind == CacheF16 && v.rows <= narrowRows:
		kernel.GemmHalf(out, c.wide, weights, c.rows, v.page.halves[base:], stride, v.rows, panels, n)
	case c.kind == CacheF16:
		for p := range panels {
			kernel.WidenHalf(w.wide[p*panel*n:(p+1)*panel*n], v.page.halves[base+p*stride:])
		}
		kernel.GemmPanels(out, c.wide, weights, c.rows, w.wide, n*panel, v.rows, panels, n)
	default:
		v.weighInt8(w, out, base)
	}
}

// weighInt8 takes the scales of values into the weights.
func (v view) weighInt8(w *workspace, out []float32, base int) {
	c := v.cache
	n, stride := v.to-v.from, c.rows*panel
	const most = scaleBlock / panel
	for b := range c.blocks {
		first := b * most
		panels := min(most, c.wide/panel-first)
		scales := w.scales[(c.blocks+b)*c.rows+v.from:]
		for i := range v.rows {
			kernel.Mul(w.weighted[i*c.rows:][v.from:v.to], w.scores[i*c.rows+v.from:], scales)
		}
		values := v.page.bytes[base+first*stride:]
		if v.rows <= narrowRows {
			kernel.GemmInt8(out[first*panel:], c.wide, w.weighted[v.from:], c.rows, values, stride, v.rows, panels, n)
			continue
		}
		for p := range panels {
			kernel.WidenInt8(w.wide[p*panel*n:(p+1)*panel*n], values[p*stride:])
		}
		kernel.GemmPanels(out[first*panel:], c.wide, w.weighted[v.from:], c.rows, w.wide, n*panel, v.rows, panels, n)
	}
}
