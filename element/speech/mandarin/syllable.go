package mandarin

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// initials names the consonants that begin a syllable, and the finals that each
// stands before; none is the first. Finals have their full form: iou, uei and uen
// are written iu, ui and un after a consonant. The vowel of zi, ci, si is ii, that
// of zhi, chi, shi, ri iii.
var initials = []struct{ initial, finals string }{
	{"", "a o e ai ei ao ou an en ang eng er i ia io ie iai iao iou ian in iang ing u ua uo uai uei uan uen uang ueng ü üe üan ün iong r"},
	{"b", "a o ai ei ao an en ang eng i ie iao ian in ing u"},
	{"p", "a o ai ei ao ou an en ang eng i ie iao ian in ing u"},
	{"m", "a o e ai ei ao ou an en ang eng i ie iao iou ian in ing u"},
	{"f", "a o e ei ou an en ang eng iao u"},
	{"d", "a e ai ei ao ou an en ang eng i ia ie iao iou ian ing u uo uei uan uen ong"},
	{"t", "a e ai ei ao ou an ang eng i ie iao ian ing u uo uei uan uen ong"},
	{"n", "a e ai ei ao ou an en ang eng i ie iao iou ian in iang ing u uo uan uen ong ü üe"},
	{"l", "a o e ai ei ao ou an ang eng i ia ie iao iou ian in iang ing u uo uan uen ong ü üe"},
	{"g", "a e ai ei ao ou an en ang eng u ua uo uai uei uan uen uang ong"},
	{"k", "a e ai ei ao ou an en ang eng u ua uo uai uei uan uen uang ong"},
	{"h", "a e ai ei ao ou an en ang eng u ua uo uai uei uan uen uang ong"},
	{"j", "i ia ie iao iou ian in iang ing ü üe üan ün iong"},
	{"q", "i ia ie iao iou ian in iang ing ü üe üan ün iong"},
	{"x", "i ia ie iao iou ian in iang ing ü üe üan ün iong"},
	{"zh", "iii a e ai ei ao ou an en ang eng u ua uo uai uei uan uen uang ong"},
	{"ch", "iii a e ai ao ou an en ang eng u ua uo uai uei uan uen uang ong"},
	{"sh", "iii a e ai ei ao ou an en ang eng u ua uo uai uei uan uen uang"},
	{"r", "iii e ao ou an en ang eng u ua uo uei uan uen ong"},
	{"z", "ii a e ai ei ao ou an en ang eng u uo uei uan uen ong"},
	{"c", "ii a e ai ei ao ou an en ang eng u uo uei uan uen ong"},
	{"s", "ii a e ai ao ou an en ang eng u uo uei uan uen ong"},
}

// spell writes an initial and a final as pinyin does.
func spell(initial, final string) string {
	switch {
	case initial == "" && final == "r":
		return final
	case initial == "":
		return spellAlone(final)
	case final == "ii", final == "iii":
		return initial + "i"
	case final == "iou":
		return initial + "iu"
	case final == "uei":
		return initial + "ui"
	case final == "uen":
		return initial + "un"
	}
	if strings.Contains("jqx", initial) {
		final = strings.Replace(final, "ü", "u", 1)
	}
	return initial + final
}

// spellAlone writes a syllable that has no consonant: y or w replaces a first
// i, u or ü, or goes before it where it is the only vowel.
func spellAlone(final string) string {
	switch final {
	case "i", "in", "ing":
		return "y" + final
	case "u":
		return "wu"
	}
	if rest, ok := strings.CutPrefix(final, "ü"); ok {
		return "yu" + rest
	}
	if rest, ok := strings.CutPrefix(final, "i"); ok {
		return "y" + rest
	}
	if rest, ok := strings.CutPrefix(final, "u"); ok {
		return "w" + rest
	}
	return final
}

type halves struct{ initial, final string }

// inventory gives the two halves of every syllable.
var inventory = sync.OnceValue(func() map[string]halves {
	m := map[string]halves{}
	for _, row := range initials {
		for final := range strings.FieldsSeq(row.finals) {
			m[spell(row.initial, final)] = halves{row.initial, final}
		}
	}
	return m
})

var sortedSyllables = sync.OnceValue(func() []string {
	var all []string
	for s := range inventory() {
		all = append(all, s)
	}
	slices.Sort(all)
	return all
})

// Syllables lists the syllables of Mandarin without their tones, sorted: those
// of the standard language, a few of colloquial words, and r, which stands for
// the ending of 花儿 (hua1 r5) and has no other tone than 5.
func Syllables() []string { return slices.Clone(sortedSyllables()) }

var errTone = errors.New("no tone, want a digit of 1 to 5 at its end")

// Split parts a syllable as [Front.Words] gives them ("zhong1", "lü4"). The
// initial is empty or one of b p m f d t n l g k h j q x zh ch sh r z c s, y and
// w being part of the final. The final has its full form: 由 you2 is iou, 对
// dui4 d and uei, 军 jun1 j and ün; the vowel of 子 zi3 is ii, that of 只 zhi3
// iii. The tone is 1 to 4, or 5 for a neutral one. A bad syllable is an error
// that holds a [*SyllableError].
func Split(syllable string) (initial, final string, tone int, err error) {
	base, tone := cutTone(syllable)
	p, ok := inventory()[base]
	if tone == 0 && ok {
		return "", "", 0, fmt.Errorf("mandarin: %q: %w", syllable, errTone)
	}
	if !ok || tone == 0 || base == "r" && tone != 5 {
		return "", "", 0, fmt.Errorf("mandarin: %w", badSyllable(syllable, 0))
	}
	return p.initial, p.final, tone, nil
}

// cutTone parts a digit of 1 to 5 from the end; the tone is 0 where there is none.
func cutTone(s string) (base string, tone int) {
	if n := len(s); n > 0 && s[n-1] >= '1' && s[n-1] <= '5' {
		return s[:n-1], int(s[n-1] - '0')
	}
	return s, 0
}

// SyllableError is about a piece of pinyin that no syllable of Mandarin is
// written as.
type SyllableError struct {
	Offset   int    // of the piece, in bytes
	Syllable string // as written
	Nearest  string // a syllable that is
}

func (e *SyllableError) Error() string {
	return fmt.Sprintf("%q is not a syllable, the nearest is %q", e.Syllable, e.Nearest)
}

func badSyllable(s string, offset int) *SyllableError {
	base, tone := cutTone(plainVowels(s))
	if tone == 0 {
		base, tone = cutMark(s)
	}
	best, least := "", 1<<30
	for _, known := range sortedSyllables() {
		if n := distance(base, known); n < least && known != "r" {
			best, least = known, n
		}
	}
	if tone > 0 {
		best = fmt.Sprintf("%s%d", best, tone)
	}
	return &SyllableError{offset, s, best}
}

// distance is the number of letters to add, drop or replace between two
// words. Words far longer than any syllable are not looked at to their end.
func distance(a, b string) int {
	ra, rb := []rune(a), []rune(b)
	ra = ra[:min(len(ra), 16)]
	row := make([]int, len(rb)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range ra {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range rb {
			cost := diagonal
			if x != y {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(rb)]
}
