package text

import (
	"sync"
	"unicode"
	"unicode/utf8"
)

// category is a set of general categories of Unicode characters, those that the pre-splitters of tokenizers ask for.
type category uint16

const (
	upper       category = 1 << iota // Lu
	lower                            // Ll
	title                            // Lt
	modifier                         // Lm
	otherLetter                      // Lo
	mark                             // M
	number                           // N
	decimal                          // Nd, which is of N too
	punctuation                      // P
	symbolic                         // S
	whitespace                       // the property White_Space
	anyLetter   = upper | lower | title | modifier | otherLetter
)

// categoryNames are the names of categories in a pattern: \p{L}.
var categoryNames = map[string]category{
	"L": anyLetter, "Lu": upper, "Ll": lower, "Lt": title, "Lm": modifier, "Lo": otherLetter,
	"M": mark, "N": number, "Nd": decimal, "P": punctuation, "S": symbolic,
}

// newer are the characters of Unicode 15.1 and 16.0. The regular expressions of Hugging Face's tokenizers are of 16.0,
// package unicode of Go 1.26 of 15.0. They were found by asking the former for the class of every character.
var newer = map[category][][2]rune{
	upper:    {{0x1C89, 0x1C89}, {0xA7CB, 0xA7CC}, {0xA7DA, 0xA7DA}, {0xA7DC, 0xA7DC}, {0x10D50, 0x10D65}},
	lower:    {{0x1C8A, 0x1C8A}, {0xA7CD, 0xA7CD}, {0xA7DB, 0xA7DB}, {0x10D70, 0x10D85}},
	modifier: {{0x10D4E, 0x10D4E}, {0x10D6F, 0x10D6F}, {0x16D40, 0x16D42}, {0x16D6B, 0x16D6C}},
	otherLetter: {
		{0x105C0, 0x105F3}, {0x10D4A, 0x10D4D}, {0x10D4F, 0x10D4F}, {0x10EC2, 0x10EC4}, {0x11380, 0x11389},
		{0x1138B, 0x1138B}, {0x1138E, 0x1138E}, {0x11390, 0x113B5}, {0x113B7, 0x113B7}, {0x113D1, 0x113D1},
		{0x113D3, 0x113D3}, {0x11BC0, 0x11BE0}, {0x13460, 0x143FA}, {0x16100, 0x1611D}, {0x16D43, 0x16D6A},
		{0x18CFF, 0x18CFF}, {0x1E5D0, 0x1E5ED}, {0x1E5F0, 0x1E5F0}, {0x2EBF0, 0x2EE5D},
	},
	mark: {
		{0x897, 0x897}, {0x10D69, 0x10D6D}, {0x10EFC, 0x10EFC}, {0x113B8, 0x113C0}, {0x113C2, 0x113C2},
		{0x113C5, 0x113C5}, {0x113C7, 0x113CA}, {0x113CC, 0x113D0}, {0x113D2, 0x113D2}, {0x113E1, 0x113E2},
		{0x11F5A, 0x11F5A}, {0x1611E, 0x1612F}, {0x1E5EE, 0x1E5EF},
	},
	number | decimal: {
		{0x10D40, 0x10D49}, {0x116D0, 0x116E3}, {0x11BF0, 0x11BF9}, {0x16130, 0x16139}, {0x16D70, 0x16D79},
		{0x1CCF0, 0x1CCF9}, {0x1E5F1, 0x1E5FA},
	},
	punctuation: {
		{0x1B4E, 0x1B4F}, {0x1B7F, 0x1B7F}, {0x10D6E, 0x10D6E}, {0x113D4, 0x113D5}, {0x113D7, 0x113D8},
		{0x11BE1, 0x11BE1}, {0x16D6D, 0x16D6F}, {0x1E5FF, 0x1E5FF},
	},
	symbolic: {
		{0x2427, 0x2429}, {0x2FFC, 0x2FFF}, {0x31E4, 0x31E5}, {0x31EF, 0x31EF}, {0x10D8E, 0x10D8F},
		{0x1CC00, 0x1CCEF}, {0x1CD00, 0x1CEB3}, {0x1F8B2, 0x1F8BB}, {0x1F8C0, 0x1F8C1}, {0x1FA89, 0x1FA89},
		{0x1FA8F, 0x1FA8F}, {0x1FABE, 0x1FABE}, {0x1FAC6, 0x1FAC6}, {0x1FADC, 0x1FADC}, {0x1FADF, 0x1FADF},
		{0x1FAE9, 0x1FAE9}, {0x1FBCB, 0x1FBEF},
	},
}

// categories maps every character to its category and white space, in pages as [charTable] has them.
type categories struct {
	page  [(utf8.MaxRune + 1) >> 8]uint16
	pages [][256]category
}

// categoryTable is made when a tokenizer first asks for it: most programs have none with a pre-splitter.
var categoryTable = sync.OnceValue(func() *categories {
	t := &categories{pages: make([][256]category, 1)} // page 0 is of characters without a category
	for c, table := range map[category]*unicode.RangeTable{
		upper: unicode.Lu, lower: unicode.Ll, title: unicode.Lt, modifier: unicode.Lm, otherLetter: unicode.Lo,
		mark: unicode.M, number: unicode.N, decimal: unicode.Nd, punctuation: unicode.P, symbolic: unicode.S,
		whitespace: unicode.White_Space,
	} {
		for _, r := range table.R16 {
			t.add(c, rune(r.Lo), rune(r.Hi), rune(r.Stride))
		}
		for _, r := range table.R32 {
			t.add(c, rune(r.Lo), rune(r.Hi), rune(r.Stride))
		}
	}
	for c, ranges := range newer {
		for _, r := range ranges {
			t.add(c, r[0], r[1], 1)
		}
	}
	return t
})

func (t *categories) add(c category, lo, hi, stride rune) {
	for r := lo; r <= hi; r += stride {
		p := &t.page[r>>8]
		if *p == 0 {
			*p = uint16(len(t.pages))
			t.pages = append(t.pages, [256]category{})
		}
		t.pages[*p][r&0xFF] |= c
	}
}

func (t *categories) of(r rune) category { return t.pages[t.page[r>>8]][r&0xFF] }
