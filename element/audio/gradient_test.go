package audio

import (
	"math"
	"math/rand/v2"
	"testing"
)

// holdGradient compares some of grad, the gradient of f at x, with central differences of a step h.
func holdGradient(t *testing.T, name string, r *rand.Rand, x, grad []float32, h float32, f func() float64) {
	t.Helper()
	for range 16 {
		i := r.IntN(len(x))
		old := x[i]
		x[i] = old + h
		up := f()
		x[i] = old - h
		down := f()
		x[i] = old
		if want := (up - down) / float64(2*h); math.Abs(want-float64(grad[i])) > 1e-2*max(1, math.Abs(want)) {
			t.Errorf("%s: gradient %d is %g, central difference %g", name, i, grad[i], want)
		}
	}
}

func TestSTFTGradients(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	for _, c := range []STFTConfig{{64, 16, 64, true}, {64, 20, 48, false}, {128, 32, 100, true}} {
		s, err := NewSTFT(c)
		if err != nil {
			t.Fatal(err)
		}
		const n = 320
		x, weights := noise(n, 1), noise(2*s.Frames(n)*s.Bins(), 2)
		grad := make([]complex64, len(weights)/2)
		for i := range grad {
			grad[i] = complex(weights[2*i], weights[2*i+1])
		}
		dx := make([]float32, n)
		s.ForwardGrad(dx, grad)
		holdGradient(t, "forward", r, x, dx, 1e-1, func() (sum float64) {
			for i, v := range s.Forward(nil, x) {
				sum += float64(real(v))*float64(real(grad[i])) + float64(imag(v))*float64(imag(grad[i]))
			}
			return sum
		})
		// Of the inverse, with real and imaginary parts as the variables.
		parts, dy := noise(2*s.Frames(n)*s.Bins(), 3), noise(n, 4)
		var dparts []float32
		for _, g := range s.InverseGrad(nil, dy) {
			dparts = append(dparts, real(g), imag(g))
		}
		if len(dparts) != len(parts) {
			t.Fatalf("%+v: gradient of %d parts, want %d", c, len(dparts), len(parts))
		}
		spectrum := make([]complex64, len(parts)/2)
		holdGradient(t, "inverse", r, parts, dparts, 1e-1, func() (sum float64) {
			for i := range spectrum {
				spectrum[i] = complex(parts[2*i], parts[2*i+1])
			}
			for i, v := range s.Inverse(nil, spectrum, n) {
				sum += float64(v) * float64(dy[i])
			}
			return sum
		})
	}
}

func TestMelGradient(t *testing.T) {
	m, err := NewMel(MelConfig{Rate: 16000, FFT: 128, Window: 128, Hop: 32, Bands: 12, Low: 0, High: 8000, Floor: 1e-5})
	if err != nil {
		t.Fatal(err)
	}
	const n = 256
	x := noise(n, 6)
	grad := noise(m.Frames(n)*12, 7)
	dx := make([]float32, n)
	m.LogGrad(dx, x, grad)
	holdGradient(t, "log-mel", rand.New(rand.NewPCG(8, 8)), x, dx, 1e-3, func() (sum float64) {
		for i, v := range m.Log(nil, x) {
			sum += float64(v) * float64(grad[i])
		}
		return sum
	})
	clear(dx)
	m.LogGrad(dx, make([]float32, n), grad)
	for i, v := range dx {
		if v != 0 {
			t.Fatalf("gradient %d in silence is %g, want 0", i, v)
		}
	}
}
