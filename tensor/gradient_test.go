package tensor

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// checkGradients compares the gradients of Σ c·f(inputs, params) for random c
// with central differences. f must be a pure function of them.
func checkGradients(t *testing.T, inputs []*Tensor, params []*Param, f func(r *Run, in []*Tensor) *Tensor) {
	t.Helper()
	pool := NewPool(2)
	defer pool.Close()
	rng := rand.New(rand.NewPCG(1, 2))
	var c []float32
	eval := func() (float64, []*Tensor) {
		r := NewRun(pool, Training())
		for _, p := range params {
			p.Update()
			p.ZeroGrad()
		}
		in := make([]*Tensor, len(inputs))
		for i, x := range inputs {
			in[i] = r.New(x.Rows, x.Cols)
			copy(in[i].Data, x.Data)
		}
		y := f(r, in)
		if c == nil {
			for range y.Data {
				c = append(c, float32(rng.NormFloat64()))
			}
		}
		var sum float64
		for i, v := range y.Data {
			sum += float64(v) * float64(c[i])
		}
		g, _ := r.grad(y)
		copy(g, c)
		r.Backward()
		return sum, in
	}
	_, in := eval()
	var grads [][]float32
	var values [][]float32
	var names []string
	for i, x := range in {
		grads, values = append(grads, append([]float32(nil), x.Grad...)), append(values, inputs[i].Data)
		names = append(names, fmt.Sprintf("input %d", i))
	}
	for _, p := range params {
		grads, values = append(grads, append([]float32(nil), p.Grad...)), append(values, p.Data)
		names = append(names, p.Name)
	}
	const h = 1e-2
	for k, g := range grads {
		if len(g) != len(values[k]) {
			t.Fatalf("%s: gradient of %d values, want %d", names[k], len(g), len(values[k]))
		}
		for range 24 {
			i := rng.IntN(len(g))
			old := values[k][i]
			values[k][i] = old + h
			up, _ := eval()
			values[k][i] = old - h
			down, _ := eval()
			values[k][i] = old
			want := (up - down) / (2 * h)
			if math.Abs(want-float64(g[i])) > 2e-2*math.Max(1, math.Abs(want)) {
				t.Errorf("%s[%d]: gradient %.5f, central difference %.5f", names[k], i, g[i], want)
			}
		}
	}
}

func randomTensor(rng *rand.Rand, rows, cols int) *Tensor {
	x := &Tensor{Rows: rows, Cols: cols, Data: make([]float32, rows*cols)}
	for i := range x.Data {
		x.Data[i] = float32(rng.NormFloat64())
	}
	return x
}

func randomParam(rng *rand.Rand, name string, out, in int) *Param {
	p := NewParam(name, out, in)
	for i := range p.Data {
		p.Data[i] = float32(rng.NormFloat64()) * 0.5
	}
	return p
}

func TestGradients(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	x, y := randomTensor(rng, 13, 24), randomTensor(rng, 13, 24)
	spans := []Span{{0, 5}, {5, 1}, {6, 7}}
	positions := []int{0, 1, 2, 3, 4, 0, 0, 1, 2, 3, 4, 5, 6}
	rotary := NewRotaryTable(8, 8, 10000)
	w, norm, table := randomParam(rng, "w", 40, 24), randomParam(rng, "norm", 1, 24), randomParam(rng, "table", 9, 24)
	filters := randomParam(rng, "filters", 5, 27)
	for _, tc := range []struct {
		name   string
		in     []*Tensor
		params []*Param
		f      func(r *Run, in []*Tensor) *Tensor
	}{
		{"linear", []*Tensor{x}, []*Param{w}, func(r *Run, in []*Tensor) *Tensor { return r.Linear(in[0], w) }},
		{"add", []*Tensor{x, y}, nil, func(r *Run, in []*Tensor) *Tensor { return r.Add(in[0], in[1]) }},
		{"used twice", []*Tensor{x, y}, nil, func(r *Run, in []*Tensor) *Tensor { return r.Add(r.Add(in[0], in[1]), in[0]) }},
		{"rms norm", []*Tensor{x}, []*Param{norm}, func(r *Run, in []*Tensor) *Tensor { return r.RMSNorm(in[0], norm, 1e-5) }},
		{"swiglu", []*Tensor{x, y}, nil, func(r *Run, in []*Tensor) *Tensor { return r.SwiGLU(in[0], in[1]) }},
		{"geglu", []*Tensor{x, y}, nil, func(r *Run, in []*Tensor) *Tensor { return r.GEGLU(in[0], in[1]) }},
		{"scale", []*Tensor{x, y}, nil, func(r *Run, in []*Tensor) *Tensor { return r.Scale(r.Add(in[0], in[1]), 1.7) }},
		{"embed", nil, []*Param{table}, func(r *Run, in []*Tensor) *Tensor { return r.Embed(table, []int{1, 8, 1, 0, 3}) }},
		{"embed sum", nil, []*Param{table}, func(r *Run, in []*Tensor) *Tensor { return r.EmbedSum(table, []int{1, 8, 1, 0, 3, 3}, 3) }},
		{"modulate", []*Tensor{randomTensor(rng, 12, 24), randomTensor(rng, 3, 72)}, nil, func(r *Run, in []*Tensor) *Tensor {
			return r.Modulate(in[0], in[1], 24, 48, 1e-5)
		}},
		{"gate", []*Tensor{randomTensor(rng, 12, 24), randomTensor(rng, 12, 24), randomTensor(rng, 3, 72)}, nil, func(r *Run, in []*Tensor) *Tensor {
			return r.Gate(in[0], in[1], in[2], 48)
		}},
		{"add table", []*Tensor{randomTensor(rng, 18, 24)}, []*Param{table}, func(r *Run, in []*Tensor) *Tensor { return r.AddTable(in[0], table) }},
		{"mean", []*Tensor{x}, nil, func(r *Run, in []*Tensor) *Tensor { return r.Mean(in[0], []Span{{0, 5}, {5, 0}, {6, 7}}) }},
		{"max", []*Tensor{x}, nil, func(r *Run, in []*Tensor) *Tensor { return r.Max(in[0], []Span{{0, 5}, {6, 7}}) }},
		{"silu", []*Tensor{x}, nil, func(r *Run, in []*Tensor) *Tensor { return r.SiLU(in[0]) }},
		{"patches", []*Tensor{randomTensor(rng, 48, 3)}, nil, func(r *Run, in []*Tensor) *Tensor {
			return r.Add(r.Patches(in[0], Grid{2, 4, 6}, 2), r.Patches(in[0], Grid{2, 4, 6}, 2))
		}},
		{"unpatch", []*Tensor{randomTensor(rng, 12, 12)}, nil, func(r *Run, in []*Tensor) *Tensor { return r.Unpatch(in[0], Grid{2, 4, 6}, 2) }},
		{"convolution", []*Tensor{randomTensor(rng, 60, 3)}, []*Param{filters}, func(r *Run, in []*Tensor) *Tensor {
			return r.Add(r.Conv3x3(in[0], filters, Grid{2, 5, 6}), r.Conv3x3(in[0], filters, Grid{2, 5, 6}))
		}},
		{"gather", []*Tensor{x}, nil, func(r *Run, in []*Tensor) *Tensor { return r.Gather(in[0], []int{12, 3, 3, 0}) }},
		{"rotary", []*Tensor{x}, []*Param{w}, func(r *Run, in []*Tensor) *Tensor {
			return r.Rotary(r.Linear(in[0], w), positions, rotary)
		}},
		{"rotary of halves", []*Tensor{x}, []*Param{w}, func(r *Run, in []*Tensor) *Tensor {
			return r.Rotary(r.Linear(in[0], w), positions, NewRotaryTableOf(8, RotaryFrequencies(8, 100), 1, true))
		}},
		{"dropout", []*Tensor{x}, []*Param{w}, func(r *Run, in []*Tensor) *Tensor { return r.Dropout(r.Linear(in[0], w), 0.3) }},
		{"attention", []*Tensor{x, y, randomTensor(rng, 13, 24)}, nil, func(r *Run, in []*Tensor) *Tensor {
			return r.Attention(in[0], in[1], in[2], AttentionShape{Heads: 3, KVHeads: 3, HeadDim: 8}, spans)
		}},
		{"causal grouped attention", []*Tensor{randomTensor(rng, 13, 32), randomTensor(rng, 13, 16), randomTensor(rng, 13, 16)}, nil,
			func(r *Run, in []*Tensor) *Tensor {
				return r.Attention(in[0], in[1], in[2], AttentionShape{Heads: 4, KVHeads: 2, HeadDim: 8, Causal: true}, spans)
			}},
		{"attention of a window", []*Tensor{x, y, randomTensor(rng, 13, 24)}, nil, func(r *Run, in []*Tensor) *Tensor {
			return r.Attention(in[0], in[1], in[2], AttentionShape{Heads: 3, KVHeads: 3, HeadDim: 8, Causal: true, Window: 3, Scale: 0.2}, spans)
		}},
	} {
		t.Run(tc.name, func(t *testing.T) { checkGradients(t, tc.in, tc.params, tc.f) })
	}
}

// TestCrossEntropy checks the losses against the definition and the gradients,
// which are made in the same call, against central differences.
func TestCrossEntropy(t *testing.T) {
	pool := NewPool(2)
	defer pool.Close()
	rng := rand.New(rand.NewPCG(5, 6))
	rows := xentRows + 7 // more than one chunk
	x, table := randomTensor(rng, rows, 12), randomParam(rng, "table", 37, 12)
	targets, weights := make([]int, rows), make([]float32, rows)
	for i := range targets {
		targets[i], weights[i] = rng.IntN(37), rng.Float32()
	}
	eval := func() (float64, []float32, *Tensor) {
		r := NewRun(pool, Training())
		table.Update()
		table.ZeroGrad()
		in := r.New(rows, 12)
		copy(in.Data, x.Data)
		nll := make([]float32, rows)
		r.CrossEntropy(in, table, targets, weights, nll)
		var sum float64
		for i, l := range nll {
			sum += float64(l) * float64(weights[i])
		}
		return sum, nll, in
	}
	_, nll, in := eval()
	for _, i := range []int{0, xentRows - 1, xentRows, rows - 1} {
		var sum, at float64
		for v := range 37 {
			var dot float64
			for k := range 12 {
				dot += float64(x.Row(i)[k]) * float64(table.Data[v*12+k])
			}
			if sum += math.Exp(dot); v == targets[i] {
				at = dot
			}
		}
		if want := math.Log(sum) - at; math.Abs(want-float64(nll[i])) > 1e-4 {
			t.Errorf("row %d: loss %g, want %g", i, nll[i], want)
		}
	}
	dx, dw := append([]float32(nil), in.Grad...), append([]float32(nil), table.Grad...)
	for _, v := range []struct {
		name       string
		data, grad []float32
	}{{"x", x.Data, dx}, {"table", table.Data, dw}} {
		for range 20 {
			const h = 1e-2
			i := rng.IntN(len(v.data))
			old := v.data[i]
			v.data[i] = old + h
			up, _, _ := eval()
			v.data[i] = old - h
			down, _, _ := eval()
			v.data[i] = old
			if want := (up - down) / (2 * h); math.Abs(want-float64(v.grad[i])) > 2e-2*math.Max(1, math.Abs(want)) {
				t.Errorf("%s[%d]: gradient %g, central difference %g", v.name, i, v.grad[i], want)
			}
		}
	}
}
