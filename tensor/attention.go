package tensor

import (
	"math"

	"github.com/stride-ml/stride/tensor/kernel"
)

// Span is one sequence among the rows of a pass: rows Start to Start+Len.
type Span struct{ Start, Len int }

// AttentionShape is how rows of queries, keys and values are cut into heads.
// KVHeads divides Heads; each key-value head serves Heads/KVHeads query heads
// (grouped-query attention, Ainslie et al., arXiv 2305.13245).
type AttentionShape struct {
	Heads, KVHeads, HeadDim int
	Causal                  bool // a row sees itself and earlier rows of its span only

	Window  int     // a row sees only the last so many of those, itself counted; 0: all
	Scale   float32 // of the scores q·k; 0: 1/√HeadDim
	SoftCap float32 // scores s become SoftCap·tanh(s/SoftCap), in evaluation only; 0: they stay
}

func (s AttentionShape) scale() float32 {
	if s.Scale != 0 {
		return s.Scale
	}
	return float32(1 / math.Sqrt(float64(s.HeadDim)))
}

// outside is how many of the n first rows, which a row could see, are before its
// window.
func (s AttentionShape) outside(n int) int {
	if s.Window == 0 {
		return 0
	}
	return max(0, n-s.Window)
}

// weigh turns products q·k of the rows that a row sees into probabilities.
func (s AttentionShape) weigh(p []float32) {
	kernel.Scale(p, s.scale())
	if s.SoftCap != 0 {
		kernel.SoftCap(p, s.SoftCap)
	}
	kernel.Softmax(p, p)
}

// Attention computes softmax(q·kᵀ/√d)·v within each span (Vaswani et al., arXiv
// 1706.03762): q (T,Heads·HeadDim), k and v (T,KVHeads·HeadDim), result like q.
// Spans must cover all rows. Rows of different spans do not see each other.
func (r *Run) Attention(q, k, v *Tensor, shape AttentionShape, spans []Span) *Tensor {
	if !(q.Cols == shape.Heads*shape.HeadDim && k.Cols == shape.KVHeads*shape.HeadDim &&
		v.Cols == k.Cols && q.Rows == k.Rows && k.Rows == v.Rows) {
		mismatch("attention", "q (%d,%d), k (%d,%d), v (%d,%d) for %+v", q.Rows, q.Cols, k.Rows, k.Cols, v.Rows, v.Cols, shape)
	}
	if r.train && shape.SoftCap != 0 {
		mismatch("attention", "a soft cap of scores has no gradient")
	}
	y := r.New(q.Rows, q.Cols)
	t := attendTask{shape: shape, q: q, y: y, k: k, v: v, keys: k.Data, values: v.Data, spans: spans}
	r.attention(t, (*attendTask).forward, shape.scratch(spans, false))
	if r.train {
		t := t // so that only training keeps one
		r.tape = append(r.tape, func() {
			r.gradSum(q)
			r.gradSum(k)
			r.gradSum(v)
			r.attention(t, (*attendTask).backward, shape.scratch(spans, true))
		})
	}
	return y
}

// attention cuts the work into items of one span and one key-value head; each
// part has its own scratch floats.
func (r *Run) attention(t attendTask, f func(*attendTask, Span, int, []float32), scratch int) {
	work := 0
	for _, s := range t.spans {
		work += s.Len * s.Len * t.shape.Heads * t.shape.HeadDim
	}
	parts := 1
	if work >= 1<<15 {
		parts = min(len(t.spans)*t.shape.KVHeads, 8*r.pool.size)
	}
	slab, used := r.arena.mark()
	t.f, t.size = f, scratch
	t.scratch = r.arena.floats(parts * scratch)
	r.attend = t
	r.pool.do(&r.attend, parts)
	r.arena.release(slab, used)
}

type attendTask struct {
	f            func(t *attendTask, s Span, kvHead int, scratch []float32)
	shape        AttentionShape
	q, k, v, y   *Tensor
	keys, values []float32 // (rows,KVHeads·HeadDim)
	spans        []Span
	size         int // floats of scratch for each part
	scratch      []float32
}

func (t *attendTask) run(part, parts int) {
	items := len(t.spans) * t.shape.KVHeads
	scratch := t.scratch[part*t.size : (part+1)*t.size]
	for i := part * items / parts; i < (part+1)*items/parts; i++ {
		if s := t.spans[i/t.shape.KVHeads]; s.Len > 0 {
			t.f(t, s, i%t.shape.KVHeads, scratch)
		}
	}
}

// visible is how many rows of its span row i sees.
func (t *attendTask) visible(s Span, i int) int {
	if t.shape.Causal {
		return i + 1
	}
	return s.Len
}

// queryRows is how many queries of a span are scored at a time: their scores
// stay in the second-level cache.
const queryRows = 48

// scratch is the floats that one part needs for spans of these lengths.
func (s AttentionShape) scratch(spans []Span, backward bool) int {
	longest := 0
	for _, span := range spans {
		longest = max(longest, span.Len)
	}
	rows := min(queryRows, longest)
	across, along := kernel.PackedSize(s.HeadDim, longest), kernel.PackedSize(longest, s.HeadDim)
	n := rows*longest + across + along
	if backward {
		n += rows*longest + across + 2*kernel.PackedSize(rows, s.HeadDim)
	}
	return n
}

// carve cuts the next n floats off scratch.
func carve(scratch *[]float32, n int) []float32 {
	out := (*scratch)[:n:n]
	*scratch = (*scratch)[n:]
	return out
}

// probabilities fills p (rows,n) with softmax(scale·q·kᵀ) of rows from first
// on; what a row may not see is 0. keys is packed kᵀ.
func (t *attendTask) probabilities(p, keys []float32, s Span, h, first, rows, n int) {
	d := t.shape.HeadDim
	kernel.Gemm(p, n, t.q.Data[(s.Start+first)*t.q.Cols+h*d:], t.q.Cols, 1, keys, rows, n, d, false)
	for i := range rows {
		row := p[i*n : (i+1)*n]
		to := min(n, t.visible(s, first+i))
		from := t.shape.outside(to)
		t.shape.weigh(row[from:to])
		clear(row[:from])
		clear(row[to:])
	}
}

// forward takes a block of queries at a time through two matrix products.
func (t *attendTask) forward(s Span, kv int, scratch []float32) {
	d, width := t.shape.HeadDim, t.shape.KVHeads*t.shape.HeadDim
	group := t.shape.Heads / t.shape.KVHeads
	base := s.Start*width + kv*d
	keys := carve(&scratch, kernel.PackedSize(d, s.Len))
	values := carve(&scratch, kernel.PackedSize(s.Len, d))
	kernel.PackB(keys, t.keys[base:], d, s.Len, 1, width)
	kernel.PackB(values, t.values[base:], s.Len, d, width, 1)
	for h := kv * group; h < (kv+1)*group; h++ {
		for first := 0; first < s.Len; first += queryRows {
			rows := min(queryRows, s.Len-first)
			p := scratch[:rows*s.Len]
			t.probabilities(p, keys, s, h, first, rows, s.Len)
			kernel.Gemm(t.y.Data[(s.Start+first)*t.y.Cols+h*d:], t.y.Cols, p, s.Len, 1, values, rows, d, s.Len, false)
		}
	}
}

// backward recomputes the probabilities instead of keeping them (as in
// FlashAttention, Dao et al., arXiv 2205.14135): with p = softmax(scale·q·kᵀ),
// dv += pᵀ·dy, dp = dy·vᵀ, ds = p∘(dp - Σ p∘dp)·scale, dq += ds·k, dk += dsᵀ·q.
func (t *attendTask) backward(s Span, kv int, scratch []float32) {
	d, width, n := t.shape.HeadDim, t.shape.KVHeads*t.shape.HeadDim, s.Len
	group := t.shape.Heads / t.shape.KVHeads
	base := s.Start*width + kv*d
	keysAcross := carve(&scratch, kernel.PackedSize(d, n))
	valuesAcross := carve(&scratch, kernel.PackedSize(d, n))
	keys := carve(&scratch, kernel.PackedSize(n, d))
	kernel.PackB(keysAcross, t.keys[base:], d, n, 1, width)
	kernel.PackB(valuesAcross, t.values[base:], d, n, 1, width)
	kernel.PackB(keys, t.keys[base:], n, d, width, 1)
	for h := kv * group; h < (kv+1)*group; h++ {
		for first := 0; first < n; first += queryRows {
			rows := min(queryRows, n-first)
			rest := scratch
			p, ds := carve(&rest, rows*n), carve(&rest, rows*n)
			packed := carve(&rest, kernel.PackedSize(rows, d))
			at := (s.Start+first)*t.q.Cols + h*d
			dy := t.y.Grad[at:]
			t.probabilities(p, keysAcross, s, h, first, rows, n)
			kernel.PackB(packed, dy, rows, d, t.q.Cols, 1)
			kernel.Gemm(t.v.Grad[base:], width, p, 1, n, packed, n, d, rows, true)
			kernel.Gemm(ds, n, dy, t.q.Cols, 1, valuesAcross, rows, n, d, false)
			for i := range rows {
				softmaxGrad(ds[i*n:(i+1)*n], p[i*n:(i+1)*n], t.shape.scale())
			}
			kernel.Gemm(t.q.Grad[at:], t.q.Cols, ds, n, 1, keys, rows, d, n, true)
			kernel.PackB(packed, t.q.Data[at:], rows, d, t.q.Cols, 1)
			kernel.Gemm(t.k.Grad[base:], width, ds, 1, n, packed, n, d, rows, true)
		}
	}
}

// softmaxGrad turns dp into p∘(dp - Σ p∘dp)·scale.
func softmaxGrad(dp, p []float32, scale float32) {
	mean := kernel.Dot(p, dp)
	for j := range dp {
		dp[j] = p[j] * (dp[j] - mean) * scale
	}
}
