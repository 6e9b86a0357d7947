package strategy

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// ar draws each element knowing all earlier ones.
type ar struct {
	net     Causal
	sampler *Sampler
	source  *rand.PCG // of the sampler
	o       Options
	known   []int // given tokens by slot, -1 where open; may be shorter than the response
	length  int   // slots with END, 0 if END may come at any
	most    int   // elements

	pending  []int     // tokens that the cache has not seen
	tokens   []int     // response so far
	newlines int       // of tokens; counted only for LineStarts
	index    []int     // 0, 1, 2 ...: Fresh is a part of it
	banned   [2][]int  // while END may come, while not
	shift    *shifting // nil: it stops when the context is full
	pass     int
	logprobs []Logprobs
	told     int // the pass that they are of
	drawn    int
	ending
}

// NewAR returns a machine that generates left to right (autoregressively): the
// first pass takes the whole prompt, and each pass draws one element. Given
// elements cost no pass of their own: they join the next one. It stops at END,
// at [Options.MaxLength] elements or when the context is full, unless
// [Options.Shift] is set. The network's cache is emptied first, but for what a
// [Reuser] has of the prompt.
//
// It fails with an [*OptionError] for a value out of range, and with an
// [*UnsupportedError] for what needs to look ahead.
func NewAR(net Causal, prompt []int, o Options) (Machine, error) {
	m, err := newAR("ar", net, prompt, o)
	if err != nil {
		return nil, err
	}
	return m, nil
}

// newAR is [NewAR] under the name by which errors call the strategy.
func newAR(name string, net Causal, prompt []int, o Options) (*ar, error) {
	v, context := net.Vocab(), net.Context()
	if err := o.check(name, v); err != nil {
		return nil, err
	}
	if err := checkPrompt(prompt, v, context); err != nil {
		return nil, err
	}
	if o.Length == Fixed {
		return nil, &UnsupportedError{name, "a fixed number of slots", []string{"nar", "refine"}}
	}
	c := &o.Constraint
	room := context - len(prompt) + 1 // the last element need not enter the cache
	length, err := c.length(o.Length, o.End, room+1)
	if err != nil {
		return nil, err
	}
	slots := length
	if slots == 0 {
		slots = c.reach()
	}
	known, err := c.layout(slots, length > 0, o.End)
	if err != nil {
		return nil, err
	}
	if c.needsForesight(length, o.End, known) {
		return nil, &UnsupportedError{name, "fill-in", []string{"nar", "refine"}}
	}
	source := rand.NewPCG(o.Seed, mainStream)
	if c.Grammar != nil && (length > 0 || len(c.Lines) > 0 || len(c.LineStarts) > 0) {
		return nil, &UnsupportedError{name, "a grammar beside an exact length, a form or an acrostic", []string{"refine"}}
	}
	sampler, err := NewSampler(o.Sampling, rand.New(source))
	if err != nil {
		return nil, err
	}
	m := &ar{
		net: net, sampler: sampler, source: source, o: o, known: known, length: length, most: room,
		pending: make([]int, 0, context+1),
		tokens:  make([]int, 0, room),
		index:   make([]int, room),
	}
	if o.Shift {
		m.most = math.MaxInt
	}
	if o.MaxLength > 0 {
		m.most = min(m.most, o.MaxLength)
	}
	for i := range m.index {
		m.index[i] = i
	}
	for i, ends := range [2]bool{true, false} {
		m.banned[i] = append(m.banned[i], c.Banned...)
		if !ends {
			m.banned[i] = append(append(m.banned[i], o.End), o.Ends...)
		}
		if len(c.Lines) > 0 {
			m.banned[i] = append(m.banned[i], c.Newline)
		}
	}
	sampler.begin(prompt, room)
	if c.Grammar != nil {
		c.Grammar.Rewind(0)
	}
	kept := reuse(net, prompt)
	m.pending = append(m.pending, prompt[kept:]...)
	if o.Shift {
		m.shift = &shifting{keep: o.ShiftKeep, window: append(make([]int, 0, context), prompt[:kept]...)}
	}
	return m, nil
}

// Next extends the cache by what it has not seen and draws one element.
func (m *ar) Next() (Step, error) {
	return m.ending.step(m.next, func(err error) error { return fmt.Errorf("ar: pass %d: %w", m.pass, err) })
}

func (m *ar) next() (Step, error) {
	if m.pass == 0 {
		if stopped, err := m.give(); stopped != "" || err != nil {
			return m.step(stopped), err
		}
	}
	m.pass++
	m.pending = m.shift.fit(m.net, m.pending)
	logits, err := m.net.Extend(m.pending)
	if err != nil {
		return Step{}, err
	}
	m.pending = m.pending[:0]
	slot := len(m.tokens)
	p, stopped, err := m.draw(logits)
	if err != nil {
		return Step{}, err
	}
	for len(m.index) < len(m.tokens) { // the context was shifted
		m.index = append(m.index, len(m.index))
	}
	step := m.step(stopped)
	step.Fresh, step.Confidence = m.index[slot:min(slot+1, len(m.tokens))], p
	return step, nil
}

// draw takes the token of the next slot from its logits, and the given ones that
// follow it. It returns how likely the network found the token, and why the
// response stops there, or "" if it goes on.
func (m *ar) draw(logits []float32) (p float32, stopped string, err error) {
	slot := len(m.tokens)
	l := limits{banned: m.bans()}
	if m.o.Constraint.Allow != nil {
		l.allowed = m.o.Constraint.Allow(slot, m.tokens)
	}
	if m.o.Constraint.Grammar != nil {
		if l.mask, err = m.o.Constraint.Grammar.Mask(m.most - slot); err != nil {
			return 0, "", fmt.Errorf("slot %d: %w", slot, err)
		}
	}
	token, p, err := m.sampler.sample(logits, l)
	if err != nil {
		return 0, "", fmt.Errorf("slot %d: %w", slot, err)
	}
	m.drawn++
	if m.o.ends(token) {
		return p, "end", nil
	}
	if m.o.Logprobs > 0 {
		if m.told != m.pass {
			m.told, m.logprobs = m.pass, nil
		}
		m.logprobs = append(m.logprobs, m.sampler.logprobs(logits, slot, token, m.o.Logprobs))
	}
	if err := m.add(token); err != nil {
		return 0, "", err
	}
	stopped, err = m.give()
	return p, stopped, err
}

func (m *ar) step(stopped string) Step {
	s := Step{
		Pass: m.pass, Tokens: m.tokens, Drawn: m.drawn, Length: m.length,
		Done: stopped != "", Stopped: stopped,
	}
	if m.told == m.pass {
		s.Logprobs = m.logprobs
	}
	if stopped == "end" {
		s.Length = len(m.tokens) + 1
	}
	return s
}

func (m *ar) add(token int) error {
	if g := m.o.Constraint.Grammar; g != nil {
		if err := g.Accept(token); err != nil {
			return fmt.Errorf("slot %d: %w", len(m.tokens), err)
		}
	}
	m.tokens = append(m.tokens, token)
	m.pending = append(m.pending, token)
	m.sampler.accept(token)
	if token == m.o.Constraint.Newline {
		m.newlines++
	}
	return nil
}

// give appends the given elements that come next and returns why the response
// stops there, or "" if it goes on with an open slot.
func (m *ar) give() (stopped string, err error) {
	for {
		n := len(m.tokens)
		switch {
		case m.length > 0 && n == m.length-1:
			return "end", nil
		case n == m.o.MaxLength && m.o.MaxLength > 0:
			return m.full("length")
		case n == m.most:
			return m.full("context")
		}
		token := m.given(n)
		if token < 0 {
			return "", nil
		}
		if err := m.add(token); err != nil {
			return "", err
		}
	}
}

// full is why a response stops that has no room for more: "end" if its grammar lets
// it end there.
func (m *ar) full(stopped string) (string, error) {
	if g := m.o.Constraint.Grammar; g != nil {
		mask, err := g.Mask(0)
		if err != nil {
			return "", err
		}
		if has(mask, m.o.End) {
			return "end", nil
		}
	}
	return stopped, nil
}

// given is the token that has to stand at a slot, -1 if it is open.
func (m *ar) given(slot int) int {
	if slot < len(m.known) && m.known[slot] >= 0 {
		return m.known[slot]
	}
	c := &m.o.Constraint
	lineBegins := slot == 0 || m.tokens[slot-1] == c.Newline
	if len(c.Lines) == 0 && lineBegins && m.newlines < len(c.LineStarts) {
		return c.LineStarts[m.newlines]
	}
	return -1
}

// bans leaves END out where the length says where it stands, and while lines
// with a given start are to come.
func (m *ar) bans() []int {
	if m.length > 0 || m.newlines+1 < len(m.o.Constraint.LineStarts) {
		return m.banned[1]
	}
	return m.banned[0]
}
