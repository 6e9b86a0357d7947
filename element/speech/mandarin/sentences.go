package mandarin

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Sentences yields the sentences of a text and where each begins, in bytes. A
// sentence ends after 。 ？ ！ or their ASCII forms, with the quotation marks and
// brackets that close there, and at the end of a line; a full stop of ASCII ends
// one only before a space or Han character. White space around sentences is left
// out. Pinyin in brackets is not parted.
func Sentences(text string) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		start := 0
		emit := func(end int) bool {
			s := strings.TrimLeftFunc(text[start:end], unicode.IsSpace)
			at := end - len(s)
			start = end
			s = strings.TrimRightFunc(s, unicode.IsSpace)
			return s == "" || yield(at, s)
		}
		for i := 0; i < len(text); {
			if strings.HasPrefix(text[i:], "[[") {
				if n := strings.Index(text[i:min(len(text), i+maxGiven)], "]]"); n >= 0 {
					i += n + len("]]")
					continue
				}
			}
			r, n := utf8.DecodeRuneInString(text[i:])
			i += n
			if !ends(r, text[i:]) {
				continue
			}
			if r != '\n' {
				i += closing(text[i:])
			}
			if !emit(i) {
				return
			}
		}
		emit(len(text))
	}
}

// ends tells whether a sentence ends after r.
func ends(r rune, rest string) bool {
	switch r {
	case '。', '｡', '？', '！', '?', '!', '\n':
		return true
	case '.', '．':
		next, _ := utf8.DecodeRuneInString(rest)
		return rest == "" || unicode.IsSpace(next) || isHan(next) || strings.ContainsRune(closers, next)
	}
	return false
}

// closers may stand after the mark that ends a sentence, as may further marks.
const closers = `」』”’）】》〉"')]`

// closing is how many bytes of what follows still belong to the sentence.
func closing(s string) int {
	rest := strings.TrimLeft(s, closers+"。｡？！?!")
	return len(s) - len(rest)
}
