package text

import (
	"math"
	"math/bits"
	"unicode/utf8"
)

// tired is returned where backtracking costs more than it should, as the pattern of a hostile file can make it.
const tired = none - 1

// patience is what a text may cost before that. The patterns of the families stay far below.
func patience(s string) int { return 1024 + 16*len(s) }

// inVain counts tries that failed.
func inVain(left *int, tries int) int {
	if *left -= tries; *left < 0 {
		return tired
	}
	return none
}

// careful matches as [pattern] does, and remembers what failed. Whether a node matches at a place depends on nothing
// else, so that one that failed there need not be tried there again. As no group repeats, and counts and what a look
// ahead sees have bounds, the work is then proportional to the length of the text at most, and the memory, too: a bit
// for each node and place.
type careful struct {
	p      *pattern
	s      string
	failed []uint64
}

func newCareful(p *pattern, s string) *careful {
	return &careful{p, s, make([]uint64, p.branchings*(len(s)+1)/64+1)}
}

// first is [pattern.match].
func (c *careful) first(i int) int {
	for set := c.p.first[min(c.s[i], utf8.RuneSelf)]; set != 0; set &= set - 1 {
		if end := c.match(c.p.alternatives[bits.TrailingZeros64(set)], i); end > i {
			return end
		}
	}
	return none
}

func (c *careful) match(n *node, i int) int {
	for {
		switch n.op {
		case opEnd:
			return i
		case opAhead:
			if (c.match(n.alternatives[0], i) != none) == n.negative {
				return none
			}
			n = n.next
		case opChoice:
			if c.knows(n, i) {
				return none
			}
			for _, a := range n.alternatives {
				if end := c.match(a, i); end != none {
					return end
				}
			}
			c.note(n, i)
			return none
		case opClass:
			return c.matchClass(n, i)
		}
	}
}

// matchClass gives back as little as need be, as ever.
//
// A repetition without end that failed at a place has tried all ends up to that of the run of its characters, and will
// fail at each further place of that run: what it can try from there is a part of that. So all tries together go over a
// run once.
func (c *careful) matchClass(n *node, start int) int {
	if c.knows(n, start) {
		return none
	}
	i, count, most := start, 0, n.max
	for i < len(c.s) && count < most {
		size := n.class.length(c.s[i:])
		if size == 0 {
			break
		}
		if count > 0 && most == math.MaxInt && c.knows(n, i) {
			// From here on, everything behind the least that it takes has been tried.
			if n.possessive {
				c.noteRun(n, start, i)
				return none
			}
			if most = count + n.min - 1; most < count {
				i, count = c.back(start, i), most
			}
			continue
		}
		i, count = i+size, count+1
	}
	end := i
	for ; count >= n.min; count-- {
		if found := c.match(n.next, i); found != none {
			return found
		}
		if n.possessive {
			break
		}
		i = c.back(start, i)
	}
	if n.max < math.MaxInt {
		end = start
	}
	c.noteRun(n, start, end)
	return none
}

// back is where the character before i begins, or start.
func (c *careful) back(start, i int) int {
	_, size := utf8.DecodeLastRuneInString(c.s[start:i])
	return i - size
}

func (c *careful) bit(n *node, i int) (word, bit int) {
	k := (n.number-1)*(len(c.s)+1) + i
	return k / 64, k % 64
}

// knows tells whether a node failed at a place before.
func (c *careful) knows(n *node, i int) bool {
	if n.number == 0 {
		return false
	}
	word, bit := c.bit(n, i)
	return c.failed[word]>>bit&1 == 1
}

func (c *careful) note(n *node, i int) {
	if n.number > 0 {
		word, bit := c.bit(n, i)
		c.failed[word] |= 1 << bit
	}
}

// noteRun notes that a node fails at each character from start to end.
func (c *careful) noteRun(n *node, start, end int) {
	for ; start < end; start += runeLen(c.s, start) {
		c.note(n, start)
	}
	c.note(n, end)
}
