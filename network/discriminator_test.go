package network

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stride-ml/stride/tensor"
)

func newDiscriminators(t *testing.T, samples int) *Discriminators {
	t.Helper()
	d, err := NewDiscriminators(2, samples)
	if err != nil {
		t.Fatal(err)
	}
	d.Init(3)
	return d
}

// TestDiscriminatorsGradient compares the gradient of scores and features in the
// sound with central differences, over sounds of different lengths.
func TestDiscriminatorsGradient(t *testing.T) {
	d := newDiscriminators(t, 4000)
	pool := newPool(t, 2)
	spans := []tensor.Span{{Start: 0, Len: 30}, {Start: 30, Len: 50}}
	rng := rand.New(rand.NewPCG(1, 6))
	x := make([]float32, 80*80)
	for i := range x {
		x[i] = float32(0.1 * rng.NormFloat64())
	}
	eval := func() (float64, []float32) {
		run := tensor.NewRun(pool, tensor.Training())
		wave := run.New(80, 80)
		copy(wave.Data, x)
		var sum float64
		for i, v := range d.Judge(run, wave, spans) {
			for k, out := range append([]*tensor.Tensor{v.Score}, v.Features...) {
				c := float32(math.Sin(float64(i+3*k))) / float32(len(out.Data))
				g := run.Gradient(out)
				for j, y := range out.Data {
					sum += float64(c) * float64(y)
					g[j] += c
				}
			}
		}
		run.Backward()
		return sum, wave.Grad
	}
	for _, p := range d.Params() {
		p.ZeroGrad()
	}
	_, g := eval()
	grad, old := slices.Clone(g), slices.Clone(x)
	for range 6 {
		var want float64
		direction := make([]float32, len(x))
		for i := range direction {
			direction[i] = float32(rng.NormFloat64())
			want += float64(direction[i] * grad[i])
		}
		const h = 5e-5
		at := func(step float32) float64 {
			for i, v := range old {
				x[i] = v + step*direction[i]
			}
			sum, _ := eval()
			return sum
		}
		if got := (at(h) - at(-h)) / (2 * h); math.Abs(got-want) > 5e-2*max(0.5, math.Abs(want)) {
			t.Errorf("along a direction: gradient %g, central difference %g", want, got)
		}
	}
	// A frozen judge learns nothing.
	for _, p := range d.Params() {
		p.ZeroGrad()
	}
	d.Freeze(true)
	if _, again := eval(); math.Abs(float64(again[100])) == 0 {
		t.Error("a frozen judge gives the sound no gradient")
	}
	for _, p := range d.Params() {
		if slices.ContainsFunc(p.Grad, func(v float32) bool { return v != 0 }) {
			t.Errorf("%s has a gradient while it is frozen", p.Name)
		}
	}
}

// TestDiscriminatorsHear trains every discriminator for some steps to tell a tone
// from one of which every sound has its phases drawn anew, frame by frame.
func TestDiscriminatorsHear(t *testing.T) {
	d := newDiscriminators(t, 2048)
	run := tensor.NewRun(newPool(t, 2), tensor.Training())
	rng := rand.New(rand.NewPCG(5, 5))
	spans := []tensor.Span{{Start: 0, Len: 16}}
	sound := func(broken bool) *tensor.Tensor {
		x := run.New(16, 128)
		step, phase := 0.05+0.05*rng.Float64(), 6*rng.Float64()
		for i := range x.Data {
			if broken && i%16 == 0 {
				phase = 6 * rng.Float64()
			}
			x.Data[i] = float32(0.1*math.Sin(step*float64(i)+phase) + 0.05*math.Sin(2*(step*float64(i)+phase)))
		}
		return x
	}
	hits := make([]int, len(d.periods)+len(d.spectra))
	const steps, counted = 36, 12
	for step := range steps {
		for _, p := range d.Params() {
			p.ZeroGrad()
		}
		run.Reset(0)
		for _, sign := range []float32{1, -1} {
			for i, v := range d.Judge(run, sound(sign < 0), spans) {
				var mean float64
				g := run.Gradient(v.Score)
				for k, s := range v.Score.Data {
					mean += float64(s) / float64(len(v.Score.Data))
					if 1-sign*s > 0 {
						g[k] -= sign / float32(len(v.Score.Data))
					}
				}
				if step >= steps-counted && mean*float64(sign) > 0 {
					hits[i]++
				}
			}
		}
		run.Backward()
		for _, p := range d.Params() {
			for i, g := range p.Grad {
				p.Data[i] -= 0.003 * float32(math.Copysign(1, float64(g))) * min(1, float32(math.Abs(float64(g)))*1e3)
			}
			p.Update()
		}
	}
	for i, n := range hits {
		if n < 2*counted*3/4 {
			t.Errorf("discriminator %d is right %d of %d times", i, n, 2*counted)
		}
	}
}

func TestDiscriminatorsRefuse(t *testing.T) {
	for _, n := range []int{0, -1, 1 << 30} {
		if _, err := NewDiscriminators(1, n); err == nil {
			t.Errorf("%d samples, want an error", n)
		}
	}
}
