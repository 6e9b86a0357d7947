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
	panels, k, stride := (v.to-v.from+panel-1)/panel, c.dim, panel*c.deep
	at, n, scores := v.head*c.head(v.page.rows)+v.from*c.deep, panels*stride, w.scores[v.from:]
	switch {
	case c.kind == CacheF32:
		kernel.GemmPanels(scores, v.page.rows, w.q, k, v.page.floats[at:], stride, v.rows, panels, k)
	case c.kind == CacheF16 && v.rows <= narrowRows:
		kernel.GemmHalf(scores, v.page.rows, w.q, k, v.page.halves[at:], stride, v.rows, panels, k)
	case c.kind == CacheF16:
		kernel.WidenHalf(w.wide[:n], v.page.halves[at:])
		kernel.GemmPanels(scores, v.page.rows, w.q, k, w.wide, stride, v.rows, panels, k)
	default:
		v.scoreInt8(scores, &w.integers, at, panels)
	}
}

// weigh writes the values weighted by the scores to out (rows,wide).
func (v view) weigh(w *workspace, out []float32) {
	c := v.cache
	page := v.page.rows
	base, n, stride := v.head*c.head(page)+c.values(page)+v.from*panel, v.to-v.from, page*panel
	panels, weights := c.wide/panel, w.scores[v.from:]
	switch {
	case c.kind == CacheF32:
		kernel.GemmPanels(out, c.wide, weights, page, v.page.floats[base:], stride, v.rows, panels, n)
	case c.kind == CacheF16 && v.rows <= narrowRows:
		kernel.GemmHalf(out, c.wide, weights, page, v.page.halves[base:], stride, v.rows, panels, n)
	case c.kind == CacheF16:
		for p := range panels {
			kernel.WidenHalf(w.wide[p*panel*n:(p+1)*panel*n], v.page.halves[base+p*stride:])
		}
		kernel.GemmPanels(out, c.wide, weights, page, w.wide, n*panel, v.rows, panels, n)
	default:
		v.weighInt8(out, &w.integers, base)
	}
}
