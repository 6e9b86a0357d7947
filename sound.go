package stride

import (
	"fmt"
	"time"

	"github.com/stride-ml/stride/element/audio"
)

// Sound is an [Object] of samples, of the log-mel frames that samples are made
// of, or of both. What a step shows is all there is so far, unless [Chunks] asks
// for what is new alone. It may be kept and must not be changed: steps share what
// they have in common.
type Sound struct {
	// Samples, from -1 to 1, are those made so far, Rate of them a second.
	Samples []float32
	Rate    int
	// Frames (T,Bands) is the log-mel spectrogram so far, natural logarithms of
	// magnitudes as [audio.Mel.Log] gives them, one for every Hop samples.
	// It is nil where there is none.
	Frames     []float32
	Bands, Hop int
	// Marks say what is heard when, in the order of their starts. They lie on the
	// time of the whole sound also with [Chunks].
	Marks []Mark

	// Start is the place of the first of Samples in the whole sound, and
	// FrameStart that of the first of Frames: 0 but with [Chunks].
	Start, FrameStart int
}

// MarkKind is what a [Mark] marks.
type MarkKind string

// What is marked.
const (
	MarkWord  MarkKind = "word"
	MarkPhone MarkKind = "phone"
	MarkRest  MarkKind = "rest"
)

// Mark says when a part of a text is heard: from Start to End.
type Mark struct {
	Kind MarkKind
	// Text is a word as written, a phone by its symbol in its language, or the
	// punctuation that a rest stands for.
	Text       string
	Start, End time.Duration
	// Offset and Length are the bytes of Prompt.Text that it stands for; a phone
	// has those of its word. Length is 0 where nothing written stands for it.
	Offset, Length int
}

// Elements returns the number of samples, or of frames where there are no
// samples.
func (s Sound) Elements() int {
	if len(s.Samples) == 0 {
		return s.frames()
	}
	return len(s.Samples)
}

func (s Sound) frames() int {
	if s.Bands < 1 {
		return 0
	}
	return len(s.Frames) / s.Bands
}

// Duration is how long the samples, or else the frames, last.
func (s Sound) Duration() time.Duration {
	n := len(s.Samples)
	if n == 0 {
		n = s.frames() * s.Hop
	}
	return audio.Duration(n, s.Rate)
}

// String says how long the sound is, or how many frames there are.
func (s Sound) String() string {
	if len(s.Samples) == 0 && len(s.Frames) > 0 {
		return count(s.frames(), "log-mel frame", "log-mel frames")
	}
	return fmt.Sprintf("sound of %.2f s at %d Hz", s.Duration().Seconds(), s.Rate)
}

// SoundInfo describes a model's sounds.
type SoundInfo struct {
	Rate       int    // samples a second
	Hop, Bands int    // samples a frame, values of a frame
	Samples    bool   // it makes samples; otherwise frames alone
	Language   string // that it speaks: "english", "mandarin"; "" if it speaks none by itself
	Voice      string // whose voice it is
}

// pace is what the frames of two models have to have in common.
func (i SoundInfo) pace() string {
	return fmt.Sprintf("%d Hz, %d samples a frame of %d bands", i.Rate, i.Hop, i.Bands)
}

// after is what is new in a sound after all of s: nothing.
func (s Sound) after() Sound {
	s.Start, s.FrameStart = s.Start+len(s.Samples), s.FrameStart+s.frames()
	s.Samples, s.Frames, s.Marks = nil, nil, nil
	return s
}

// second is the number of elements in one second of sound.
func (i SoundInfo) second() int {
	if i.Samples {
		return i.Rate
	}
	return i.Rate / i.Hop
}
