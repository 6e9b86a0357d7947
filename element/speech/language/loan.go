package language

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/stride-ml/stride/element/speech/mandarin"
)

// loan says phones of English by syllables of Mandarin, as a speaker does who has
// no other sounds: OK is ou1 kei4, coffee ka4 fei5. A consonant that begins no
// syllable gets a vowel of its own, what Mandarin has not is said by its nearest
// (r by l, v by w), and stress is heard as a falling tone. Loans are made so: Miao,
// "Loanword adaptation in Mandarin Chinese" (2005); Wu, "Stress to tone" (2006).
type loan struct {
	phones []string
	level  bool // its stress does not fall

	out []string
}

func (l *loan) say() []string {
	for i := 0; i < len(l.phones); {
		i += l.next(i)
	}
	return l.out
}

// next says what begins at a phone, and returns how many phones that is.
func (l *loan) next(i int) int {
	for onset := 2; onset >= 0; onset-- {
		if n := l.syllable(i, onset); n > 0 {
			return n
		}
	}
	return l.consonant(i)
}

// at is a phone without its stress, "" outside the word. An unstressed AH is AX.
func (l *loan) at(i int) string {
	if i < 0 || i >= len(l.phones) {
		return ""
	}
	switch p := l.phones[i]; p {
	case "AH0":
		return "AX"
	default:
		base := strings.TrimRight(p, "012")
		switch base {
		case "IY":
			return "IH"
		case "UW":
			return "UH"
		}
		return base
	}
}

// vowel tells whether a phone is one.
func (l *loan) vowel(i int) bool {
	return i >= 0 && i < len(l.phones) && strings.Contains("012", l.phones[i][len(l.phones[i])-1:])
}

// begins tells whether a consonant is heard with a vowel that follows it.
func (l *loan) begins(i int) bool { return l.vowel(i+1) || l.at(i+1) == "Y" && l.vowel(i+2) }

// coda is how a syllable ends whose vowel is before i: a nasal, a dark l, the end
// of a longer word (#), or nothing.
func (l *loan) coda(i int) string {
	switch p := l.at(i); {
	case p == "NG", p == "N" && !l.begins(i):
		return " " + p
	case p == "M" && (l.at(i+1) == "P" || l.at(i+1) == "B"):
		return " N"
	case p == "L" && !l.begins(i):
		return " L"
	case p == "" && len(l.out) > 0:
		return " #"
	}
	return ""
}

// syllable says the vowel behind so many consonants at i with them, and returns
// how many phones that is; none where no syllable is like it.
func (l *loan) syllable(i, consonants int) int {
	v := i + consonants
	if !l.vowel(v) {
		return 0
	}
	onset := "-"
	if consonants > 0 {
		if l.vowel(i) {
			return 0
		}
		onset = strings.Join([]string{l.at(i), l.at(i + 1)}[:consonants], " ")
	}
	initials, glide, ok := l.initials(i, onset)
	if !ok {
		return 0
	}
	vowel := l.at(v)
	if coda := l.coda(v + 1); coda != "" {
		for _, key := range []string{onset + " " + vowel + coda, vowel + coda} {
			if l.speak(initials, glide, rimes[key], l.tone(v)) {
				return min(v+2, len(l.phones)) - i
			}
		}
	}
	for _, key := range []string{onset + " " + vowel, vowel} {
		if l.speak(initials, glide, rimes[key], l.tone(v)) {
			return v + 1 - i
		}
	}
	return 0
}

// initials are the consonants that an onset can be said by, and the glide that
// follows them.
func (l *loan) initials(i int, onset string) (initials []string, glide string, ok bool) {
	if onset == "-" {
		return []string{""}, "", true
	}
	first, second, _ := strings.Cut(onset, " ")
	switch {
	case onset == "W", onset == "V":
		return []string{""}, "u", true
	case onset == "Y":
		return []string{""}, "i", true
	case onsets[onset] != "":
		first = onset
	case second == "W" && first != "V":
		glide = "u"
	case second == "Y" && first != "V":
		glide = "i"
	case second != "":
		return nil, "", false
	}
	if soft, ok := map[string]string{"P": "b", "T": "d", "K": "g j"}[first]; ok && l.at(i-1) == "S" {
		return strings.Fields(soft), glide, true // behind s there is no breath
	}
	initials = strings.Fields(onsets[first])
	return initials, glide, initials != nil
}

// onsets are the initials that consonants are said by, the best first.
var onsets = map[string]string{
	"P": "p", "B": "b", "T": "t", "D": "d", "K": "k q", "G": "g j", "F": "f", "TH": "s x", "DH": "d", "S": "s x", "Z": "z j",
	"SH": "sh x", "ZH": "zh j", "CH": "ch q", "JH": "zh j", "M": "m", "N": "n", "L": "l", "R": "l", "HH": "h x", "T S": "c q", "D Z": "z j",
	"T Y": "t", "D Y": "d",
}

// rimes are the finals that a vowel and what closes it are said by: groups from
// the best on, parted by |, of which each is tried with all initials; + adds a
// syllable. Before the vowel stands the onset where it matters, - for none.
var rimes = map[string]string{
	"AA": "a", "AA N": "ang", "AA NG": "ang",
	"AE": "a", "AE N": "an", "AE NG": "ang", "- AE": "ai", "M AE": "ai",
	"AH": "a", "AH N": "an", "AH NG": "ang",
	"AX": "e o", "AX N": "en eng", "AX L": "ou uo o", "AX #": "a", "HH AX": "a",
	"AO": "uo o", "AO N": "ang", "AO NG": "ong ang", "- AO": "ou",
	"AW": "ao|a+wu", "AW N": "ang",
	"AY": "ai|a+yi",
	"EH": "ei ie ai", "EH N": "en ian", "EH NG": "eng", "- EH": "ai", "CH EH": "ie", "T EH": "e", "D EH": "e",
	"ER": "e o", "ER N": "en eng", "- ER": "er", "- ER N": "er+en",
	"EY": "ei ai ie",
	"IH": "i|ei", "IH N": "in ing|en", "IH NG": "ing|eng", "Z IH": "ii",
	"OW": "ou uo o", "OW N": "ong eng", "OW NG": "ong", "- OW N": "ou+en",
	"OY": "uo+yi o+yi", "OY N": "uo+yin o+yin", "- OY": "ou+yi",
	"UH": "u", "UH N": "uen", "UH NG": "ong",
}

// glides are what finals are behind a w or y.
var glides = map[string]map[string]string{
	"u": {"a": "ua", "o": "uo", "e": "uo", "uo": "uo", "ou": "uo", "ai": "uai", "ei": "uei", "i": "uei", "an": "uan", "en": "uen",
		"in": "uen", "ang": "uang", "eng": "ueng", "ing": "ueng", "u": "u"},
	"i": {"a": "ia", "o": "io", "e": "ie", "uo": "iou", "ou": "iou", "ai": "iai", "ei": "ie", "i": "i", "ao": "iao", "an": "ian",
		"en": "ian", "in": "in", "ang": "iang", "eng": "ing", "ing": "ing", "ong": "iong", "u": "iou"},
}

// spelled are syllables by initial and final.
var spelled = sync.OnceValue(func() map[[2]string]string {
	m := map[[2]string]string{}
	for _, s := range mandarin.Syllables() {
		if initial, final, _, err := mandarin.Split(s + "1"); err == nil { // r has no such tone
			m[[2]string{initial, final}] = s
		}
	}
	return m
})

// speak adds the first syllable of a rime that there is.
func (l *loan) speak(initials []string, glide, rime string, tone int) bool {
	for group := range strings.SplitSeq(rime, "|") {
		for _, initial := range initials {
			for choice := range strings.FieldsSeq(group) {
				final, more, _ := strings.Cut(choice, "+")
				if glide != "" {
					final = glides[glide][final]
				}
				s, ok := spelled()[[2]string{initial, final}]
				if !ok {
					continue
				}
				l.out = append(l.out, s+strconv.Itoa(tone))
				if more != "" {
					l.out = append(l.out, more+"5")
				}
				return true
			}
		}
	}
	return false
}

// tone is that of a vowel: falling where the word has its last stress, high where
// it has another or before it, else neutral.
func (l *loan) tone(v int) int {
	stressed := func(p string) bool { return strings.HasSuffix(p, "1") }
	p := l.phones[v]
	switch before := slices.ContainsFunc(l.phones[v+1:], stressed); {
	case stressed(p) && !before && !l.level:
		return 4
	case p[len(p)-1] != '0', before:
		return 1
	}
	return 5
}

// consonant says a consonant without a vowel of its own, and returns how many
// phones that is. No word begins with a neutral tone.
func (l *loan) consonant(i int) int {
	tone := 5
	if len(l.out) == 0 {
		tone = 1
	}
	p, before := l.at(i), l.at(i-1)
	said, n := alone[p], 1
	if both := alone[p+" "+l.at(i+1)]; both != "" {
		said, n = both, 2
	}
	switch {
	case p == "R" && (before == "AA" || before == "AO") && !(i == 1 && len(l.phones) == 2): // but the letter R
		return 1
	case p == "L" && slices.Contains([]string{"AA", "AO", "AW", "OW", "UH"}, before):
		return 1
	case l.at(i+1) == "Y" && l.vowel(i+2):
		if initials, glide, ok := l.initials(i, p); ok && l.speak(initials, glide, "i|ei", tone) {
			return 1
		}
	}
	l.out = append(l.out, said+strconv.Itoa(tone))
	return n
}

// alone are the syllables of consonants without a vowel.
var alone = map[string]string{
	"P": "pu", "B": "bu", "T": "te", "D": "de", "K": "ke", "G": "ge", "F": "fu", "V": "fu", "TH": "si", "DH": "de", "S": "si", "Z": "zi",
	"SH": "shi", "ZH": "zhi", "CH": "qi", "JH": "zhi", "M": "mu", "N": "en", "NG": "eng", "L": "ou", "R": "er", "HH": "he", "W": "wu", "Y": "yi",
	"T S": "ci", "D Z": "zi",
}
