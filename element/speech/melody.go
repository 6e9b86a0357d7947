package speech

import "math"

// Melody is what a phrase does to the words in it: its pitch declines, and behind
// it the voice rests. It is for voices whose recordings are words, which have
// heard neither; that the last syllable is longer they know from any word.
//
// Pitch declines as Shih measured it in Mandarin, by an exponential that begins
// anew with each phrase ("Declination in Mandarin", 1997). Before a question mark
// it declines less and ends higher (Yuan, Shih and Kochanski, "Comparison of
// declarative and interrogative intonation in Chinese", 2002).
type Melody struct {
	Start    float64              // of a phrase, semitones above the pitch of a word
	Decline  float64              // seconds in which 63 % of the fall are done
	Close    float64              // seconds before the end in which 63 % of what it does are done
	Cadences [Exclaim + 1]Cadence // by the break that follows
}

// Cadence is the melody of a phrase before one kind of break.
type Cadence struct {
	Fall  float64 // that a long phrase declines by, in semitones
	End   float64 // what the end is higher than that, in semitones
	Pause float64 // seconds until the next phrase
}

// Pitch is how many semitones a sound is above the pitch of a word, in the phrase
// before a break: at is when its middle is heard, left how long it is from there
// to the end of the phrase, in seconds.
func (m *Melody) Pitch(b Break, at, left float64) float64 {
	c := m.Cadences[b]
	return m.Start - c.Fall*(1-math.Exp(-at/m.Decline)) + c.End*math.Exp(-left/m.Close)
}
