package mandarin

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// marks are the vowels with a mark of tone, each vowel's in the order of tones.
var marks = map[rune]string{
	'a': "āáǎà", 'e': "ēéěè", 'i': "īíǐì", 'o': "ōóǒò", 'u': "ūúǔù", 'ü': "ǖǘǚǜ",
}

var unmark = func() map[rune]struct {
	vowel rune
	tone  int
} {
	m := map[rune]struct {
		vowel rune
		tone  int
	}{}
	for vowel, marked := range marks {
		tone := 1
		for _, r := range marked {
			m[r] = struct {
				vowel rune
				tone  int
			}{vowel, tone}
			tone++
		}
	}
	return m
}()

// combining are the marks of tone that follow their vowel in decomposed text.
var combining = map[rune]int{'\u0304': 1, '\u0301': 2, '\u030c': 3, '\u0300': 4}

// plainVowels writes ü for v and u:, and small letters.
func plainVowels(s string) string {
	s = strings.ToLower(s)
	s = strings.ReplaceAll(s, "u:", "ü")
	s = strings.ReplaceAll(s, "u\u0308", "ü")
	return strings.ReplaceAll(s, "v", "ü")
}

// cutMark parts the mark of tone from a syllable; the tone is 0 where there is
// none, or more than one.
func cutMark(s string) (base string, tone int) {
	var b strings.Builder
	found := 0
	for _, r := range plainVowels(s) {
		if u, ok := unmark[r]; ok {
			r, tone = u.vowel, u.tone
			found++
		} else if t, ok := combining[r]; ok {
			tone = t
			found++
			continue
		}
		b.WriteRune(r)
	}
	if found != 1 {
		tone = 0
	}
	return b.String(), tone
}

// parsePinyin reads syllables with tones as digits or marks, parted by spaces or
// apostrophes. Syllables without a tone are neutral where others have marks. An
// ending r is a syllable, r5. An error is at a byte of s; a [*SyllableError] in it
// counts from offset.
func parsePinyin(s string, offset int) (phones []string, at int, err error) {
	marked := strings.ContainsFunc(s, func(r rune) bool {
		_, ok := unmark[unicode.ToLower(r)]
		return ok || combining[r] > 0
	})
	for at < len(s) {
		n := strings.IndexFunc(s[at:], parts)
		if n < 0 {
			n = len(s) - at
		}
		if n == 0 {
			_, n = utf8.DecodeRuneInString(s[at:])
			at += n
			continue
		}
		piece := s[at : at+n]
		base, tone := cutTone(plainVowels(piece))
		if tone == 0 {
			if base, tone = cutMark(piece); tone == 0 && marked {
				tone = 5
			}
		}
		syllables, ok := spoken(base, tone)
		if !ok {
			return nil, at, badSyllable(piece, offset+at)
		}
		if tone == 0 && base != "r" {
			return nil, at, fmt.Errorf("%q: %w", piece, errTone)
		}
		phones = append(phones, syllables...)
		at += n
	}
	if phones == nil {
		return nil, 0, errors.New("no pinyin")
	}
	return phones, 0, nil
}

// parts tells whether a rune stands between syllables.
func parts(r rune) bool { return unicode.IsSpace(r) || r == '\'' || r == '’' || r == '-' }

// spoken is a syllable with its tone, parted from an r at its end that is not
// that of er.
func spoken(base string, tone int) ([]string, bool) {
	known := inventory()
	if base == "r" {
		return []string{"r5"}, tone == 0 || tone == 5
	}
	if _, ok := known[base]; ok {
		return []string{fmt.Sprint(base, tone)}, true
	}
	if rest, ok := strings.CutSuffix(base, "r"); ok && utf8.RuneCountInString(rest) > 0 {
		if _, ok := known[rest]; ok {
			return []string{fmt.Sprint(rest, tone), "r5"}, true
		}
	}
	return nil, false
}
