package mandarin

import (
	"strings"

	"github.com/stride-ml/stride/element/speech"
)

// Front turns text into words and syllables. The zero value is ready to use, and
// one may be used by several goroutines.
type Front struct {
	// User is words that are read otherwise than the dictionary says.
	User Lexicon
	// Foreign reads a run of words of another script ("Stride Music"): words with
	// their places in it and phones of Mandarin, or none, as without Foreign.
	Foreign func(run string) []speech.Word
}

// Words parts text into words and reads them, as the package comment says. The
// places of words are valid for the text given, and each starts no earlier than
// the one before. The only error is of pinyin in brackets that is none: it names
// the byte, and holds a [*SyllableError] where a syllable is wrong.
func (f *Front) Words(text string) ([]speech.Word, error) {
	s := newScanner(text, f.User)
	s.other = f.Foreign
	if err := s.scan(); err != nil {
		return nil, err
	}
	out := make([]speech.Word, 0, len(s.out))
	for i := range s.out {
		w := &s.out[i]
		out = append(out, speech.Word{
			Text: text[w.start:w.end], Start: w.start, End: w.end,
			Spoken: strings.ToValidUTF8(w.text, "\ufffd"), Phones: w.phones, Break: w.rest,
		})
	}
	return out, nil
}
