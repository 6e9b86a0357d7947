package language

import (
	"strconv"
	"strings"

	"github.com/stride-ml/stride/element/speech"
	"github.com/stride-ml/stride/element/speech/mandarin"
)

// han reads a run of letters that are not English: Han characters by the nearest
// phones of English, others not.
func han(run string) []speech.Word {
	words, _ := new(mandarin.Front).Words(run) // only pinyin in brackets fails
	var out []speech.Word
	for _, w := range words {
		if w.Phones = syllablePhones(w.Phones); len(w.Phones) > 0 {
			out = append(out, w)
		}
	}
	return out
}

// syllablePhones says the syllables of a word by phones of English. The last one
// that has a tone is stressed.
func syllablePhones(syllables []string) []string {
	var out []string
	stress := 1
	for i := len(syllables) - 1; i >= 0; i-- {
		initial, final, tone, err := mandarin.Split(syllables[i])
		if err != nil {
			continue // the front end gives no such
		}
		own := 0
		if tone < 5 {
			own, stress = stress, 2
		}
		out = append(phonesOf(initial, final, own), out...)
	}
	return out
}

// phonesOf are the phones of a syllable. A y is not heard behind a consonant that
// has one in itself.
func phonesOf(initial, final string, stress int) []string {
	out := strings.Fields(initialPhones[initial])
	phones := strings.Fields(finalPhones[final])
	if strings.Contains("jqx", initial) && initial != "" && phones[0] == "Y" {
		phones = phones[1:]
	}
	for _, p := range phones {
		if strings.HasSuffix(p, "*") {
			p = p[:len(p)-1] + strconv.Itoa(stress)
		}
		out = append(out, p)
	}
	return out
}

var initialPhones = map[string]string{
	"b": "B", "p": "P", "m": "M", "f": "F", "d": "D", "t": "T", "n": "N", "l": "L", "g": "G", "k": "K", "h": "HH", "j": "JH", "q": "CH",
	"x": "SH", "zh": "JH", "ch": "CH", "sh": "SH", "r": "R", "z": "D Z", "c": "T S", "s": "S",
}

// finalPhones have a * for the stress of the vowel.
var finalPhones = map[string]string{
	"a": "AA*", "o": "AO*", "e": "AH*", "ai": "AY*", "ei": "EY*", "ao": "AW*", "ou": "OW*", "an": "AA* N", "en": "AH* N", "ang": "AA* NG", "eng": "AH* NG", "er": "AA* R",
	"i": "IY*", "ia": "Y AA*", "io": "Y AO*", "ie": "Y EH*", "iai": "Y AY*", "iao": "Y AW*", "iou": "Y OW*", "ian": "Y EH* N", "in": "IH* N", "iang": "Y AA* NG", "ing": "IH* NG",
	"u": "UW*", "ua": "W AA*", "uo": "W AO*", "uai": "W AY*", "uei": "W EY*", "uan": "W AA* N", "uen": "W AH* N", "uang": "W AA* NG", "ueng": "W AH* NG", "ong": "UH* NG",
	"ü": "Y UW*", "üe": "Y EH*", "üan": "Y EH* N", "ün": "Y UH* N", "iong": "Y UH* NG", "ii": "IH*", "iii": "ER*", "r": "ER*",
}
