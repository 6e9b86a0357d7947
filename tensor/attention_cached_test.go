package tensor

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// cachedCase is sequences that go through attention with a cache.
type cachedCase struct {
	shape   AttentionShape
	kind    CacheType
	q, k, v []*Tensor // of each sequence
}

func newCachedCase(rng *rand.Rand, shape AttentionShape, kind CacheType, lengths ...int) cachedCase {
	shape.Causal = true
	c := cachedCase{shape: shape, kind: kind}
	for _, n := range lengths {
		c.q = append(c.q, randomTensor(rng, n, shape.Heads*shape.HeadDim))
		c.k = append(c.k, randomTensor(rng, n, shape.KVHeads*shape.HeadDim))
		c.v = append(c.v, randomTensor(rng, n, shape.KVHeads*shape.HeadDim))
	}
	return c
}

// run takes all sequences through passes, of each so many rows as cut gives.
func (c *cachedCase) run(pool *Pool, cut func(left int) int) []*Tensor {
	r := NewRun(pool)
	caches := make([]Cache, len(c.q))
	held := make([]int, len(c.q))
	var out []*Tensor
	for i, q := range c.q {
		caches[i] = NewCache(c.kind, c.shape.KVHeads, c.shape.HeadDim, q.Rows)
		out = append(out, &Tensor{Data: make([]float32, len(q.Data)), Rows: q.Rows, Cols: q.Cols})
	}
	for {
		var spans []CachedSpan
		var q, k, v Tensor
		q.Cols, k.Cols, v.Cols = c.q[0].Cols, c.k[0].Cols, c.v[0].Cols
		for i := range c.q {
			n := min(cut(c.q[i].Rows-held[i]), c.q[i].Rows-held[i])
			caches[i].Grow(held[i] + n)
			spans = append(spans, CachedSpan{Span{q.Rows, n}, held[i], &caches[i]})
			q.Data = append(q.Data, rowsOf(c.q[i], held[i], held[i]+n).Data...)
			k.Data = append(k.Data, rowsOf(c.k[i], held[i], held[i]+n).Data...)
			v.Data = append(v.Data, rowsOf(c.v[i], held[i], held[i]+n).Data...)
			q.Rows += n
		}
		if k.Rows, v.Rows = q.Rows, q.Rows; q.Rows == 0 {
			return out
		}
		r.Reset(0)
		y := r.AttentionCached(&q, &k, &v, c.shape, spans)
		for i, s := range spans {
			copy(out[i].Data[held[i]*y.Cols:], y.Data[s.Start*y.Cols:(s.Start+s.Len)*y.Cols])
			held[i] += s.Len
		}
	}
}

// TestCachedAttention holds a row's bits to be the same whoever shares its pass,
// and its values to those of the obvious version.
func TestCachedAttention(t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 32))
	one, three := NewPool(1), NewPool(3)
	defer one.Close()
	defer three.Close()
	for _, shape := range []AttentionShape{
		{Heads: 9, KVHeads: 3, HeadDim: 64},
		{Heads: 2, KVHeads: 2, HeadDim: 8},
		{Heads: 8, KVHeads: 1, HeadDim: 80, Window: 260},
		{Heads: 4, KVHeads: 2, HeadDim: 48, Window: 20, Scale: 0.3, SoftCap: 2},
		{Heads: 15, KVHeads: 1, HeadDim: 32},
	} {
		for kind, tolerance := range map[CacheType]float64{CacheF32: 1e-5, CacheF16: 2e-3, CacheQ8_0: 4e-2} {
			lengths := []int{270, 20, 300}
			if shape.HeadDim == 64 {
				lengths[0] = 530 // more pages than one worker takes
			}
			c := newCachedCase(rng, shape, kind, lengths...)
			name := fmt.Sprintf("%v %+v", kind, shape)
			want := c.run(one, func(left int) int { return 1 })
			for cuts, f := range map[string]func(int) int{
				"all rows":    func(left int) int { return left },
				"random cuts": func(int) int { return rng.IntN(60) + rng.IntN(2)*200 + 1 },
			} {
				for _, pool := range []*Pool{one, three} {
					for i, got := range c.run(pool, f) {
						if !slices.Equal(got.Data, want[i].Data) {
							t.Fatalf("%s: %s with %d workers give sequence %d other bits", name, cuts, pool.size, i)
						}
					}
				}
			}
			for i, q := range c.q {
				for row := 0; row < q.Rows; row += 1 + rng.IntN(40) {
					c.check(t, name, i, row, want[i], tolerance)
				}
			}
		}
	}
}

func (c *cachedCase) check(t *testing.T, name string, sequence, row int, got *Tensor, tolerance float64) {
	t.Helper()
	d, group := c.shape.HeadDim, c.shape.Heads/c.shape.KVHeads
	of := func(x *Tensor, head int) *Tensor {
		y := &Tensor{Rows: row + 1, Cols: d}
		for i := range row + 1 {
			y.Data = append(y.Data, x.Row(i)[head*d:(head+1)*d]...)
		}
		return y
	}
	for h := range c.shape.Heads {
		want := obviousAttention(c.q[sequence].Row(row)[h*d:(h+1)*d], of(c.k[sequence], h/group), of(c.v[sequence], h/group), row, c.shape)
		for e := range d {
			if g := float64(got.Row(row)[h*d+e]); !(math.Abs(g-want[e]) < tolerance) {
				t.Fatalf("%s: sequence %d, row %d, head %d, element %d: %g, want %g", name, sequence, row, h, e, g, want[e])
			}
		}
	}
}

func TestCacheTypes(t *testing.T) {
	for _, kind := range []CacheType{CacheF32, CacheF16, CacheQ8_0} {
		if got, err := ParseCacheType(kind.String()); got != kind || err != nil {
			t.Errorf("%v is read as %v, %v", kind, got, err)
		}
		c := NewCache(kind, 3, 64, 8192)
		if c.Grow(257); len(c.pages) != 2 {
			t.Errorf("%v: %d pages for 257 positions, want 2", kind, len(c.pages))
		}
		want := map[CacheType]int{CacheF32: 786432, CacheF16: 393216, CacheQ8_0: 208896}[kind]
		if got := c.Bytes(); got != want {
			t.Errorf("%v: %d bytes, want %d", kind, got, want)
		}
	}
	if _, err := ParseCacheType("q9"); err == nil || err.Error() != `"q9" is no type of a key-value cache, want f32, f16 or q8_0` {
		t.Errorf("error %v", err)
	}
}

// TestLongCachesAllocateNothing holds it for a step that several workers share.
// TestPages holds pages to follow each other without gaps, and their memory to what
// positions take: at most twice as much for short texts, and a page more for long ones.
func TestPages(t *testing.T) {
	for p, page := 0, 0; p < 10*mostPage; p++ {
		if p == pageStart(page+1) {
			page++
		}
		if got := pageAt(p); got != page {
			t.Fatalf("position %d is in page %d, want %d", p, got, page)
		}
	}
	for _, kind := range []CacheType{CacheF32, CacheF16, CacheQ8_0} {
		for _, context := range []int{3, 100, 700, 1500, 5000} {
			c := NewCache(kind, 2, 64, context)
			for n := 1; n <= context; n += 1 + n/3 {
				c.Grow(n)
				if room := c.room(); room < n || room > max(leastPage, min(2*n, n+mostPage)) || room > context+panel {
					t.Errorf("%v: room for %d positions where %d of %d are wanted", kind, room, n, context)
				}
				if want := c.room() * 2 * 2 * (64*[]int{4, 2, 1}[kind] + 2*c.blocks); c.Bytes() != want {
					t.Errorf("%v: %d bytes for %d positions, want %d", kind, c.Bytes(), c.room(), want)
				}
			}
		}
	}
}

func TestLongCachesAllocateNothing(t *testing.T) {
	pool := NewPool(2)
	defer pool.Close()
	const held = 2000
	cache, r := NewCache(CacheF16, 1, 64, held+1), NewRun(pool)
	cache.Grow(held + 1)
	x := randomTensor(rand.New(rand.NewPCG(33, 34)), 1, 64)
	spans := []CachedSpan{{Span{0, 1}, held, &cache}}
	pass := func() {
		r.Reset(0)
		r.AttentionCached(x, x, x, AttentionShape{Heads: 1, KVHeads: 1, HeadDim: 64, Causal: true}, spans)
	}
	pass()
	if n := testing.AllocsPerRun(50, pass); n != 0 {
		t.Errorf("%g allocations a pass, want 0", n)
	}
}

// BenchmarkCachedAttention is one layer of SmolLM2-135M: a new position after
// 4,000, and 512 new ones; and that position with a cache that stays warm.
func BenchmarkCachedAttention(b *testing.B) {
	shape := AttentionShape{Heads: 9, KVHeads: 3, HeadDim: 64, Causal: true}
	rng := rand.New(rand.NewPCG(35, 36))
	for _, kind := range []CacheType{CacheF32, CacheF16, CacheQ8_0} {
		for _, s := range []struct{ held, rows, layers int }{{100, 1, 30}, {4000, 1, 30}, {0, 512, 30}, {4000, 256, 30}, {4000, 1, 1}} {
			b.Run(fmt.Sprintf("%v/%d+%d,%d", kind, s.held, s.rows, s.layers), func(b *testing.B) {
				pool := NewPool(0)
				defer pool.Close()
				r := NewRun(pool)
				caches := make([]Cache, s.layers)
				for i := range caches {
					caches[i] = NewCache(kind, shape.KVHeads, shape.HeadDim, 8192)
				}
				GrowCaches(caches, s.held+s.rows)
				k, q := randomTensor(rng, s.held+s.rows, 192), randomTensor(rng, s.rows, 576)
				for i := range caches {
					for p := range s.held {
						for head := range shape.KVHeads {
							x := k.Row(p)[head*shape.HeadDim:][:shape.HeadDim]
							caches[i].store(p, head, x, x)
						}
					}
				}
				k = rowsOf(k, 0, s.rows)
				i := 0
				for b.Loop() {
					r.Reset(0)
					r.AttentionCached(q, k, k, shape, []CachedSpan{{Span{0, s.rows}, s.held, &caches[i]}})
					i = (i + 1) % len(caches)
				}
			})
		}
	}
}
