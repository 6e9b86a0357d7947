package mandarin

import (
	_ "embed"
	"slices"
	"strings"
	"sync"

	"github.com/stride-ml/stride/element/speech"
	"github.com/stride-ml/stride/element/speech/mandarin/internal/dictionary"
)

//go:embed dictionary.bin
var dictionaryFile []byte

// words is the embedded dictionary, decoded when it is first needed.
var words = sync.OnceValue(openDictionary)

func openDictionary() *dictionary.Dictionary {
	d, err := dictionary.Decode(dictionaryFile)
	if err != nil {
		panic("mandarin: the embedded dictionary: " + err.Error())
	}
	return d
}

// char is a character of the text: its rune, full-width ones made narrow, and
// where it stands.
type char struct {
	r          rune
	start, end int
}

// kind is what a word was made from.
type kind uint8

const (
	free    kind = iota // the dictionary
	number              // a number that is counted with
	digits              // a number said digit by digit
	fixed               // the user's lexicon
	given               // pinyin in the text
	foreign             // not Mandarin
)

// word is a word as it goes through the rules.
type word struct {
	kind       kind
	text       string // as read
	plain      []rune // as read, in simplified characters
	phones     []string
	class      byte
	start, end int
	rest       speech.Break
}

func (w *word) first() rune { return w.plain[0] }

// is tells whether the word is one of the dictionary that is written so.
func (w *word) is(plain string) bool { return w.kind == free && string(w.plain) == plain }

const (
	// unknown is the cost of a character that the dictionary lacks, or has only as
	// a character and not as a word.
	unknown = 250
	// longest bounds the words of the dictionary, and of a lexicon, in characters.
	longest = 16
)

// step is the best way to reach a place between characters.
type step struct {
	cost int
	word word // the last one; its place and text are set for the best path only
	size int  // its characters
}

// lattice finds the likeliest row of words in a run of Han characters.
type lattice struct {
	d     *dictionary.Dictionary
	user  Lexicon
	chars []char
	best  []step // best[i] is for the place before chars[i]
}

// segment parts Han characters into words and reads each as it is read by itself.
func segment(chars []char, user Lexicon) []word {
	l := lattice{words(), user, chars, make([]step, len(chars)+1)}
	for i := range chars {
		l.single(i)
		l.own(i)
		if c, ok := l.d.Char(chars[i].r); ok {
			for _, form := range forms(c) {
				if p, ok := l.d.Start(form); ok {
					l.grow(i, p, []rune{form})
				}
			}
		}
	}
	return l.path()
}

// forms are the simplified characters that a character can stand for.
func forms(c *dictionary.Char) []rune {
	if len(c.Forms) == 0 {
		return []rune{c.Rune}
	}
	return c.Forms
}

func (l *lattice) offer(from, size, cost int, w word) {
	cost += l.best[from].cost
	if to := &l.best[from+size]; to.size == 0 || cost < to.cost {
		*to = step{cost, w, size}
	}
}

// single offers a character as a word.
func (l *lattice) single(i int) {
	r := l.chars[i].r
	c, ok := l.d.Char(r)
	if !ok {
		l.offer(i, 1, unknown, word{kind: foreign, plain: []rune{r}, class: 'x'})
		return
	}
	plain := forms(c)[0]
	own := c
	if s, ok := l.d.Char(plain); ok {
		c = s
	}
	reading := c.Readings[0]
	if own.Own {
		reading = own.Readings[0]
	}
	l.offer(i, 1, int(c.Cost)+10, word{plain: []rune{plain}, phones: []string{reading}, class: c.Class})
}

// own offers the words of the user's lexicon, which win over all others.
func (l *lattice) own(i int) {
	plain := make([]rune, 0, longest)
	for k := i; k < len(l.chars) && k-i < l.user.longest; k++ {
		plain = append(plain, simplify(l.chars[k].r))
		if phones, ok := l.user.words[string(plain)]; ok {
			l.offer(i, len(plain), 1-unknown*len(plain), word{kind: fixed, plain: plain[:len(plain):len(plain)], phones: slices.Clone(phones), class: 'x'})
		}
	}
}

// simplify is the first simplified form of a character.
func simplify(r rune) rune {
	if c, ok := words().Char(r); ok {
		return forms(c)[0]
	}
	return r
}

// grow offers the words of p, whose characters so far are plain, and those that
// are longer.
func (l *lattice) grow(i int, p dictionary.Prefix, plain []rune) {
	if found, ok := l.d.Word(p); ok {
		if phones, ok := l.read(i, found, len(plain)); ok {
			l.offer(i, len(plain), int(found.Cost()), word{plain: append([]rune(nil), plain...), phones: phones, class: found.Class()})
		}
	}
	next := i + len(plain)
	if next == len(l.chars) {
		return
	}
	c, ok := l.d.Char(l.chars[next].r)
	if !ok {
		return
	}
	for _, form := range forms(c) {
		if q, ok := l.d.Next(p, form); ok {
			l.grow(i, q, append(plain, form))
		}
	}
}

// read gives the syllables of a word, unless a traditional character is never
// read so: 發 is not that of 头发.
func (l *lattice) read(i int, found dictionary.Found, n int) ([]string, bool) {
	phones := make([]string, n)
	for k := range phones {
		phones[k] = found.Reading(k)
		if c, _ := l.d.Char(l.chars[i+k].r); c.Own && !allows(c, phones[k]) {
			return nil, false
		}
	}
	return phones, true
}

// allows tells whether a character is read so, be it without its tone.
func allows(c *dictionary.Char, syllable string) bool {
	for _, own := range c.Readings {
		base, tone := cutTone(syllable)
		ownBase, ownTone := cutTone(own)
		if base == ownBase && (tone == ownTone || tone == 5 || ownTone == 5) {
			return true
		}
	}
	return false
}

// path is the words of the best way to the end.
func (l *lattice) path() []word {
	var out []word
	for end := len(l.chars); end > 0; {
		s := l.best[end]
		chars := l.chars[end-s.size : end]
		w := s.word
		w.start, w.end = chars[0].start, chars[len(chars)-1].end
		var text strings.Builder
		for _, c := range chars {
			text.WriteRune(c.r)
		}
		w.text = text.String()
		out = append(out, w)
		end -= s.size
	}
	for i, k := 0, len(out)-1; i < k; i, k = i+1, k-1 {
		out[i], out[k] = out[k], out[i]
	}
	return out
}
