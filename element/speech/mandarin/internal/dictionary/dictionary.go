// Package dictionary is the form of the embedded dictionary of words and
// characters: [Encode] writes it, [Decode] reads it and [Dictionary] answers
// what the segmentation asks.
//
// The words stand in the order of their characters, each without what it shares
// with the one before. Each property has a stretch of bytes to itself, which
// compresses better than records do.
package dictionary

import (
	"fmt"
	"slices"
)

// Char is what is known of a character.
type Char struct {
	Rune rune
	// Readings are the syllables that the character has in any word; alone it is
	// read as the first.
	Readings []string
	// Cost and Class are those of the character as a word by itself.
	Cost, Class byte
	// Forms are the simplified characters that this one can stand for, none where
	// it is its own.
	Forms []rune
	// Own is set where the simplified form has readings that this character does
	// not: Readings then limits those of words.
	Own bool
}

// Word is a word of two or more characters.
type Word struct {
	Text     string
	Readings []string // a syllable for each character
	// Cost is the negative logarithm of how frequent the word is, in tenths.
	Cost byte
	// Class is the part of speech in a letter: n, v, a, d (adverb), r (pronoun),
	// m (numeral), q (measure), p, c, u (particle), f (place), t (time), i (idiom)
	// or x.
	Class byte
}

// Dictionary is a decoded dictionary.
type Dictionary struct {
	chars []Char // by rune
	index map[rune]uint16

	// first[c] is the first word that starts with chars[c].
	first []uint32
	// start[w] is where word w starts in text and readings.
	start    []uint32
	text     []uint16 // indices into chars
	readings []byte   // indices into the Readings of the character
	costs    []byte
	classes  []byte
}

// Char finds a character.
func (d *Dictionary) Char(r rune) (*Char, bool) {
	i, ok := d.index[r]
	if !ok {
		return nil, false
	}
	return &d.chars[i], true
}

// Prefix is the words that begin with certain characters.
type Prefix struct {
	low, high uint32 // of the words
	length    uint32
	char      uint16 // the only character, where length is 1
}

// Start is the words that begin with a character.
func (d *Dictionary) Start(r rune) (Prefix, bool) {
	c, ok := d.index[r]
	if !ok {
		return Prefix{}, false
	}
	return Prefix{d.first[c], d.first[c+1], 1, c}, true
}

// Next is the words of p that go on with r; none is false.
func (d *Dictionary) Next(p Prefix, r rune) (Prefix, bool) {
	c, ok := d.index[r]
	if !ok {
		return Prefix{}, false
	}
	low := p.low + d.search(p, int(c))
	high := p.low + d.search(p, int(c)+1)
	return Prefix{low, high, p.length + 1, 0}, low < high
}

// search counts the words of p whose next character is before c.
func (d *Dictionary) search(p Prefix, c int) uint32 {
	low, high := p.low, p.high
	for low < high {
		mid := (low + high) / 2
		next := -1 // the word ends here
		if at := d.start[mid] + p.length; at < d.start[mid+1] {
			next = int(d.text[at])
		}
		if next < c {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low - p.low
}

// Found is a word of the dictionary.
type Found struct {
	d    *Dictionary
	word uint32
}

// Word is the word that consists of just the characters of p.
func (d *Dictionary) Word(p Prefix) (Found, bool) {
	if p.length < 2 || p.low >= p.high || d.start[p.low+1]-d.start[p.low] != p.length {
		return Found{}, false
	}
	return Found{d, p.low}, true
}

// Cost is that of [Word].
func (f Found) Cost() byte { return f.d.costs[f.word] }

// Class is that of [Word].
func (f Found) Class() byte { return f.d.classes[f.word] }

// Reading is the syllable of the character at i.
func (f Found) Reading(i int) string {
	at := f.d.start[f.word] + uint32(i)
	return f.d.chars[f.d.text[at]].Readings[f.d.readings[at]]
}

// Lookup finds a word of two or more characters by its text.
func (d *Dictionary) Lookup(text []rune) (Found, bool) {
	if len(text) < 2 {
		return Found{}, false
	}
	p, ok := d.Start(text[0])
	for _, r := range text[1:] {
		if !ok {
			return Found{}, false
		}
		p, ok = d.Next(p, r)
	}
	if !ok {
		return Found{}, false
	}
	return d.Word(p)
}

// New makes a dictionary of characters and words. Every character of a word must
// be among the characters, with the reading that it has there.
func New(chars []Char, words []Word) (*Dictionary, error) {
	d := &Dictionary{chars: slices.Clone(chars)}
	slices.SortFunc(d.chars, func(a, b Char) int { return int(a.Rune - b.Rune) })
	if err := d.indexChars(); err != nil {
		return nil, err
	}
	words = slices.Clone(words)
	slices.SortFunc(words, func(a, b Word) int { return slices.Compare([]rune(a.Text), []rune(b.Text)) })
	for i, w := range words {
		if i > 0 && words[i-1].Text == w.Text {
			return nil, fmt.Errorf("the word %s is there twice", w.Text)
		}
		if err := d.add(w); err != nil {
			return nil, fmt.Errorf("the word %s: %w", w.Text, err)
		}
	}
	d.finish()
	return d, nil
}

func (d *Dictionary) indexChars() error {
	d.index = make(map[rune]uint16, len(d.chars))
	for i, c := range d.chars {
		if len(c.Readings) == 0 || len(c.Readings) > 256 {
			return fmt.Errorf("the character %c has %d readings", c.Rune, len(c.Readings))
		}
		d.index[c.Rune] = uint16(i)
	}
	if len(d.index) != len(d.chars) || len(d.chars) > 1<<16-1 {
		return fmt.Errorf("%d characters, %d different", len(d.chars), len(d.index))
	}
	return nil
}

func (d *Dictionary) add(w Word) error {
	text := []rune(w.Text)
	if len(text) < 2 || len(text) > 255 || len(text) != len(w.Readings) {
		return fmt.Errorf("%d characters and %d syllables", len(text), len(w.Readings))
	}
	d.start = append(d.start, uint32(len(d.text)))
	for i, r := range text {
		c, ok := d.index[r]
		if !ok {
			return fmt.Errorf("the character %c is not known", r)
		}
		k := slices.Index(d.chars[c].Readings, w.Readings[i])
		if k < 0 {
			return fmt.Errorf("the character %c has no reading %s", r, w.Readings[i])
		}
		d.text, d.readings = append(d.text, c), append(d.readings, byte(k))
	}
	d.costs, d.classes = append(d.costs, w.Cost), append(d.classes, w.Class)
	return nil
}

// finish ends start and fills first.
func (d *Dictionary) finish() {
	d.start = append(d.start, uint32(len(d.text)))
	d.first = make([]uint32, len(d.chars)+1)
	for _, at := range d.start[:len(d.costs)] {
		d.first[d.text[at]+1]++
	}
	for i := range d.chars {
		d.first[i+1] += d.first[i]
	}
}
