package text

import "unicode/utf8"

// char is what encoding needs to know of a character.
type char struct {
	id    int32 // of the token that is this character, plus 1; 0 without one
	leads bool  // stands before another character in some piece
	trail bool  // stands behind another character in some piece
}

// charTable maps every character to its [char], in pages of 256 because the characters of a vocabulary lie in a few
// blocks. A lookup costs two loads and no hashing.
type charTable struct {
	page  [(utf8.MaxRune + 1) >> 8]uint16 // index in pages, plus 1; 0 where no character is known
	pages [][256]char
}

func (c *charTable) get(r rune) char {
	p := c.page[r>>8]
	if p == 0 {
		return char{}
	}
	return c.pages[p-1][r&0xFF]
}

func (c *charTable) at(r rune) *char {
	p := c.page[r>>8]
	if p == 0 {
		c.pages = append(c.pages, [256]char{})
		p = uint16(len(c.pages))
		c.page[r>>8] = p
	}
	return &c.pages[p-1][r&0xFF]
}

// add enters the characters of a piece of valid UTF-8.
func (c *charTable) add(piece string, id int32) {
	for i, r := range piece {
		n := utf8.RuneLen(r)
		char := c.at(r)
		if n == len(piece) {
			char.id = id + 1
			return
		}
		if i+n < len(piece) {
			char.leads = true
		}
		if i > 0 {
			char.trail = true
		}
	}
}
