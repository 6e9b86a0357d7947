package english

import (
	"strings"
	"testing"
)

func FuzzWords(f *testing.F) {
	for _, s := range []string{
		"Hello, world!", "\xff\xfe\x00 a\xc3", "[[HH AH0]] [[x]] [[", "9999999999999999999999,999.99.99", "$-1.-2%°²", "1/0 0/0 00/1 1/2/3",
		"+1 (000) -", "a.b.c.d@e.f/g?h=i", "U.S.A.'s Ph.D. i.e.", "'90s' 'n' '", "-–—--", "12:99 24:00:00 7 a.m.-", "2026-99-99 31/02/0000 30.2.26",
		"XLVIII Henry LXXXIX", "aAaAAAaa1A1", "\u0301e\u0301\u200d", "ﬃ ½ ㎞ №5 Ⅷ", "Nov 31-32, 9999", "¥¥$€1bn5", "00s 0s 1'", "µ µm 5µ",
	} {
		f.Add(s)
	}
	// Opening the files counts for no input.
	words()
	letterModel()
	front := &Front{User: Lexicon{"covid-19": {"B"}}}
	f.Fuzz(func(t *testing.T, text string) {
		words, err := front.Words(text)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "english: byte ") {
				t.Error(err)
			}
			return
		}
		check(t, text, words)
		last := 0
		for at, s := range Sentences(text) {
			if at < last || !strings.HasPrefix(text[at:], s) || s == "" {
				t.Errorf("%q at %d behind %d", s, at, last)
			}
			last = at + len(s)
		}
	})
}

func FuzzParseLexicon(f *testing.F) {
	for _, s := range []string{"word\tB AA1", "word  B\n# c\n", "\xff\tB", "a\u0301\tB", "\t\t\t", "x  \t B", "\uFEFFa\tB\r\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		l, err := ParseLexicon(strings.NewReader(text))
		if err != nil {
			if !strings.HasPrefix(err.Error(), "english: line ") {
				t.Error(err)
			}
			return
		}
		for word, said := range l {
			words, err := (&Front{User: l}).Words(word)
			if err != nil {
				t.Fatal(err)
			}
			check(t, word, words)
			for _, p := range said {
				if checkPhone(p) != nil {
					t.Errorf("%q has the phone %q", word, p)
				}
			}
		}
	})
}
