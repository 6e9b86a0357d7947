package strategy

import (
	"fmt"
	"slices"
)

// positions says what may stand in each slot of a response for the whole to be a
// sentence of a finite automaton, given the slots that are known: what leads from
// a state that the slots before can end in to one from which the slots behind can
// be completed.
type positions struct {
	accepts []bool
	edges   [][]Edge // END leads from what accepts to the last state
	ended   int
	vocab   int
	end     int32
	reach   [][]bool // (slots+1, states): after so many slots
	finish  [][]bool // (slots+1, states): from where the slots behind can be completed
	mask    []uint64
}

// newPositions leaves out the banned tokens.
func newPositions(a *Automaton, vocab, end int, banned []int) *positions {
	p := &positions{ended: len(a.Edges), vocab: vocab, end: int32(end), mask: make([]uint64, maskWords(vocab))}
	p.accepts = append(slices.Clone(a.Accepts), true)
	for s, list := range a.Edges {
		edges := make([]Edge, 0, len(list)+1)
		for _, e := range list {
			if slices.ContainsFunc(banned, func(t int) bool { _, found := slices.BinarySearch(e.Tokens, int32(t)); return found }) {
				e.Tokens = slices.DeleteFunc(slices.Clone(e.Tokens), func(t int32) bool { return slices.Contains(banned, int(t)) })
			}
			if len(e.Tokens) > 0 {
				edges = append(edges, e)
			}
		}
		if a.Accepts[s] {
			edges = append(edges, Edge{p.ended, []int32{p.end}})
		}
		p.edges = append(p.edges, edges)
	}
	p.edges = append(p.edges, nil)
	return p
}

// open says whether the length is not known yet, so that END may stand in more
// slots than the last: all behind the first are END, too.
func (p *positions) open(open bool) {
	if p.edges[p.ended] = nil; open {
		p.edges[p.ended] = []Edge{{p.ended, []int32{p.end}}}
	}
}

// grow makes room for n slots.
func (p *positions) grow(n int) {
	for len(p.reach) <= n {
		p.reach = append(p.reach, make([]bool, len(p.edges)))
		p.finish = append(p.finish, make([]bool, len(p.edges)))
	}
}

func (e *Edge) takes(token int) bool {
	if token < 0 {
		return true
	}
	_, found := slices.BinarySearch(e.Tokens, int32(token))
	return found
}

// forward finds reach for slots, -1 where unknown.
func (p *positions) forward(slots []int) {
	p.grow(len(slots))
	clear(p.reach[0])
	p.reach[0][0] = true
	for i, token := range slots {
		clear(p.reach[i+1])
		for s, from := range p.reach[i] {
			if !from {
				continue
			}
			for k := range p.edges[s] {
				if e := &p.edges[s][k]; e.takes(token) {
					p.reach[i+1][e.To] = true
				}
			}
		}
	}
}

// know finds both for slots. It fails if no sentence fits them.
func (p *positions) know(slots []int) error {
	p.forward(slots)
	n := len(slots)
	copy(p.finish[n], p.accepts)
	for i := n - 1; i >= 0; i-- {
		for s := range p.edges {
			p.finish[i][s] = slices.ContainsFunc(p.edges[s], func(e Edge) bool { return p.finish[i+1][e.To] && e.takes(slots[i]) })
		}
	}
	if !p.finish[0][0] {
		return fmt.Errorf("no response of %d slots, END counted, fits the grammar and the tokens given", n)
	}
	return nil
}

// allowed is what may stand in an open slot, valid until the next call.
func (p *positions) allowed(slot int) []uint64 {
	clear(p.mask)
	for s, from := range p.reach[slot] {
		if !from {
			continue
		}
		for _, e := range p.edges[s] {
			if !p.finish[slot+1][e.To] {
				continue
			}
			for _, t := range e.Tokens {
				p.mask[t/64] |= 1 << (t % 64)
			}
		}
	}
	return p.mask
}

// lengths are the numbers of slots, END counted, up to most, that a sentence can
// have.
func (p *positions) lengths(most int) []bool {
	p.forward(slices.Repeat([]int{-1}, most))
	out := make([]bool, most+1)
	for n := 1; n <= most; n++ {
		for s, can := range p.reach[n-1] {
			out[n] = out[n] || can && s != p.ended && p.accepts[s]
		}
	}
	return out
}

func has(mask []uint64, token int) bool { return mask[token/64]>>(token%64)&1 == 1 }
