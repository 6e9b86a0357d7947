// Package speech holds what a sentence is to a network that speaks: words, how
// each is pronounced, and where the voice rests. The packages english and
// mandarin below it make them from text.
package speech

import "fmt"

// Break is how long the voice rests after a word.
type Break uint8

// Breaks, from none to the longest.
const (
	NoBreak  Break = iota
	Phrase         // a comma, dash, colon or bracket
	Sentence       // a full stop, or the end of the text
	Question       // a question mark: a rest as long, after a rising tone
	Exclaim        // an exclamation mark
)

// String is the mark that stands for the break in lists of phones: none is empty.
func (b Break) String() string {
	if int(b) < len(marks) {
		return marks[b]
	}
	return fmt.Sprintf("Break(%d)", uint8(b))
}

var marks = [...]string{"", ",", ".", "?", "!"}

// Word is a word and how it is spoken.
type Word struct {
	// Text is the word as written, and Start and End where it stands in the text
	// given, in bytes. Several words that one written thing is read as ("1984":
	// nineteen eighty four) have all its place.
	Text       string
	Start, End int
	// Spoken is the word as read out, in letters or characters.
	Spoken string
	// Phones are the sounds. English: ARPAbet, vowels with the digit of their
	// stress ("HH AH0 L OW1"). Mandarin: a syllable each, pinyin with the digit of
	// the tone as spoken, 5 for none ("ni2", "hao3"; ü written so).
	Phones []string
	// Break is the rest after the word.
	Break Break
}
