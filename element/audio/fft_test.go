package audio

import (
	"fmt"
	"math"
	"math/cmplx"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/dsp/fourier"
)

// noise gives samples of -1 to 1.
func noise(n int, seed uint64) []float32 {
	r := rand.New(rand.NewPCG(seed, 1))
	x := make([]float32, n)
	for i := range x {
		x[i] = 2*r.Float32() - 1
	}
	return x
}

func TestFFTAgainstGonum(t *testing.T) {
	for n := 2; n <= maxFFT; n *= 2 {
		f, err := NewFFT(n)
		if err != nil {
			t.Fatal(err)
		}
		x, wide := noise(n, uint64(n)), make([]float64, n)
		for i, v := range x {
			wide[i] = float64(v)
		}
		want := fourier.NewFFT(n).Coefficients(nil, wide)
		got := make([]complex64, f.Bins())
		f.Forward(got, x)
		largest, worst := 0.0, 0.0
		for k, w := range want {
			largest = max(largest, cmplx.Abs(w))
			worst = max(worst, cmplx.Abs(complex128(got[k])-w))
		}
		if worst > 4e-7*largest {
			t.Errorf("%d: forward off by %.3g of %.3g", n, worst, largest)
		}
		back := make([]float32, n)
		f.Inverse(back, got)
		for i := range x {
			if d := math.Abs(float64(back[i] - x[i])); d > 1e-6 {
				t.Fatalf("%d: sample %d off by %g", n, i, d)
			}
		}
		// A spectrum that no real samples have: the inverse takes its real part at both ends.
		r := rand.New(rand.NewPCG(uint64(n), 2))
		for k := range got {
			got[k] = complex(r.Float32()-0.5, r.Float32()-0.5)
			want[k] = complex128(got[k])
		}
		want[0], want[n/2] = complex(real(want[0]), 0), complex(real(want[n/2]), 0)
		fourier.NewFFT(n).Sequence(wide, want)
		f.Inverse(back, got)
		for i := range back {
			if d := math.Abs(float64(back[i]) - wide[i]/float64(n)); d > 1e-6 {
				t.Fatalf("%d: inverse of sample %d off by %g", n, i, d)
			}
		}
	}
}

func TestFFTSizes(t *testing.T) {
	for _, n := range []int{-4, 0, 1, 3, 1000, 1 << 17} {
		if _, err := NewFFT(n); err == nil || err.Error() != fmt.Sprintf("audio: FFT of %d samples, want a power of two from 2 to 65536", n) {
			t.Errorf("%d: %v", n, err)
		}
	}
	f, err := NewFFT(1024)
	if err != nil {
		t.Fatal(err)
	}
	x, y := noise(1024, 1), make([]complex64, f.Bins())
	if n := testing.AllocsPerRun(10, func() { f.Forward(y, x); f.Inverse(x, y) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkFFT(b *testing.B) {
	for _, n := range []int{512, 1024, 2048} {
		f, err := NewFFT(n)
		if err != nil {
			b.Fatal(err)
		}
		x, y := noise(n, 1), make([]complex64, f.Bins())
		b.Run(fmt.Sprintf("forward/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f.Forward(y, x)
			}
		})
		b.Run(fmt.Sprintf("inverse/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f.Inverse(x, y)
			}
		})
		g, wide, wy := fourier.NewFFT(n), make([]float64, n), make([]complex128, n/2+1)
		b.Run(fmt.Sprintf("gonum/%d", n), func(b *testing.B) {
			for b.Loop() {
				g.Coefficients(wy, wide)
			}
		})
	}
}
