package tensor

import "github.com/stride-ml/stride/tensor/kernel"

// A cache in q8_0 is multiplied as integers: queries are rounded to 16 bits, and so
// are the weights of a page, after the scales of its values were multiplied in. Sums
// are exact, so that they are the same for every number of rows.

// int8Space is a worker's memory for that.
type int8Space struct {
	q, weights   []int16   // (rows,deep) and (blocks,rows,page)
	scales       []float32 // of queries (rows)
	weightScales []float32 // (blocks,rows)
	inverses     []float32 // (blocks), of the scales of weights
}

// unscaled are scales, in half precision, of numbers that have none.
var unscaled [scaleBlock]uint16

func init() {
	for i := range unscaled {
		unscaled[i] = 0x3c00
	}
}

// grow makes room for so many rows and pages of so many positions. Scales are in cache lines of their own, which no
// other worker writes to.
func (w *int8Space) grow(r *Run, rows, page int, c *Cache) {
	w.q, w.weights = atLeast(w.q, rows*c.deep), atLeast(w.weights, rows*c.blocks*page)
	w.scales, w.weightScales, w.inverses = r.arena.floats(rows), r.arena.floats(rows*c.blocks), r.arena.floats(c.blocks)
}

func atLeast[E any](x []E, n int) []E {
	if len(x) < n {
		return make([]E, n)
	}
	return x
}

// queries rounds q (rows,HeadDim).
func (w *int8Space) queries(q []float32, rows int, c *Cache) {
	kernel.QuantiseInt16(w.q, c.deep, w.scales[:rows], q, c.dim, c.dim)
	for i := range rows {
		clear(w.q[i*c.deep+c.dim : (i+1)*c.deep])
	}
}

// scoreInt8 is score for q8_0: the keys begin at a number of the page.
func (v view) scoreInt8(scores []float32, w *int8Space, at, panels int) {
	c := v.cache
	kernel.GemmInt8(scores, v.page.rows,
		kernel.Int16s{Data: w.q, Stride: c.deep, Scales: w.scales},
		kernel.Int8s{Data: v.page.bytes[at:], Stride: panel * c.deep, Scales: v.scales(0), ScaleStride: v.page.rows},
		kernel.Int8Shape{M: v.rows, Panels: panels, K: c.deep, Block: scaleBlock})
}

// softmaxInt8 is softmax of some rows from the first on, which see positions from to to of the page, with weights that are
// rounded. The largest weight of a row is 1, so that all have the same scales.
func (t *cachedTask) softmaxInt8(v view, w *workspace, first, rows, from, to int, out partial) {
	c, s, page := v.cache, &w.integers, v.page.rows
	last := (v.to + panel - 1) / panel * panel
	for b := range c.blocks {
		most := kernel.LargestHalf(v.scales(c.blocks + b)[from-v.from : to-v.from])
		if s.inverses[b] = 0; most > 0 {
			s.inverses[b] = 32767 / most
		}
		for row := first; row < first+rows; row++ {
			s.weightScales[b*v.rows+row] = most / 32767
		}
	}
	for row := first; row < first+rows; row++ {
		scores, weights := w.scores[row*page:][:last], s.weights[row*page:]
		if !t.top(scores[from:to], row, out) {
			for b := range c.blocks {
				clear(weights[b*v.rows*page:][v.from:last])
			}
			continue
		}
		fill(scores[v.from:from], negInf)
		fill(scores[to:], negInf)
		out.sum[row] = kernel.ExpInt16(weights[v.from:], v.rows*page, scores[v.from:], out.top[row], v.scales(c.blocks), page, s.inverses)
		for b := 0; b < c.blocks && to-from < last-v.from; b++ { // scales of what it does not see may be anything
			clear(weights[b*v.rows*page:][v.from:from])
			clear(weights[b*v.rows*page:][to:last])
		}
	}
}

func fill(x []float32, v float32) {
	for i := range x {
		x[i] = v
	}
}

// weighInt8 is weigh for q8_0: the values begin at a number of the page.
func (v view) weighInt8(out []float32, w *int8Space, base int) {
	c := v.cache
	n, stride := v.to-v.from, v.page.rows*panel
	const most = scaleBlock / panel
	for b := range c.blocks {
		first := b * most
		kernel.GemmInt8(out[first*panel:], c.wide,
			kernel.Int16s{Data: w.weights[b*v.rows*v.page.rows+v.from:], Stride: v.page.rows, Scales: w.weightScales[b*v.rows:]},
			kernel.Int8s{Data: v.page.bytes[base+first*stride:], Stride: stride, Scales: unscaled[:]},
			kernel.Int8Shape{M: v.rows, Panels: min(most, c.wide/panel-first), K: n + n%2, Block: kernel.MostInt8})
	}
}

// scales is those of block i and all that follow, keys first, from the view's
// first position on.
func (v view) scales(i int) []uint16 {
	return v.page.scales[(v.head*2*v.cache.blocks+i)*v.page.rows+v.from:]
}
