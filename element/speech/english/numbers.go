package english

import (
	"strconv"
	"strings"

	"github.com/stride-ml/stride/element/speech"
)

var (
	ones = strings.Fields(`zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen
		fifteen sixteen seventeen eighteen nineteen`)
	tens   = strings.Fields("- ten twenty thirty forty fifty sixty seventy eighty ninety")
	scales = strings.Fields("- thousand million billion trillion quadrillion")
)

// cardinal is a number in words, digit by digit when it has more than 18 digits.
func cardinal(number string) []string {
	n, err := strconv.ParseUint(number, 10, 64)
	if err != nil || len(strings.TrimLeft(number, "0")) > 18 {
		return digitwise(number)
	}
	return count(n)
}

func count(n uint64) []string {
	if n == 0 {
		return ones[:1:1]
	}
	var words []string
	for scale, unit := len(scales)-1, uint64(1e15); scale >= 0; scale, unit = scale-1, unit/1000 {
		part := n / unit
		if n %= unit; part == 0 {
			continue
		}
		if part >= 100 {
			words = append(words, ones[part/100], "hundred")
		}
		words = append(words, belowHundred(part%100)...)
		if scale > 0 {
			words = append(words, scales[scale])
		}
	}
	return words
}

// belowHundred is a number in words, none for 0. It leaves no room to append in the tables.
func belowHundred(n uint64) []string {
	switch {
	case n == 0:
		return nil
	case n < 20:
		return ones[n : n+1 : n+1]
	case n%10 == 0:
		return tens[n/10 : n/10+1 : n/10+1]
	}
	return []string{tens[n/10], ones[n%10]}
}

func digitwise(number string) []string {
	words := make([]string, len(number))
	for i, d := range []byte(number) {
		words[i] = ones[d-'0']
	}
	return words
}

// inPairs reads a number of two to four digits as years are: nineteen oh five.
func inPairs(number string) []string {
	n, _ := strconv.ParseUint(number, 10, 64)
	first, second := n/100, n%100
	switch {
	case first == 0 && second < 10 && len(number) == 2:
		return append([]string{"oh"}, ones[second])
	case first == 0, first%10 == 0 && second < 10:
		return count(n)
	case second == 0:
		return append(belowHundred(first), "hundred")
	case second < 10:
		return append(belowHundred(first), "oh", ones[second])
	}
	return append(belowHundred(first), belowHundred(second)...)
}

// isYear tells whether four digits that stand alone are likelier a year than a count.
func isYear(number string) bool {
	return len(number) == 4 && (number >= "1010" && number < "2100" || number >= "2100" && strings.HasSuffix(number, "00") && number[1] != '0')
}

var irregularOrdinals = map[string]string{
	"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth", "twelve": "twelfth",
}

// ordinal turns the last word of a number into its ordinal.
func ordinal(number []string) []string {
	words := append([]string(nil), number...)
	last := &words[len(words)-1]
	if irregular, ok := irregularOrdinals[*last]; ok {
		*last = irregular
	} else if stem, ok := strings.CutSuffix(*last, "y"); ok {
		*last = stem + "ieth"
	} else {
		*last += "th"
	}
	return words
}

// plural is the plural of a number's last word: twenties, sixes, hundreds.
func plural(number []string) []string {
	words := append([]string(nil), number...)
	last := &words[len(words)-1]
	if stem, ok := strings.CutSuffix(*last, "y"); ok {
		*last = stem + "ies"
	} else if strings.HasSuffix(*last, "x") {
		*last += "es"
	} else {
		*last += "s"
	}
	return words
}

// number is a number as written: digits with or without commas, and decimals.
type number struct {
	whole, decimals string
	commas          bool
	tokens          int
}

// number reads a number at a token, and reports whether one is there.
func (r *reader) number(i int) (n number, ok bool) {
	if r.isMark(i, ".") && r.isGlued(i+1) && r.is(i+1, digits) && !r.isJoined(i) {
		return number{decimals: r.t[i+1].text, tokens: 2}, true
	}
	if !r.is(i, digits) {
		return n, false
	}
	n = number{whole: r.t[i].text, tokens: 1}
	if len(n.whole) <= 3 {
		for len(n.whole) <= 18 && r.gluedMark(i+n.tokens, ",") && r.isGlued(i+n.tokens+1) && r.is(i+n.tokens+1, digits) && len(r.t[i+n.tokens+1].text) == 3 {
			n.whole += r.t[i+n.tokens+1].text
			n.tokens += 2
			n.commas = true
		}
	}
	if at := i + n.tokens; r.gluedMark(at, ".") && r.isGlued(at+1) && r.is(at+1, digits) &&
		!(r.gluedMark(at+2, ".") && r.isGlued(at+3) && r.is(at+3, digits)) {
		n.decimals = r.t[at+1].text
		n.tokens += 2
	}
	return n, true
}

func (n number) words() []string {
	var words []string
	switch {
	case len(n.whole) > 1 && n.whole[0] == '0' && n.decimals == "":
		return digitwise(n.whole)
	case n.whole != "":
		words = append(words, cardinal(n.whole)...)
	}
	if n.decimals != "" {
		words = append(append(words, "point"), digitwise(n.decimals)...)
	}
	return words
}

// plain is a number in words where it may be a year.
func (n number) plain() []string {
	if n.decimals == "" && !n.commas && isYear(n.whole) {
		return inPairs(n.whole)
	}
	return n.words()
}

func (n number) isOne() bool { return strings.TrimLeft(n.whole, "0") == "1" && n.decimals == "" }

var fractions = map[string]string{
	"½": "one half", "⅓": "one third", "⅔": "two thirds", "¼": "one quarter", "¾": "three quarters",
	"⅕": "one fifth", "⅖": "two fifths", "⅗": "three fifths", "⅘": "four fifths", "⅙": "one sixth", "⅚": "five sixths",
	"⅛": "one eighth", "⅜": "three eighths", "⅝": "five eighths", "⅞": "seven eighths",
}

// fraction reads 3/4 or ¾ at a token, with how many tokens it has.
func (r *reader) fraction(i int) (words []string, tokens int) {
	if r.is(i, mark) && fractions[r.t[i].text] != "" {
		return strings.Fields(fractions[r.t[i].text]), 1
	}
	if !r.is(i, digits) || !r.gluedMark(i+1, "/") || !r.isGlued(i+2) || !r.is(i+2, digits) || r.gluedMark(i+3, "/") {
		return nil, 0
	}
	above, err1 := strconv.ParseUint(r.t[i].text, 10, 32)
	below, err2 := strconv.ParseUint(r.t[i+2].text, 10, 32)
	if err1 != nil || err2 != nil || above == 0 || r.t[i].text[0] == '0' || r.t[i+2].text[0] == '0' {
		return nil, 0
	}
	words = append([]string(nil), count(above)...)
	switch {
	case above >= below:
		return append(words, count(below)...), 3
	case below > 10 && below%4 != 0 && below%10 != 0:
		if below < 13 {
			return append(words, count(below)...), 3
		}
		return append(append(words, "over"), count(below)...), 3
	}
	name := ordinal(count(below))
	switch below {
	case 2:
		name = []string{"half"}
	case 4:
		name = []string{"quarter"}
	}
	if above > 1 {
		name = plural(name)
	}
	return append(words, name...), 3
}

// amount reads a number with a fraction behind it, or a fraction: 2 1/2.
func (r *reader) amount(i int) (words []string, one bool, tokens int) {
	if f, n := r.fraction(i); n > 0 {
		return f, false, n
	}
	n, ok := r.number(i)
	if !ok {
		return nil, false, 0
	}
	if n.decimals == "" && !n.commas && len(n.whole) <= 3 {
		if f, m := r.fraction(i + n.tokens); m > 0 && (m == 1 || r.t[i+n.tokens].space) && f[len(f)-1] != "over" {
			if f[0] == "one" {
				f = append([]string{article(f[1])}, f[1:]...)
			}
			return append(append(n.words(), "and"), f...), false, n.tokens + m
		}
	}
	return n.words(), n.isOne(), n.tokens
}

func article(word string) string {
	if strings.HasPrefix(word, "eigh") {
		return "an"
	}
	return "a"
}

// isMinus tells whether a hyphen is the sign of the number behind it.
func (r *reader) isMinus(i int) bool {
	if !r.isMark(i, "-") && !r.isMark(i, "–") || !r.isGlued(i+1) {
		return false
	}
	return r.t[i].space || i > 0 && r.is(i-1, mark) && strings.Contains(`"'([{=`, r.t[i-1].text)
}

// numerals reads what begins with digits and is none of the things that other rules know.
func (r *reader) numerals(i int) int {
	minus := 0
	if r.isMinus(i) {
		minus = 1
	}
	n, ok := r.number(i + minus)
	if !ok {
		return 0
	}
	var words []string
	if minus == 1 {
		words = append(words, "minus")
	}
	at := i + minus
	end := at + n.tokens
	if f, _, m := r.amount(at); m > n.tokens {
		words = append(words, f...)
		end = at + m
	} else if to, m := r.rangeEnd(end); m > 0 && minus == 0 {
		words = append(append(append(words, n.plain()...), "to"), to...)
		end += m
	} else if r.is(end, letters) && r.isGlued(end) {
		return r.digitsBeforeLetters(i, end, append(words, n.words()...))
	} else if r.gluedMark(end, ".") && r.is(end+1, digits) && r.isGlued(end+1) {
		words = append(words, n.words()...)
		for r.gluedMark(end, ".") && r.is(end+1, digits) && r.isGlued(end+1) {
			words = append(append(words, "point"), cardinal(r.t[end+1].text)...)
			end += 2
		}
	} else if r.isJoined(at) && r.is(at-1, letters) && minus == 0 && n.decimals == "" {
		words = append(words, model(n.whole)...)
	} else {
		words = append(words, n.plain()...)
	}
	r.say(i, end, words...)
	return end - i
}

// model reads the digits of a thing's name: A4, B52, Boeing's B747, X1000.
func model(number string) []string {
	switch {
	case number[0] == '0' || len(number) > 4:
		return digitwise(number)
	case len(number) == 3 && number[1:] != "00":
		rest := inPairs(number[1:])
		return append(append([]string(nil), ones[number[0]-'0']), rest...)
	case len(number) == 4:
		return inPairs(number)
	}
	return cardinal(number)
}

// rangeEnd reads what ends a range: -12 in 10-12.
func (r *reader) rangeEnd(i int) (words []string, tokens int) {
	if !r.gluedMark(i, "-") && !r.gluedMark(i, "–") && !r.gluedMark(i, "—") || !r.isGlued(i+1) {
		return nil, 0
	}
	n, ok := r.number(i + 1)
	// 10-12-14 is no range.
	if end := i + 1 + n.tokens; !ok || r.gluedMark(end, "-") && r.is(end+1, digits) {
		return nil, 0
	}
	return n.plain(), 1 + n.tokens
}

// digitsBeforeLetters reads 1st, 90s, 3D, 10K and 4x, of which the words of the
// number are given.
func (r *reader) digitsBeforeLetters(i, end int, words []string) int {
	number, after := r.t[end-1].text, r.t[end].text
	lower := strings.ToLower(after)
	switch {
	case lower == "st" || lower == "nd" || lower == "rd" || lower == "th":
		if r.is(i, digits) && end == i+1 && isYear(number) && len(number) == 4 {
			words = inPairs(number)
		}
		r.say(i, end+1, ordinal(words)...)
	case lower == "s" && len(number) >= 2 && number[len(number)-1] == '0' && end == i+1:
		r.say(i, end+1, decade(number)...)
	case lower == "s":
		r.say(i, end+1, plural(words)...)
	case lower == "x" && r.is(end+1, digits) && r.isGlued(end+1):
		if end == i+1 && isYear(number) {
			words = inPairs(number)
		}
		r.say(i, end+1, append(words, "by")...)
	case lower == "x":
		r.say(i, end+1, append(words, "times")...)
	case len(after) <= 3:
		r.say(i, end, words...)
		r.say(end, end+1, spell(after)...)
	default:
		r.say(i, end, words...)
		return end - i
	}
	return end + 1 - i
}

// decade reads the number before the s of 1980s and 90s.
func decade(number string) []string {
	if len(number) == 4 {
		return plural(inPairs(number))
	}
	return plural(cardinal(number))
}

// shortYear reads '90s and '99 at an apostrophe.
func (r *reader) shortYear(i int) int {
	if !r.isMark(i, "'") || r.isJoined(i) || !r.is(i+1, digits) || !r.isGlued(i+1) || len(r.t[i+1].text) != 2 {
		return 0
	}
	if r.is(i+2, letters) && r.isGlued(i+2) {
		if r.t[i+2].text != "s" {
			return 0
		}
		r.say(i, i+3, decade(r.t[i+1].text)...)
		return 3
	}
	if r.gluedMark(i+2, "'") {
		return 0
	}
	r.say(i, i+2, inPairs(r.t[i+1].text)...)
	return 2
}

// possessiveDecade reads 1980's, of which the scanner does not join the apostrophe.
func (r *reader) possessiveDecade(i int) int {
	if !r.is(i, digits) || !r.gluedMark(i+1, "'") || !r.is(i+2, letters) || !r.isGlued(i+2) || r.t[i+2].text != "s" {
		return 0
	}
	number := r.t[i].text
	switch {
	case len(number) >= 2 && strings.HasSuffix(number, "0"):
		r.say(i, i+3, decade(number)...)
	case isYear(number):
		r.say(i, i+3, plural(inPairs(number))...)
	default:
		r.say(i, i+3, plural(cardinal(number))...)
	}
	return 3
}

// mostGroups are looked at for a telephone number.
const mostGroups = 8

// telephone reads groups of digits one by one: 555-1234, (555) 123-4567, +44 20 7946 0958.
func (r *reader) telephone(i int) int {
	type group struct{ from, to int }
	var (
		groups  []group
		lengths []int
		spaces  bool
		total   int
	)
	at, plus, bracket := i, r.isMark(i, "+"), r.isMark(i, "(")
	if plus || bracket {
		at++
	}
	if !r.is(at, digits) || (plus || bracket) && !r.isGlued(at) || r.isJoined(i) {
		return 0
	}
	for {
		groups = append(groups, group{at, at + 1})
		lengths = append(lengths, len(r.t[at].text))
		total += len(r.t[at].text)
		if at++; bracket && len(groups) == 1 {
			if !r.gluedMark(at, ")") {
				return 0
			}
			at++
		}
		next := at
		if (r.gluedMark(at, "-") || r.gluedMark(at, ".")) && r.isGlued(at+1) {
			next++
		}
		if !r.is(next, digits) || r.t[next].paragraph || len(groups) == mostGroups {
			break
		}
		if next == at {
			if !r.t[next].space && !bracket {
				break
			}
			spaces = true
		}
		at = next
	}
	if (r.is(at, letters) || r.gluedMark(at, "%")) && r.isGlued(at) {
		return 0
	}
	shape := ""
	for _, l := range lengths {
		shape += strconv.Itoa(min(l, 9))
	}
	switch {
	case plus && total >= 7:
	case bracket && total >= 7:
	case r.t[i].text[0] == '0' && total >= 7 && len(groups) > 1 && shape != "422" && lengths[0] >= 2:
	case !spaces && (shape == "334" || shape == "1334" || shape == "324"):
	case !spaces && shape == "34" && r.isMark(i+1, "-") && !(r.t[i].text[2] == '0' && strings.HasSuffix(r.t[i+2].text, "00")):
	default:
		return 0
	}
	if plus {
		r.say(i, groups[0].to, "plus")
	}
	for n, g := range groups {
		from := g.from
		if n == 0 && plus {
			from = i
		}
		r.say(from, g.to, digitwise(r.t[g.from].text)...)
		if n < len(groups)-1 {
			r.rest(speech.Phrase)
		}
	}
	return at - i
}
