package strategy

import (
	"fmt"
	"slices"
)

// masked fills the slots of a response in passes of a masked network: the
// machine of nar, which makes one, and of refine.
type masked struct {
	name    string
	net     Masked
	sampler *Sampler
	lengths *Sampler // draws the number of slots
	o       Options
	prompt  int   // tokens of the prompt
	tokens  []int // prompt and slots, with MASK where unknown; what the network sees
	slots   []int // response: -1 where unknown
	given   []bool
	ends    bool // END may be drawn: the length is not known

	size   int   // slots of a block
	blocks []int // passes for each block
	block  int   // being filled
	pass   int   // passes so far, all told
	round  int   // passes so far of this block
	passes int   // planned, all told
	drawn  int

	draft    []int     // (slots): what this pass drew, then what was committed
	p        []float32 // (slots): its probability
	rank     []float64 // (slots): its confidence, with noise
	open     []int     // positions of unknown slots of the block
	order    []int     // slots by rank
	fresh    []int
	remasked []int
	banned   [2][]int // where END may come, where not
	grammar  *positions
	rows     []float32 // (open, V): logits of the pass
	logprobs []Logprobs
	ending
}

// newMasked does what nar and refine share.
func newMasked(name string, net Masked, prompt []int, o Options) (Machine, error) {
	v := net.Vocab()
	if err := o.check(name, v); err != nil {
		return nil, err
	}
	if err := checkPrompt(prompt, v, net.Context()-1); err != nil {
		return nil, err
	}
	if err := checkToken("mask", o.Mask, v); err != nil {
		return nil, err
	}
	if o.Mask == o.End {
		return nil, badOption("mask", o.Mask, "a token other than END")
	}
	c := &o.Constraint
	for _, slot := range sortedSlots(c.Fixed) {
		if c.Fixed[slot] == o.Mask {
			return nil, badOption(fmt.Sprintf("fixed[%d]", slot), "MASK", "a token that may be in a response")
		}
	}
	if len(c.LineStarts) > 0 && len(c.Lines) == 0 {
		return nil, &UnsupportedError{name, "an acrostic without the lengths of the lines", []string{"ar"}}
	}
	most := min(net.MaxLength(), net.Context()-len(prompt))
	if o.MaxLength > most {
		return nil, badOption("max-length", o.MaxLength, "at most %d slots, END counted, after a prompt of %d tokens", most, len(prompt))
	}
	if o.MaxLength > 0 {
		most = o.MaxLength
	}
	length, err := c.length(o.Length, o.End, most)
	if err != nil {
		return nil, err
	}
	source := newSource(o.Seed)
	sampler, err := NewSampler(o.Sampling, source)
	if err != nil {
		return nil, err
	}
	lengths, err := NewSampler(o.Sampling.plain(), source)
	if err != nil {
		return nil, err
	}
	m := &masked{name: name, net: net, sampler: sampler, lengths: lengths, o: o, prompt: len(prompt)}
	m.tokens = append(make([]int, 0, len(prompt)+most), prompt...)
	for i := range m.banned {
		m.banned[i] = append(append(m.banned[i], c.Banned...), o.Mask)
		if len(c.Lines) > 0 {
			m.banned[i] = append(m.banned[i], c.Newline)
		}
	}
	m.banned[1] = append(m.banned[1], o.End)
	m.o.MaxLength = most
	if c.Grammar != nil {
		a, err := c.Grammar.Automaton()
		if err != nil {
			return nil, &UnsupportedError{name, fmt.Sprintf("this grammar (%v)", err), []string{"ar"}}
		}
		m.grammar = newPositions(a, v, o.End, append(slices.Clone(c.Banned), o.Mask))
	}
	switch {
	case length > 0:
		err = m.layout(length, true)
	case o.Length == Fixed:
		err = m.layout(most, false)
	case c.reach() >= most:
		err = badOption("fixed", fmt.Sprintf("slot %d", c.reach()-1), "a slot below %d, for END to follow it", most-1)
	}
	if err != nil {
		return nil, err
	}
	return m, nil
}

// layout makes the slots and plans the passes. If the length is known, END
// takes the last slot and can be nowhere else.
func (m *masked) layout(n int, known bool) (err error) {
	if m.slots, err = m.o.Constraint.layout(n, known, m.o.End); err != nil {
		return err
	}
	if m.grammar != nil {
		m.grammar.open(!known)
		if err := m.grammar.know(m.slots); err != nil {
			return err
		}
	}
	m.ends = !known
	m.given = make([]bool, n)
	m.draft, m.p, m.rank = make([]int, n), make([]float32, n), make([]float64, n)
	m.size = n
	if m.o.Block > 0 {
		m.size = min(n, m.o.Block)
	}
	open := make([]int, (n+m.size-1)/m.size)
	for slot, token := range m.slots {
		m.given[slot] = token >= 0
		if token < 0 {
			open[slot/m.size]++
			token = m.o.Mask
		}
		m.tokens = append(m.tokens, token)
	}
	m.blocks = sharePasses(open, max(1, m.o.Passes))
	m.passes = m.pass
	for _, n := range m.blocks {
		m.passes += n
	}
	m.skip()
	return nil
}

// skip moves on to the next block that has passes.
func (m *masked) skip() {
	for m.block < len(m.blocks) && m.round == m.blocks[m.block] {
		m.block, m.round = m.block+1, 0
	}
}

// Next runs the length pass, if there is one, and then a pass over the slots.
func (m *masked) Next() (Step, error) {
	return m.ending.step(m.next, func(err error) error { return fmt.Errorf("%s: pass %d: %w", m.name, m.pass, err) })
}

func (m *masked) next() (Step, error) {
	m.fresh, m.remasked, m.logprobs = m.fresh[:0], m.remasked[:0], nil
	var err error
	switch {
	case m.slots == nil:
		m.pass++
		err = m.askLength()
	case m.block < len(m.blocks):
		m.pass++
		err = m.fill()
	}
	if err != nil {
		return Step{}, err
	}
	return m.step(), nil
}

// askLength draws the number of slots.
func (m *masked) askLength() error {
	logits, err := m.net.LengthLogits(m.tokens)
	if err != nil {
		return err
	}
	if want := m.net.MaxLength() + 1; len(logits) != want {
		return fmt.Errorf("the network returned %d logits for the length, want %d", len(logits), want)
	}
	var can []bool
	if m.grammar != nil {
		can = m.grammar.lengths(m.o.MaxLength)
	}
	var allowed []int
	for n := m.o.Constraint.reach() + 1; n <= m.o.MaxLength; n++ {
		if can == nil || can[n] {
			allowed = append(allowed, n)
		}
	}
	if len(allowed) == 0 {
		return fmt.Errorf("length: no response of up to %d slots, END counted, fits the grammar", m.o.MaxLength)
	}
	length, _, err := m.lengths.Sample(logits, nil, allowed)
	if err != nil {
		return fmt.Errorf("length: %w", err)
	}
	return m.layout(length, true)
}

// fill runs one pass over the open slots of the block.
func (m *masked) fill() error {
	m.round++
	lo := m.block * m.size
	hi := min(lo+m.size, len(m.slots))
	if err := m.drawOpen(lo, hi); err != nil {
		return err
	}
	if m.round == m.blocks[m.block] {
		for slot := lo; slot < hi; slot++ {
			if m.slots[slot] >= 0 {
				continue
			}
			if !m.fits(slot) {
				if err := m.draw(slot, -1); err != nil {
					return err
				}
			}
			m.commit(slot)
		}
	} else {
		m.choose(lo, hi)
	}
	if m.skip(); m.ends && slices.Contains(m.slots[lo:hi], m.o.End) {
		m.block = len(m.blocks) // what follows END is dropped
	}
	return nil
}

// drawOpen draws a token for every open slot of the block, each from its own
// distribution.
func (m *masked) drawOpen(lo, hi int) error {
	m.open = m.open[:0]
	text := -1 // the last slot known to hold text; END cannot come before it
	for slot, token := range m.slots {
		if token >= 0 {
			text = slot
		} else if slot >= lo && slot < hi {
			m.open = append(m.open, m.prompt+slot)
		}
	}
	logits, err := m.net.Logits(m.tokens, m.open)
	if err != nil {
		return err
	}
	v := m.net.Vocab()
	if want := len(m.open) * v; len(logits) != want {
		return fmt.Errorf("the network returned %d logits, want %d for %d slots", len(logits), want, len(m.open))
	}
	m.sampler.know(m.slots)
	m.rows = logits
	m.sampler.know(m.slots)
	if m.grammar != nil {
		if err := m.grammar.know(m.slots); err != nil {
			return err
		}
	}
	for _, position := range m.open {
		if err := m.draw(position-m.prompt, text); err != nil {
			return err
		}
	}
	return nil
}

// draw draws a token for an open slot of the pass, END only behind the slot text.
func (m *masked) draw(slot, text int) (err error) {
	l := limits{banned: m.banned[0]}
	if !m.ends || slot < text {
		l.banned = m.banned[1]
	}
	if m.o.Constraint.Allow != nil {
		l.allowed = m.o.Constraint.Allow(slot, m.slots)
	}
	if m.grammar != nil {
		l.mask = m.grammar.allowed(slot)
	}
	m.sampler.about(m.tokens, m.prompt+slot, m.o.Mask)
	if m.draft[slot], m.p[slot], err = m.sampler.sample(m.row(slot), l); err != nil {
		return fmt.Errorf("slot %d: %w", slot, err)
	}
	return nil
}

// row is the logits (V) of an open slot.
func (m *masked) row(slot int) []float32 {
	i, _ := slices.BinarySearch(m.open, m.prompt+slot)
	v := m.net.Vocab()
	return m.rows[i*v : (i+1)*v]
}

// fits says whether the draft of an open slot is still possible with what was
// committed since it was drawn.
func (m *masked) fits(slot int) bool {
	if m.grammar == nil {
		return true
	}
	err := m.grammar.know(m.slots)
	return err == nil && has(m.grammar.allowed(slot), m.draft[slot])
}

func (m *masked) commit(slot int) {
	m.slots[slot], m.tokens[m.prompt+slot] = m.draft[slot], m.draft[slot]
	m.fresh = append(m.fresh, slot)
	m.drawn++
	if m.o.Logprobs > 0 {
		m.logprobs = append(m.logprobs, m.sampler.logprobs(m.row(slot), slot, m.draft[slot], m.o.Logprobs))
	}
}

func (m *masked) takeBack(slot int) {
	m.slots[slot], m.tokens[m.prompt+slot] = -1, m.o.Mask
	m.remasked = append(m.remasked, slot)
	m.drawn--
}

// step reports the state; m.fresh holds what the pass committed, ascending.
func (m *masked) step() Step {
	s := Step{
		Pass: m.pass, Passes: m.passes, Drawn: m.drawn, Remasked: m.remasked,
		Done: m.slots != nil && m.block == len(m.blocks),
	}
	cut := slices.Index(m.slots, m.o.End)
	s.Length = cut + 1
	if s.Done {
		s.Stopped = "end"
	}
	if cut < 0 {
		cut = len(m.slots)
		if s.Done {
			s.Stopped, s.Length = "length", cut
		}
	}
	s.Tokens = m.slots[:cut]
	var sum float32
	shown, counted := 0, 0
	for _, slot := range m.fresh {
		if slot > cut {
			break
		}
		sum += m.p[slot]
		counted++
		if slot < cut {
			shown++
		}
	}
	s.Fresh = m.fresh[:shown]
	slices.SortFunc(m.logprobs, func(a, b Logprobs) int { return a.Slot - b.Slot })
	s.Logprobs = m.logprobs[:min(shown, len(m.logprobs))]
	if counted > 0 {
		s.Confidence = sum / float32(counted)
	}
	return s
}
