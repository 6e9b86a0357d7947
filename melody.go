package stride

import (
	"math"

	"github.com/stride-ml/stride/element/speech"
	"github.com/stride-ml/stride/network"
)

// phrase is how many of the words are spoken as one utterance where the language
// has a melody: those before the first break, as the voice knows no rest but that
// behind its words.
func (s *speaking) phrase(words []speech.Word) int {
	if s.acoustics.spoken.Language.Melody() != nil {
		for i, w := range words {
			if w.Break != speech.NoBreak {
				return i + 1
			}
		}
	}
	return len(words)
}

// units are those of words. Behind a phrase that is not the last of its sentence
// they end as it does, not as a sentence.
func (s *speaking) units(words []speech.Word) []speech.Unit {
	units := s.acoustics.spoken.Language.Units(words)
	if b := words[len(words)-1].Break; b == speech.Phrase && len(s.words) > 0 && len(units) > 1 {
		units[len(units)-1].Symbol = b.String()
	}
	return units
}

// symbol is the number that the network knows a unit by. Where the language has a
// melody all rests behind words are the one that recordings of words have.
func (s *speaking) symbol(u speech.Unit) int {
	f := s.acoustics.spoken
	if u.Place == speech.Rest && u.Symbol != speech.Silence && f.Language.Melody() != nil {
		return f.Symbol(speech.Sentence.String())
	}
	return f.Symbol(u.Symbol)
}

// sing gives a phrase the melody of its language, if that has one, and lets it wait
// for the pause behind the one before.
func (s *speaking) sing(d *network.Delivery, units []speech.Unit, before speech.Break) {
	m := s.acoustics.spoken.Language.Melody()
	if m == nil {
		return
	}
	seconds := func(frames float64) float64 { // at the voice's own rate
		return frames * float64(s.config.Hop) / float64(s.config.Rate) / float64(s.slower)
	}
	last := len(units) - 1
	sounds := 0
	for _, n := range d.Frames[1:last] {
		sounds += n
	}
	at := 0.
	for i := 1; i < last; i++ {
		middle := at + float64(d.Frames[i])/2
		d.Pitch[i] += float32(m.Pitch(before, seconds(middle), seconds(float64(sounds)-middle)) * math.Ln2 / 12)
		at += float64(d.Frames[i])
	}
	if s.spoken > 0 {
		d.Frames[0] = max(d.Frames[0], int(math.Round(s.pause/seconds(1)))-s.rested)
	}
	s.pause, s.rested = m.Cadences[before].Pause, d.Frames[last]
}
