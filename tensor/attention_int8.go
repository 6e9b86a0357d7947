package tensor

import "github.com/stride-ml/stride/tensor/kernel"

// A cache in q8_0 is multiplied as integers: queries are rounded to 16 bits, 32
// elements to a scale, and so are the weights of a page, after the scales of its
// values were multiplied in. Sums are exact, so that they are the same for every
// number of rows.

// int8Space is a worker's memory for that.
type int8Space struct {
	q, weights   []int16   // (rows,deep) and (blocks,rows,page)
	scales       []float32 // of queries (blocks,rows)
	weightScales []float32 // (blocks,rows)
}

// unscaled are scales, in half precision, of numbers that have none.
var unscaled = [scaleBlock]uint16{}

func init() {
	for i := range unscaled {
		unscaled[i] = 0x3c00
	}
}

// grow makes room for so many rows. Scales are in cache lines of their own, which no
// other worker writes to.
func (w *int8Space) grow(r *Run, rows int, c *Cache) {
	w.q, w.weights = atLeast(w.q, rows*c.deep), atLeast(w.weights, rows*c.blocks*c.rows)
	w.scales, w.weightScales = r.arena.floats(rows*c.blocks), r.arena.floats(rows*c.blocks)
}

func atLeast[E any](x []E, n int) []E {
	if len(x) < n {
		return make([]E, n)
	}
	return x
}

// queries rounds q (rows,HeadDim).
func (w *int8Space) queries(q []float32, rows int, c *Cache) {
	for b := range c.blocks {
		from, n := b*scaleBlock, min(scaleBlock, c.dim-b*scaleBlock)
		kernel.QuantiseInt16(w.q[from:], c.deep, w.scales[b*rows:(b+1)*rows], q[from:], c.dim, unscaled[:n])
	}
	for i := range rows {
		clear(w.q[i*c.deep+c.dim : (i+1)*c.deep])
	}
}

// scoreInt8 is score for q8_0: the keys begin at a number of the page.
func (v view) scoreInt8(scores []float32, w *int8Space, at, panels int) {
	c := v.cache
	kernel.GemmInt8(scores, c.rows,
		kernel.Int16s{Data: w.q, Stride: c.deep, Scales: w.scales, ScaleStride: v.rows},
		kernel.Int8s{Data: v.page.bytes[at:], Stride: panel * c.deep, Scales: v.scales(0), ScaleStride: c.rows},
		kernel.Int8Shape{M: v.rows, Panels: panels, K: c.deep, Block: scaleBlock})
}

// round rounds the weights of some rows from the first on, which see positions from
// to to of the page, times the scales of values.
func (v view) round(w *workspace, first, rows, from, to int) {
	c, i := v.cache, &w.integers
	for b := range c.blocks {
		at := b*v.rows + first
		kernel.QuantiseInt16(i.weights[at*c.rows+from:], c.rows, i.weightScales[at:at+rows],
			w.scores[first*c.rows+from:], c.rows, v.scales(c.blocks + b)[from-v.from:to-v.from])
		for r := range rows {
			row := i.weights[(at+r)*c.rows:][:v.to+v.to%2]
			clear(row[v.from:from])
			clear(row[to:])
		}
	}
}

// weighInt8 is weigh for q8_0: the values begin at a number of the page.
func (v view) weighInt8(out []float32, w *int8Space, base int) {
	c := v.cache
	n, stride := v.to-v.from, c.rows*panel
	const most = scaleBlock / panel
	for b := range c.blocks {
		first := b * most
		kernel.GemmInt8(out[first*panel:], c.wide,
			kernel.Int16s{Data: w.weights[b*v.rows*c.rows+v.from:], Stride: c.rows, Scales: w.weightScales[b*v.rows:]},
			kernel.Int8s{Data: v.page.bytes[base+first*stride:], Stride: stride, Scales: unscaled[:]},
			kernel.Int8Shape{M: v.rows, Panels: min(most, c.wide/panel-first), K: n + n%2, Block: kernel.MostInt8})
	}
}

// scales is those of block i and all that follow, keys first, from the view's
// first position on.
func (v view) scales(i int) []uint16 {
	return v.page.scales[(v.head*2*v.cache.blocks+i)*v.cache.rows+v.from:]
}
