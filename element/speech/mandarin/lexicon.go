package mandarin

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Lexicon is words and how they are read, before those of the dictionary. The
// zero value is empty.
type Lexicon struct {
	words   map[string][]string // by simplified characters, or small letters
	longest int                 // Han characters of a word
}

// Len is the number of words.
func (l Lexicon) Len() int { return len(l.words) }

// maxLine bounds a line of a lexicon, in bytes.
const maxLine = 4096

// ParseLexicon reads a lexicon: lines of a word in Han characters, a tab, and a
// syllable for each character with its tone as in a dictionary, as a digit or a
// mark (銀行<TAB>yin2 hang2, or yín háng). A word stands for its traditional and
// simplified forms. Empty lines and those that begin with # are ignored; of two
// lines for a word the last counts. Errors name the line, and the column in
// characters.
//
// The changes of tone by neighbours are made to these readings too: give 一 as
// yi1, 不 as bu4.
func ParseLexicon(r io.Reader) (Lexicon, error) {
	l := Lexicon{words: map[string][]string{}}
	in := bufio.NewScanner(r)
	in.Buffer(make([]byte, 0, maxLine), maxLine)
	n := 1
	for ; in.Scan(); n++ {
		line := in.Text()
		if n == 1 {
			line = strings.TrimPrefix(line, "\ufeff")
		}
		if strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if column, err := l.add(line); err != nil {
			return Lexicon{}, fmt.Errorf("mandarin: lexicon: line %d, column %d: %w", n, column, err)
		}
	}
	if err := in.Err(); err != nil {
		return Lexicon{}, fmt.Errorf("mandarin: lexicon: line %d, column 1: %w", n, err)
	}
	return l, nil
}

// add adds a line; an error comes with its column.
func (l *Lexicon) add(line string) (column int, err error) {
	text, pinyin, ok := strings.Cut(line, "\t")
	if !ok {
		return utf8.RuneCountInString(line) + 1, errors.New("no tab, want one between the word and its pinyin")
	}
	if s := newScanner(text, Lexicon{}); isLetter(s.rune(0)) {
		return l.addForeign(s, pinyin)
	}
	var plain []rune
	for i, r := range []rune(text) {
		if _, ok := words().Char(r); !ok {
			return i + 1, fmt.Errorf("%q is not a Han character that can be read", r)
		}
		plain = append(plain, simplify(r))
	}
	if n := len(plain); n == 0 || n > longest {
		return 1, fmt.Errorf("a word of %d characters, want 1 to %d", n, longest)
	}
	phones, at, err := parsePinyin(pinyin, len(text)+1)
	if err != nil {
		return len(plain) + 2 + utf8.RuneCountInString(pinyin[:at]), err
	}
	if len(phones) != len(plain) {
		return len(plain) + 2, fmt.Errorf("%d syllables for %d characters", len(phones), len(plain))
	}
	l.words[string(plain)] = phones
	l.longest = max(l.longest, len(plain))
	return 0, nil
}

// addForeign adds a word of letters.
func (l *Lexicon) addForeign(s *scanner, pinyin string) (column int, err error) {
	n := len(s.chars)
	if s.number(0) > 0 || unicode.IsMark(s.rune(0)) {
		return 1, fmt.Errorf("%q begins no word of letters", s.rune(0))
	}
	if end := s.foreignWord(0); end < n {
		return end + 1, fmt.Errorf("%q is not part of a word of letters", s.rune(end))
	}
	phones, at, err := parsePinyin(pinyin, len(s.text)+1)
	if err != nil {
		return n + 2 + utf8.RuneCountInString(pinyin[:at]), err
	}
	l.words[s.key(0, n)] = phones
	return 0, nil
}
