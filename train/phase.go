package train

import (
	"math"
	"math/cmplx"

	"github.com/stride-ml/stride/element/audio"
)

// phaseTerm compares how far phases turn from one frame to the next: the
// instantaneous frequency, as APNet does (Ai and Ling, arXiv 2305.07952), but by
// the cosine of the difference, which has no jumps, and less where it is quiet.
type phaseTerm struct {
	stft       *audio.STFT
	x, y, grad []complex64
}

// phaseSTFT has a hop short enough that two harmonics' turns are told apart.
var phaseSTFT = audio.STFTConfig{FFT: 512, Hop: 80, Window: 512}

// compare returns weight times the mean of 1-cos of the differences, each by the
// root of the magnitude that it has in samples y; where dx is not nil it adds the
// gradient in samples x to it.
func (t *phaseTerm) compare(x, y, dx []float32, weight float64) float64 {
	t.x, t.y = t.stft.Forward(t.x[:0], x), t.stft.Forward(t.y[:0], y)
	bins := t.stft.Bins()
	if len(t.x) <= bins {
		return 0
	}
	if t.grad = t.grad[:0]; dx != nil {
		t.grad = append(t.grad, make([]complex64, len(t.x))...)
	}
	var sum, total float64
	for i, v := range t.y[bins:] {
		total += math.Sqrt(math.Sqrt(math.Sqrt(power(v) * power(t.y[i]))))
	}
	if total == 0 {
		return 0
	}
	quiet := quietLevel * quietLevel * 0.375 * float64(phaseSTFT.Window) // of a turn: it counts less below
	for i := range t.y[bins:] {
		was, is := complex128(t.x[i]), complex128(t.x[i+bins])
		from, to := complex128(t.y[i]), complex128(t.y[i+bins])
		should := to * cmplx.Conj(from)
		size := math.Hypot(real(should), imag(should))
		if size == 0 {
			continue
		}
		share := weight * math.Sqrt(math.Sqrt(size)) / total
		turn := is * cmplx.Conj(was)
		unit := should / complex(size, 0)
		norm := math.Sqrt(real(turn)*real(turn) + imag(turn)*imag(turn) + quiet*quiet)
		along := (real(turn)*real(unit) + imag(turn)*imag(unit)) / norm
		sum += share * (1 - along)
		if dx == nil {
			continue
		}
		// The cosine's derivative by the turn is (unit - turn·along/norm)/norm.
		g := complex(-share/norm, 0) * (unit - complex(along/norm, 0)*turn)
		t.grad[i+bins] += complex64(g * was)
		t.grad[i] += complex64(cmplx.Conj(g) * is)
	}
	if dx != nil {
		t.stft.ForwardGrad(dx, t.grad)
	}
	return sum
}
