package tensor

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestWaveGradients(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 9))
	spans := []Span{{0, 5}, {5, 1}, {6, 0}, {6, 18}}
	x, slow := randomTensor(rng, 24, 6), randomTensor(rng, 8, 6)
	for _, tc := range []struct {
		name string
		in   []*Tensor
		f    func(r *Run, in []*Tensor) *Tensor
	}{
		{"dilate", []*Tensor{x}, func(r *Run, in []*Tensor) *Tensor { return r.Add(r.Dilate(in[0], 4, spans), r.Dilate(in[0], 1, spans)) }},
		{"add repeated", []*Tensor{x, slow}, func(r *Run, in []*Tensor) *Tensor { return r.AddRepeated(r.AddRepeated(in[0], in[1]), in[1]) }},
		{"leaky relu", []*Tensor{x}, func(r *Run, in []*Tensor) *Tensor { return r.LeakyReLU(in[0], 0.1) }},
		{"reshape and more", []*Tensor{x}, func(r *Run, in []*Tensor) *Tensor {
			return r.Add(r.Reshape(in[0], 12, 12), r.Reshape(r.Add(in[0], in[0]), 12, 12))
		}},
	} {
		t.Run(tc.name, func(t *testing.T) { checkGradients(t, tc.in, nil, tc.f) })
	}
}

// TestDilate holds the rows of a span to those before them in it.
func TestDilate(t *testing.T) {
	pool := NewPool(2)
	defer pool.Close()
	r := NewRun(pool)
	x := r.New(5, 1)
	copy(x.Data, []float32{1, 2, 3, 4, 5})
	if y := r.Dilate(x, 2, []Span{{0, 4}, {4, 1}}); !slices.Equal(y.Data, []float32{0, 1, 0, 2, 1, 3, 2, 4, 0, 5}) {
		t.Errorf("by 2: %v", y.Data)
	}
}

// TestFrozen holds that gradients pass through frozen parameters unchanged, and
// that these have none.
func TestFrozen(t *testing.T) {
	pool := NewPool(2)
	defer pool.Close()
	rng := rand.New(rand.NewPCG(2, 9))
	in := randomTensor(rng, 24, 6)
	w, scale, norm, table := randomParam(rng, "w", 6, 6), randomParam(rng, "scale", 1, 6), randomParam(rng, "norm", 1, 6), randomParam(rng, "table", 4, 6)
	taps, filters := randomParam(rng, "taps", 3, 6), randomParam(rng, "filters", 6, 54)
	params := []*Param{w, scale, norm, table, taps, filters}
	grad := func(frozen bool) []float32 {
		for _, p := range params {
			p.ZeroGrad()
			p.Frozen = frozen
		}
		r := NewRun(pool, Training())
		x := r.New(24, 6)
		copy(x.Data, in.Data)
		h := r.AddScaled(x, r.AddTable(r.RMSNorm(r.Linear(x, w), norm, 1e-5), table), scale)
		h = r.Conv3x3(r.DepthwiseConv(h, taps, []Span{{0, 24}}), filters, Grid{2, 3, 4})
		nll, weights := make([]float32, 24), slices.Repeat([]float32{1}, 24)
		r.CrossEntropy(h, w, make([]int, 24), weights, nll)
		r.Backward()
		return x.Grad
	}
	want := slices.Clone(grad(false))
	for _, p := range params {
		if !slices.ContainsFunc(p.Grad, func(v float32) bool { return v != 0 }) {
			t.Errorf("%s has no gradient when it is not frozen", p.Name)
		}
	}
	if !slices.Equal(grad(true), want) {
		t.Error("gradients do not pass unchanged")
	}
	for _, p := range params {
		if slices.ContainsFunc(p.Grad, func(v float32) bool { return v != 0 }) {
			t.Errorf("%s has a gradient while it is frozen", p.Name)
		}
	}
}
