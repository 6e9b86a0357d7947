package english

import (
	_ "embed"
	"slices"
	"strings"
	"sync"

	"github.com/stride-ml/stride/element/speech"
	"github.com/stride-ml/stride/element/speech/english/internal/arpabet"
	"github.com/stride-ml/stride/element/speech/english/internal/dictionary"
	"github.com/stride-ml/stride/element/speech/english/internal/graphone"
)

//go:generate go run ./internal/generate -dictionary cmudict.tsv

//go:embed dictionary.bin
var dictionaryFile []byte

//go:embed letters.bin
var lettersFile []byte

// Both files are opened when they are first needed.
var (
	words       = sync.OnceValue(openDictionary)
	letterModel = sync.OnceValue(openLetters)
)

// The files are part of the program, so that one which cannot be read is a fault
// of the build.
func openDictionary() *dictionary.Dictionary {
	d, err := dictionary.Read(dictionaryFile)
	if err != nil {
		panic("english: " + err.Error())
	}
	return d
}

func openLetters() *graphone.Model {
	m, err := graphone.Read(lettersFile)
	if err != nil {
		panic("english: " + err.Error())
	}
	return m
}

// known tells whether the dictionary has a word.
func known(word string) bool {
	_, ok := words().Find(word)
	return ok
}

// look returns the first pronunciation in the dictionary, nil without one.
func look(word string) []uint8 {
	i, ok := words().Find(word)
	if !ok {
		return nil
	}
	return words().Said(i)[0]
}

// unknown returns the phones of a word that the dictionary has not.
func unknown(word string) []uint8 {
	if strings.Trim(word, "bcdfghjklmnpqrstvwxz") == "" && !drawnOut(word) {
		return namesOf(word)
	}
	said, _ := letterModel().Say(word)
	if said == nil {
		return namesOf(word)
	}
	return said
}

// longestWord is how many letters of a word are said.
const longestWord = 128

// drawnOut tells whether letters are a sound rather than an acronym: hmmm, shh.
func drawnOut(word string) bool {
	for i := 1; i < len(word); i++ {
		if word[i] == word[i-1] {
			return true
		}
	}
	return false
}

// namesOf returns the names of the letters of a word.
func namesOf(word string) []uint8 {
	var said []uint8
	for _, b := range []byte(word) {
		if isSmall(b) {
			said = append(said, phoneNumbers(letterNames[b-'a'])...)
		}
	}
	return said
}

var letterNames = [26]string{
	"EY1", "B IY1", "S IY1", "D IY1", "IY1", "EH1 F", "JH IY1", "EY1 CH", "AY1", "JH EY1", "K EY1", "EH1 L", "EH1 M",
	"EH1 N", "OW1", "P IY1", "K Y UW1", "AA1 R", "EH1 S", "T IY1", "Y UW1", "V IY1", "D AH1 B AH0 L Y UW0", "EH1 K S", "W AY1", "Z IY1",
}

// prefixes are said so before a hyphen.
var prefixes = map[string]string{
	"re": "R IY1", "co": "K OW1", "de": "D IY1", "pre": "P R IY1", "ex": "EH1 K S", "anti": "AE1 N T IY0", "semi": "S EH1 M IY0",
	"multi": "M AH1 L T IY0", "bi": "B AY1", "tri": "T R AY1", "un": "AH1 N",
}

// pronounce gives the words their phones. It goes backwards, as the and to depend
// on the sound that follows.
func (f *Front) pronounce(said []spoken) []speech.Word {
	out := make([]speech.Word, len(said))
	for i := len(said) - 1; i >= 0; i-- {
		s := &said[i]
		if s.Phones == nil {
			s.Phones = f.phones(said, i)
		}
		out[i] = s.Word
	}
	return slices.DeleteFunc(out, func(w speech.Word) bool { return len(w.Phones) == 0 })
}

func (f *Front) phones(said []spoken, i int) []string {
	word := said[i].Spoken
	if own, ok := f.User[word]; ok {
		return slices.Clone(own)
	}
	if said[i].letter {
		return arpabet.Strings(namesOf(word))
	}
	next := ""
	if i+1 < len(said) && said[i].Break == speech.NoBreak && len(said[i+1].Phones) > 0 {
		next = said[i+1].Phones[0]
	}
	vowel := next != "" && next[len(next)-1] <= '2'
	switch {
	case word == "the" && vowel:
		return []string{"DH", "IY0"}
	case word == "to" && next != "" && !vowel:
		return []string{"T", "AH0"}
	case word == "used" && i+1 < len(said) && said[i+1].Spoken == "to" && said[i].Break == speech.NoBreak:
		return []string{"Y", "UW1", "S", "T"}
	}
	if h := (context{said, i}).heteronym(); h != nil {
		return slices.Clone(h)
	}
	return arpabet.Strings(f.lookUp(word))
}

// lookUp returns the phones of a word by itself: from the dictionary, from the
// words that it is made of, or from its letters. A word of the user's lexicon
// with a possessive or plural s counts as known.
func (f *Front) lookUp(word string) []uint8 {
	if said := look(word); said != nil {
		return said
	}
	for _, s := range []string{"'s", "s", "'"} {
		if base, ok := strings.CutSuffix(word, s); ok && f.User.has(base) {
			said := phoneNumbers(strings.Join(f.User[base], " "))
			if s != "'" {
				said = withS(said)
			}
			return said
		}
	}
	return guess(word)
}

// guess returns the phones of a word that the dictionary has not.
func guess(word string) []uint8 {
	word = word[:min(len(word), longestWord)]
	if said := derived(word, deepest); said != nil {
		return said
	}
	if said := compound(word); said != nil {
		return said
	}
	return unknown(word)
}
