package speech

// Unit is one sound of speech, or one rest.
type Unit struct {
	Symbol string
	Place  Place
	Word   int // index of the word that it is of, or that it follows; -1 for the rest before the first
}

// Place is where a unit stands in its word.
type Place uint8

// Places.
const (
	Rest   Place = iota // in no word
	Inside              // of a word, with others on both sides
	First
	Last
	Only
	Places int = iota // how many there are
)

// Silence is the symbol of the rest before the first word.
const Silence = "^"

// RestSymbols are the symbols of rests.
func RestSymbols() []string {
	return []string{Silence, Phrase.String(), Sentence.String(), Question.String(), Exclaim.String()}
}

// PlaceOf is the place of sound i of a word's n.
func PlaceOf(i, n int) Place {
	switch {
	case n == 1:
		return Only
	case i == 0:
		return First
	case i == n-1:
		return Last
	}
	return Inside
}
