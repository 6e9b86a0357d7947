package mandarin

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/stride-ml/stride/element/speech"
)

// scanner turns text into words, phrase by phrase.
type scanner struct {
	user  Lexicon
	other func(run string) []speech.Word // nil reads none
	text  string
	chars []char
	// narrow is the runes of chars as a string, at[i] where that of chars[i] begins.
	narrow string
	at     []int
	// traditional is set where numbers are to be written out so.
	traditional bool

	out    []word
	phrase int // where the current phrase starts in out
}

func newScanner(text string, user Lexicon) *scanner {
	s := &scanner{user: user, text: text}
	var b strings.Builder
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		r = narrow(r)
		s.chars = append(s.chars, char{r, i, i + n})
		s.at = append(s.at, b.Len())
		b.WriteRune(r)
		i += n
		if c, ok := words().Char(r); ok && len(c.Forms) > 0 && c.Forms[0] != r {
			s.traditional = true
		}
	}
	s.narrow, s.at = b.String(), append(s.at, b.Len())
	return s
}

// narrow is the ASCII form of a full-width character, but for the comma, which
// does not group digits.
func narrow(r rune) rune {
	switch {
	case r >= '！' && r <= '～' && r != '，':
		return r - '！' + '!'
	case r == '￥':
		return '¥'
	case r == '　':
		return ' '
	}
	return r
}

// rune is that at i, 0 outside the text.
func (s *scanner) rune(i int) rune {
	if i < 0 || i >= len(s.chars) {
		return 0
	}
	return s.chars[i].r
}

// rest is the text from i on.
func (s *scanner) rest(i int) string { return s.narrow[s.at[i]:] }

func (s *scanner) scan() error {
	for i := 0; i < len(s.chars); {
		next, err := s.next(i)
		if err != nil {
			return err
		}
		i = next
	}
	s.end(speech.Sentence)
	return nil
}

// maxGiven bounds the pinyin between brackets, in bytes.
const maxGiven = 1024

// next reads what begins at i and returns where it ends.
func (s *scanner) next(i int) (int, error) {
	r := s.rune(i)
	if r == '[' && s.rune(i+1) == '[' {
		near := s.rest(i)[:min(len(s.rest(i)), maxGiven)]
		if n := strings.Index(near, "]]"); n >= 0 {
			return s.given(i, i+utf8.RuneCountInString(near[:n])+2)
		}
	}
	if isHan(r) {
		end := i
		for isHan(s.rune(end)) {
			end++
		}
		s.han(s.chars[i:end])
		return end, nil
	}
	if n := s.number(i); n > 0 {
		return i + n, nil
	}
	if isLetter(r) && !unicode.IsMark(r) {
		return s.foreign(i), nil
	}
	b, size := s.mark(i)
	if b != speech.NoBreak {
		s.end(b)
	}
	return i + size, nil
}

func isHan(r rune) bool {
	if r < 0x3007 {
		return false
	}
	_, ok := words().Char(r)
	return ok || unicode.Is(unicode.Han, r)
}

func isLetter(r rune) bool {
	return unicode.IsLetter(r) && !isHan(r) || unicode.IsMark(r) || unicode.IsDigit(r)
}

// han adds the words of a run of Han characters. After a number a measure is a
// word of its own: 3 个 人, not 个人.
func (s *scanner) han(chars []char) {
	if n := len(s.out); n > s.phrase && s.out[n-1].kind == number {
		if size := measure(chars); size > 0 {
			s.out = append(s.out, segment(chars[:size], s.user)...)
			chars = chars[size:]
		}
	}
	s.out = append(s.out, segment(chars, s.user)...)
}

// given adds the pinyin between brackets from i to end.
func (s *scanner) given(i, end int) (int, error) {
	// The brackets may be full-width: their sizes are those of the characters.
	inner, innerEnd := s.chars[i+1].end, s.chars[end-2].start
	phones, at, err := parsePinyin(s.text[inner:innerEnd], inner)
	if err != nil {
		return 0, fmt.Errorf("mandarin: at byte %d: %w", inner+at, err)
	}
	s.settle(strings.Join(phones, " "), phones, s.chars[i].start, s.chars[end-1].end)
	return end, nil
}

// settle adds a word from start to end whose tones stay as they are.
func (s *scanner) settle(text string, phones []string, start, end int) {
	s.out = append(s.out, word{kind: given, text: text, plain: []rune{0}, phones: phones, class: 'x', start: start, end: end})
}

// foreign adds a run of words that are not Mandarin, parted by single spaces,
// and returns where it ends. Digits belong to it where they touch a letter. A
// word of the user's lexicon is a run of its own.
func (s *scanner) foreign(i int) int {
	end := s.foreignWord(i)
	if phones := s.user.words[s.key(i, end)]; phones != nil {
		s.settle(s.narrow[s.at[i]:s.at[end]], slices.Clone(phones), s.chars[i].start, s.chars[end-1].end)
		return end
	}
	for s.rune(end) == ' ' && isLetter(s.rune(end+1)) && !isASCIIDigit(s.rune(end+1)) {
		next := s.foreignWord(end + 1)
		if s.user.words[s.key(end+1, next)] != nil {
			break
		}
		end = next
	}
	from, to := s.chars[i].start, s.chars[end-1].end
	if s.other != nil {
		words := s.other(s.text[from:to])
		for _, w := range words {
			s.settle(w.Spoken, w.Phones, from+w.Start, from+w.End)
		}
		if len(words) > 0 {
			return end
		}
	}
	s.flush()
	s.out = append(s.out, word{kind: foreign, text: s.narrow[s.at[i]:s.at[end]], plain: []rune{0}, class: 'x', start: from, end: to})
	s.phrase = len(s.out)
	return end
}

// key is what a word that is not Mandarin has in a lexicon.
func (s *scanner) key(i, end int) string { return strings.ToLower(s.narrow[s.at[i]:s.at[end]]) }

// foreignWord is the end of the word at i: letters, digits and what joins them.
func (s *scanner) foreignWord(i int) int {
	for i++; ; i++ {
		r := s.rune(i)
		if isLetter(r) {
			continue
		}
		if strings.HasPrefix(s.rest(i), "://") && isLetter(s.rune(i+3)) { // of an address
			i += 2
			continue
		}
		if r != 0 && strings.ContainsRune("'’-.&@_/+", r) && isLetter(s.rune(i+1)) {
			continue
		}
		if (r == '+' || r == '#') && !isLetter(s.rune(i+1)) && isLetter(s.rune(i-1)) { // C++, C#
			continue
		}
		if r == '+' && s.rune(i-1) == '+' {
			continue
		}
		return i
	}
}

func isASCIIDigit(r rune) bool { return r >= '0' && r <= '9' }

// mark is the rest that punctuation at i asks for, and how many characters it has.
func (s *scanner) mark(i int) (speech.Break, int) {
	switch r := s.rune(i); r {
	case ',', '，', '、', '､', ';', ':', '；', '：', '(', ')', '[', ']', '【', '】', '〔', '〕', '…', '—', '―', '–', '﹐', '﹑':
		return speech.Phrase, 1
	case '。', '｡':
		return speech.Sentence, 1
	case '\n':
		if n := len(s.out); n > 0 && s.out[n-1].rest != speech.NoBreak {
			return speech.NoBreak, 1
		}
		return speech.Sentence, 1
	case '?', '？':
		return speech.Question, 1
	case '!', '！':
		return speech.Exclaim, 1
	case '.':
		if s.rune(i+1) == '.' { // dots that stand for more
			n := 1
			for s.rune(i+n) == '.' {
				n++
			}
			return speech.Phrase, n
		}
		if isASCIIDigit(s.rune(i + 1)) {
			return speech.NoBreak, 1
		}
		return speech.Sentence, 1
	case '-':
		if s.rune(i+1) == '-' || s.rune(i-1) == ' ' && s.rune(i+1) == ' ' {
			return speech.Phrase, 1
		}
	}
	return speech.NoBreak, 1
}

// end closes the phrase with a rest. Of several at one place a question mark
// counts before the others, then the longest.
func (s *scanner) end(b speech.Break) {
	s.flush()
	if n := len(s.out); n > 0 && s.out[n-1].rest != speech.Question {
		if b != speech.Question {
			b = max(b, s.out[n-1].rest)
		}
		s.out[n-1].rest = b
	}
}

// flush makes the changes that neighbours cause within the phrase.
func (s *scanner) flush() {
	phrase := s.out[s.phrase:]
	s.phrase = len(s.out)
	from := 0
	for i := range phrase {
		if phrase[i].kind == foreign {
			speak(phrase[from:i])
			from = i + 1
		}
	}
	speak(phrase[from:])
}
