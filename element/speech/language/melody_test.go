package language_test

import (
	"testing"

	"github.com/stride-ml/stride/element/speech"
	"github.com/stride-ml/stride/element/speech/language"
)

// TestMandarinMelody holds that a phrase declines by 2 to 4 semitones, more at the
// end of a statement and less in a question, and that a syllable by itself is as
// high as in a recording.
func TestMandarinMelody(t *testing.T) {
	mandarin, err := language.Find("mandarin")
	if err != nil {
		t.Fatal(err)
	}
	m := mandarin.Melody()
	const syllable, phrase = 0.35, 2.4
	falls := map[speech.Break]float64{}
	for _, b := range []speech.Break{speech.NoBreak, speech.Phrase, speech.Sentence, speech.Question, speech.Exclaim} {
		last := m.Pitch(b, 0, phrase)
		falls[b] = last
		for at := 0.1; at < phrase-syllable; at += 0.1 {
			if p := m.Pitch(b, at, phrase-at); p >= last && b != speech.Question {
				t.Errorf("before %q: %.2f semitones at %.1f s, after %.2f", b, p, at, last)
			} else {
				last = p
			}
		}
		falls[b] -= m.Pitch(b, phrase-syllable/2, syllable/2)
		if one := m.Pitch(b, syllable/2, syllable/2); b != speech.Question && (one < -0.6 || one > 0.6) {
			t.Errorf("before %q a syllable by itself is %.2f semitones off", b, one)
		}
	}
	if f := falls[speech.Sentence]; !(f > 2 && f < 4 && f > falls[speech.Phrase] && falls[speech.Phrase] > falls[speech.Question]+1) {
		t.Errorf("phrases fall by %v semitones", falls)
	}
	english, err := language.Find("english")
	if err != nil {
		t.Fatal(err)
	}
	if english.Melody() != nil {
		t.Error("English has a melody, which its voices learned from sentences")
	}
}
