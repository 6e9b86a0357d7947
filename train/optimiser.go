package train

import (
	"math"

	"github.com/stride-ml/stride/tensor"
	"github.com/stride-ml/stride/tensor/kernel"
)

// optimiser is AdamW (Loshchilov and Hutter, arXiv 1711.05101) with the norm of
// the gradient clipped and an exponential moving average of the weights.
type optimiser struct {
	params []*tensor.Param
	m, v   [][]float32 // first and second moments
	ema    [][]float32
	pieces []piece
	norm2  []float32
}

// piece is a range of one parameter: the unit of parallel work, and of sums,
// so that these do not depend on the number of workers.
type piece struct{ param, lo, hi int }

const pieceFloats = 1 << 15

func newOptimiser(params []*tensor.Param) *optimiser {
	o := &optimiser{params: params}
	for i, p := range params {
		o.m = append(o.m, make([]float32, p.Size()))
		o.v = append(o.v, make([]float32, p.Size()))
		o.ema = append(o.ema, append([]float32(nil), p.Data...))
		for lo := 0; lo < p.Size(); lo += pieceFloats {
			o.pieces = append(o.pieces, piece{i, lo, min(p.Size(), lo+pieceFloats)})
		}
	}
	o.norm2 = make([]float32, len(o.pieces))
	return o
}

// values are what a training state holds under a name.
type values struct {
	name string
	data []float32
}

// state is the values that belong to parameter i.
func (o *optimiser) state(i int) []values {
	p := o.params[i]
	return []values{{p.Name, p.Data}, {p.Name + ".m", o.m[i]}, {p.Name + ".v", o.v[i]}, {p.Name + ".ema", o.ema[i]}}
}

// zeroGrad clears all gradients.
func (o *optimiser) zeroGrad() {
	for _, p := range o.params {
		p.ZeroGrad()
	}
}

// step updates the weights from the gradients and returns the gradient's norm
// before clipping. t counts from 1. If the norm is not finite nothing changes.
func (o *optimiser) step(pool *tensor.Pool, r TrainRecipe, rate float64, t int) float64 {
	pool.Each(len(o.pieces), func(i int) {
		p := o.pieces[i]
		o.norm2[i] = kernel.SumSquares(o.params[p.param].Grad[p.lo:p.hi])
	})
	var sum float64
	for _, s := range o.norm2 {
		sum += float64(s)
	}
	norm := math.Sqrt(sum)
	if math.IsNaN(norm) || math.IsInf(norm, 0) {
		return norm
	}
	h := kernel.AdamWParams{
		LR: float32(rate), Beta1: float32(r.Beta1), Beta2: float32(r.Beta2), Eps: 1e-8,
		Correction1: float32(1 - math.Pow(r.Beta1, float64(t))),
		Correction2: float32(1 - math.Pow(r.Beta2, float64(t))),
		GradScale:   float32(min(1, r.Clip/max(norm, 1e-12))),
	}
	// A young average follows the weights more closely (as in the bias
	// correction of Adam), so that it does not drag along the random start.
	keep := min(r.EMA, float64(1+t)/float64(10+t))
	pool.Each(len(o.pieces), func(i int) {
		p := o.pieces[i]
		param := o.params[p.param]
		h := h
		if !param.NoDecay {
			h.WeightDecay = float32(r.WeightDecay)
		}
		w := param.Data[p.lo:p.hi]
		kernel.AdamW(w, param.Grad[p.lo:p.hi], o.m[p.param][p.lo:p.hi], o.v[p.param][p.lo:p.hi], h)
		kernel.Lerp(o.ema[p.param][p.lo:p.hi], w, float32(1-keep))
	})
	for _, p := range o.params {
		p.Update()
	}
	return norm
}

// swap exchanges the weights with their average; a second call restores them.
func (o *optimiser) swap() {
	for i, p := range o.params {
		p.Data, o.ema[i] = o.ema[i], p.Data
		p.Update()
	}
}
