package audio

// Gradients of transforms, for networks that learn by spectra. That of a linear map is its adjoint: for an STFT windows
// and an inverse FFT, each bin weighted by how often the inverse counts it.

// ForwardGrad adds to dx (n) the gradient in samples of [STFT.Forward] of n samples, given that in its result, grad (T,F):
// the derivative by the real part, and by the imaginary part as an imaginary part.
func (s *STFT) ForwardGrad(dx []float32, grad []complex64) {
	for t := range s.Frames(len(dx)) {
		s.analyseGrad(dx, grad[t*s.Bins():][:s.Bins()], t)
	}
}

// analyseGrad is ForwardGrad of frame t.
func (s *STFT) analyseGrad(dx []float32, grad []complex64, t int) {
	// The inverse transform counts all bins but the first and the last twice, and divides by N.
	half, whole := complex(float32(s.c.FFT)/2, 0), complex(float32(s.c.FFT), 0)
	last := len(grad) - 1
	for k, g := range grad {
		s.spectrum[k] = g * half
	}
	s.spectrum[0], s.spectrum[last] = grad[0]*whole, grad[last]*whole
	s.fft.Inverse(s.frame, s.spectrum)
	start := t*s.c.Hop - s.c.padding()
	if start >= 0 && start+s.c.FFT <= len(dx) {
		dx := dx[start:][:len(s.frame)]
		for i, v := range s.frame {
			dx[i] += v * s.window[i]
		}
		return
	}
	for i, v := range s.frame {
		dx[reflect(start+i, len(dx))] += v * s.window[i]
	}
}

// InverseGrad appends to dst the gradient in the spectrum (T,F), T = Frames(n), of [STFT.Inverse] to n samples, given that
// in the samples, dx (n); real and imaginary parts as in [STFT.ForwardGrad].
func (s *STFT) InverseGrad(dst []complex64, dx []float32) []complex64 {
	n := len(dx)
	frames, pad, bins := s.Frames(n), s.c.padding(), s.Bins()
	s.weight = append(s.weight[:0], make([]float32, n)...)
	for t := range frames {
		start := t*s.c.Hop - pad
		for i := max(0, -start); i < min(s.c.FFT, n-start); i++ {
			s.weight[start+i] += s.window[i] * s.window[i]
		}
	}
	twice := complex(2/float32(s.c.FFT), 0)
	for t := range frames {
		start := t*s.c.Hop - pad
		clear(s.frame)
		for i := max(0, -start); i < min(s.c.FFT, n-start); i++ {
			if w := s.weight[start+i]; w > leastWeight {
				s.frame[i] = s.window[i] * dx[start+i] / w
			}
		}
		s.fft.Forward(s.spectrum, s.frame)
		for _, v := range s.spectrum {
			dst = append(dst, v*twice)
		}
		frame := dst[len(dst)-bins:]
		frame[0], frame[bins-1] = complex(real(frame[0])/2, 0), complex(real(frame[bins-1])/2, 0)
	}
	return dst
}

// leastMagnitude is that of a number whose direction float32 still tells.
const leastMagnitude = 1e-30

// LogGrad adds to dx (n) the gradient in the samples x (n) of [Mel.Log], given that in its result, grad (T,Bands). Bands at
// the floor have none.
func (m *Mel) LogGrad(dx, x, grad []float32) {
	for t := range m.Frames(len(x)) {
		m.stft.Frame(m.spectrum, x, t)
		for k, v := range m.spectrum {
			m.magnitude[k] = abs(v)
		}
		share := m.share
		clear(share)
		for b, f := range m.filters {
			sum := f.of(m.magnitude)
			if float64(sum) <= m.c.Floor {
				continue
			}
			g := grad[t*m.c.Bands+b] / sum
			for i, w := range f.weights {
				share[f.start+i] += w * g
			}
		}
		for k, v := range m.spectrum {
			var g float32
			if a := m.magnitude[k]; a > leastMagnitude {
				g = share[k] / a
			}
			m.spectrum[k] = complex(g*real(v), g*imag(v))
		}
		m.stft.analyseGrad(dx, m.spectrum, t)
	}
}
