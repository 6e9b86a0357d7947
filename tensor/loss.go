package tensor

import "math"

// SquaredError computes the squared distance of each row of x (T,C) from target
// (T,C) into losses (T). While training it also sets the gradient of
// Σ weights[i]·losses[i] in x, which must feed nothing else: call it before
// Backward.
func (r *Run) SquaredError(x *Tensor, target, weights, losses []float32) {
	if !(len(target) == len(x.Data) && len(weights) == x.Rows && len(losses) == x.Rows) {
		mismatch("squared error", "(%d,%d), target of %d, %d weights, %d losses", x.Rows, x.Cols, len(target), len(weights), len(losses))
	}
	if r.train {
		r.grad(x)
	}
	r.each(rowTask{f: squaredErrorRows, x: x, h: target, w: weights, g: losses}, x.Rows, 4*len(x.Data))
}

func squaredErrorRows(t *rowTask, lo, hi int) {
	for i := lo; i < hi; i++ {
		x := t.x.Row(i)
		target := t.h[i*len(x) : (i+1)*len(x)]
		var sum float32
		if t.x.Grad == nil {
			for j, v := range x {
				d := v - target[j]
				sum += d * d
			}
		} else {
			g, w := t.x.gradRow(i), 2*t.w[i]
			for j, v := range x {
				d := v - target[j]
				sum += d * d
				g[j] = w * d
			}
		}
		t.g[i] = sum
	}
}

// BinaryCrossEntropy computes for each row of logits x (T,C) the sum over its
// columns of -log p of labels (T,C), each 0 or 1, with p = sigmoid(x), in nats,
// into losses (T). While training it also sets the gradient of
// Σ weights[i]·losses[i] in x, which must feed nothing else.
func (r *Run) BinaryCrossEntropy(x *Tensor, labels, weights, losses []float32) {
	if !(len(labels) == len(x.Data) && len(weights) == x.Rows && len(losses) == x.Rows) {
		mismatch("binary cross entropy", "(%d,%d), %d labels, %d weights, %d losses", x.Rows, x.Cols, len(labels), len(weights), len(losses))
	}
	if r.train {
		r.grad(x)
	}
	for i := range x.Rows {
		row := x.Row(i)
		var sum float64
		for j, v := range row {
			y, l := float64(labels[i*len(row)+j]), float64(v)
			sum += max(l, 0) - l*y + math.Log1p(math.Exp(-math.Abs(l)))
			if r.train {
				x.gradRow(i)[j] = weights[i] * float32(1/(1+math.Exp(-l))-y)
			}
		}
		losses[i] = float32(sum)
	}
}
