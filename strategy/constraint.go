package strategy

import (
	"fmt"
	"slices"
)

// Constraint says what may stand where in a response. Slots count from 0 at
// the first element of the response, END takes one.
type Constraint struct {
	// Fixed gives tokens at known slots (fill-in). ar can keep to those that
	// nothing open precedes, since it draws without looking ahead.
	Fixed map[int]int
	// Banned tokens are never produced; the caller may still give them.
	Banned []int
	// LineStarts gives the first token of each line (acrostic, 藏頭詩), -1 for
	// a line that may begin as it likes. ar places each after the Newline that
	// it drew, and does not end before the last is used. nar and refine need
	// Lines, to know where lines begin.
	LineStarts []int
	// Newline is the token between lines; used with LineStarts and Lines only.
	Newline int
	// Lines gives the number of elements of each line, which fixes the form:
	// Newline stands between lines, END after the last, and neither elsewhere.
	// The length is known then, and neither predicted nor asked for.
	Lines []int
	// Allow, if not nil, returns the only tokens that may be drawn for a slot
	// given the response so far (-1 where unknown), or nil for any. It is
	// asked about each slot that a pass draws, must not change its argument,
	// and has to return the same for the same arguments. Where Lines or Length
	// say where END stands, it stands there unasked.
	Allow func(slot int, sofar []int) []int
	// Grammar, if not nil, is what the whole response has to be a sentence of.
	// ar keeps to it token by token and, near the most elements it may make, to
	// what can still be completed. nar and refine need a grammar with few
	// states ([Grammar.Automaton]): they draw for each slot what the slots known
	// on either side leave possible, and look again after each they commit, so
	// that the finished response is always a sentence.
	Grammar Grammar
}

// check looks at everything that does not depend on the length.
func (c *Constraint) check(vocab, end int) error {
	for _, slot := range sortedSlots(c.Fixed) {
		if slot < 0 {
			return badOption("fixed", fmt.Sprintf("slot %d", slot), "0 or more")
		}
		if err := checkToken(fmt.Sprintf("fixed[%d]", slot), c.Fixed[slot], vocab); err != nil {
			return err
		}
	}
	for _, t := range c.Banned {
		if err := checkToken("banned", t, vocab); err != nil {
			return err
		}
	}
	for i, t := range c.LineStarts {
		if t == -1 {
			continue
		}
		if err := checkToken(fmt.Sprintf("line-starts[%d]", i), t, vocab); err != nil {
			return err
		}
	}
	if len(c.LineStarts) > 0 || len(c.Lines) > 0 {
		if err := checkToken("newline", c.Newline, vocab); err != nil {
			return err
		}
		if c.Newline == end {
			return badOption("newline", c.Newline, "a token other than END")
		}
	}
	for i, n := range c.Lines {
		if n < 1 || n > 1<<20 {
			return badOption(fmt.Sprintf("lines[%d]", i), n, "1 or more elements")
		}
	}
	if n := len(c.Lines); n > 0 && len(c.LineStarts) > n {
		return badOption("line-starts", fmt.Sprintf("%d lines", len(c.LineStarts)), "at most the %d of the form", n)
	}
	return nil
}

// slots is the number of slots that the form or a given END asks for, END
// counted; 0 if neither says.
func (c *Constraint) slots(end int) int {
	n := len(c.Lines) // the newlines between them, and END
	for _, l := range c.Lines {
		n += l
	}
	if n == 0 {
		for _, slot := range sortedSlots(c.Fixed) {
			if c.Fixed[slot] == end {
				return slot + 1
			}
		}
	}
	return n
}

// reach is the fewest slots that hold the given tokens.
func (c *Constraint) reach() int {
	n := 0
	for slot := range c.Fixed {
		n = max(n, slot+1)
	}
	return n
}

// layout returns the tokens of n slots that are known before anything is
// drawn, -1 where open. If ended, END is known to take the last slot.
func (c *Constraint) layout(n int, ended bool, end int) ([]int, error) {
	known := slices.Repeat([]int{-1}, n)
	place := func(slot, token int) error {
		if slot >= n {
			return badOption("fixed", fmt.Sprintf("slot %d", slot), "a slot below %d, the length", n)
		}
		if known[slot] >= 0 && known[slot] != token {
			return badOption(fmt.Sprintf("fixed[%d]", slot), token, "%d, which the form or length puts there", known[slot])
		}
		if len(c.Lines) > 0 && token == c.Newline && known[slot] != token {
			return badOption(fmt.Sprintf("fixed[%d]", slot), "a newline", "an element, by the lengths of the lines")
		}
		known[slot] = token
		return nil
	}
	if n > 0 && len(c.Lines) == 0 && len(c.LineStarts) > 0 {
		known[0] = c.LineStarts[0]
	}
	at := 0
	for i, l := range c.Lines {
		if i < len(c.LineStarts) && c.LineStarts[i] >= 0 {
			known[at] = c.LineStarts[i]
		}
		if at += l; i < len(c.Lines)-1 {
			known[at] = c.Newline
		}
		at++
	}
	if ended {
		known[n-1] = end
	}
	for _, slot := range sortedSlots(c.Fixed) {
		if err := place(slot, c.Fixed[slot]); err != nil {
			return nil, err
		}
	}
	if i := slices.Index(known, end); i >= 0 && i < n-1 {
		return nil, badOption(fmt.Sprintf("fixed[%d]", i), "END", "END at slot %d only, where the response ends", n-1)
	}
	return known, nil
}

// length checks an exact length against what the constraint itself says and
// returns the one that holds; 0 if it is open. most is the most slots.
func (c *Constraint) length(mode LengthMode, end, most int) (int, error) {
	n := c.slots(end)
	if mode > 0 {
		if n > 0 && n != int(mode) {
			return 0, badOption("length", int(mode), "%d slots, as the form or the given END asks", n)
		}
		n = int(mode)
	}
	if n > most {
		return 0, badOption("length", n, "at most %d slots, END counted", most)
	}
	for _, slot := range sortedSlots(c.Fixed) {
		if slot >= most {
			return 0, badOption("fixed", fmt.Sprintf("slot %d", slot), "a slot below %d", most)
		}
	}
	return n, nil
}

// needsForesight says whether a given token follows an open slot, other than
// those that the form or the length puts there by itself.
func (c *Constraint) needsForesight(length, end int, known []int) bool {
	gap := slices.Index(known, -1)
	if gap < 0 {
		return false
	}
	form := *c
	form.Fixed = nil
	structure, _ := form.layout(length, length > 0, end) // without Fixed nothing can clash
	for slot, token := range c.Fixed {
		if slot > gap && (slot >= len(structure) || structure[slot] != token) {
			return true
		}
	}
	return false
}

// sortedSlots is the order in which anything looks at Fixed: that of a map
// would differ from run to run.
func sortedSlots(fixed map[int]int) []int {
	slots := make([]int, 0, len(fixed))
	for s := range fixed {
		slots = append(slots, s)
	}
	slices.Sort(slots)
	return slots
}
