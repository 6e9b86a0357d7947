package english

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Lexicon holds the pronunciations that a user gives: phones by word, in lower
// case. They count before all others. The zero value has no words.
type Lexicon map[string][]string

func (l Lexicon) has(word string) bool { _, ok := l[word]; return ok }

// maxLine is how long a line of a lexicon may be, in bytes.
const maxLine = 1 << 16

// ParseLexicon reads a lexicon: lines of a word, a tab or two spaces, and the
// phones that [Phones] lists, between spaces. Words are of letters, digits,
// apostrophes and hyphens, in any case. What follows # is a comment, and of a
// word that comes again the last line counts. Errors name line and column, both
// from 1, columns in characters.
func ParseLexicon(r io.Reader) (Lexicon, error) {
	l := Lexicon{}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	n := 0
	for lines.Scan() {
		n++
		line, _, _ := strings.Cut(lines.Text(), "#")
		fail := func(at int, format string, args ...any) error {
			return fmt.Errorf("english: line %d, column %d: %w", n, utf8.RuneCountInString(line[:at])+1, fmt.Errorf(format, args...))
		}
		if n == 1 {
			line = strings.TrimPrefix(line, "\uFEFF")
		}
		if strings.TrimSpace(line) == "" {
			continue
		}
		end := strings.IndexByte(line, '\t')
		if two := strings.Index(line, "  "); end < 0 || two >= 0 && two < end {
			end = two
		}
		if end < 0 {
			return nil, fail(len(strings.TrimRight(line, " \r")), "no tab or two spaces between the word and its phones")
		}
		word, err := lexiconWord(line[:end])
		if err != nil {
			return nil, fail(0, "%w", err)
		}
		var said []string
		at := end
		for _, p := range strings.Fields(line[end:]) {
			at += strings.Index(line[at:], p)
			if err := checkPhone(p); err != nil {
				return nil, fail(at, "%w", err)
			}
			said = append(said, p)
			at += len(p)
		}
		if said == nil {
			return nil, fail(end, "no phones for %q", word)
		}
		l[word] = said
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("english: line %d: %w", n+1, err)
	}
	return l, nil
}

// lexiconWord folds a word as texts are folded.
func lexiconWord(s string) (string, error) {
	var word strings.Builder
	for _, r := range s {
		f := fold(r)
		if f == "" || strings.ContainsFunc(f, func(r rune) bool { return r > 0x7F || !isLetter(byte(r)) && !isDigit(byte(r)) && r != '\'' && r != '-' }) {
			return "", fmt.Errorf("%q stands in the word %q, which may have letters, digits, ' and -", r, s)
		}
		word.WriteString(strings.ToLower(f))
	}
	if strings.Trim(word.String(), "'-") == "" {
		return "", fmt.Errorf("no word")
	}
	return word.String(), nil
}
