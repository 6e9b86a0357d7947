package language

import (
	"strconv"

	"github.com/stride-ml/stride/element/speech"
	"github.com/stride-ml/stride/element/speech/mandarin"
)

// tones is the number of tones, the neutral one counted.
const tones = 5

// mandarinSounds lists initials and finals with tones in the order in which the
// sorted syllables first have them.
func mandarinSounds() []string {
	var initials, finals []string
	seen := map[string]bool{}
	for _, s := range mandarin.Syllables() {
		tone := "1"
		if s == "r" {
			tone = "5" // it has no other
		}
		initial, final, _, err := mandarin.Split(s + tone)
		if err != nil {
			panic("language: " + err.Error()) // a syllable of the package's own list
		}
		if initial != "" && !seen[initial] {
			initials = append(initials, initial)
		}
		key := "-" + final
		if !seen[key] {
			for t := range tones {
				finals = append(finals, final+strconv.Itoa(t+1))
			}
		}
		seen[initial], seen[key] = true, true
	}
	return append(initials, finals...)
}

// syllableUnits parts a syllable in its initial, where it has one, and its final
// with the tone.
func syllableUnits(syllable string) []string {
	initial, final, tone, err := mandarin.Split(syllable)
	if err != nil {
		return nil // the front end gives no such
	}
	final += strconv.Itoa(tone)
	if initial == "" {
		return []string{final}
	}
	return []string{initial, final}
}

// mandarinMelody falls by 3 semitones in a phrase of eight syllables. A syllable by
// itself has the pitch that it has in recordings of words.
var mandarinMelody = speech.Melody{
	Start: 1, Decline: 1, Close: 0.25,
	Cadences: [...]speech.Cadence{
		speech.NoBreak:  {Fall: 3},
		speech.Phrase:   {Fall: 3, Pause: 0.25},
		speech.Sentence: {Fall: 3, End: -0.5, Pause: 0.5},
		speech.Question: {Fall: 1.5, End: 1.5, Pause: 0.5},
		speech.Exclaim:  {Fall: 3, End: -0.5, Pause: 0.5},
	},
}
