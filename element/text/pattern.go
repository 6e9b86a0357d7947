package text

import (
	"math/bits"
	"unicode/utf8"
)

// pattern is a regular expression of a pre-splitter, the part of Oniguruma's language that the families of models use:
// alternatives of classes that may repeat, groups that may be left out, and a look ahead. Package regexp knows no look
// ahead. Matching backtracks, so that the first alternative that fits is taken, as in the references; it allocates nothing,
// unless it takes so long that it has to be [careful].
type pattern struct {
	alternatives []*node
	branchings   int                       // nodes with a number
	first        [utf8.RuneSelf + 1]uint64 // which can begin with a character of ASCII; the last: with another
}

type operation uint8

const (
	opEnd    operation = iota // all has matched
	opClass                   // min to max characters of a class, as many as possible
	opChoice                  // the first of several that fits with all that follows
	opAhead                   // what follows must match, or must not
)

// node is a step of matching. Alternatives of a choice lead to what follows the choice by themselves.
type node struct {
	op           operation
	number       int // from 1 on of a node that can be left in several ways
	class        *charSet
	min, max     int
	possessive   bool // gives nothing back
	negative     bool
	alternatives []*node
	next         *node
}

// match returns where the first match that begins at i ends, or none. It is never empty. What is tried in vain is counted
// off left; when that is used up, it returns tired.
func (p *pattern) match(s string, i int, left *int) int {
	c := min(s[i], utf8.RuneSelf)
	for set := p.first[c]; set != 0; set &= set - 1 {
		if end := p.alternatives[bits.TrailingZeros64(set)].match(s, i, left); end > i || end == tired {
			return end
		}
	}
	return none
}

func (n *node) match(s string, i int, left *int) int {
	for {
		switch n.op {
		case opEnd:
			return i
		case opAhead:
			end := n.alternatives[0].match(s, i, left)
			if end == tired {
				return tired
			}
			if (end != none) == n.negative {
				return none
			}
			n = n.next
		case opChoice:
			for _, a := range n.alternatives {
				if end := a.match(s, i, left); end != none {
					return end
				}
			}
			return inVain(left, 1)
		case opClass:
			return n.matchClass(s, i, left)
		}
	}
}

func (n *node) matchClass(s string, i int, left *int) int {
	start, count := i, 0
	for i < len(s) && count < n.max {
		size := n.class.length(s[i:])
		if size == 0 {
			break
		}
		i += size
		count++
	}
	if count < n.min {
		return none
	}
	for {
		if end := n.next.match(s, i, left); end != none || count == n.min {
			return end
		}
		if n.possessive {
			return inVain(left, count)
		}
		if inVain(left, 1) == tired {
			return tired
		}
		_, size := utf8.DecodeLastRuneInString(s[start:i])
		i -= size
		count--
	}
}

// canBegin tells whether a match may begin with a character of ASCII, or for r < 0 with some other. Choices that cannot
// are remembered in never: many ways may lead to one.
func (n *node) canBegin(r rune, never map[*node]bool) bool {
	switch n.op {
	case opClass:
		if r < 0 && n.class.others() || r >= 0 && n.class.ascii[r] {
			return true
		}
		return n.min == 0 && n.next.canBegin(r, never)
	case opChoice:
		if never[n] {
			return false
		}
		for _, a := range n.alternatives {
			if a.canBegin(r, never) {
				return true
			}
		}
		never[n] = true
		return false
	}
	return true
}

// charSet is a class of characters: those of categories and of ranges, or all but these.
type charSet struct {
	ascii      [utf8.RuneSelf]bool // the answer for ASCII
	table      *categories
	categories category
	ranges     [][2]rune
	negated    bool
}

// length is how many bytes the character has that s begins with if it is in the class, else 0.
func (c *charSet) length(s string) int {
	if b := s[0]; b < utf8.RuneSelf {
		if c.ascii[b] {
			return 1
		}
		return 0
	}
	if r, size := utf8.DecodeRuneInString(s); c.has(r) {
		return size
	}
	return 0
}

// has tells whether a character beyond ASCII is in the class.
func (c *charSet) has(r rune) bool {
	if c.table.of(r)&c.categories != 0 {
		return !c.negated
	}
	for _, g := range c.ranges {
		if g[0] <= r && r <= g[1] {
			return !c.negated
		}
	}
	return c.negated
}

// others tells whether the class can have characters beyond ASCII.
func (c *charSet) others() bool {
	if c.negated || c.categories != 0 {
		return true
	}
	for _, g := range c.ranges {
		if g[1] >= utf8.RuneSelf {
			return true
		}
	}
	return false
}

// settle computes the answers for ASCII.
func (c *charSet) settle() {
	c.table = categoryTable()
	for r := range c.ascii {
		c.ascii[r] = c.has(rune(r))
	}
}
