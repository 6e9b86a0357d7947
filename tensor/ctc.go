package tensor

import "math"

// CTC computes connectionist temporal classification (Graves et al., 2006): of
// each span of logits x (T,V) the loss -log p(labels), p summed over all ways to
// say the labels one after another in that time, each for one position or more,
// with blank before, between and after them where it likes and between equal ones
// always. Losses are in nats, one a span; labels that do not fit their span have
// the loss +Inf. While training it also sets the gradient of Σ weights[i]·losses[i]
// in x, which must feed nothing else; labels that do not fit have no part in it.
func (r *Run) CTC(x *Tensor, spans []Span, labels [][]int, blank int, weights, losses []float32) {
	checkSpans("ctc", x, 1, spans)
	if !(len(labels) == len(spans) && len(weights) == len(spans) && len(losses) == len(spans) && blank >= 0 && blank < x.Cols) {
		mismatch("ctc", "%d spans, %d sequences of labels, %d weights, %d losses; blank %d of %d", len(spans), len(labels), len(weights), len(losses), blank, x.Cols)
	}
	for _, l := range labels {
		for _, v := range l {
			if v < 0 || v >= x.Cols || v == blank {
				mismatch("ctc", "label %d, want one of %d that is not the blank, %d", v, x.Cols, blank)
			}
		}
	}
	if r.train {
		r.grad(x)
	}
	r.pool.Each(len(spans), func(i int) {
		s := spans[i]
		l := newLattice(x.Data[s.Start*x.Cols:(s.Start+s.Len)*x.Cols], x.Cols, labels[i], blank)
		total := l.forward()
		losses[i] = float32(-total)
		if r.train {
			l.backward(x.Grad[s.Start*x.Cols:(s.Start+s.Len)*x.Cols], total, float64(weights[i]))
		}
	})
}

// lattice is what the sum over all ways is taken over: states by positions.
// Probabilities are logarithms in float64, so that products of thousands neither
// vanish nor lose what gradients are differences of.
type lattice struct {
	states []int     // (S): class of each, labels and the blanks around them
	skips  []bool    // (S): whether a way may come from two states before
	logs   []float64 // (T,V)
	ways   []float64 // (T,S): of all ways up to a state at a position
	t, v   int
}

func newLattice(logits []float32, v int, labels []int, blank int) *lattice {
	l := &lattice{v: v, t: len(logits) / v, logs: make([]float64, len(logits))}
	for at := 0; at < len(logits); at += v {
		sum := math.Inf(-1)
		for _, x := range logits[at : at+v] {
			sum = logAdd(sum, float64(x))
		}
		for i, x := range logits[at : at+v] {
			l.logs[at+i] = float64(x) - sum
		}
	}
	for i, label := range labels {
		l.states = append(l.states, blank, label)
		l.skips = append(l.skips, false, i > 0 && labels[i-1] != label)
	}
	l.states, l.skips = append(l.states, blank), append(l.skips, false)
	l.ways = make([]float64, l.t*len(l.states))
	return l
}

// logAdd is log(exp(a)+exp(b)).
func logAdd(a, b float64) float64 {
	if a < b {
		a, b = b, a
	}
	if math.IsInf(b, -1) {
		return a
	}
	return a + math.Log1p(math.Exp(b-a))
}

// log is the log probability of a state's class at a position.
func (l *lattice) log(t, state int) float64 { return l.logs[t*l.v+l.states[state]] }

// forward sums up all ways and returns the log of their probability.
func (l *lattice) forward() float64 {
	n := len(l.states)
	if l.t == 0 {
		if n > 1 {
			return math.Inf(-1)
		}
		return 0
	}
	for s := range n {
		l.ways[s] = math.Inf(-1)
		if s < 2 {
			l.ways[s] = l.log(0, s)
		}
	}
	for t := 1; t < l.t; t++ {
		before, now := l.ways[(t-1)*n:t*n], l.ways[t*n:(t+1)*n]
		for s := range n {
			sum := before[s]
			if s > 0 {
				sum = logAdd(sum, before[s-1])
			}
			if l.skips[s] {
				sum = logAdd(sum, before[s-2])
			}
			now[s] = sum + l.log(t, s)
		}
	}
	total := l.ways[len(l.ways)-1]
	if n > 1 {
		total = logAdd(total, l.ways[len(l.ways)-2])
	}
	return total
}

// backward sets grad (T,V) to weight times the gradient of -total, which is what
// forward gave: the probability of each class less the share of ways that are in
// it.
func (l *lattice) backward(grad []float32, total, weight float64) {
	if math.IsInf(total, -1) {
		clear(grad)
		return
	}
	n := len(l.states)
	rest, after := make([]float64, n), make([]float64, n) // of all ways from a state to the end, its own position left out
	share := make([]float64, l.v)
	for t := l.t - 1; t >= 0; t-- {
		for s := range n {
			rest[s] = l.onward(t, s, after)
		}
		clear(share)
		for s, class := range l.states {
			share[class] += math.Exp(l.ways[t*n+s] + rest[s] - total)
		}
		for i, p := range share {
			grad[t*l.v+i] = float32(weight * (math.Exp(l.logs[t*l.v+i]) - p))
		}
		rest, after = after, rest
	}
}

// onward is the log probability of all ways from a state at t to the end, given
// those from the states at t+1.
func (l *lattice) onward(t, s int, after []float64) float64 {
	n := len(l.states)
	if t == l.t-1 {
		if s >= n-2 {
			return 0
		}
		return math.Inf(-1)
	}
	sum := after[s] + l.log(t+1, s)
	if s+1 < n {
		sum = logAdd(sum, after[s+1]+l.log(t+1, s+1))
	}
	if s+2 < n && l.skips[s+2] {
		sum = logAdd(sum, after[s+2]+l.log(t+1, s+2))
	}
	return sum
}
