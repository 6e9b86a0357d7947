// Package language brings the text front ends of all languages under one roof:
// text goes in, and the units that a network of speech knows come out.
//
//	english, err := language.Find("english")
//	if err != nil {
//		return err
//	}
//	words, err := english.Words("Good morning.", nil)
//	if err != nil {
//		return err
//	}
//	for _, u := range english.Units(words) {
//		fmt.Print(u.Symbol, " ") // ^ G UH1 D M AO1 R N IH0 NG .
//	}
package language

import (
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"sync"

	"github.com/stride-ml/stride/element/speech"
	"github.com/stride-ml/stride/element/speech/english"
	"github.com/stride-ml/stride/element/speech/mandarin"
)

// Lexicon is a user's pronunciations, from [Language.ParseLexicon] of the
// language that they are given to. Nil has none.
type Lexicon any

// Language is a language that can be read out. It may be used by several
// goroutines at once.
type Language struct {
	Name string
	// Sounds are the symbols of its sounds, in an order that does not change.
	sounds    func() []string
	words     func(text string, l Lexicon) ([]speech.Word, error)
	sentences func(text string) iter.Seq2[int, string]
	lexicon   func(r io.Reader) (Lexicon, error)
	units     func(phone string) []string // that a phone of a word is made of
	bare      func(symbol string) string
	melody    *speech.Melody // nil if recordings have it
}

var all = []*Language{
	{
		Name:   "english",
		sounds: english.Phones,
		words: func(text string, l Lexicon) ([]speech.Word, error) {
			user, err := as[english.Lexicon](l)
			if err != nil {
				return nil, err
			}
			front := english.Front{User: user, Foreign: han}
			return front.Words(text)
		},
		sentences: english.Sentences,
		lexicon:   func(r io.Reader) (Lexicon, error) { return parsed(english.ParseLexicon(r)) },
		units:     func(phone string) []string { return []string{phone} },
		bare:      func(symbol string) string { return strings.TrimRight(symbol, "012") },
	},
	{
		Name:   "mandarin",
		sounds: sync.OnceValue(mandarinSounds),
		words: func(text string, l Lexicon) ([]speech.Word, error) {
			user, err := as[mandarin.Lexicon](l)
			if err != nil {
				return nil, err
			}
			front := mandarin.Front{User: user, Foreign: latin}
			return front.Words(text)
		},
		sentences: mandarin.Sentences,
		lexicon:   func(r io.Reader) (Lexicon, error) { return parsed(mandarin.ParseLexicon(r)) },
		units:     syllableUnits,
		bare:      func(symbol string) string { return symbol },
		melody:    &mandarinMelody,
	},
}

// as is the lexicon of a language: none for nil.
func as[L any](l Lexicon) (none L, err error) {
	if l == nil {
		return none, nil
	}
	got, ok := l.(L)
	if !ok {
		return none, fmt.Errorf("language: the lexicon is a %T, want a %T", l, none)
	}
	return got, nil
}

func parsed[L any](l L, err error) (Lexicon, error) {
	if err != nil {
		return nil, err
	}
	return l, nil
}

// Names lists the languages.
func Names() []string {
	var names []string
	for _, l := range all {
		names = append(names, l.Name)
	}
	return names
}

// Find returns the language of that name, or an error that lists those there are.
func Find(name string) (*Language, error) {
	for _, l := range all {
		if l.Name == name {
			return l, nil
		}
	}
	return nil, fmt.Errorf("language %q is not known; known: %s", name, strings.Join(Names(), ", "))
}

// Sounds lists the symbols of the sounds. The order does not change.
//
// English: the phones of [english.Phones], vowels with their stress. Mandarin:
// initials, then finals with the digit of their tone ("zh", "ong1").
func (l *Language) Sounds() []string { return l.sounds() }

// Symbols lists the symbols that units can have: the sounds, then the rests.
func (l *Language) Symbols() []string {
	return append(append([]string(nil), l.sounds()...), speech.RestSymbols()...)
}

// Bare is what is left of a sound's symbol without its stress: what is heard.
// Tones stay.
func (l *Language) Bare(symbol string) string { return l.bare(symbol) }

// Base is what is left of a sound's symbol without stress and tone: where the
// tongue is.
func (l *Language) Base(symbol string) string {
	if base := strings.TrimRight(symbol, "012345"); base != "" {
		return base
	}
	return symbol
}

// BareSounds lists what is left of the sounds by [Language.Bare], each once. The
// order does not change.
func (l *Language) BareSounds() []string {
	var out []string
	for _, s := range l.sounds() {
		if bare := l.bare(s); !slices.Contains(out, bare) {
			out = append(out, bare)
		}
	}
	return out
}

// Heard lists what a recogniser of speech should hear of units: the bare sounds,
// no rests.
func (l *Language) Heard(units []speech.Unit) []string {
	var out []string
	for _, u := range units {
		if u.Place != speech.Rest {
			out = append(out, l.bare(u.Symbol))
		}
	}
	return out
}

// Melody is that of phrases for voices that learned from words, as there is no
// free set of sentences for them; nil if voices of the language have their own.
func (l *Language) Melody() *speech.Melody { return l.melody }

// Words reads a text: see [english.Front.Words] and [mandarin.Front.Words]. An
// error says where.
func (l *Language) Words(text string, lexicon Lexicon) ([]speech.Word, error) {
	return l.words(text, lexicon)
}

// Sentences parts a text in sentences, each with the byte that it starts at.
func (l *Language) Sentences(text string) iter.Seq2[int, string] { return l.sentences(text) }

// ParseLexicon reads a user's pronunciations in the form of the language:
// [english.ParseLexicon], [mandarin.ParseLexicon].
func (l *Language) ParseLexicon(r io.Reader) (Lexicon, error) { return l.lexicon(r) }

// Units are the units of words: silence, then sounds with a rest after words that
// have a break. Words without phones are left out, their break is not. At the end
// there is a rest as after a sentence if the words have none.
func (l *Language) Units(words []speech.Word) []speech.Unit {
	units := []speech.Unit{{Symbol: speech.Silence, Place: speech.Rest, Word: -1}}
	for i, w := range words {
		var symbols []string
		for _, phone := range w.Phones {
			symbols = append(symbols, l.units(phone)...)
		}
		for k, s := range symbols {
			units = append(units, speech.Unit{Symbol: s, Place: speech.PlaceOf(k, len(symbols)), Word: i})
		}
		last := &units[len(units)-1]
		switch {
		case w.Break == speech.NoBreak:
		case last.Place != speech.Rest:
			units = append(units, speech.Unit{Symbol: w.Break.String(), Place: speech.Rest, Word: i})
		case last.Symbol != speech.Silence && w.Break > speech.Phrase:
			last.Symbol = w.Break.String() // of rests in a row the longest counts
		}
	}
	if last := &units[len(units)-1]; last.Place != speech.Rest {
		units = append(units, speech.Unit{Symbol: speech.Sentence.String(), Place: speech.Rest, Word: len(words) - 1})
	} else if last.Symbol == speech.Phrase.String() {
		last.Symbol = speech.Sentence.String()
	}
	return units
}
