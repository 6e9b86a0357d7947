package kernel

// AdamWParams are the settings of one AdamW step.
type AdamWParams struct {
	LR           float32 // learning rate of this step
	Beta1, Beta2 float32 // decay of the first and of the second moment
	Eps          float32 // added to the root of the second moment
	WeightDecay  float32 // decoupled: the weight loses LR*WeightDecay of itself
	Correction1  float32 // 1 - Beta1^t at step t = 1, 2, ...
	Correction2  float32 // 1 - Beta2^t
	GradScale    float32 // factor on the gradient, 1 unless it is clipped or averaged
}

// AdamW updates the weights w and their moments m and v from the gradient g over len(w):
//
//	g' = GradScale*g
//	m  = Beta1*m + (1-Beta1)*g'
//	v  = Beta2*v + (1-Beta2)*g'*g'
//	w  = w - LR*WeightDecay*w - LR * (m/Correction1) / (sqrt(v/Correction2) + Eps)
//
// Source: Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019.
func AdamW(w, g, m, v []float32, h AdamWParams) {
	checkLen("AdamW", "g", len(g), len(w))
	checkLen("AdamW", "m", len(m), len(w))
	checkLen("AdamW", "v", len(v), len(w))
	if len(w) == 0 {
		return
	}
	adamW(w, g, m, v, h.factors())
}

// adamWFactors are AdamWParams reduced to what the loop multiplies by; assembly reads them in this order.
type adamWFactors struct {
	gradScale, beta1, rest1, beta2, rest2, unbias2, eps, step, keep float32
}

func (h AdamWParams) factors() adamWFactors {
	return adamWFactors{
		gradScale: h.GradScale,
		beta1:     h.Beta1,
		rest1:     1 - h.Beta1,
		beta2:     h.Beta2,
		rest2:     1 - h.Beta2,
		unbias2:   1 / h.Correction2,
		eps:       h.Eps,
		step:      h.LR / h.Correction1,
		keep:      1 - h.LR*h.WeightDecay,
	}
}
