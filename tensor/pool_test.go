package tensor

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestPoolRunsEachPartOnce also gives workers time to park between tasks.
func TestPoolRunsEachPartOnce(t *testing.T) {
	for _, workers := range []int{1, 2, 5} {
		t.Run(fmt.Sprint(workers), func(t *testing.T) {
			p := NewPool(workers)
			defer p.Close()
			var callers sync.WaitGroup
			for c := range 3 {
				callers.Go(func() {
					for i := range 300 {
						hits := make([]atomic.Int32, 1+(i+c)%17)
						p.Each(len(hits), func(part int) { hits[part].Add(1) })
						for part := range hits {
							if n := hits[part].Load(); n != 1 {
								t.Errorf("task %d: part %d ran %d times", i, part, n)
							}
						}
						if i%100 == 0 {
							time.Sleep(3 * time.Millisecond)
						}
					}
				})
			}
			callers.Wait()
			p.Close() // closing twice is allowed
		})
	}
}

// TestWorkersDoNotChangeResults runs a forward and backward pass on pools of
// several sizes and compares bits.
func TestWorkersDoNotChangeResults(t *testing.T) {
	var want []float32
	for _, workers := range []int{1, 2, 3, 7} {
		rng := rand.New(rand.NewPCG(8, 9))
		x, up, gate, norm := randomTensor(rng, 700, 48), randomParam(rng, "up", 96, 48), randomParam(rng, "gate", 96, 48), randomParam(rng, "norm", 1, 48)
		down, table := randomParam(rng, "down", 48, 96), randomParam(rng, "table", 90, 48)
		pool := NewPool(workers)
		r := NewRun(pool, Training())
		params := []*Param{up, gate, norm, down, table}
		for _, p := range params {
			p.ZeroGrad()
		}
		ids, targets, weights := make([]int, x.Rows), make([]int, x.Rows), make([]float32, x.Rows)
		for i := range ids {
			ids[i], targets[i], weights[i] = rng.IntN(90), rng.IntN(90), 1
		}
		in := r.Add(r.Embed(table, ids), x)
		h := r.RMSNorm(in, norm, 1e-5)
		h = r.Dropout(r.Linear(r.SwiGLU(r.Linear(h, gate), r.Linear(h, up)), down), 0.1)
		h = r.Attention(h, h, h, AttentionShape{Heads: 3, KVHeads: 3, HeadDim: 16, Causal: true}, []Span{{0, 300}, {300, 400}})
		nll := make([]float32, x.Rows)
		r.CrossEntropy(r.Add(in, h), table, targets, weights, nll)
		r.Backward()
		got := slices.Clone(nll)
		for _, p := range params {
			got = append(got, p.Grad...)
		}
		pool.Close()
		if want == nil {
			want = got
		}
		for i := range got {
			if got[i] != want[i] {
				t.Fatalf("%d workers: value %d is %g, with one worker %g", workers, i, got[i], want[i])
			}
		}
	}
}

// TestSteadyStateAllocatesNothing holds that a pass without a tape reuses what
// the first one allocated.
func TestSteadyStateAllocatesNothing(t *testing.T) {
	pool := NewPool(2)
	defer pool.Close()
	rng := rand.New(rand.NewPCG(10, 11))
	w, norm, table := randomParam(rng, "w", 192, 192), randomParam(rng, "norm", 1, 192), randomParam(rng, "table", 500, 192)
	rotary := NewRotaryTable(16, 32, 10000)
	r := NewRun(pool)
	out := make([]float32, 500)
	ids, positions := []int{7}, []int{3}
	cache := NewCache(CacheF32, 6, 32, 16)
	cache.Grow(4)
	spans := []CachedSpan{{Span{0, 1}, 3, &cache}}
	pass := func() {
		r.Reset(0)
		x := r.Embed(table, ids)
		h := r.RMSNorm(x, norm, 1e-5)
		q := r.Rotary(r.Linear(h, w), positions, rotary)
		a := r.AttentionCached(q, h, x, AttentionShape{Heads: 6, KVHeads: 6, HeadDim: 32, Causal: true}, spans)
		x = r.Add(x, r.Dropout(r.Linear(a, w), 0.1))
		x = r.Add(x, r.SwiGLU(r.Linear(x, w), r.Linear(x, w)))
		r.Project(out, x.Data, table)
	}
	pass()
	if n := testing.AllocsPerRun(50, pass); n != 0 {
		t.Errorf("%g allocations a pass, want 0", n)
	}
}
