package strategy

import (
	"cmp"
	"math"
	"slices"
)

// NewRefine returns a machine that fills the slots in up to [Options.Passes]
// passes, the surest first: each pass draws all open slots and commits those
// drawn with the highest probability, as many as the schedule says, so that
// the next pass sees them (MaskGIT, arXiv 2202.04200; LLaDA, arXiv
// 2502.09992). One pass is exactly nar; as many passes as slots commit one
// element each.
//
// With [Options.Remask], what was committed with a probability below a half
// keeps that probability and has to hold its place among the surest in each
// further pass; what falls out of them is taken back and drawn again
// (Mask-Predict, arXiv 1904.09324, which doubts the others, too). Given tokens
// always stay.
//
// With [Fixed] length most slots lie after END and are easy to be sure of, so
// that plain ranking by probability commits END everywhere before there is any
// text, and the response comes out short or empty (LLaDA's authors set the
// confidence of END to nothing for that reason). Here a pass reads its own
// draft first: the horizon is the cut, text before it and END after, with
// which most slots of the draft agree. Only text before the horizon is
// committed, and the schedule counts only that and one END; the END at the
// horizon is committed once everything before it is known, or in the last
// pass; END is never drawn before known text.
//
// It fails with an [*OptionError] for a value out of range, and with an
// [*UnsupportedError] for an acrostic without the lengths of the lines.
func NewRefine(net Masked, prompt []int, o Options) (Machine, error) {
	return newMasked("refine", net, prompt, o)
}

// choose commits the surest part of the draft of the block, in a pass that is
// not its last.
func (m *masked) choose(lo, hi int) {
	horizon := m.horizon(lo, hi)
	// Slots that the schedule counts, and of these the open ones and those that
	// stay known.
	var n, open, settled int
	if horizon < hi {
		n, open = 1, 1 // END
	}
	m.order = m.order[:0]
	for slot := lo; slot < horizon; slot++ {
		unknown := m.slots[slot] < 0
		if m.given[slot] {
			continue
		}
		n++
		if unknown {
			open++
		}
		doubted := m.o.Remask && m.p[slot] < 0.5
		if unknown && m.draft[slot] != m.o.End || !unknown && doubted {
			m.order = append(m.order, slot)
		} else if !unknown {
			settled++
		}
	}
	if open == 1 && horizon < hi {
		m.commit(horizon)
		return
	}
	passes := m.blocks[m.block]
	keep := n - settled - m.o.Schedule.left(n, open, m.round, passes)
	m.sortBySurest(1 - float64(m.round)/float64(passes))
	for i, slot := range m.order {
		switch known := m.slots[slot] >= 0; {
		case i < keep && !known:
			m.commit(slot)
		case i >= keep && known:
			m.takeBack(slot)
		}
	}
	slices.Sort(m.fresh)
	slices.Sort(m.remasked)
}

// horizon is where the draft of a block ends: the cut with the most slots of
// text before it and of END after it, the last of equals.
func (m *masked) horizon(lo, hi int) int {
	best, most, score := lo, 0, 0
	for slot := lo; slot < hi; slot++ {
		if m.slots[slot] < 0 && m.draft[slot] == m.o.End {
			score--
		} else {
			score++
		}
		if score >= most {
			best, most = slot+1, score
		}
	}
	return best
}

// sortBySurest orders the slots of m.order by falling confidence, the lower of
// equals first: the probability they were drawn with, or with noise its
// logarithm plus Gumbel noise that the annealing factor scales down.
func (m *masked) sortBySurest(annealing float64) {
	for _, slot := range m.order {
		m.rank[slot] = float64(m.p[slot])
		if t := float64(m.o.ConfidenceTemperature) * annealing; t > 0 {
			u := max(m.sampler.source.Float64(), math.SmallestNonzeroFloat64)
			m.rank[slot] = math.Log(m.rank[slot]) - t*math.Log(-math.Log(u))
		}
	}
	slices.SortFunc(m.order, func(a, b int) int {
		return cmp.Or(cmp.Compare(m.rank[b], m.rank[a]), cmp.Compare(a, b))
	})
}
