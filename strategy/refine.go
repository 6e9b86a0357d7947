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
// confidence of END to nothing for that reason). Here END comes last: a pass
// commits only text that its own draft has before the first END, as much as
// the schedule asks of the text in the draft, and it commits that END only if
// everything before it was known already. END is never drawn before known
// text. The last pass, as that of nar, commits all it draws.
//
// It fails with an [*OptionError] for a value out of range, and with an
// [*UnsupportedError] for an acrostic without the lengths of the lines.
func NewRefine(net Masked, prompt []int, o Options) (Machine, error) {
	return newMasked("refine", net, prompt, o)
}

// choose commits the surest part of the draft of the block, in a pass that is
// not its last.
func (m *masked) choose(lo, hi int) {
	first := lo // END of the draft
	for first < hi && (m.slots[first] >= 0 || m.draft[first] != m.o.End) {
		first++
	}
	// Slots that the schedule counts, and of these the open ones and those that
	// stay known.
	var n, open, settled int
	if first < hi {
		n, open = 1, 1
	}
	m.order = m.order[:0]
	for slot := lo; slot < hi; slot++ {
		known := m.slots[slot] >= 0
		if m.given[slot] || !known && m.draft[slot] == m.o.End {
			continue
		}
		n++
		if !known {
			open++
		}
		switch {
		case known && (!m.o.Remask || m.p[slot] >= 0.5):
			settled++
		case slot < first:
			m.order = append(m.order, slot)
		}
	}
	if first < hi && slices.Index(m.slots, -1) == first {
		m.commit(first)
		return
	}
	passes := m.blocks[m.block]
	keep := n - settled - m.o.Schedule.left(n, open, m.round, passes)
	m.sortBySurest(1 - float64(m.round)/float64(passes))
	for i, slot := range m.order {
		switch known := m.slots[slot] >= 0; {
		case i < keep && !known && m.fits(slot):
			m.commit(slot)
		case i >= keep && known:
			m.takeBack(slot)
		}
	}
	slices.Sort(m.fresh)
	slices.Sort(m.remasked)
}

// rankSteps is how finely probabilities are told apart when they are ranked:
// coarse enough that the rounding of one processor or another does not decide.
const rankSteps = 1 << 16

// sortBySurest orders the slots of m.order by falling confidence, the lower of
// equals first: the probability they were drawn with, or with noise its
// logarithm plus Gumbel noise that the annealing factor scales down.
func (m *masked) sortBySurest(annealing float64) {
	for _, slot := range m.order {
		m.rank[slot] = math.Round(float64(m.p[slot])*rankSteps) / rankSteps
		if t := float64(m.o.ConfidenceTemperature) * annealing; t > 0 {
			u := max(m.sampler.source.Float64(), math.SmallestNonzeroFloat64)
			m.rank[slot] = math.Log(float64(m.p[slot])) - t*math.Log(-math.Log(u))
		}
	}
	slices.SortFunc(m.order, func(a, b int) int {
		return cmp.Or(cmp.Compare(m.rank[b], m.rank[a]), cmp.Compare(a, b))
	})
}
