package english

import (
	"slices"
	"strings"

	"github.com/stride-ml/stride/element/speech/english/internal/arpabet"
)

// The endings of inflected words sound by what stands before them.
var (
	sibilants = phoneNumbers("S Z SH ZH CH JH")
	voiceless = phoneNumbers("P T K F TH S SH CH HH")
	stops     = phoneNumbers("T D")
)

func phoneNumbers(names string) []uint8 {
	var numbers []uint8
	for _, name := range strings.Fields(names) {
		n, _ := arpabet.Number(name)
		numbers = append(numbers, n)
	}
	return numbers
}

func with(stem []uint8, ending string) []uint8 {
	return append(slices.Clip(stem), phoneNumbers(ending)...)
}

// withS adds the s of plurals, possessives and verbs.
func withS(stem []uint8) []uint8 {
	switch last := stem[len(stem)-1]; {
	case slices.Contains(sibilants, last):
		return with(stem, "IH0 Z")
	case slices.Contains(voiceless, last):
		return with(stem, "S")
	}
	return with(stem, "Z")
}

// withD adds the ending of the past.
func withD(stem []uint8) []uint8 {
	switch last := stem[len(stem)-1]; {
	case slices.Contains(stops, last):
		return with(stem, "IH0 D")
	case slices.Contains(voiceless, last):
		return with(stem, "T")
	}
	return with(stem, "D")
}

// deepest is how many endings and beginnings are taken off a word.
const deepest = 3

// stem returns the phones of a word that the dictionary has, or that is derived from one.
func stem(word string, depth int) []uint8 {
	if len(word) < 2 {
		return nil
	}
	if said := look(word); said != nil {
		return said
	}
	if depth == 0 {
		return nil
	}
	return derived(word, depth-1)
}

// verbStem is the stem of a verb, which may be written without the e or with
// its last consonant doubled: bak-ing, jogg-ing.
func verbStem(s string, depth int) []uint8 {
	n := len(s)
	if n < 2 {
		return nil
	}
	stem := func(s string, depth int) []uint8 {
		if known(s) && !inflects(s) {
			return nil
		}
		return stem(s, depth)
	}
	if n >= 4 && s[n-1] == s[n-2] && strings.IndexByte("bdgklmnprtvz", s[n-1]) >= 0 {
		if said := stem(s[:n-1], depth); said != nil {
			return said
		}
	}
	// hop-ing is of hope: hop would have doubled its p.
	if isVowel(s[n-2]) && !isVowel(s[n-1]) || isVowel(s[n-1]) {
		if said := stem(s+"e", depth); said != nil {
			return said
		}
	}
	if n >= 3 {
		if said := stem(s, depth); said != nil {
			return said
		}
	}
	return stem(s+"e", depth)
}

func isVowel(b byte) bool { return strings.IndexByte("aeiouy", b) >= 0 }

// ending is what may be taken off an unknown word, and joins what is left to it again.
type ending struct {
	letters string
	join    func(rest string, depth int) []uint8
}

func endings() []ending {
	return []ending{
		{"'s", func(rest string, depth int) []uint8 { return ended(stemOrLetters(rest, depth), withS) }},
		{"s'", func(rest string, depth int) []uint8 { return stemOrLetters(rest+"s", depth) }},
		{"'", stemOrLetters},
		{"ies", func(rest string, depth int) []uint8 { return ended(stem(rest+"y", depth), withS) }},
		{"es", func(rest string, depth int) []uint8 {
			if !known(rest+"e") && (strings.ContainsAny(rest[len(rest)-1:], "sxzo") || strings.HasSuffix(rest, "ch") || strings.HasSuffix(rest, "sh")) {
				return ended(stem(rest, depth), withS)
			}
			return nil
		}},
		{"s", func(rest string, depth int) []uint8 {
			if strings.ContainsAny(rest[len(rest)-1:], "sui") || len(rest) < 3 {
				return nil
			}
			return ended(stem(rest, depth), withS)
		}},
		{"ied", func(rest string, depth int) []uint8 { return ended(stem(rest+"y", depth), withD) }},
		{"ed", func(rest string, depth int) []uint8 { return ended(verbStem(rest, depth), withD) }},
		{"ing", func(rest string, depth int) []uint8 { return joinedTo(verbStem(rest, depth), "IH0 NG") }},
		{"ings", func(rest string, depth int) []uint8 { return joinedTo(verbStem(rest, depth), "IH0 NG Z") }},
		{"ably", func(rest string, depth int) []uint8 { return exchanged(stem(rest+"able", depth), "AH0 L", "L IY0") }},
		{"ibly", func(rest string, depth int) []uint8 { return exchanged(stem(rest+"ible", depth), "AH0 L", "L IY0") }},
		{"ically", func(rest string, depth int) []uint8 { return joinedTo(stem(rest+"ic", depth), "L IY0") }},
		{"ily", func(rest string, depth int) []uint8 { return exchanged(stem(rest+"y", depth), "IY0", "AH0 L IY0") }},
		{"lly", func(rest string, depth int) []uint8 { return joinedTo(stem(rest+"l", depth), "IY0") }},
		{"ly", func(rest string, depth int) []uint8 { return joinedTo(stem(rest, depth), "L IY0") }},
		{"iness", func(rest string, depth int) []uint8 { return joinedTo(stem(rest+"y", depth), "N AH0 S") }},
		{"ness", func(rest string, depth int) []uint8 { return joinedTo(stem(rest, depth), "N AH0 S") }},
		{"less", func(rest string, depth int) []uint8 { return joinedTo(stem(rest, depth), "L AH0 S") }},
		{"like", func(rest string, depth int) []uint8 { return joinedTo(stem(rest, depth), "L AY2 K") }},
		{"ful", func(rest string, depth int) []uint8 { return joinedTo(stem(rest, depth), "F AH0 L") }},
		{"able", func(rest string, depth int) []uint8 { return joinedTo(verbStem(rest, depth), "AH0 B AH0 L") }},
	}
}

var beginnings = map[string]string{"un": "AH0 N", "re": "R IY0", "mis": "M IH0 S", "non": "N AA0 N"}

// derived returns the phones of a word whose stem the dictionary has.
func derived(word string, depth int) []uint8 {
	for _, e := range endings() {
		if rest, ok := strings.CutSuffix(word, e.letters); ok && len(rest) >= 2 {
			if said := e.join(rest, depth); said != nil {
				return said
			}
		}
	}
	for _, n := range []int{2, 3} {
		if len(word) < n+4 {
			break
		}
		if begin, ok := beginnings[word[:n]]; ok {
			if said := stem(word[n:], depth); said != nil {
				return append(phoneNumbers(begin), said...)
			}
		}
	}
	return nil
}

func ended(stem []uint8, end func([]uint8) []uint8) []uint8 {
	if stem == nil {
		return nil
	}
	return end(stem)
}

func joinedTo(stem []uint8, ending string) []uint8 {
	if stem == nil {
		return nil
	}
	return with(stem, ending)
}

// exchanged puts another ending in the place of one.
func exchanged(stem []uint8, from, to string) []uint8 {
	rest, ok := strings.CutSuffix(string(stem), string(phoneNumbers(from)))
	if !ok {
		return nil
	}
	return with([]uint8(rest), to)
}

// stemOrLetters is for what stands before an apostrophe, which is said in any case.
func stemOrLetters(word string, depth int) []uint8 {
	if said := stem(word, depth); said != nil {
		return said
	}
	return unknown(word)
}

// compound returns the phones of two known words written as one, of which the
// second keeps a secondary stress.
func compound(word string) []uint8 {
	best := 0
	for i := shortPart; i+shortPart <= len(word); i++ {
		if min(i, len(word)-i) > min(best, len(word)-best) && inflects(word[:i]) && inflects(word[i:]) {
			best = i
		}
	}
	if best == 0 {
		return nil
	}
	said := slices.Clone(look(word[:best]))
	for _, p := range look(word[best:]) {
		if arpabet.Stress(p) == 1 {
			p++
		}
		said = append(said, p)
	}
	return said
}

// inflects tells whether the dictionary has a word in several forms, as it has
// of English words and not of the many names in it.
func inflects(word string) bool {
	if !known(word) {
		return false
	}
	base, forms := strings.TrimSuffix(word, "s"), 0
	for _, ending := range []string{"s", "ed", "ing", "er", "y", "ly", "less"} {
		if known(base+ending) || ending != "s" && known(strings.TrimSuffix(base, "e")+ending) {
			forms++
		}
	}
	return forms >= 2
}

// shortPart is how many letters a part of a compound has at least: shorter ones
// stand in too many words by chance.
const shortPart = 4
