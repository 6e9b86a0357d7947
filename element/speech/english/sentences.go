package english

import (
	"iter"
	"slices"
	"strings"

	"github.com/stride-ml/stride/element/speech"
)

// Sentences parts a text in sentences, each with the byte that it starts at and
// without the white space around it. It parts where [Front.Words] has the voice
// rest as after a sentence: not after an abbreviation, an initial or in a number.
func Sentences(text string) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		// Phones that are none are found when the sentence is read.
		t, err := scan(strings.ReplaceAll(text, "[[", "[("), nil)
		if err != nil {
			return
		}
		from, closed := 0, -1
		emit := func(end int) bool {
			part := text[from:end]
			trimmed := strings.TrimSpace(part)
			start := from + strings.Index(part, trimmed)
			from = end
			return trimmed == "" || yield(start, trimmed)
		}
		for i := range t {
			if i > 0 && t[i].paragraph && t[i-1].end > from && !emit(t[i-1].end) {
				return
			}
			if i <= closed || i+1 < len(t) && !t[i+1].space && t[i+1].kind == mark && strings.Contains(".!?", t[i+1].text) || !endsSentence(t, i) {
				continue
			}
			end := i
			for end+1 < len(t) && !t[end+1].space && t[end+1].kind == mark && strings.Contains(`.!?'")`, t[end+1].text) {
				end++
			}
			closed = end
			if t[end].end > from && !emit(t[end].end) {
				return
			}
		}
		emit(len(text))
	}
}

// endsSentence tells whether a sentence ends with a token, apart from quotes and brackets that close behind it.
func endsSentence(t []token, i int) bool {
	if t[i].kind != mark || !strings.Contains(".!?", t[i].text) {
		return false
	}
	next := behind(t, i)
	switch {
	case next < len(t) && t[next].kind == letters && !t[next].capital() && t[next].space && !(t[i].text == "." && !dots(t, i)):
		return false
	case next < len(t) && !t[next].space && t[i].text != ".":
		return false
	}
	return t[i].text != "." || fullStop(t, i)
}

// mostMarks are looked at behind a sentence, so that none of a text of marks only is looked at often.
const mostMarks = 32

// behind is the next token behind one and the quotes, brackets and marks that close with it.
func behind(t []token, i int) int {
	end := min(i+mostMarks, len(t))
	for i++; i < end && t[i].kind == mark && !t[i].space && strings.Contains(`.!?'")]`, t[i].text); i++ {
	}
	return i
}

// dots tells whether a full stop is one of several.
func dots(t []token, i int) bool {
	return i > 0 && t[i-1].text == "." && !t[i].space || i+1 < len(t) && t[i+1].text == "." && !t[i+1].space
}

// openers begin sentences more often than names do.
var openers = strings.Fields(`The A An He She It They We You I In On At But And Or If When While This That These Those There Then
	His Her Its Our Their My Your What Who Why How Where For After Before As So Yet No Not`)

func (r *reader) fullStop(i int) bool { return fullStop(r.t, i) }

// fullStop tells whether the full stop at a token ends a sentence.
func fullStop(t []token, i int) bool {
	next := behind(t, i)
	if next >= len(t) || t[next].paragraph {
		return true
	}
	n := &t[next]
	if !n.space {
		// A space was forgotten: end.Then
		return next == i+1 && n.capital() && len(n.text) > 1 && i > 0 && t[i-1].kind == letters && len(t[i-1].text) > 1 && !t[i-1].capital()
	}
	// A quote or bracket opens before the next word.
	for next+1 < len(t) && t[next].kind == mark && strings.Contains(`'"([`, t[next].text) {
		next++
	}
	n = &t[next]
	if dots(t, i) {
		return !(n.kind == letters && !n.capital())
	}
	if i == 0 || t[i-1].kind != letters || t[i].space {
		return true
	}
	begin := i - 1
	for begin >= 2 && t[begin-1].text == "." && !t[begin-1].space && !t[begin].space && t[begin-2].kind == letters {
		begin -= 2
	}
	word, end := pointedLetters(t, begin)
	opens := n.capital() && slices.Contains(openers, n.text)
	a, short := abbreviated(t, i-1)
	switch {
	case short:
		return !a.title && !a.digits && (n.capital() || n.kind == digits && !t[next].space)
	case units[t[i-1].text].one != "" && (i > 1 && t[i-2].kind == digits || n.kind == letters && !n.capital() && !known(strings.ToLower(t[i-1].text))):
		return n.capital()
	case end == i+1 && len(word) > 1:
		switch strings.ToLower(word) {
		case "eg", "ie":
			return false
		case "am", "pm":
			return n.capital()
		}
		return opens
	case end == i+1 && len(word) == 1:
		return initialEnds(t, i-1, opens)
	}
	if name := strings.ToLower(t[i-1].text); t[i-1].capital() && (opens || !n.capital()) && n.kind != digits {
		return true
	} else if t[i-1].capital() && len(name) <= 4 && n.kind == digits {
		return !slices.ContainsFunc(months, func(m string) bool { return name == m[:3] || name == "sept" }) && weekdays[name] == ""
	}
	return true
}

// initialEnds tells whether the full stop behind a single letter ends the sentence.
func initialEnds(t []token, i int, opens bool) bool {
	switch {
	case !t[i].capital(), t[i].text == "I", opens:
		return true
	case i == 0 || !t[i].space:
		return false
	}
	// Vitamin C. and plan B. follow a word, John F. a name, F. a quote or full stop.
	return t[i-1].kind == letters && !t[i-1].capital()
}

// punctuation turns marks into rests.
func (r *reader) punctuation(i int) int {
	if !r.is(i, mark) {
		return 0
	}
	switch r.t[i].text {
	case ",", ";":
		r.rest(speech.Phrase)
	case ":", "(", ")", "[", "]", "{", "}", "—":
		r.rest(speech.Phrase)
	case "-", "–":
		n := 1
		for r.gluedMark(i+n, "-") {
			n++
		}
		if n > 1 || r.t[i].space && (i+1 >= len(r.t) || r.t[i+1].space) || r.t[i].text == "–" && !r.isJoined(i) {
			r.rest(speech.Phrase)
		}
		return n
	case "/":
		if r.t[i].space && i+1 < len(r.t) && r.t[i+1].space {
			r.rest(speech.Phrase)
		}
	case ".":
		return r.stops(i)
	case "?":
		r.tone(speech.Question)
	case "!":
		r.tone(speech.Exclaim)
	}
	return 1
}

// tone is the rest after ? and !, of which the first counts.
func (r *reader) tone(b speech.Break) {
	if n := len(r.out); n > 0 && r.out[n-1].Break < speech.Question {
		r.out[n-1].Break = b
	}
}

// stops reads one full stop or several.
func (r *reader) stops(i int) int {
	n := 1
	for r.gluedMark(i+n, ".") {
		n++
	}
	switch {
	case n > 1 && !r.fullStop(i+n-1):
		r.rest(speech.Phrase)
	case n == 1 && !r.fullStop(i):
		// main.go, and a full stop that an abbreviation left behind.
		if r.isJoined(i) && r.isGlued(i+1) && r.is(i+1, letters) {
			r.say(i, i+1, "dot")
		}
	default:
		r.rest(speech.Sentence)
	}
	return n
}
