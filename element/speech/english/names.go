package english

import (
	"slices"
	"strings"
)

// spelled are acronyms whose letters are named although they look like words.
var spelled = strings.Fields(`ai us it un eu uk ok id tv pc cd dj mc hr pr ad ph dc ny la sf nj md pa va ma ct ga al ar oh or ip os ui ux io
	ac pe ap gi ir er ed icu am pm asap aka faq url sat act gre led lcd ira epa era ceo cfo cto cia who api sms app gps atm
	sos vat vr ar ml mri iq cpu gpu ssd usb hiv rv suv dna rna bbc cnn nbc abc cbs hbo mtv`)

// asWords are acronyms read as words although the dictionary has them not, or as letters.
var asWords = strings.Fields("nasa nato unesco unicef opec laser radar scuba aids sars covid pin ram rom sim gif jpeg json yaml cobol fortran gnu")

// monarchs are names that kings, queens and popes have had several times.
var monarchs = strings.Fields(`Henry Louis George Edward Charles James William Richard Elizabeth Mary Pius Paul John Benedict Gregory Leo
	Innocent Clement Alexander Nicholas Catherine Philip Ferdinand Frederick Otto Napoleon Ramses Ptolemy Francis Peter Ivan
	Christian Gustav Haakon Harald Olav Carl Karl Wilhelm Friedrich Alfonso Juan Pedro Joseph Leopold Albert Baldwin Boris Stephen
	Robert Malcolm Kenneth David Darius Xerxes Cyrus Artaxerxes Murad Mehmed Selim Urban Sixtus Boniface Celestine Julius Adrian Anne Margaret Victoria`)

// numbered are what stands before a Roman number that counts.
var numbered = strings.Fields(`chapter part act scene volume book section article appendix war type class phase stage figure table
	level version title grade unit vol no super bowl rocky apollo gemini category schedule annex lesson episode canto psalm mark`)

// roman is the value of a Roman number up to 89, 0 of other words.
func roman(s string) uint64 {
	n := 0
	for i, rest := range []struct{ one, five, ten string }{{"X", "L", "C"}, {"I", "V", "X"}} {
		scale := []int{10, 1}[i]
		switch {
		case strings.HasPrefix(s, rest.one+rest.five):
			n, s = n+4*scale, s[2:]
		case strings.HasPrefix(s, rest.one+rest.ten) && scale == 1:
			n, s = n+9, s[2:]
		default:
			if strings.HasPrefix(s, rest.five) {
				n, s = n+5*scale, s[1:]
			}
			for c := 0; c < 3 && strings.HasPrefix(s, rest.one); c++ {
				n, s = n+scale, s[1:]
			}
		}
	}
	if s != "" {
		return 0
	}
	return uint64(n)
}

// romanNumeral reads the numbers of Henry VIII, Chapter IV and Rocky II.
func (r *reader) romanNumeral(i int) int {
	if i == 0 || !r.is(i, letters) || !r.t[i].space || r.shout[i] || !r.is(i-1, letters) {
		return 0
	}
	numeral, possessive := strings.CutSuffix(r.t[i].text, "'s")
	n := roman(numeral)
	if n == 0 {
		return 0
	}
	before := r.t[i-1].text
	var words []string
	switch {
	case slices.Contains(numbered, strings.TrimSuffix(strings.ToLower(before), "s")),
		(before == "and" || before == "to") && i > 1 && roman(r.t[i-2].text) > 0 && len(r.out) > 1 && isNumberWord(r.out[len(r.out)-2].Spoken):
		words = count(n)
	case r.gluedMark(i+1, ".") && !r.fullStop(i+1):
		return 0
	case slices.Contains(monarchs, before):
		if numeral == "I" && !r.reigns(i) {
			return 0
		}
		words = append([]string{"the"}, ordinal(count(n))...)
	case len(numeral) > 1 && r.t[i-1].capital() && !r.t[i-1].upper():
		words = count(n)
	default:
		return 0
	}
	if possessive {
		words = append([]string(nil), words...)
		words[len(words)-1] += "'s"
	}
	r.say(i, i+1, words...)
	return 1
}

// reigns tells whether the I behind a name is a number rather than the speaker.
func (r *reader) reigns(i int) bool {
	if slices.Contains([]string{"king", "queen", "pope", "emperor", "tsar", "czar", "elizabeth"}, r.lower(i-2)) {
		return true
	}
	next := r.lower(i + 1)
	return !r.is(i+1, letters) || slices.Contains(strings.Fields("of was had is and ruled reigned became died in at on by to from with"), next) && next != "am"
}

// word reads a word of letters, with those that hyphens join to it if the
// dictionary has them as one.
func (r *reader) word(i int) int {
	if !r.is(i, letters) {
		return 0
	}
	if end := r.hyphenated(i); end > 0 {
		r.say(i, end, joined(r.t[i:end]))
		return end - i
	}
	if word := r.lower(i) + "'"; r.gluedMark(i+1, "'") && !known(r.lower(i)) && known(word) {
		r.say(i, i+2, word)
		return 2
	}
	r.say(i, i+1, r.inWords(i)...)
	return 1
}

func joined(t []token) string {
	var b strings.Builder
	for _, t := range t {
		b.WriteString(strings.ToLower(t.text))
	}
	return b.String()
}

// hyphenated is the end of the longest joined word from i on that the dictionary has.
func (r *reader) hyphenated(i int) int {
	longest := 0
	for end := i + 1; r.gluedMark(end, "-") && r.isGlued(end+1) && r.is(end+1, letters) && end < i+8; end += 2 {
		if known(joined(r.t[i : end+2])) {
			longest = end + 2
		}
	}
	return longest
}

// inWords finds what the letters of a token are: a word, an acronym, several words.
func (r *reader) inWords(i int) []string {
	t := &r.t[i]
	lower := strings.ToLower(t.text)
	beforeHyphen := r.gluedMark(i+1, "-") && r.isGlued(i+2)
	switch {
	case t.upper() && len(lower) <= 3 && (r.gluedMark(i+1, "&") || r.isGlued(i) && r.isMark(i-1, "&")):
		return spell(lower)
	case lower == "a" && (t.capital() && (beforeHyphen || r.namesLetter(i)) || r.gluedMark(i+1, "²") || r.gluedMark(i+1, "³")):
		return []string{"A"}
	case len(lower) == 1 && lower != "a" && lower != "i":
		return spell(lower)
	case lower == "i" && (beforeHyphen || r.isJoined(i)):
		return []string{"I"}
	}
	if beforeHyphen {
		if _, ok := prefixes[lower]; ok && t.text == lower {
			return []string{lower + "-"}
		}
	}
	if t.upper() && len(lower) > 1 {
		return acronym(t.text, r.shout[i])
	}
	return caseParts(t.text)
}

// namesLetter tells whether a capital A is the letter: vitamin A, plan A.
func (r *reader) namesLetter(i int) bool {
	return i > 0 && !r.shout[i] && r.is(i-1, letters) && !(r.is(i+1, letters) && r.t[i+1].space) && !endsSentence(r.t, i-1)
}

// acronym reads a word in capitals.
func acronym(word string, shout bool) []string {
	lower := strings.ToLower(word)
	base, possessive := strings.CutSuffix(lower, "'s")
	switch {
	case slices.Contains(asWords, base):
		return []string{lower}
	case shout && known(lower), !slices.Contains(spelled, base) && (known(lower) || known(base)):
		return []string{lower}
	case strings.Contains(base, "'") || pronounceable(base) && (len(base) > 4 || shout):
		return []string{lower}
	}
	names := spell(base)
	if possessive {
		names[len(names)-1] = strings.ToLower(names[len(names)-1]) + "'s"
	}
	return names
}

// pronounceable tells whether letters look like a word: with a vowel and without four consonants on end.
func pronounceable(word string) bool {
	vowels, run := 0, 0
	for _, b := range []byte(word) {
		if strings.IndexByte("aeiouy", b) >= 0 {
			vowels++
			run = 0
		} else if run++; run > 4 {
			return false
		}
	}
	return vowels > 0
}

// caseParts reads a word that has small letters: CDs by its letters, JavaScript as two words.
func caseParts(text string) []string {
	lower := strings.ToLower(text)
	// iOS, mRNA
	if len(text) > 2 && isSmall(text[0]) && text[1:] == strings.ToUpper(text[1:]) && !strings.Contains(text, "'") {
		return spell(text)
	}
	if known(lower) || text[1:] == lower[1:] {
		return []string{lower}
	}
	if base := strings.TrimSuffix(strings.TrimSuffix(text, "s"), "'"); len(base) > 1 && base != text && base == strings.ToUpper(base) {
		names := acronym(base, false)
		last := &names[len(names)-1]
		if len(names) == 1 {
			*last += "s"
		} else {
			*last = strings.ToLower(*last) + "'s"
		}
		return names
	}
	var words []string
	from := 0
	for i := 1; i <= len(text); i++ {
		if i < len(text) && !(isCapital(text[i]) && (!isCapital(text[i-1]) || i+1 < len(text) && isSmall(text[i+1]))) {
			continue
		}
		switch part := text[from:i]; {
		case len(part) == 1 && isLetter(part[0]):
			words = append(words, spell(part)...)
		case part == strings.ToUpper(part):
			words = append(words, acronym(part, false)...)
		default:
			words = append(words, strings.ToLower(part))
		}
		from = i
	}
	// McDonald and DiCaprio are one word.
	if len(words) == 2 && len(words[0]) <= 2 && isCapital(text[0]) {
		return []string{lower}
	}
	return words
}

func isCapital(b byte) bool { return b >= 'A' && b <= 'Z' }
func isSmall(b byte) bool   { return b >= 'a' && b <= 'z' }
