package stride

import (
	"testing"

	"github.com/stride-ml/stride/network"
	"github.com/stride-ml/stride/strategy"
	"github.com/stride-ml/stride/tensor"
)

// tangSize is the shape of the bundled causal poem model.
var tangSize = network.Config{Vocab: 7200, Context: 512, Width: 192, Layers: 7, Heads: 6, KVHeads: 6, FFN: 512, Eps: 1e-5, RopeBase: 10000}

// newTangDecoder is a network of that shape with random weights.
func newTangDecoder(t testing.TB) *network.Decoder {
	t.Helper()
	trunk, err := network.NewTrunk(tangSize)
	if err != nil {
		t.Fatal(err)
	}
	trunk.Init(1)
	pool := tensor.NewPool(0)
	t.Cleanup(pool.Close)
	return network.NewDecoder(trunk, pool)
}

// newTangMachine is ar over it, which does not end before the context is full.
func newTangMachine(t testing.TB, d *network.Decoder) strategy.Machine {
	t.Helper()
	m, err := strategy.NewAR(d, []int{1, 5, 6, 7}, strategy.Options{
		Sampling:   strategy.Sampling{Temperature: 1},
		Constraint: strategy.Constraint{Banned: []int{2}}, End: 3,
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestDecodingAllocatesNothing holds that a pass of ar, network and sampling
// together, allocates nothing in steady state.
func TestDecodingAllocatesNothing(t *testing.T) {
	m := newTangMachine(t, newTangDecoder(t))
	next := func() {
		if s, err := m.Next(); err != nil || s.Done {
			t.Fatalf("step %+v, %v", s, err)
		}
	}
	for range 4 {
		next()
	}
	if n := testing.AllocsPerRun(60, next); n != 0 {
		t.Errorf("%g allocations an element, want 0", n)
	}
}

// BenchmarkDecode is ar on the shape of the poem model: one pass, one draw.
func BenchmarkDecode(b *testing.B) {
	d := newTangDecoder(b)
	m := newTangMachine(b, d)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		if n++; n == 64 { // about the length of the longest poem
			m, n = newTangMachine(b, d), 0
		}
		if _, err := m.Next(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "elements/s")
}
