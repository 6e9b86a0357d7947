package train

import (
	"math"

	"github.com/stride-ml/stride/element/audio"
	"github.com/stride-ml/stride/tensor"
)

// spectralLoss compares sounds by their spectra, at several resolutions so that
// neither time nor frequency can be traded away: the mean distance of log-mel
// spectrograms (as in HiFi-GAN, Kong et al., arXiv 2010.05646), and spectral
// convergence and the distance of log magnitudes (Yamamoto et al., arXiv
// 1910.11480). Both are blind to phase, and what phase frames start from nobody can
// tell by the frames; but how fast it turns the pitch says, which a third kind
// compares.
type spectralLoss struct {
	mel, stft, phase float64        // weights of the kinds
	plans            []spectralPlan // of each sound of a pass
}

type spectralPlan struct {
	mels  []melTerm
	stfts []stftTerm
	turn  phaseTerm
}

type melTerm struct {
	mel        *audio.Mel
	x, y, grad []float32
}

type stftTerm struct {
	stft       *audio.STFT
	quiet      float64 // least root mean square of magnitudes
	x, y, grad []complex64
}

const (
	// leastPower is added to squared magnitudes, so that their logarithms are
	// nowhere steep.
	leastPower = 1e-6
	// quietLevel is the level below which an error counts no more for how quiet the
	// sound is, -60 dBFS.
	quietLevel = 1e-3
)

// newSpectralLoss plans the loss for so many sounds at a time, with the weights
// that a recipe has. The first spectrogram is that which the vocoder is given.
func newSpectralLoss(first audio.MelConfig, r TrainRecipe, sounds int) (*spectralLoss, error) {
	l := &spectralLoss{mel: r.MelWeight, stft: r.STFTWeight, phase: r.PhaseWeight, plans: make([]spectralPlan, sounds)}
	for i := range l.plans {
		turn, err := audio.NewSTFT(phaseSTFT)
		if err != nil {
			return nil, err
		}
		l.plans[i].turn.stft = turn
		for _, size := range [][3]int{{first.FFT, first.Hop, first.Bands}, {512, 80, 40}, {2048, 320, 120}} {
			c := first
			c.FFT, c.Window, c.Hop, c.Bands = size[0], size[0], size[1], size[2]
			m, err := audio.NewMel(c)
			if err != nil {
				return nil, err
			}
			l.plans[i].mels = append(l.plans[i].mels, melTerm{mel: m})
		}
		for _, c := range audio.MultiResolution {
			s, err := audio.NewSTFT(c)
			if err != nil {
				return nil, err
			}
			// White noise of a level has that times the root of the sum of squares of the
			// window, 3/8 of its length, as magnitude.
			term := stftTerm{stft: s, quiet: quietLevel * math.Sqrt(0.375*float64(c.Window))}
			l.plans[i].stfts = append(l.plans[i].stfts, term)
		}
	}
	return l, nil
}

// add compares wave (T,Hop) with target (T·Hop), each span a sound, and returns
// Σ weights[i]·loss[i]. While training it adds the gradient to that of wave.
func (l *spectralLoss) add(run *tensor.Run, wave *tensor.Tensor, target []float32, spans []tensor.Span, weights []float64) float64 {
	var grad []float32
	if run.Training() {
		grad = run.Gradient(wave)
	}
	losses := make([]float64, len(spans))
	run.Each(len(spans), func(i int) {
		from, to := spans[i].Start*wave.Cols, (spans[i].Start+spans[i].Len)*wave.Cols
		var dx []float32
		if grad != nil {
			dx = grad[from:to]
		}
		x, y := wave.Data[from:to], target[from:to]
		for k := range l.plans[i].mels {
			losses[i] += l.plans[i].mels[k].compare(x, y, dx, weights[i]*l.mel/float64(len(l.plans[i].mels)))
		}
		for k := range l.plans[i].stfts {
			losses[i] += l.plans[i].stfts[k].compare(x, y, dx, weights[i]*l.stft/float64(len(l.plans[i].stfts)))
		}
		if l.phase > 0 {
			losses[i] += l.plans[i].turn.compare(x, y, dx, weights[i]*l.phase)
		}
	})
	var sum float64
	for _, v := range losses {
		sum += v
	}
	return sum
}

// compare returns weight times the loss of samples x beside y; where dx is not
// nil it adds the gradient in x to it.
func (t *melTerm) compare(x, y, dx []float32, weight float64) float64 {
	t.x, t.y, t.grad = t.mel.Log(t.x[:0], x), t.mel.Log(t.y[:0], y), t.grad[:0]
	each := weight / float64(max(len(t.x), 1))
	var sum float64
	for i, v := range t.x {
		d := v - t.y[i]
		sum += math.Abs(float64(d))
		t.grad = append(t.grad, float32(math.Copysign(each, float64(d))))
		if d == 0 {
			t.grad[i] = 0
		}
	}
	if dx != nil {
		t.mel.LogGrad(dx, x, t.grad)
	}
	return sum * each
}

// compare is as that of melTerm.
func (t *stftTerm) compare(x, y, dx []float32, weight float64) float64 {
	t.x, t.y = t.stft.Forward(t.x[:0], x), t.stft.Forward(t.y[:0], y)
	n := float64(max(len(t.x), 1))
	var logs, off, norm float64
	for i, v := range t.x {
		p, q := power(v), power(t.y[i])
		logs += math.Abs(logRatio(p, q))
		d := math.Sqrt(p) - math.Sqrt(q)
		off += d * d
		norm += q
	}
	off, norm = math.Sqrt(off), max(math.Sqrt(norm), t.quiet*math.Sqrt(n))
	if dx != nil && off > 0 {
		t.grad = t.grad[:0]
		for i, v := range t.x {
			p, q := power(v), power(t.y[i])
			// The derivative by the magnitude over the magnitude: a complex number grows
			// along itself.
			g := math.Copysign(1/((p+leastPower)*n), p-q)
			if p == q {
				g = 0
			}
			if p > 0 {
				g += (1 - math.Sqrt(q/p)) / (norm * off)
			}
			g *= weight // large where v is small: their product is what float32 holds
			t.grad = append(t.grad, complex(float32(float64(real(v))*g), float32(float64(imag(v))*g)))
		}
		t.stft.ForwardGrad(dx, t.grad)
	}
	return weight * (logs/n + off/norm)
}

// power is the squared magnitude.
func power(v complex64) float64 {
	return float64(real(v))*float64(real(v)) + float64(imag(v))*float64(imag(v))
}

// logRatio is the logarithm of the ratio of the magnitudes of two powers.
func logRatio(p, q float64) float64 {
	if p == q {
		return 0
	}
	return math.Log((p+leastPower)/(q+leastPower)) / 2
}
