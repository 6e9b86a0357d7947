package tensor

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestSequenceGradients(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	rows := normChunk + 13 // more than one chunk of weight gradients
	spans := []Span{{0, 5}, {5, 1}, {6, 0}, {6, rows - 6}}
	x := randomTensor(rng, rows, 24)
	taps, scale := randomParam(rng, "taps", 7, 24), randomParam(rng, "scale", 1, 24)
	for _, tc := range []struct {
		name   string
		params []*Param
		f      func(r *Run, x *Tensor) *Tensor
	}{
		{"window", nil, func(r *Run, x *Tensor) *Tensor { return r.Add(r.Window(x, 3, spans), r.Window(x, 3, spans)) }},
		{"depthwise convolution", []*Param{taps}, func(r *Run, x *Tensor) *Tensor {
			return r.Add(r.DepthwiseConv(x, taps, spans), r.DepthwiseConv(x, taps, spans))
		}},
		{"causal convolution", []*Param{taps}, func(r *Run, x *Tensor) *Tensor {
			return r.Add(r.CausalConv(x, taps, spans), x)
		}},
		{"gelu", nil, func(r *Run, x *Tensor) *Tensor { return r.GELU(x) }},
		{"add scaled", []*Param{scale}, func(r *Run, x *Tensor) *Tensor {
			return r.Add(r.AddScaled(x, x, scale), r.AddScaled(x, r.Add(x, x), scale))
		}},
		{"custom", nil, func(r *Run, x *Tensor) *Tensor {
			y := r.New(x.Rows, x.Cols)
			for i, v := range x.Data {
				y.Data[i] = 3 * v
			}
			r.Custom(x, y, func(dx, dy []float32) {
				for i, v := range dy {
					dx[i] += 3 * v
				}
			})
			return r.Add(y, x)
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			checkGradients(t, []*Tensor{x}, tc.params, func(r *Run, in []*Tensor) *Tensor { return tc.f(r, in[0]) })
		})
	}
}

// TestDepthwiseConv holds the convolution to its definition, and to what a
// window and a product with sparse weights make.
func TestDepthwiseConv(t *testing.T) {
	pool := NewPool(3)
	defer pool.Close()
	rng := rand.New(rand.NewPCG(9, 9))
	const c, k = 5, 7
	spans := []Span{{0, 2}, {2, 40}, {42, 1}}
	x, w := randomTensor(rng, 43, c), randomParam(rng, "w", k, c)
	r := NewRun(pool)
	dense := NewParam("dense", c, k*c)
	for j := range c {
		for i := range k {
			dense.Data[j*k*c+i*c+j] = w.Data[i*c+j]
		}
	}
	y, z := r.DepthwiseConv(x, w, spans), r.Linear(r.Window(x, k, spans), dense)
	causal := r.CausalConv(x, w, spans)
	for _, s := range spans {
		for row := s.Start; row < s.Start+s.Len; row++ {
			for j := range c {
				var want, past float64
				for i := range k {
					if at := row + i - k/2; at >= s.Start && at < s.Start+s.Len {
						want += float64(w.Data[i*c+j]) * float64(x.Row(at)[j])
					}
					if at := row + i - (k - 1); at >= s.Start {
						past += float64(w.Data[i*c+j]) * float64(x.Row(at)[j])
					}
				}
				if got := float64(causal.Row(row)[j]); math.Abs(got-past) > 1e-5 {
					t.Fatalf("row %d, channel %d: %g by what came before, want %g", row, j, got, past)
				}
				if got, dense := float64(y.Row(row)[j]), float64(z.Row(row)[j]); math.Abs(got-want) > 1e-5 || math.Abs(dense-want) > 1e-5 {
					t.Fatalf("row %d, channel %d: %g, by a window %g, want %g", row, j, got, dense, want)
				}
			}
		}
	}
}

func TestGELU(t *testing.T) {
	pool := NewPool(1)
	defer pool.Close()
	x := &Tensor{Rows: 3, Cols: 201, Data: make([]float32, 603)}
	for i := range x.Data {
		x.Data[i] = float32(i-301) / 30
	}
	in := slices.Clone(x.Data)
	for i, got := range NewRun(pool).GELU(x).Data {
		v := float64(in[i])
		want := v / 2 * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(v+0.044715*v*v*v)))
		if math.Abs(float64(got)-want) > 1e-6*max(1, math.Abs(v)) {
			t.Errorf("GELU(%g) is %g, want %g", v, got, want)
		}
	}
}

func TestSequencesAllocateNothing(t *testing.T) {
	pool := NewPool(1)
	defer pool.Close()
	rng := rand.New(rand.NewPCG(1, 9))
	x, w, scale := randomTensor(rng, 64, 32), randomParam(rng, "w", 7, 32), randomParam(rng, "scale", 1, 32)
	spans := []Span{{0, 64}}
	r := NewRun(pool)
	if n := testing.AllocsPerRun(10, func() {
		r.Reset(0)
		r.Window(x, 7, spans)
		r.AddScaled(x, r.GELU(r.DepthwiseConv(x, w, spans)), scale)
	}); n != 0 {
		t.Errorf("%g allocations a pass, want none", n)
	}
}

func TestSpansAreChecked(t *testing.T) {
	pool := NewPool(1)
	defer pool.Close()
	x := &Tensor{Rows: 4, Cols: 1, Data: make([]float32, 4)}
	for name, f := range map[string]func(r *Run){
		"a gap":          func(r *Run) { r.Window(x, 3, []Span{{0, 2}, {3, 1}}) },
		"too few rows":   func(r *Run) { r.Window(x, 3, []Span{{0, 3}}) },
		"an even kernel": func(r *Run) { r.Window(x, 2, []Span{{0, 4}}) },
		"channels":       func(r *Run) { r.DepthwiseConv(x, NewParam("w", 3, 2), []Span{{0, 4}}) },
		"a scale":        func(r *Run) { r.AddScaled(x, x, NewParam("w", 1, 2)) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			f(NewRun(pool))
		})
	}
}

func BenchmarkDepthwiseConv(b *testing.B) {
	pool := NewPool(1)
	defer pool.Close()
	rng := rand.New(rand.NewPCG(1, 9))
	x, w := randomTensor(rng, 256, 288), randomParam(rng, "w", 7, 288)
	spans := []Span{{0, 256}}
	r := NewRun(pool)
	for b.Loop() {
		r.Reset(0)
		r.DepthwiseConv(x, w, spans)
	}
	b.ReportMetric(float64(b.N)*256*288*14/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}

func BenchmarkGELU(b *testing.B) {
	pool := NewPool(1)
	defer pool.Close()
	x := randomTensor(rand.New(rand.NewPCG(1, 9)), 256, 864)
	r := NewRun(pool)
	for b.Loop() {
		r.Reset(0)
		r.GELU(x)
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/(256*864)*1e9, "ns/element")
}
