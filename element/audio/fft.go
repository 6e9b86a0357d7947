package audio

import (
	"fmt"
	"math"
	"math/bits"
)

// maxFFT bounds the sizes of transforms.
const maxFFT = 1 << 16

// FFT is a discrete Fourier transform of N real samples, N a power of two from 2 to 65536, planned once: transforms
// allocate nothing. It works in float32, to some 1e-7 of the largest bin. It is not safe for concurrent use; goroutines
// make one each.
type FFT struct {
	n      int
	stages []stage
	// Half as many complex numbers as samples, as real and imaginary parts apart, and where the next stage puts them.
	re, im, re2, im2 []float32
	cos, sin         []float32 // of 2πk/N, k to N/4
}

// stage is one step of a complex transform after Stockham, which needs no bit reversal: radix 4, but for a last one of
// radix 2 where the size is not a power of 4.
type stage struct {
	radix, stride int
	w             []float32 // cos and -sin of 2πkp/size for k of 1, 2 and 3, for each p
}

// NewFFT plans a transform of n samples.
func NewFFT(n int) (*FFT, error) {
	if n < 2 || n > maxFFT || bits.OnesCount(uint(n)) != 1 {
		return nil, fmt.Errorf("audio: FFT of %d samples, want a power of two from 2 to %d", n, maxFFT)
	}
	half := n / 2
	work := make([]float32, 4*half)
	f := &FFT{n: n, re: work[:half], im: work[half : 2*half], re2: work[2*half : 3*half], im2: work[3*half:]}
	for size, stride := half, 1; size > 1; {
		s := stage{radix: min(size, 4), stride: stride}
		if s.radix == 4 {
			for p := range size / 4 {
				for k := 1; k < 4; k++ {
					sin, cos := math.Sincos(2 * math.Pi * float64(k*p) / float64(size))
					s.w = append(s.w, float32(cos), float32(-sin))
				}
			}
		}
		f.stages = append(f.stages, s)
		size /= s.radix
		stride *= s.radix
	}
	for k := range n/4 + 1 {
		sin, cos := math.Sincos(2 * math.Pi * float64(k) / float64(n))
		f.cos, f.sin = append(f.cos, float32(cos)), append(f.sin, float32(sin))
	}
	return f, nil
}

// Size is N.
func (f *FFT) Size() int { return f.n }

// Bins is the number of frequencies of a transform, N/2+1; bin k is k/N of the rate.
func (f *FFT) Bins() int { return f.n/2 + 1 }

// Forward sets dst (N/2+1) to the sums over n of src[n]·exp(-2πikn/N); src has N samples. Shorter slices are a panic.
func (f *FFT) Forward(dst []complex64, src []float32) {
	half := f.n / 2
	dst, src = dst[:half+1], src[:f.n]
	// Even samples are transformed as the real part, odd ones as the imaginary part of half as many complex numbers.
	re, im := f.re[:half], f.im[:half]
	for i := range re {
		re[i], im[i] = src[2*i], src[2*i+1]
	}
	re, im = f.transform(re, im, f.re2, f.im2)
	dst[0], dst[half] = complex(re[0]+im[0], 0), complex(re[0]-im[0], 0)
	for k := 1; k <= half/2; k++ {
		j := half - k
		c, s := f.cos[k], f.sin[k]
		er, ei := (re[k]+re[j])/2, (im[k]-im[j])/2 // the transform of even samples
		or, oi := (im[k]+im[j])/2, (re[j]-re[k])/2 // and of odd ones
		tr, ti := c*or+s*oi, c*oi-s*or
		dst[k], dst[j] = complex(er+tr, ei+ti), complex(er-tr, ti-ei)
	}
}

// Inverse undoes [FFT.Forward]: it sets dst (N) to the samples of which src (N/2+1) is the transform. The imaginary parts
// of the first and the last bin, which real samples do not have, are ignored. Shorter slices are a panic.
func (f *FFT) Inverse(dst []float32, src []complex64) {
	half := f.n / 2
	dst, src = dst[:f.n], src[:half+1]
	re, im := f.re[:half], f.im[:half]
	first, last := real(src[0]), real(src[half])
	scale := 1 / float32(f.n)
	re[0], im[0] = (first+last)*scale, (first-last)*scale
	for k := 1; k <= half/2; k++ {
		j := half - k
		c, s := f.cos[k], f.sin[k]
		a, b := src[k], src[j]
		er, ei := (real(a)+real(b))*scale, (imag(a)-imag(b))*scale
		tr, ti := (real(a)-real(b))*scale, (imag(a)+imag(b))*scale
		or, oi := c*tr-s*ti, c*ti+s*tr
		re[k], im[k] = er-oi, ei+or
		re[j], im[j] = er+oi, or-ei
	}
	// With real and imaginary parts exchanged before and after, the transform is its own inverse.
	im, re = f.transform(im, re, f.im2, f.re2)
	for i := range re {
		dst[2*i], dst[2*i+1] = re[i], im[i]
	}
}

// transform runs the stages from re and im to re2 and im2 and back, and returns where the result is.
func (f *FFT) transform(re, im, re2, im2 []float32) ([]float32, []float32) {
	for i := range f.stages {
		switch s := &f.stages[i]; {
		case s.radix == 2:
			radix2(re2, im2, re, im)
		case s.stride == 1:
			s.first(re2, im2, re, im)
		default:
			s.radix4(re2, im2, re, im)
		}
		re, im, re2, im2 = re2, im2, re, im
	}
	return re, im
}

func radix2(re2, im2, re, im []float32) {
	h := len(re) / 2
	ra, rb, ia, ib := re[:h], re[h:][:h], im[:h], im[h:][:h]
	ya, yb, za, zb := re2[:h], re2[h:][:h], im2[:h], im2[h:][:h]
	for q := range ra {
		ya[q], yb[q] = ra[q]+rb[q], ra[q]-rb[q]
		za[q], zb[q] = ia[q]+ib[q], ia[q]-ib[q]
	}
}

// first is radix4 with a stride of 1, where factors change with every step.
func (s *stage) first(re2, im2, re, im []float32) {
	n := len(re) / 4
	ra, rb, rc, rd := re[:n], re[n:][:n], re[2*n:][:n], re[3*n:][:n]
	ia, ib, ic, id := im[:n], im[n:][:n], im[2*n:][:n], im[3*n:][:n]
	w := s.w
	for p := range ra {
		k := (*[6]float32)(w[6*p:])
		y, z := (*[4]float32)(re2[4*p:]), (*[4]float32)(im2[4*p:])
		sr, si, dr, di := ra[p]+rc[p], ia[p]+ic[p], ra[p]-rc[p], ia[p]-ic[p]
		tr, ti, er, ei := rb[p]+rd[p], ib[p]+id[p], rb[p]-rd[p], ib[p]-id[p]
		ar, ai, br, bi, cr, ci := dr+ei, di-er, sr-tr, si-ti, dr-ei, di+er
		y[0], z[0] = sr+tr, si+ti
		y[1], z[1] = ar*k[0]-ai*k[1], ar*k[1]+ai*k[0]
		y[2], z[2] = br*k[2]-bi*k[3], br*k[3]+bi*k[2]
		y[3], z[3] = cr*k[4]-ci*k[5], cr*k[5]+ci*k[4]
	}
}

// radix4 makes of each four numbers a quarter of the size apart the sums with 1, -i, -1 and i, times their factors.
func (s *stage) radix4(re2, im2, re, im []float32) {
	n, m := len(re)/4, s.stride
	for p := 0; p*m < n; p++ {
		k := (*[6]float32)(s.w[6*p:])
		w1r, w1i, w2r, w2i, w3r, w3i := k[0], k[1], k[2], k[3], k[4], k[5]
		at, to := p*m, 4*p*m
		ra, rb, rc, rd := re[at:][:m], re[at+n:][:m], re[at+2*n:][:m], re[at+3*n:][:m]
		ia, ib, ic, id := im[at:][:m], im[at+n:][:m], im[at+2*n:][:m], im[at+3*n:][:m]
		ya, yb, yc, yd := re2[to:][:m], re2[to+m:][:m], re2[to+2*m:][:m], re2[to+3*m:][:m]
		za, zb, zc, zd := im2[to:][:m], im2[to+m:][:m], im2[to+2*m:][:m], im2[to+3*m:][:m]
		for q := range ra {
			sr, si, dr, di := ra[q]+rc[q], ia[q]+ic[q], ra[q]-rc[q], ia[q]-ic[q]
			tr, ti, er, ei := rb[q]+rd[q], ib[q]+id[q], rb[q]-rd[q], ib[q]-id[q]
			ar, ai, br, bi, cr, ci := dr+ei, di-er, sr-tr, si-ti, dr-ei, di+er
			ya[q], za[q] = sr+tr, si+ti
			yb[q], zb[q] = ar*w1r-ai*w1i, ar*w1i+ai*w1r
			yc[q], zc[q] = br*w2r-bi*w2i, br*w2i+bi*w2r
			yd[q], zd[q] = cr*w3r-ci*w3i, cr*w3i+ci*w3r
		}
	}
}
