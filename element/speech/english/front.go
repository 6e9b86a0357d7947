package english

import (
	"slices"

	"github.com/stride-ml/stride/element/speech"
	"github.com/stride-ml/stride/element/speech/english/internal/arpabet"
)

// Front makes words and phones of English text. The zero value is ready to use,
// also by several goroutines at once.
type Front struct {
	// User are pronunciations that count before those of the dictionary.
	User Lexicon
	// Foreign reads a run of letters of another script: words with their places in
	// it and phones of English, or none, and the run is left out. Nil reads none.
	Foreign func(run string) []speech.Word
}

// Words reads a text: numbers, dates, abbreviations and signs in words, each
// with its phones and the rest after it. The places of the words never go back,
// and what cannot be read, such as emoji, is left out, as other scripts are without
// Foreign; a text
// with nothing to read has no words.
//
// Phones between double brackets are taken as they are: [[HH AH0 L OW1]]. An
// error tells at what byte of the text one is not in [Phones].
func (f *Front) Words(text string) ([]speech.Word, error) {
	t, err := scan(text, f.Foreign)
	if err != nil {
		return nil, err
	}
	r := &reader{f: f, text: text, t: t}
	r.read()
	return f.pronounce(r.out), nil
}

// Phones lists the phones that words can have: the 39 of the CMU Pronouncing
// Dictionary in the order of the alphabet, vowels once for each stress, 0 to 2.
// The order does not change.
func Phones() []string { return slices.Clone(arpabet.Names) }
