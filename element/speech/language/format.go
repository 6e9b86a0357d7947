package language

import (
	"fmt"
	"slices"
)

// Format is what a network of speech knows of its units: their symbols are
// numbered as they are listed here.
type Format struct {
	Language *Language
	Symbols  []string
	Speakers []string // names; one, "", where there is no choice
}

// Keys of a format in a model file.
const (
	keyLanguage = "stride.speech.language"
	keySymbols  = "stride.speech.symbols"
	keySpeakers = "stride.speech.speakers"
)

// Metadata gives the format as keys and values of a model file.
func (f Format) Metadata() map[string]any {
	return map[string]any{keyLanguage: f.Language.Name, keySymbols: f.Symbols, keySpeakers: f.Speakers}
}

// FormatFromMetadata reads a format. An error names the key.
func FormatFromMetadata(value func(key string) (any, bool)) (Format, error) {
	name, _ := value(keyLanguage)
	s, ok := name.(string)
	if !ok {
		return Format{}, fmt.Errorf("%s is %T, want the name of a language", keyLanguage, name)
	}
	l, err := Find(s)
	if err != nil {
		return Format{}, fmt.Errorf("%s: %w", keyLanguage, err)
	}
	f := Format{Language: l}
	for _, list := range []struct {
		key string
		to  *[]string
	}{{keySymbols, &f.Symbols}, {keySpeakers, &f.Speakers}} {
		v, _ := value(list.key)
		got, ok := v.([]string)
		if !ok || len(got) == 0 {
			return Format{}, fmt.Errorf("%s is %T of %d, want a list of one string or more", list.key, v, len(got))
		}
		*list.to = got
	}
	return f, nil
}

// Symbol is the number of a symbol, -1 if it has none.
func (f Format) Symbol(symbol string) int { return slices.Index(f.Symbols, symbol) }
