package tensor

import (
	"math"
	"sync/atomic"

	"github.com/stride-ml/stride/tensor/kernel"
)

// CachedSpan is the new rows of one sequence in a pass over several: they follow
// the Held positions that the sequence's cache had before.
type CachedSpan struct {
	Span
	Held  int
	Cache *Cache
}

// AttentionCached stores keys and values k and v (T,KVHeads·HeadDim) of new rows
// in the caches of their sequences, which must have room, and attends from
// queries q (T,Heads·HeadDim) to what each row sees of its own sequence, itself
// counted: result like q. It is for evaluation, and causal.
//
// A sequence is gone through page by page: a page gives the largest score m, the
// sum l of exp(s-m) and the values weighted by these, and pages are merged in
// order (as in FlashAttention, Dao et al., arXiv 2205.14135). Within a page an
// element of the result is one chain over its positions. So a row gets the same
// bits whoever shares the pass, however the work is cut.
func (r *Run) AttentionCached(q, k, v *Tensor, shape AttentionShape, spans []CachedSpan) *Tensor {
	if !(q.Cols == shape.Heads*shape.HeadDim && k.Cols == shape.KVHeads*shape.HeadDim &&
		v.Cols == k.Cols && q.Rows == k.Rows && k.Rows == v.Rows) {
		mismatch("cached attention", "q (%d,%d), k (%d,%d), v (%d,%d) for %+v", q.Rows, q.Cols, k.Rows, k.Cols, v.Rows, v.Cols, shape)
	}
	for _, s := range spans {
		if s.Held+s.Len > s.Cache.room() || s.Start+s.Len > q.Rows {
			mismatch("cached attention", "rows %d to %d of %d after %d positions, room for %d", s.Start, s.Start+s.Len, q.Rows, s.Held, s.Cache.room())
		}
	}
	y := r.New(q.Rows, q.Cols)
	slab, used := r.arena.mark()
	t := &r.cached
	t.shape, t.q, t.k, t.v, t.y, t.spans = shape, q, k, v, y, spans
	t.plan(r)
	if !t.stores {
		parts := 1
		if len(k.Data) >= 1<<13 {
			parts = min(len(spans)*shape.KVHeads, 4*r.pool.size)
		}
		r.pool.do((*storeTask)(t), parts)
	}
	r.pool.do(t, min(len(t.items), maxItems))
	r.arena.release(slab, used)
	return y
}

const (
	// blockRows is about how many rows of queries, those of all heads that share a
	// key-value head, are scored at a time: their scores of a page stay in the
	// second-level cache.
	blockRows = 72
	// narrowRows is up to how many rows a product widens half precision anew for
	// each tile, instead of once into memory.
	narrowRows = 12
	// sharedRows is up to how many positions one worker takes alone where others would
	// share them.
	sharedRows = 512
	maxItems   = 1 << 15
)

// cachedTask is attention cut into items, each with its own workspace.
type cachedTask struct {
	shape      AttentionShape
	q, k, v, y *Tensor
	spans      []CachedSpan
	items      []cachedItem
	blocks     []cachedBlock
	parts      []partial
	spaces     []workspace // one for each worker
	stores     bool        // an item stores what it attends to, which no other does
}

// cachedBlock is rows of one span and one key-value head. Where several items
// share its pages, the one that ends last merges what they found.
type cachedBlock struct {
	span, head  int
	first, rows int
	from, to    int       // pages
	left        int32     // items that are not done
	parts       []partial // of each page; empty for a single item
}

// cachedItem is pages from to to of a block.
type cachedItem struct{ block, from, to int }

// partial is what rows found in some pages: the largest score and the sum of the
// exponentials (rows), and the weighted values (rows,wide).
type partial struct{ top, sum, out []float32 }

func newPartial(r *Run, rows, wide int) partial {
	x := r.arena.floats(rows * (wide + 2))
	return partial{carve(&x, rows), carve(&x, rows), x}
}

var negInf = float32(math.Inf(-1))

// merge adds what rows found in the pages that follow.
func (p partial) merge(next partial, rows, wide int) {
	for i := range rows {
		out, more := p.out[i*wide:(i+1)*wide], next.out[i*wide:(i+1)*wide]
		switch {
		case next.top[i] == negInf:
			continue
		case p.top[i] == negInf:
			p.top[i], p.sum[i] = next.top[i], next.sum[i]
			copy(out, more)
			continue
		}
		old, new := float32(1), float32(1)
		if p.top[i] >= next.top[i] {
			new = exp32(next.top[i] - p.top[i])
		} else {
			old = exp32(p.top[i] - next.top[i])
			p.top[i] = next.top[i]
			kernel.Scale(out, old)
		}
		p.sum[i] = float32(p.sum[i]*old) + float32(next.sum[i]*new)
		kernel.Axpy(out, new, more)
	}
}

func exp32(x float32) float32 { return float32(math.Exp(float64(x))) }

// workspace is a worker's memory.
type workspace struct {
	busy      atomic.Bool
	q         []float32 // (rows,HeadDim), scaled
	scores    []float32 // (rows,page)
	wide      []float32 // keys or values of a page in half precision, widened
	integers  int8Space // of q8_0
	block     int       // whose queries are in q; -1 for none
	page, all partial
}

// plan cuts the work: blocks of rows, the latest first because they see most, and
// where there are few of them also ranges of pages.
func (t *cachedTask) plan(r *Run) {
	group := t.shape.Heads / t.shape.KVHeads
	step := max(1, blockRows/group)
	t.items, t.blocks, t.parts, t.stores = t.items[:0], t.blocks[:0], t.parts[:0], true
	rows, half, quantised := 1, false, false
	var c *Cache
	page := panel // positions of the largest
	for i, s := range t.spans {
		c = s.Cache
		if s.Len == 0 {
			continue
		}
		for _, p := range c.pages[:pageAt(s.Held+s.Len-1)+1] {
			page = max(page, p.rows)
		}
		rows, t.stores = max(rows, min(step, s.Len)*group), t.stores && s.Len <= step
		half, quantised = half || s.Cache.kind == CacheF16, quantised || s.Cache.kind == CacheQ8_0
		for first := (s.Len - 1) / step * step; first >= 0; first -= step {
			b := cachedBlock{span: i, first: first, rows: min(step, s.Len-first)}
			b.from = pageAt(t.shape.outside(s.Held + first + 1))
			b.to = pageAt(s.Held+first+b.rows-1) + 1
			for b.head = range t.shape.KVHeads {
				t.blocks = append(t.blocks, b)
			}
		}
	}
	share := len(t.blocks) < 4*r.pool.size && r.pool.size > 1
	for i := range t.blocks {
		b := &t.blocks[i]
		pages := b.to - b.from
		if !share || pages == 1 || pageStart(b.to) <= sharedRows {
			t.items, b.left = append(t.items, cachedItem{i, b.from, b.to}), 1
			continue
		}
		t.stores, b.left = false, int32(pages)
		for page := b.to - 1; page >= b.from; page-- { // the small ones last, so that workers end together
			t.items = append(t.items, cachedItem{i, page, page + 1})
			t.parts = append(t.parts, newPartial(r, b.rows*group, c.wide))
		}
		b.parts = t.parts[len(t.parts)-pages:]
	}
	if t.spaces == nil {
		t.spaces = make([]workspace, r.pool.size)
	}
	for i := range t.spaces {
		w := &t.spaces[i]
		w.block = -1
		w.q, w.scores = r.arena.floats(rows*c.dim), r.arena.floats(rows*page)
		w.page, w.all = newPartial(r, rows, c.wide), newPartial(r, rows, c.wide)
		if quantised {
			w.integers.grow(r, rows, page, c)
		}
		if half && rows > narrowRows {
			w.wide = r.arena.floats(c.wide * page)
		}
	}
}

// storeTask stores new keys and values.
type storeTask cachedTask

func (t *storeTask) run(part, parts int) {
	items := len(t.spans) * t.shape.KVHeads
	for i := part * items / parts; i < (part+1)*items/parts; i++ {
		t.store(i/t.shape.KVHeads, i%t.shape.KVHeads)
	}
}

// store stores the keys and values of a span and a head.
func (t *storeTask) store(span, head int) {
	s, d := t.spans[span], t.shape.HeadDim
	for row := range s.Len {
		at := s.Start + row
		s.Cache.store(s.Held+row, head, t.k.Row(at)[head*d:(head+1)*d], t.v.Row(at)[head*d:(head+1)*d])
	}
}

func (t *cachedTask) run(part, parts int) {
	w := t.take()
	defer w.busy.Store(false)
	for i := part; i < len(t.items); i += parts {
		t.attend(t.items[i], w)
	}
}

// take finds a workspace that no worker has; there is one for each.
func (t *cachedTask) take() *workspace {
	for i := 0; ; i = (i + 1) % len(t.spaces) {
		if w := &t.spaces[i]; w.busy.CompareAndSwap(false, true) {
			return w
		}
	}
}

func (t *cachedTask) attend(item cachedItem, w *workspace) {
	b := &t.blocks[item.block]
	c := t.spans[b.span].Cache
	rows := b.rows * t.shape.Heads / t.shape.KVHeads
	if t.stores {
		(*storeTask)(t).store(b.span, b.head)
	}
	if w.block != item.block {
		w.block = item.block
		t.queries(b, w)
	}
	for i := item.from; i < item.to; i++ {
		if len(b.parts) > 0 {
			t.page(b, i, w, b.parts[i-b.from])
			continue
		}
		if i == item.from {
			t.page(b, i, w, w.all)
			continue
		}
		t.page(b, i, w, w.page)
		w.all.merge(w.page, rows, c.wide)
	}
	if atomic.AddInt32(&b.left, -1) > 0 {
		return
	}
	found := w.all
	for i, p := range b.parts {
		if i == 0 {
			found = p
			continue
		}
		found.merge(p, rows, c.wide)
	}
	t.finish(b, found)
}

// queries gathers the queries of a block, scaled: row i·group+g is that of the
// i-th position and the g-th head.
func (t *cachedTask) queries(b *cachedBlock, w *workspace) {
	n := t.shape.Heads / t.shape.KVHeads * t.shape.HeadDim
	for i := range b.rows {
		copy(w.q[i*n:(i+1)*n], t.q.Row(t.spans[b.span].Start + b.first + i)[b.head*n:])
	}
	kernel.Scale(w.q[:b.rows*n], t.shape.scale())
	if c := t.spans[b.span].Cache; c.kind == CacheQ8_0 {
		w.integers.queries(w.q, b.rows*t.shape.Heads/t.shape.KVHeads, c)
	}
}

// finish divides by the sums of exponentials.
func (t *cachedTask) finish(b *cachedBlock, p partial) {
	d, group, wide := t.shape.HeadDim, t.shape.Heads/t.shape.KVHeads, t.spans[b.span].Cache.wide
	for i := range b.rows * group {
		row := t.y.Row(t.spans[b.span].Start + b.first + i/group)
		y := row[(b.head*group+i%group)*d:][:d]
		if p.top[i] == negInf {
			clear(y)
			continue
		}
		copy(y, p.out[i*wide:])
		kernel.Scale(y, 1/p.sum[i])
	}
}

// page attends to one page.
func (t *cachedTask) page(b *cachedBlock, index int, w *workspace, out partial) {
	s, group := t.spans[b.span], t.shape.Heads/t.shape.KVHeads
	v := view{cache: s.Cache, page: &s.Cache.pages[index], head: b.head, rows: b.rows * group}
	begin := pageStart(index)
	seen := func(i int) (from, to int) { // by the i-th position of the block
		n := s.Held + b.first + i + 1
		return max(0, t.shape.outside(n)-begin), min(v.page.rows, n-begin)
	}
	from, _ := seen(0)
	v.from = from / panel * panel
	_, v.to = seen(b.rows - 1)
	v.score(w)
	for i := range b.rows {
		from, to := seen(i)
		if from >= to {
			from, to = v.from, v.from
		}
		if s.Cache.kind == CacheQ8_0 {
			t.softmaxInt8(v, w, i*group, group, from, to, out)
			continue
		}
		for row := i * group; row < (i+1)*group; row++ {
			t.softmax(w.scores[row*v.page.rows:][:v.to], row, v.from, from, to, out)
		}
	}
	v.weigh(w, out.out)
}

// softmax turns scores of a row into exponentials, from to to, and 0 elsewhere.
func (t *cachedTask) softmax(scores []float32, row, first, from, to int, out partial) {
	if !t.top(scores[from:to], row, out) {
		clear(scores[first:])
		return
	}
	out.sum[row] = kernel.ExpSum(scores[from:to], scores[from:to], out.top[row])
	clear(scores[first:from])
	clear(scores[to:])
}

// top notes the largest score of a row, and whether there is one.
func (t *cachedTask) top(scores []float32, row int, out partial) bool {
	if t.shape.SoftCap != 0 {
		kernel.SoftCap(scores, t.shape.SoftCap)
	}
	out.top[row] = kernel.Max(scores)
	return out.top[row] != negInf
}
