package tensor

import (
	"math"
	"sync"
	"testing"
)

// TestRotaryTable holds every entry to the formula, whichever goroutine asks for
// it first, at the ends of blocks too.
func TestRotaryTable(t *testing.T) {
	const context, magnitude = 3*rotaryBlockSize - 5, 1.25
	table := NewRotaryTableOf(context, RotaryFrequencies(6, 50), magnitude, true)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for p := context - 1; p >= 0; p-- {
				cos, sin, neg := table.at(p)
				for i := range 3 {
					s, c := math.Sincos(float64(p) * math.Pow(50, -float64(i)/3))
					if cos[i] != float32(c*magnitude) || sin[i] != float32(s*magnitude) || neg[i] != -sin[i] {
						t.Errorf("position %d, pair %d: cosine %g, sine %g", p, i, cos[i], sin[i])
						return
					}
				}
			}
		})
	}
	all.Wait()
}

// TestAttentionOfAWindow holds both forms of attention to the obvious one: rows
// before a window have no say, and scores are scaled and capped as told.
func TestAttentionOfAWindow(t *testing.T) {
	const rows, heads, d = 23, 2, 4
	pool := NewPool(2)
	defer pool.Close()
	q, k, v := wave(rows, heads*d, 0.7), wave(rows, d, 1.1), wave(rows, d, 0.3)
	for _, shape := range []AttentionShape{
		{Heads: heads, KVHeads: 1, HeadDim: d, Causal: true, Window: 5},
		{Heads: heads, KVHeads: 1, HeadDim: d, Causal: true, Window: 1, Scale: 3},
		{Heads: heads, KVHeads: 1, HeadDim: d, Causal: true, Window: 100, SoftCap: 0.5},
		{Heads: heads, KVHeads: 1, HeadDim: d, SoftCap: 2, Scale: 1.5},
	} {
		r := NewRun(pool)
		whole := r.Attention(q, k, v, shape, []Span{{0, rows}})
		last := rowsOf(q, 20, rows)
		var cached *Tensor
		if shape.Causal {
			cache := NewCache(CacheF32, 1, d, rows)
			cache.Grow(rows)
			first := rowsOf(q, 0, 20)
			r.AttentionCached(first, rowsOf(k, 0, 20), rowsOf(v, 0, 20), shape, []CachedSpan{{Span{0, 20}, 0, &cache}})
			cached = r.AttentionCached(last, rowsOf(k, 20, rows), rowsOf(v, 20, rows), shape, []CachedSpan{{Span{0, rows - 20}, 20, &cache}})
		}
		for i := range rows {
			for h := range heads {
				want := obviousAttention(q.Row(i)[h*d:(h+1)*d], k, v, i, shape)
				for e := range d {
					if got := float64(whole.Row(i)[h*d+e]); !(math.Abs(got-want[e]) < 1e-5) {
						t.Fatalf("%+v: row %d, head %d: %g, want %g", shape, i, h, got, want[e])
					}
					if i >= 20 && cached != nil {
						if got := float64(cached.Row(i - 20)[h*d+e]); !(math.Abs(got-want[e]) < 1e-5) {
							t.Fatalf("%+v: row %d, head %d, cached: %g, want %g", shape, i, h, got, want[e])
						}
					}
				}
			}
		}
	}
}

// rowsOf is rows from to to of a tensor.
func rowsOf(x *Tensor, from, to int) *Tensor {
	return &Tensor{Data: x.Data[from*x.Cols : to*x.Cols], Rows: to - from, Cols: x.Cols}
}

func obviousAttention(q []float32, k, v *Tensor, row int, shape AttentionShape) []float64 {
	scale, out, sum := float64(shape.Scale), make([]float64, v.Cols), 0.0
	if scale == 0 {
		scale = 1 / math.Sqrt(float64(len(q)))
	}
	for j := range k.Rows {
		if shape.Causal && (j > row || shape.Window > 0 && j <= row-shape.Window) {
			continue
		}
		var score float64
		for e := range q {
			score += float64(q[e]) * float64(k.Row(j)[e])
		}
		score *= scale
		if c := float64(shape.SoftCap); c != 0 {
			score = c * math.Tanh(score/c)
		}
		p := math.Exp(score)
		sum += p
		for e := range out {
			out[e] += p * float64(v.Row(j)[e])
		}
	}
	for e := range out {
		out[e] /= sum
	}
	return out
}

func wave(rows, cols int, step float64) *Tensor {
	x := &Tensor{Rows: rows, Cols: cols, Data: make([]float32, rows*cols)}
	for i := range x.Data {
		x.Data[i] = float32(2 * math.Sin(step*float64(i)))
	}
	return x
}
