package language

import (
	"regexp"
	"strings"

	"github.com/stride-ml/stride/element/speech"
	"github.com/stride-ml/stride/element/speech/english"
	"github.com/stride-ml/stride/element/speech/mandarin"
)

// latinParts are the numbers of a run, and what stands between them.
var latinParts = regexp.MustCompile(`[0-9]+(?:\.[0-9]+)*|[^0-9]+`)

// latin reads a run of Latin words in a Mandarin text: words as English, numbers
// as Mandarin.
func latin(run string) []speech.Word {
	var out []speech.Word
	for _, place := range latinParts.FindAllStringIndex(run, -1) {
		part := run[place[0]:place[1]]
		words := numeral(part)
		if words == nil {
			words = loanWords(part)
		}
		out = append(out, moved(words, place[0])...)
	}
	return out
}

// moved puts words so many bytes further on.
func moved(words []speech.Word, by int) []speech.Word {
	for i := range words {
		words[i].Start += by
		words[i].End += by
	}
	return words
}

// longNumber has so many digits that they are said one by one behind letters:
// RTX4090.
const longNumber = 4

// numeral reads a number; nil if the part is none.
func numeral(part string) []speech.Word {
	if part[0] < '0' || part[0] > '9' {
		return nil
	}
	if len(part) < longNumber || strings.Contains(part, ".") {
		words, _ := new(mandarin.Front).Words(part) // only pinyin in brackets fails
		return words
	}
	var out []speech.Word
	for i := range part {
		out = append(out, moved(numeral(part[i:i+1]), i)...)
	}
	return out
}

// loanMarks are how marks in names and addresses are said.
var loanMarks = map[string]string{".": "dian3", "+": "jia1"}

// loanWords reads English words by syllables of Mandarin.
func loanWords(text string) []speech.Word {
	words, _ := new(english.Front).Words(text) // only phones in brackets fail
	level := levels(words)
	for i := range words {
		if said := loanMarks[words[i].Text]; said != "" {
			words[i].Phones = []string{said}
			continue
		}
		l := loan{phones: words[i].Phones, level: level[i]}
		if words[i].Text == "A" || text == "a" { // not the article
			l.phones = []string{"EY1"}
		}
		words[i].Phones = l.say()
	}
	return words
}

// levels tells which words are names of letters that do not fall: one by itself,
// and all but the last of an acronym.
func levels(words []speech.Word) []bool {
	level := make([]bool, len(words))
	for i := range words {
		of := func(k int) bool {
			return k >= 0 && k < len(words) && words[k].Start == words[i].Start && len(words[k].Spoken) == 1
		}
		level[i] = of(i) && (of(i+1) || !of(i-1))
	}
	return level
}
