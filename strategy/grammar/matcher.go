package grammar

import (
	"fmt"
	"slices"

	"github.com/stride-ml/stride/strategy"
)

// Matcher follows one response. It is for one goroutine; many of them share an
// [Automaton].
type Matcher struct {
	automaton *Automaton
	states    []*state // before the first token, after it ...
	near      []uint64 // scratch: the mask near the end of a response
}

// Matcher returns one that has read nothing yet.
func (a *Automaton) Matcher() (*Matcher, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	s, err := a.begin(nil)
	if err != nil {
		return nil, err
	}
	return &Matcher{automaton: a, states: []*state{s}}, nil
}

// current is the state after all that was read.
func (m *Matcher) current() (*state, error) {
	last := len(m.states) - 1
	s, err := m.automaton.begin(m.states[last])
	if err == nil {
		m.states[last] = s
	}
	return s, err
}

// Mask returns the tokens (V bits) that may come next: those that end the
// response only where it may end. Where at most left tokens may come before one of
// them, it leaves out those after which so few might not complete the response, or
// if all are of that kind leaves the ones nearest to its end; a negative left is no
// limit. The mask holds until the next call and must not be changed.
func (m *Matcher) Mask(left int) ([]uint64, error) {
	a := m.automaton
	a.mu.Lock()
	defer a.mu.Unlock()
	s, err := m.current()
	if err != nil {
		return nil, err
	}
	if s.mask == nil && s != dead {
		if err := a.find(s); err != nil {
			return nil, err
		}
	}
	if left < 0 || int(s.worst) <= left-1 {
		return s.mask, nil
	}
	most := int32(max(left-1, int(s.best)))
	m.near = slices.Grow(m.near[:0], len(s.mask))[:len(s.mask)]
	copy(m.near, s.mask)
	if s.levels == nil {
		if err := a.rank(s); err != nil {
			return nil, err
		}
	}
	for _, l := range s.levels {
		if l.least <= most {
			continue
		}
		for _, token := range l.tokens {
			m.near[token/64] &^= 1 << (token % 64)
		}
	}
	return m.near, nil
}

// Accept reads the next token of the response, none that ends it.
func (m *Matcher) Accept(token int) error {
	a := m.automaton
	a.mu.Lock()
	defer a.mu.Unlock()
	s, err := m.current()
	if err != nil {
		return err
	}
	if token < 0 || token >= a.vocab.size || len(a.vocab.pieces[token]) == 0 || slices.Contains(a.vocab.ends, token) {
		return fmt.Errorf("token %d is not part of a text", token)
	}
	if s, err = a.read(s, a.vocab.pieces[token]); err != nil {
		return err
	}
	if s == dead {
		return fmt.Errorf("token %d, %q, does not fit the grammar", token, a.vocab.pieces[token])
	}
	m.states = append(m.states, s)
	return nil
}

// Rewind keeps only the first n tokens.
func (m *Matcher) Rewind(n int) { m.states = m.states[:n+1] }

// Ends says whether the response may end here.
func (m *Matcher) Ends() bool { return m.states[len(m.states)-1].accepts }

// Bounds of [Matcher.Automaton].
const (
	maxTokenStates = 1 << 12
	maxTokenEdges  = 1 << 23
)

// Automaton returns the grammar as a finite automaton over tokens. It fails with
// a [*LimitError] if that would have too many states, as it has where rules nest
// without bound.
func (m *Matcher) Automaton() (*strategy.Automaton, error) {
	a := m.automaton
	a.mu.Lock()
	defer a.mu.Unlock()
	first, err := a.begin(nil)
	if err != nil {
		return nil, err
	}
	number := map[*state]int{first: 0}
	states := []*state{first}
	out := &strategy.Automaton{}
	edges := 0
	for i := 0; i < len(states); i++ {
		s := states[i]
		var list []strategy.Edge
		to := map[*state]int{}
		a.work = maxWork
		err := a.walk(s, func(token int32, next *state) {
			if _, ok := number[next]; !ok {
				number[next] = len(states)
				states = append(states, next)
			}
			at, ok := to[next]
			if !ok {
				at = len(list)
				to[next] = at
				list = append(list, strategy.Edge{To: number[next]})
			}
			list[at].Tokens = append(list[at].Tokens, token)
			edges++
		})
		if err != nil {
			return nil, err
		}
		if len(states) > maxTokenStates {
			return nil, &LimitError{"states of a finite automaton", maxTokenStates}
		}
		if edges > maxTokenEdges {
			return nil, &LimitError{"transitions of a finite automaton", maxTokenEdges}
		}
		for _, e := range list {
			slices.Sort(e.Tokens)
		}
		out.Accepts, out.Edges = append(out.Accepts, s.accepts), append(out.Edges, list)
	}
	return out, nil
}
