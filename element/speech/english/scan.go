package english

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/stride-ml/stride/element/speech"
	"github.com/stride-ml/stride/element/speech/english/internal/arpabet"
)

type kind uint8

const (
	letters kind = iota + 1 // with apostrophes between them
	digits
	mark   // one character
	phones // given directly, or by another language
)

// token is a part of the text that rules look at.
type token struct {
	kind       kind
	text       string // folded to ASCII as far as it goes
	start, end int    // in the text
	space      bool   // stands before
	paragraph  bool   // a blank line stands before, or a list's next line
	phones     []string
}

func (t *token) capital() bool { return t.kind == letters && t.text[0] >= 'A' && t.text[0] <= 'Z' }

// upper tells whether all letters are capitals.
func (t *token) upper() bool {
	return t.kind == letters && !strings.ContainsFunc(t.text, func(r rune) bool { return r >= 'a' && r <= 'z' })
}

func isLetter(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }
func isDigit(b byte) bool  { return b >= '0' && b <= '9' }

// scan cuts a text in tokens; foreign reads runs of other scripts. Its errors are
// those of phones given directly.
func scan(text string, foreign func(run string) []speech.Word) ([]token, error) {
	var (
		tokens []token
		run    []byte // the letters or digits of the last token so far
		space  bool
		lines  int
	)
	finish := func() {
		if len(run) > 0 {
			tokens[len(tokens)-1].text = string(run)
			run = run[:0]
		}
	}
	add := func(k kind, s string, start, end int) {
		if last := len(tokens) - 1; len(run) > 0 && tokens[last].kind == k && !space {
			run = append(run, s...)
			tokens[last].end = end
			return
		}
		finish()
		tokens = append(tokens, token{kind: k, text: s, start: start, end: end, space: space || len(tokens) == 0, paragraph: lines > 1})
		space, lines = false, 0
		if k == letters || k == digits {
			run = append(run, s...)
		}
	}
	for i := 0; i < len(text); {
		if strings.HasPrefix(text[i:], "[[") {
			if length := strings.Index(text[i:], "]]"); length > 0 {
				said, err := parsePhones(text[i+2:i+length], i+2)
				if err != nil {
					return nil, err
				}
				space = true
				add(phones, text[i:i+length+2], i, i+length+2)
				tokens[len(tokens)-1].phones = said
				i += length + 2
				continue
			}
		}
		if foreign != nil {
			if n := foreignRun(text[i:]); n > 0 {
				for _, w := range foreign(text[i : i+n]) {
					space = true
					add(phones, w.Text, i+w.Start, i+w.End)
					tokens[len(tokens)-1].phones = w.Phones
				}
				i += n
				space = true
				continue
			}
		}
		r, n := utf8.DecodeRuneInString(text[i:])
		end := i + n
		if r == '\n' {
			lines++
		}
		f := ""
		if !unseen(r) {
			f = fold(r)
		}
		switch {
		case f == "" && unseen(r):
			if len(tokens) > 0 && !space {
				tokens[len(tokens)-1].end = end
			}
		case f == "":
			space = true
		case isLetter(f[0]):
			add(letters, f, i, end)
		case isDigit(f[0]):
			add(digits, f, i, end)
		default:
			for _, m := range f {
				add(mark, string(m), i, end)
			}
		}
		i = end
	}
	finish()
	return join(tokens), nil
}

// foreignRun is how many bytes of letters that are not read begin a text.
func foreignRun(text string) int {
	for i, r := range text {
		if !unicode.IsLetter(r) && !unicode.Is(unicode.Han, r) || fold(r) != "" {
			return i
		}
	}
	return len(text)
}

// join puts apostrophes between letters into the words: don't.
func join(tokens []token) []token {
	out := tokens[:0]
	for i := 0; i < len(tokens); i++ {
		t := tokens[i]
		if n := len(out); t.kind == mark && t.text == "'" && !t.space && n > 0 && out[n-1].kind == letters && len(out[n-1].text) < longestWord &&
			i+1 < len(tokens) && tokens[i+1].kind == letters && !tokens[i+1].space {
			out[n-1].text += "'" + tokens[i+1].text
			out[n-1].end = tokens[i+1].end
			i++
			continue
		}
		out = append(out, t)
	}
	return out
}

// parsePhones reads phones between white space, which stand at a place in the text.
func parsePhones(s string, at int) ([]string, error) {
	fields := strings.Fields(s)
	if len(fields) == 0 {
		return nil, fmt.Errorf("english: byte %d: no phones between [[ and ]]", at)
	}
	from := 0
	for _, p := range fields {
		from += strings.Index(s[from:], p)
		if err := checkPhone(p); err != nil {
			return nil, fmt.Errorf("english: byte %d: %w", at+from, err)
		}
		from += len(p)
	}
	return fields, nil
}

func checkPhone(p string) error {
	if _, ok := arpabet.Number(p); ok {
		return nil
	}
	if _, ok := arpabet.Number(p + "0"); ok {
		return fmt.Errorf("%q needs the digit of its stress: %s0 for none, %s1 for the primary, %s2 for the secondary", p, p, p, p)
	}
	return fmt.Errorf("%q is no phone; these are: %s", p, inventory)
}

// inventory lists the phones without repeating vowels: "AA0-2 AE0-2 ... B CH".
var inventory = func() string {
	var list []string
	for _, p := range arpabet.Names {
		switch base, vowel := strings.CutSuffix(p, "0"); {
		case vowel:
			list = append(list, base+"0-2")
		case p[len(p)-1] > '2':
			list = append(list, p)
		}
	}
	return strings.Join(list, " ")
}()
