package align

import "math"

// reset makes the statistics of a part empty, with room for the Gaussians that the model has now.
func (p *part) reset(m *Model) {
	if p.sums == nil {
		p.sums = make([]sums, len(m.states))
		p.taken, p.optional = make([]float64, m.c.Classes), make([]float64, m.c.Classes)
	}
	clear(p.taken)
	clear(p.optional)
	for i := range p.sums {
		s := &p.sums[i]
		s.move = [moves]float64{}
		for len(s.mixture) < len(m.states[i].mixture) {
			s.mixture = append(s.mixture, moments{0, make([]float64, m.c.Dim), make([]float64, m.c.Dim)})
		}
		for j := range s.mixture {
			s.mixture[j].frames = 0
			clear(s.mixture[j].x)
			clear(s.mixture[j].squares)
		}
	}
}

// offer counts which optional units are on the path.
func (p *part) offer(u *Utterance, l *line) {
	there := make([]bool, len(u.Units))
	for _, place := range p.search.path {
		there[l.unit[place]] = true
	}
	for i, class := range u.Units {
		if u.optional(i) {
			p.optional[class]++
			if there[i] {
				p.taken[class]++
			}
		}
	}
}

// add counts the frames of the path and the moves between them. Gaussians of a state share a frame by their densities.
func (p *part) add(m *Model, l *line) {
	logs := make([]float64, m.c.Components)
	path := p.search.path
	for t, place := range path {
		state := l.state[place]
		to := len(l.unit)
		if t+1 < len(path) {
			to = int(path[t+1])
		}
		s := &p.sums[state]
		s.move[l.move(int(place), to)]++
		x := p.search.x[t*m.c.Dim : (t+1)*m.c.Dim]
		total := m.states[state].log(x, logs)
		for i := range m.states[state].mixture {
			s.mixture[i].add(x, math.Exp(logs[i]-total))
		}
	}
}

// move is how one gets from a place to another, or to the end, which is the number of places.
func (l *line) move(from, to int) int {
	switch unit := l.unit[from]; {
	case to == from:
		return stay
	case to == from+1 && to < l.first[unit+1], from == l.first[unit+1]-1:
		return next
	case to < l.first[unit+1]:
		return skip
	default:
		return leave
	}
}

func (m *moments) add(x []float64, weight float64) {
	if weight < 1e-6 {
		return
	}
	m.frames += weight
	sum, squares := m.x[:len(x)], m.squares[:len(x)]
	for i, v := range x {
		sum[i] += weight * v
		squares[i] += weight * v * v
	}
}

// merge adds the statistics of another part.
func (p *part) merge(o *part) {
	for i := range p.taken {
		p.taken[i] += o.taken[i]
		p.optional[i] += o.optional[i]
	}
	for i := range p.sums {
		s, t := &p.sums[i], &o.sums[i]
		for j, n := range t.move {
			s.move[j] += n
		}
		for j, from := range t.mixture {
			to := &s.mixture[j]
			to.frames += from.frames
			for d := range from.x {
				to.x[d] += from.x[d]
				to.squares[d] += from.squares[d]
			}
		}
	}
}

// estimate sets the model to what is most likely by the statistics of all parts, of which the first then has all.
// Probabilities are as if each choice had been taken once more, so that none is impossible.
func (tr *trainer) estimate() {
	all := &tr.parts[0]
	for i := range tr.parts[1:] {
		all.merge(&tr.parts[i+1])
	}
	for i := range tr.m.taken {
		tr.m.taken[i] = (all.taken[i] + 1) / (all.optional[i] + 2)
	}
	for i := range all.sums {
		s, to := &all.sums[i], &tr.m.states[i]
		to.frames = 0
		for _, n := range s.move {
			to.frames += n
		}
		for j, n := range s.move {
			to.move[j] = math.Log((n + 1) / (to.frames + moves))
		}
		for j := range to.mixture {
			weight := (s.mixture[j].frames + 1) / (to.frames + float64(len(to.mixture)))
			to.mixture[j] = s.mixture[j].estimate(weight, &tr.all)
		}
	}
}

// estimate is the Gaussian of the frames and of some more that are distributed as all are.
func (m *moments) estimate(weight float64, all *gaussian) gaussian {
	mean, variance := make([]float64, len(m.x)), make([]float64, len(m.x))
	n := m.frames + relevance
	for i := range mean {
		mean[i] = (m.x[i] + relevance*all.mean[i]) / n
		spread := m.squares[i] - 2*mean[i]*m.x[i] + m.frames*mean[i]*mean[i]
		variance[i] = max((spread+relevance*all.variance[i])/n, lowest*all.variance[i])
	}
	return newGaussian(weight, mean, variance)
}

// grow splits the heaviest Gaussian of each state that has fewer than most and frames enough.
func (tr *trainer) grow(most int) {
	for i := range tr.m.states {
		s := &tr.m.states[i]
		heaviest := 0
		for j := range s.mixture {
			if s.mixture[j].weight > s.mixture[heaviest].weight {
				heaviest = j
			}
		}
		if len(s.mixture) < most && s.mixture[heaviest].weight*s.frames >= enough {
			low, high := s.mixture[heaviest].split()
			s.mixture[heaviest] = low
			s.mixture = append(s.mixture, high)
		}
	}
}
