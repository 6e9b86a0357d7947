package train

import (
	"math"

	"github.com/stride-ml/stride/network"
	"github.com/stride-ml/stride/tensor"
)

// adversary is discriminators that learn to tell a vocoder's sound from
// recordings, and the losses by which the vocoder learns to deceive them: the
// hinge loss (Lim and Ye, arXiv 1705.02894) and the distance of what they notice
// (Kumar et al., "MelGAN", arXiv 1910.06711). Unlike spectral losses these are not
// blind to phase.
type adversary struct {
	judges                *network.Discriminators
	run                   *tensor.Run // on which they learn
	adversarial, features float64     // weights of the two losses, each a sum over discriminators
}

func newAdversary(pool *tensor.Pool, sounds, samples int, adversarial, features float64, seed uint64) (*adversary, error) {
	judges, err := network.NewDiscriminators(sounds, samples)
	if err != nil {
		return nil, err
	}
	judges.Init(seed)
	return &adversary{judges, tensor.NewRun(pool, tensor.Training()), adversarial, features}, nil
}

// add lets the discriminators learn from wave (T,Hop) and target (T·Hop), each
// span a sound, and then judge wave: it returns share times the vocoder's losses,
// means over the sounds, and adds their gradient to that of wave. The
// discriminators' gradients are added to in the same share.
func (a *adversary) add(run *tensor.Run, wave *tensor.Tensor, target []float32, spans []tensor.Span, share float64) float64 {
	a.judges.Freeze(false)
	a.run.Reset(0)
	recorded, made := a.run.New(wave.Rows, wave.Cols), a.run.New(wave.Rows, wave.Cols)
	copy(recorded.Data, target)
	copy(made.Data, wave.Data)
	known, found := a.judges.Judge(a.run, recorded, spans), a.judges.Judge(a.run, made, spans)
	for i := range known {
		hinge(a.run, known[i].Score, 1, share)
		hinge(a.run, found[i].Score, -1, share)
	}
	a.run.Backward()

	a.judges.Freeze(true)
	var loss float64
	for i, v := range a.judges.Judge(run, wave, spans) {
		loss += hinge(run, v.Score, 1, share*a.adversarial)
		for k, f := range v.Features {
			loss += distance(run, f, known[i].Features[k].Data, share*a.features)
		}
	}
	return loss
}

// hinge is weight times the mean of max(0, 1-sign·score); its gradient is added.
func hinge(run *tensor.Run, score *tensor.Tensor, sign float32, weight float64) float64 {
	g := run.Gradient(score)
	each := weight / float64(len(score.Data))
	var sum float64
	for i, s := range score.Data {
		if d := 1 - sign*s; d > 0 {
			sum += float64(d)
			g[i] -= sign * float32(each)
		}
	}
	return sum * each
}

// distance is weight times the mean absolute difference; its gradient is added.
func distance(run *tensor.Run, x *tensor.Tensor, y []float32, weight float64) float64 {
	g := run.Gradient(x)
	each := weight / float64(len(y))
	var sum float64
	for i, v := range x.Data {
		d := float64(v - y[i])
		sum += math.Abs(d)
		switch {
		case d > 0:
			g[i] += float32(each)
		case d < 0:
			g[i] -= float32(each)
		}
	}
	return sum * each
}
