package tensor

import "github.com/stride-ml/stride/tensor/kernel"

// Grid is a batch of pictures among the rows of a tensor: B pictures of H rows
// of W pixels, a row of the tensor for each pixel, channels last.
type Grid struct{ B, H, W int }

// Rows is the number of pixels in all.
func (g Grid) Rows() int { return g.B * g.H * g.W }

func checkGrid(op string, x *Tensor, g Grid) {
	if x.Rows != g.Rows() || x.Rows == 0 {
		mismatch(op, "%d rows, grid %+v", x.Rows, g)
	}
}

// Patches gathers each p×p patch of pictures x (B·H·W,C) into one row, result
// (B·H/p·W/p, p·p·C): rows of a patch one after another. p divides H and W.
func (r *Run) Patches(x *Tensor, g Grid, p int) *Tensor {
	checkGrid("patches", x, g)
	if g.H%p != 0 || g.W%p != 0 {
		mismatch("patches", "%d does not divide %+v", p, g)
	}
	y := r.New(x.Rows/(p*p), x.Cols*p*p)
	r.patchCopy(y.Data, x.Data, x.Cols, g, p, patchRows)
	if r.train {
		r.tape = append(r.tape, func() { r.patchGrad(x, y.Grad, x.Cols, g, p, unpatchRows) })
	}
	return y
}

// Unpatch is the inverse of [Run.Patches]: x (B·H/p·W/p, p·p·C) gives pictures
// (B·H·W,C) of the grid g.
func (r *Run) Unpatch(x *Tensor, g Grid, p int) *Tensor {
	if x.Rows*p*p != g.Rows() || x.Cols%(p*p) != 0 || g.H%p != 0 || g.W%p != 0 {
		mismatch("unpatch", "(%d,%d) by %d to %+v", x.Rows, x.Cols, p, g)
	}
	y := r.New(g.Rows(), x.Cols/(p*p))
	r.patchCopy(y.Data, x.Data, y.Cols, g, p, unpatchRows)
	if r.train {
		r.tape = append(r.tape, func() { r.patchGrad(x, y.Grad, y.Cols, g, p, patchRows) })
	}
	return y
}

// patchCopy runs a copy between pictures and patches; an item is a row of
// patches.
func (r *Run) patchCopy(dst, src []float32, channels int, g Grid, p int, f func(*rowTask, int, int)) {
	r.each(rowTask{f: f, g: dst, h: src, n: channels, m: p, grid: g}, g.B*g.H/p, len(dst))
}

// patchGrad adds a gradient brought to x's layout to that of x.
func (r *Run) patchGrad(x *Tensor, dy []float32, channels int, g Grid, p int, f func(*rowTask, int, int)) {
	dx, add := r.grad(x)
	if !add {
		r.patchCopy(dx, dy, channels, g, p, f)
		return
	}
	slab, used := r.arena.mark()
	t := r.arena.floats(len(dx))
	r.patchCopy(t, dy, channels, g, p, f)
	r.passGrad(x, t)
	r.arena.release(slab, used)
}

func patchRows(t *rowTask, lo, hi int)   { movePatches(t, lo, hi, false) }
func unpatchRows(t *rowTask, lo, hi int) { movePatches(t, lo, hi, true) }

// movePatches copies rows of patches, p pixels of a picture's row at a time.
func movePatches(t *rowTask, lo, hi int, back bool) {
	p, c := t.m, t.n
	run := p * c // what lies together in both layouts
	across := t.grid.W / p
	for row := lo; row < hi; row++ {
		for y := range p {
			line := (row*p + y) * t.grid.W * c
			for x := range across {
				picture := line + x*run
				patch := ((row*across+x)*p + y) * run
				if back {
					copy(t.g[picture:picture+run], t.h[patch:patch+run])
				} else {
					copy(t.g[patch:patch+run], t.h[picture:picture+run])
				}
			}
		}
	}
}

// taps is the number of pixels that a 3×3 filter sees.
const taps = 9

// Conv3x3 is the convolution of pictures x (B·H·W,In) with 3×3 filters w
// (Out,9·In), zeros beyond the borders, result (B·H·W,Out). A filter's weights
// lie by row, column and channel.
func (r *Run) Conv3x3(x *Tensor, w *Param, g Grid) *Tensor {
	checkGrid("convolution "+w.Name, x, g)
	if w.In != taps*x.Cols {
		mismatch("convolution "+w.Name, "input has %d channels, weight wants %d", x.Cols, w.In/taps)
	}
	y := r.New(x.Rows, w.Out)
	r.convolve(y.Data, x.Data, x.Cols, w.packed(r.pool), w.Out, g, false)
	if r.train {
		r.tape = append(r.tape, func() { r.convGrad(x, y, w, g) })
	}
	return y
}

// convTask computes a convolution as matrix products over unfolded pixels, a
// few rows of a picture at a time so that these stay in the cache.
type convTask struct {
	y, x, w []float32 // (rows,out), (rows,in), packed (9·in,out)
	in, out int
	grid    Grid
	lines   int // rows of a picture in an item
	add     bool
	scratch []float32 // a chunk of unfolded pixels for each part
}

// convChunk is about how many floats of unfolded pixels exist at a time.
const convChunk = 1 << 15

func (t *convTask) chunk() int { return t.lines * t.grid.W * taps * t.in }

func (t *convTask) run(part, parts int) {
	per := (t.grid.H + t.lines - 1) / t.lines
	items := t.grid.B * per
	columns := t.scratch[part*t.chunk() : (part+1)*t.chunk()]
	for i := part * items / parts; i < (part+1)*items/parts; i++ {
		b, first := i/per, i%per*t.lines
		lines := min(t.lines, t.grid.H-first)
		for l := range lines {
			t.unfold(columns[l*t.grid.W*taps*t.in:], b, first+l)
		}
		at := (b*t.grid.H + first) * t.grid.W * t.out
		kernel.Gemm(t.y[at:], t.out, columns, taps*t.in, 1, t.w, lines*t.grid.W, t.out, taps*t.in, t.add)
	}
}

// unfold writes the nine pixels around each pixel of a line.
func (t *convTask) unfold(dst []float32, b, line int) {
	c, w := t.in, t.grid.W
	for dy := -1; dy <= 1; dy++ {
		at := (dy + 1) * 3 * c
		from := line + dy
		if from < 0 || from >= t.grid.H {
			for x := range w {
				clear(dst[x*taps*c+at : x*taps*c+at+3*c])
			}
			continue
		}
		src := t.x[(b*t.grid.H+from)*w*c:]
		for x := range w {
			d := dst[x*taps*c+at : x*taps*c+at+3*c]
			switch {
			case x > 0 && x+1 < w:
				copy(d, src[(x-1)*c:(x+2)*c])
			default:
				clear(d)
				lo, hi := max(x-1, 0), min(x+2, w)
				copy(d[(lo-x+1)*c:], src[lo*c:hi*c])
			}
		}
	}
}

// convolve computes y = x*w, or adds it to y.
func (r *Run) convolve(y, x []float32, in int, packed []float32, out int, g Grid, add bool) {
	t := &r.conv
	*t = convTask{y: y, x: x, w: packed, in: in, out: out, grid: g, add: add}
	t.lines = max(1, min(g.H, convChunk/(g.W*taps*in)))
	parts := 1
	if g.Rows()*in*out*taps >= gemmSerial {
		parts = min(2*r.pool.size, g.B*((g.H+t.lines-1)/t.lines))
	}
	slab, used := r.arena.mark()
	t.scratch = r.arena.floats(parts * t.chunk())
	r.pool.do(t, parts)
	r.arena.release(slab, used)
}

// convGrad adds to the gradients of x and w. That of x is a convolution of dy
// with the filters turned round; that of w is, for each tap, a product of dyᵀ
// and the shifted x.
func (r *Run) convGrad(x, y *Tensor, w *Param, g Grid) {
	dx, add := r.grad(x)
	slab, used := r.arena.mark()
	in, out := x.Cols, w.Out
	turned := r.arena.floats(taps * out * in) // (9·out,in)
	for o := range out {
		for tap := range taps {
			copy(turned[((taps-1-tap)*out+o)*in:][:in], w.Data[o*w.In+tap*in:][:in])
		}
	}
	r.convolve(dx, y.Grad, out, r.packRows(turned, taps*out, in), in, g, add)
	if w.Frozen {
		r.arena.release(slab, used)
		return
	}
	t := &r.convWeight
	*t = convWeightTask{dw: w.Grad, dy: y.Grad, x: x.Data, in: in, out: out, grid: g}
	t.rows = max(1, min(g.B*g.H, 512/g.W)) * g.W
	t.shifted = r.arena.floats(taps * t.rows * in)
	t.packed = r.arena.floats(taps * kernel.PackedSize(t.rows, in))
	r.pool.do(t, taps)
	r.arena.release(slab, used)
}

// convWeightTask computes the gradient of one tap of all filters a part.
type convWeightTask struct {
	dw, dy, x       []float32
	in, out, rows   int // rows: pixels in a chunk, whole lines
	grid            Grid
	shifted, packed []float32 // a chunk for each tap
}

func (t *convWeightTask) run(tap, _ int) {
	c := t.in
	shifted := t.shifted[tap*t.rows*c : (tap+1)*t.rows*c]
	size := kernel.PackedSize(t.rows, c)
	packed := t.packed[tap*size : (tap+1)*size]
	for first := 0; first < t.grid.Rows(); first += t.rows {
		rows := min(t.rows, t.grid.Rows()-first)
		for l := 0; l < rows/t.grid.W; l++ {
			t.shift(shifted[l*t.grid.W*c:(l+1)*t.grid.W*c], first/t.grid.W+l, tap/3-1, tap%3-1)
		}
		kernel.PackB(packed, shifted, rows, c, c, 1)
		kernel.Gemm(t.dw[tap*c:], taps*c, t.dy[first*t.out:], 1, t.out, packed, t.out, c, rows, true)
	}
}

// shift copies what the pixels of a line (counted over all pictures) see dy
// below and dx to the right of them.
func (t *convWeightTask) shift(dst []float32, line, dy, dx int) {
	c, w := t.in, t.grid.W
	if from := line%t.grid.H + dy; from < 0 || from >= t.grid.H {
		clear(dst)
		return
	}
	src := t.x[(line+dy)*w*c : (line+dy+1)*w*c]
	switch {
	case dx < 0:
		clear(dst[:c])
		copy(dst[c:], src[:(w-1)*c])
	case dx > 0:
		copy(dst, src[c:])
		clear(dst[(w-1)*c:])
	default:
		copy(dst, src)
	}
}
