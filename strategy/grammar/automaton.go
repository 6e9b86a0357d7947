package grammar

import (
	"cmp"
	"encoding/binary"
	"slices"
	"sync"
)

// Bounds of the work for one set of tokens, and of what an automaton remembers.
const (
	maxDepth  = 512     // of stacks
	maxWork   = 1 << 21 // instructions looked at for one set of tokens
	maxStates = 1 << 14
	maxMasks  = 64 << 20 // bytes
)

// frame is a return address on a stack. Equal stacks are one frame.
type frame struct {
	pc     int32
	below  *frame
	least  int32 // bytes to the end of the response, from pc on
	depth  int32
	id     uint32
	inside int32 // epoch
}

// thread is one way to have read the text so far: the instruction that reads
// the next byte, and the stack below its rule.
type thread struct {
	pc    int32
	below *frame
}

// state is the set of ways to have read the text so far.
type state struct {
	threads []thread
	accepts bool
	least   int32    // bytes that complete the response
	next    []*state // by class of bytes; nil where not known, dead where there is none
	epoch   int32

	mask        []uint64 // tokens that may come, nil where not known
	levels      []level  // them by how near they are to the end, nil where not known
	worst, best int32    // the most and the fewest bytes that complete the response after one of them
}

// level is tokens after which so many bytes complete the response.
type level struct {
	least  int32
	tokens []int32
}

// dead is where nothing can follow.
var dead = &state{}

// Automaton is a grammar over the tokens of a vocabulary. It remembers what it
// found out, and may be shared by goroutines.
type Automaton struct {
	grammar *Grammar
	vocab   *Vocabulary

	mu     sync.Mutex
	epoch  int32 // of states and frames that are found again
	states map[string]*state
	frames map[frameKey]*frame
	masks  int // bytes
	work   int // left for this set of tokens
	key    []byte
	todo   []thread
	seen   map[thread]bool
}

type frameKey struct {
	pc    int32
	below *frame
}

// New returns the automaton of a grammar over a vocabulary.
func New(g *Grammar, v *Vocabulary) *Automaton {
	a := &Automaton{grammar: g, vocab: v, seen: map[thread]bool{}}
	a.forget()
	return a
}

// forget begins anew. States and frames from before go on to work, but are not
// found again.
func (a *Automaton) forget() {
	a.epoch++
	a.states, a.frames, a.masks = map[string]*state{}, map[frameKey]*frame{}, 0
}

// begin opens a piece of work with a state, which may be of an earlier epoch.
func (a *Automaton) begin(s *state) (*state, error) {
	a.work = maxWork
	if len(a.states) > maxStates || a.masks > maxMasks {
		a.forget()
	}
	if s == nil {
		return a.close(func() { a.push(a.grammar.start[a.grammar.root], nil) })
	}
	if s.epoch == a.epoch || s == dead {
		return s, nil
	}
	return a.close(func() {
		for _, t := range s.threads {
			a.push(t.pc, a.renew(t.below))
		}
		if s.accepts {
			a.push(0, nil)
		}
	})
}

// renew is a stack of an earlier epoch in this one.
func (a *Automaton) renew(f *frame) *frame {
	if f == nil || f.inside == a.epoch {
		return f
	}
	return a.frame(f.pc, a.renew(f.below))
}

// frame is the one frame of a return address upon a stack.
func (a *Automaton) frame(pc int32, below *frame) *frame {
	key := frameKey{pc, below}
	f, ok := a.frames[key]
	if !ok {
		f = &frame{pc: pc, below: below, least: a.grammar.least[pc], id: uint32(len(a.frames) + 1), inside: a.epoch}
		if below != nil {
			f.depth = below.depth + 1
			f.least = min(f.least+below.least, farthest)
		}
		a.frames[key] = f
	}
	return f
}

func (a *Automaton) push(pc int32, below *frame) {
	if t := (thread{pc, below}); a.grammar.least[pc] != neverEnds && !a.seen[t] {
		a.seen[t] = true
		a.todo = append(a.todo, t)
	}
}

// close is the state of the threads that seed pushes, followed up to where they
// read a byte.
func (a *Automaton) close(seed func()) (*state, error) {
	if clear(a.seen); cap(a.todo) > 1024 {
		a.seen, a.todo = map[thread]bool{}, nil
	}
	a.todo = a.todo[:0]
	seed()
	s := &state{least: neverEnds, epoch: a.epoch}
	for len(a.todo) > 0 {
		if a.work--; a.work < 0 {
			return nil, &LimitError{"instructions for the next token: it is too ambiguous", maxWork}
		}
		t := a.todo[len(a.todo)-1]
		a.todo = a.todo[:len(a.todo)-1]
		switch i := a.grammar.code[t.pc]; i.op {
		case opByte:
			s.threads = append(s.threads, t)
			least := a.grammar.least[t.pc]
			if t.below != nil {
				least += t.below.least
			}
			s.least = min(s.least, least)
		case opSplit:
			for _, pc := range i.targets {
				a.push(pc, t.below)
			}
		case opCall:
			below := t.below
			if i.next != 0 { // else it returns where this rule does
				if below != nil && below.depth >= maxDepth {
					continue
				}
				if a.grammar.least[i.next] == neverEnds {
					continue
				}
				below = a.frame(i.next, below)
			}
			a.push(a.grammar.start[i.rule], below)
		case opReturn:
			if t.below == nil {
				s.accepts, s.least = true, 0
			} else {
				a.push(t.below.pc, t.below.below)
			}
		}
	}
	return a.intern(s), nil
}

// intern returns the state that is equal to s and was found before, or s.
func (a *Automaton) intern(s *state) *state {
	if len(s.threads) == 0 && !s.accepts {
		return dead
	}
	slices.SortFunc(s.threads, func(x, y thread) int {
		return cmp.Or(cmp.Compare(x.pc, y.pc), cmp.Compare(x.below.number(), y.below.number()))
	})
	a.key = a.key[:0]
	if s.accepts {
		a.key = append(a.key, 1)
	}
	for _, t := range s.threads {
		a.key = binary.LittleEndian.AppendUint32(a.key, uint32(t.pc))
		a.key = binary.LittleEndian.AppendUint64(a.key, t.below.number())
	}
	if known, ok := a.states[string(a.key)]; ok {
		return known
	}
	s.next = make([]*state, len(a.grammar.first))
	a.states[string(a.key)] = s
	return s
}

// number identifies a frame among all, those of earlier epochs too.
func (f *frame) number() uint64 {
	if f == nil {
		return 0
	}
	return uint64(f.inside)<<32 | uint64(f.id)
}

// after is the state after a byte.
func (a *Automaton) after(s *state, b byte) (*state, error) {
	class := a.grammar.class[b]
	if s == dead {
		return dead, nil
	}
	if next := s.next[class]; next != nil {
		return next, nil
	}
	next, err := a.close(func() {
		for _, t := range s.threads {
			if i := a.grammar.code[t.pc]; b >= i.lo && b <= i.hi {
				a.push(i.next, t.below)
			}
		}
	})
	if err == nil {
		s.next[class] = next
	}
	return next, err
}

// read is the state after the bytes of a token.
func (a *Automaton) read(s *state, bytes []byte) (*state, error) {
	var err error
	for _, b := range bytes {
		if s, err = a.after(s, b); err != nil || s == dead {
			return dead, err
		}
	}
	return s, nil
}

// walk calls f with each token that may come in a state, those that end a response
// left out, and the state after it.
func (a *Automaton) walk(s *state, f func(token int32, to *state)) error {
	t := &a.vocab.tree
	path := make([]*state, t.deepest+1)
	path[0] = s
	for i := 0; i < len(t.bytes); {
		d := t.depth[i]
		next, err := a.after(path[d], t.bytes[i])
		if err != nil {
			return err
		}
		if next == dead {
			i = int(t.skip[i])
			continue
		}
		path[d+1] = next
		for _, token := range t.tokens[t.first[i]:t.first[i+1]] {
			f(token, next)
		}
		i++
	}
	return nil
}

// find fills in the mask of a state.
func (a *Automaton) find(s *state) error {
	mask := make([]uint64, (a.vocab.size+63)/64)
	s.worst, s.best = 0, neverEnds
	err := a.walk(s, func(token int32, to *state) {
		mask[token/64] |= 1 << (token % 64)
		s.worst, s.best = max(s.worst, to.least), min(s.best, to.least)
	})
	if err != nil {
		return err
	}
	if s.accepts {
		for _, end := range a.vocab.ends {
			mask[end/64] |= 1 << (end % 64)
		}
	}
	s.mask = mask
	a.masks += 8 * len(mask)
	return nil
}

// rank fills in the levels of a state.
func (a *Automaton) rank(s *state) error {
	at := map[int32]int{}
	var levels []level
	err := a.walk(s, func(token int32, to *state) {
		i, ok := at[to.least]
		if !ok {
			i = len(levels)
			at[to.least] = i
			levels = append(levels, level{least: to.least})
		}
		levels[i].tokens = append(levels[i].tokens, token)
		a.masks += 4
	})
	if err == nil {
		s.levels = levels
	}
	return err
}
