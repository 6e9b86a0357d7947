package english

import (
	"strings"

	"github.com/stride-ml/stride/element/speech"
)

// spoken is a word as it will be read, before its phones are known.
type spoken struct {
	speech.Word
	letter  bool // the name of a letter
	capital bool // as written
}

// reader turns tokens into words. Its rules look at the tokens from a place and
// return how many they have read, 0 when they do not apply.
type reader struct {
	f     *Front
	text  string
	t     []token
	out   []spoken
	shout []bool // by token: the sentence is written in capitals
}

// rules are in the order of how much they ask for.
var rules = []func(r *reader, i int) int{
	(*reader).given, (*reader).own, (*reader).address, (*reader).date, (*reader).clock, (*reader).telephone,
	(*reader).money, (*reader).quantity, (*reader).shortYear, (*reader).possessiveDecade, (*reader).numerals,
	(*reader).romanNumeral, (*reader).initials, (*reader).abbreviation, (*reader).word, (*reader).symbol, (*reader).punctuation,
}

func (r *reader) read() {
	r.shout = shouting(r.t)
	for i := 0; i < len(r.t); {
		if r.t[i].paragraph {
			r.rest(speech.Sentence)
		}
		n := 0
		for _, rule := range rules {
			if n = rule(r, i); n > 0 {
				break
			}
		}
		i += max(n, 1)
	}
	r.rest(speech.Sentence)
}

func (r *reader) is(i int, k kind) bool { return i >= 0 && i < len(r.t) && r.t[i].kind == k }

func (r *reader) isMark(i int, m string) bool { return r.is(i, mark) && r.t[i].text == m }

// isGlued tells whether no space stands before a token.
func (r *reader) isGlued(i int) bool { return i > 0 && i < len(r.t) && !r.t[i].space }

func (r *reader) gluedMark(i int, m string) bool { return r.isGlued(i) && r.isMark(i, m) }

// isJoined tells whether a token follows a word or number without a space or with a hyphen only.
func (r *reader) isJoined(i int) bool {
	if !r.isGlued(i) {
		return false
	}
	if r.isMark(i-1, "-") && r.isGlued(i-1) {
		i--
	}
	return i > 0 && r.t[i-1].kind != mark
}

// lower is the text of a token in lower case, "" of none.
func (r *reader) lower(i int) string {
	if !r.is(i, letters) {
		return ""
	}
	return strings.ToLower(r.t[i].text)
}

// say adds the words that the tokens from i up to end are read as. A capital
// letter by itself is the name of the letter.
func (r *reader) say(i, end int, words ...string) {
	start, stop := r.t[i].start, r.t[end-1].end
	for _, w := range words {
		prefix, cut := strings.CutSuffix(w, "-")
		if cut {
			w = prefix
		}
		s := spoken{Word: speech.Word{Text: r.text[start:stop], Start: start, End: stop, Spoken: strings.ToLower(w)}, capital: r.t[i].capital()}
		s.letter = len(w) == 1 && w[0] >= 'A' && w[0] <= 'Z'
		if cut {
			s.Phones = strings.Fields(prefixes[prefix])
		}
		r.out = append(r.out, s)
	}
}

// rest lets the voice rest after the last word, unless it does already as long.
// What was asked or exclaimed stays so.
func (r *reader) rest(b speech.Break) {
	if len(r.out) == 0 {
		return
	}
	if last := &r.out[len(r.out)-1].Break; *last < speech.Question {
		*last = max(*last, b)
	}
}

// given passes phones on.
func (r *reader) given(i int) int {
	t := &r.t[i]
	if t.kind != phones {
		return 0
	}
	r.say(i, i+1, strings.Join(t.phones, " "))
	last := &r.out[len(r.out)-1]
	last.Phones, last.Spoken = t.phones, strings.Join(t.phones, " ")
	return 1
}

// own reads the words of the user's lexicon: it knows better than any rule.
func (r *reader) own(i int) int {
	if len(r.f.User) == 0 || r.is(i, mark) {
		return 0
	}
	// The longest word counts: covid-19 before covid.
	end, best := i, 0
	var key strings.Builder
	for end < len(r.t) && end-i < 8 && (end == i || r.isGlued(end)) {
		t := &r.t[end]
		if t.kind == mark && t.text != "-" && t.text != "'" {
			break
		}
		key.WriteString(strings.ToLower(t.text))
		if end++; r.f.User.has(key.String()) && !(r.is(end, t.kind) && r.isGlued(end)) {
			best = end
		}
	}
	if best == 0 {
		return 0
	}
	var word strings.Builder
	for _, t := range r.t[i:best] {
		word.WriteString(strings.ToLower(t.text))
	}
	r.say(i, best, "")
	r.out[len(r.out)-1].Spoken = word.String()
	return best - i
}

// spell names letters, and digits one by one.
func spell(word string) []string {
	var names []string
	for _, b := range []byte(word) {
		switch {
		case isLetter(b):
			names = append(names, string(b&^0x20))
		case isDigit(b):
			names = append(names, ones[b-'0'])
		}
	}
	return names
}

// shouting finds the sentences that are written in capitals all through, of
// three words or more: there capitals do not mark acronyms.
func shouting(t []token) []bool {
	shout := make([]bool, len(t))
	upper, lower, from := 0, 0, 0
	for i := range t {
		switch t := &t[i]; {
		case t.kind != letters || len(t.text) < 2:
		case t.upper():
			upper++
		default:
			lower++
		}
		if i == len(t)-1 || t[i+1].paragraph || t[i].kind == mark && strings.Contains(".!?", t[i].text) {
			for ; from <= i; from++ {
				shout[from] = upper >= 3 && lower == 0
			}
			upper, lower = 0, 0
		}
	}
	return shout
}
