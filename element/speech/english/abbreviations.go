package english

import (
	"slices"
	"strings"
)

// abbreviation is a shortened word that ends with a full stop.
type abbreviation struct {
	words   []string
	title   bool // stands before a name, so never ends a sentence
	bare    bool // is also read without its full stop
	capital bool // has a capital, or is another word
	digits  bool // stands before a number, or is another word
}

// abbreviations by their letters in lower case. In the list, ^ marks titles,
// * those read without their full stop too, A those with a capital, and # those
// that need a number.
var abbreviations = func() map[string]abbreviation {
	m := map[string]abbreviation{}
	for line := range strings.Lines(abbreviationNames) {
		name, read, ok := strings.Cut(strings.TrimSpace(line), " = ")
		if !ok {
			continue
		}
		fields := strings.Fields(name)
		flags := ""
		if strings.ContainsAny(fields[0], "^*A#") {
			flags, fields = fields[0], fields[1:]
		}
		for _, f := range fields {
			m[f] = abbreviation{
				words: strings.Fields(read), title: strings.Contains(flags, "^"), bare: strings.Contains(flags, "*"),
				capital: strings.Contains(flags, "A"), digits: strings.Contains(flags, "#"),
			}
		}
	}
	return m
}()

const abbreviationNames = `
	^*A mr = mister
	^*A mrs = missus
	^*A ms = ms
	^*A mx = mix
	^*A messrs = messieurs
	^*A mme = madame
	^*A mlle = mademoiselle
	^*A prof = professor
	^A gen = general
	^A col = colonel
	^*A capt = captain
	^*A lt = lieutenant
	^A maj = major
	^*A sgt = sergeant
	^A cpl = corporal
	^A pvt = private
	^A cmdr = commander
	^A adm = admiral
	^A rev = reverend
	^A hon = honorable
	^A gov = governor
	^A sen = senator
	^A rep = representative
	^A pres = president
	^A supt = superintendent
	^A insp = inspector
	^A mt = mount
	^A ft = fort
	*A jr = junior
	*A sr = senior
	A inc = incorporated
	*A ltd = limited
	A co = company
	*A corp = corporation
	A bros = brothers
	A assn = association
	A dept = department
	dept = department
	A univ = university
	A ave = avenue
	*A blvd = boulevard
	A rd = road
	A ln = lane
	A hwy = highway
	A pkwy = parkway
	A sq = square
	* etc = et cetera
	^* vs = versus
	^* v = versus
	approx = approximately
	est = established
	govt = government
	misc = miscellaneous
	incl = including
	excl = excluding
	max = maximum
	min = minimum
	avg = average
	temp = temperature
	tel = telephone
	ext = extension
	ed = editor
	eds = editors
	viz = namely
	cf = compare
	al = al
	# no = number
	# nos = numbers
	# fig = figure
	# figs = figures
	# vol = volume
	# vols = volumes
	# ch = chapter
	# sec = section
	# art = article
	# eq = equation
	# p = page
	# pp = pages
	# pg = page
	# ca c = circa
	# para = paragraph
	# apt = apartment
	# op = opus
`

// pointed are shortened words with full stops between their letters, by their letters.
var pointed = map[string][]string{"eg": {"for", "example"}, "ie": {"that", "is"}}

var weekdays = map[string]string{
	"mon": "monday", "tue": "tuesday", "tues": "tuesday", "wed": "wednesday", "thu": "thursday", "thur": "thursday", "thurs": "thursday",
	"fri": "friday", "sat": "saturday", "sun": "sunday",
}

// abbreviated finds what a word with a full stop behind it is short for.
func abbreviated(t []token, i int) (a abbreviation, ok bool) {
	if t[i].kind != letters {
		return a, false
	}
	name := strings.ToLower(t[i].text)
	a, ok = abbreviations[name]
	stop := i+1 < len(t) && t[i+1].kind == mark && t[i+1].text == "." && !t[i+1].space
	after := i + 1
	if stop {
		after++
	}
	switch {
	case name == "st" || name == "dr":
		return streetOrTitle(t, i, after, name)
	case !ok || !stop && !a.bare || a.capital && !t[i].capital():
		return a, false
	case name == "v" && (!stop || i == 0 || t[i].capital()):
		return a, false
	case a.digits && (after >= len(t) || t[after].kind != digits):
		return a, false
	case a.title && !a.bare && (after >= len(t) || !t[after].capital()):
		return a, false
	case name == "al":
		return a, i > 0 && strings.EqualFold(t[i-1].text, "et")
	case (name == "max" || name == "min" || name == "temp" || name == "ed" || name == "ext" || name == "est") && t[i].capital() && !(after < len(t) && t[after].kind == digits):
		return a, false // Max. and Ed. are names.
	case (name == "ed" || name == "ext") && !(i > 0 && t[i-1].kind == mark):
		return a, false
	}
	return a, true
}

// streetOrTitle tells Dr. and St. before a name from those behind the name of a street.
func streetOrTitle(t []token, i, after int, name string) (abbreviation, bool) {
	if !t[i].capital() || t[i].upper() {
		return abbreviation{}, false
	}
	street, title := "street", "saint"
	if name == "dr" {
		street, title = "drive", "doctor"
	}
	before := i > 0 && t[i].space && t[i-1].capital() && !slices.Contains([]string{"The", "And", "A", "In", "At", "Of", "But", "To", "On"}, t[i-1].text)
	numbered := i > 1 && t[i-2].kind == digits
	switch {
	case before && numbered, before && (after >= len(t) || !t[after].capital()):
		return abbreviation{words: []string{street}}, true
	case after < len(t) && t[after].capital() && (t[after].space || after == i+1):
		return abbreviation{words: []string{title}, title: true}, true
	}
	return abbreviation{}, false
}

// abbreviation reads a shortened word. Its full stop is left where it also ends the sentence.
func (r *reader) abbreviation(i int) int {
	if day, ok := weekdays[r.lower(i)]; ok && r.t[i].capital() && r.gluedMark(i+1, ".") {
		at := i + 2
		if r.isMark(at, ",") {
			at++
		}
		if month, _ := r.monthOf(at); month > 0 || r.is(at, digits) {
			r.say(i, i+2, day)
			return 2
		}
	}
	if !r.is(i, letters) {
		return 0
	}
	if r.lower(i) == "w" && r.gluedMark(i+1, "/") {
		switch {
		case r.lower(i+2) == "o" && r.isGlued(i+2):
			r.say(i, i+3, "without")
			return 3
		case !r.isGlued(i + 2):
			r.say(i, i+2, "with")
			return 2
		}
	}
	a, ok := abbreviated(r.t, i)
	if !ok {
		return 0
	}
	if !r.gluedMark(i+1, ".") {
		r.say(i, i+1, a.words...)
		return 1
	}
	if r.fullStop(i + 1) {
		r.say(i, i+1, a.words...)
		return 1
	}
	r.say(i, i+2, a.words...)
	return 2
}

// mostInitials are read as one.
const mostInitials = 32

// pointedLetters is the end of letters with full stops behind each: U.S.A., e.g.,
// Ph.D., and of the one letter of an initial.
func pointedLetters(t []token, i int) (word string, end int) {
	end = i
	for end+1 < len(t) && len(word) < mostInitials && t[end].kind == letters && (end == i || !t[end].space) && t[end+1].kind == mark && t[end+1].text == "." && !t[end+1].space {
		if s := t[end].text; len(s) != 1 && !(s == "Ph" || s == "Sc" && end > i) {
			break
		}
		word += t[end].text
		end += 2
	}
	// U.S.A without the last full stop.
	if len(word) > 0 && end < len(t) && t[end].kind == letters && !t[end].space && len(t[end].text) == 1 {
		word += t[end].text
		end++
	}
	return word, end
}

// initials reads letters with full stops: U.S.A., J. R. Smith, e.g.
func (r *reader) initials(i int) int {
	if !r.is(i, letters) || r.isGlued(i) && r.isMark(i-1, ".") {
		return 0
	}
	word, end := pointedLetters(r.t, i)
	if word == "" || len(word) == 1 && !r.t[i].capital() {
		return 0
	}
	words := pointed[strings.ToLower(word)]
	if words == nil {
		words = spell(word)
	}
	if r.isMark(end-1, ".") && r.fullStop(end-1) {
		if end--; len(word) == 1 && word == "I" {
			words = []string{"i"}
		}
	}
	// U.S.'s
	if r.gluedMark(end, "'") && r.isGlued(end+1) && r.lower(end+1) == "s" {
		words[len(words)-1] = strings.ToLower(words[len(words)-1]) + "'s"
		end += 2
	}
	r.say(i, end, words...)
	return end - i
}
