package text

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"
)

// class tells which characters may stand together in a piece: those of one class, unless they stand alone.
type class uint8

const (
	alone   class = iota // a token or bytes by itself, always
	letters              // letters and their marks, but for Han
	signs                // punctuation and symbols, but for those used with Han
)

// asciiClass is classOf for the characters that are looked up most.
var asciiClass = func() (table [utf8.RuneSelf]class) {
	for r := range table {
		table[r] = findClass(rune(r))
	}
	return table
}()

func classOf(r rune) class {
	if r < utf8.RuneSelf {
		return asciiClass[r]
	}
	return findClass(r)
}

func findClass(r rune) class {
	switch {
	case r == spaceRune, r == utf8.RuneError, unicode.Is(unicode.Han, r):
		return alone
	case r >= 0x3000 && r <= 0x303F, r >= 0xFF00 && r <= 0xFFEF: // full width: CJK punctuation and forms
		return alone
	case unicode.IsLetter(r), unicode.IsMark(r):
		return letters
	case unicode.IsPunct(r), unicode.IsSymbol(r):
		return signs
	}
	return alone // digits, white space, control characters
}

// counts is what training needs to know of a corpus.
type counts struct {
	chars []int           // of each rune, U+2581 and the newline not counted
	words map[string]*int // of each run of a class, with the space before it if there is one
}

// count splits a corpus into characters and words.
func count(corpus iter.Seq[string]) counts {
	c := counts{make([]int, utf8.MaxRune+1), make(map[string]*int)}
	for s := range corpus {
		c.add(s)
	}
	return c
}

func (c *counts) add(s string) {
	start, run := 0, alone // the word being read, and its class
	for i, r := range s {
		k := classOf(r)
		if k != run || k == alone {
			c.word(s, start, i, run)
			start, run = i, k
		}
		c.chars[r]++
	}
	c.word(s, start, len(s), run)
}

// word counts s[start:end] if it is a run of a class other than alone.
func (c *counts) word(s string, start, end int, run class) {
	if run == alone {
		return
	}
	if start > 0 && s[start-1] == ' ' {
		start--
	}
	w := s[start:end]
	if utf8.RuneCountInString(w) < 2 {
		return
	}
	n := c.words[w]
	if n == nil {
		n = new(int)
		c.words[strings.Clone(w)] = n // a clone, not to hold the whole text in memory
	}
	*n++
}
