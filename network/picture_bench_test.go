package network

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/stride-ml/stride/tensor"
)

// tilesFlow is the sizes of the bundled network of tiles.
var tilesFlow = FlowConfig{
	Width: 32, Height: 32, Channels: 4, Patch: 4, Stem: 32, Dim: 192, Layers: 6, Heads: 6, FFN: 512,
	Text: Config{Vocab: 2000, Context: 48, Width: 128, Layers: 2, Heads: 4, KVHeads: 4, FFN: 256, Eps: 1e-5, RopeBase: 10000},
}

// BenchmarkFlow evaluates the network of tiles for one object and for 16 at a
// time. testdata/flow.py times PyTorch beside it.
func BenchmarkFlow(b *testing.B) {
	m, err := NewFlowModel(tilesFlow)
	if err != nil {
		b.Fatal(err)
	}
	randomise(m.Params(), 0.05)
	pool := tensor.NewPool(0)
	defer pool.Close()
	rng := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{1, 16} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			f := NewFlow(m, pool)
			x, c := make([]float32, f.Size()), make([]float32, m.Dim)
			for i := range x {
				x[i] = float32(rng.NormFloat64())
			}
			conditions := make([][]float32, n)
			for i := range conditions {
				conditions[i] = c
			}
			for b.Loop() {
				if _, err := f.Velocity(x, 0.3, 0, conditions); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)*m.FLOPs()*float64(n)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}
