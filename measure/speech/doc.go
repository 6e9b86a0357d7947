// Package speech says how near synthesised speech is to a recording of the same
// words.
//
// Sounds are audio.Sound at 16 kHz; frames are those of audio.DefaultMel, 100 a
// second. A [Path] says which frames are compared: [Straight] those of the same
// time, for a vocoder that was given the frames of the recording; [Warp] those
// that sound alike, for speech with a timing of its own. What is asked along it:
//
//   - [MelCepstralDistortion]: is the spectral envelope right, what tells one
//     sound of the language from another?
//   - [ComparePitch]: is the melody right, and what is sung and what is hissed?
//   - [CompareBuzz]: is there a buzz where a voice should hiss or be silent?
//   - [SpectralDistance], of sounds of the same timing alone: are all details of
//     the spectrogram right?
//   - [Compare] and [CompareAligned] ask all of these.
//
// [CountEdits] compares what a recogniser hears with what was to be said, and
// [CountTones] the tones of it.
//
// No figure stands alone, and each has something that fools it, which its
// documentation names. All but the last compare with one recording, and a
// sentence may be spoken in more than one way: distances of speech with a timing
// and a melody of its own have a floor that is far from 0. Its counterpart for a
// vocoder is the resynthesis by audio.Mel.GriffinLim, which it must beat.
//
// Figures come pair by pair: [Values] collects them over many pairs for
// measure.Summarize and measure.BootstrapMean.
package speech

import (
	"errors"
	"fmt"
	"math"

	"github.com/stride-ml/stride/element/audio"
)

// mels is how sounds are cut into frames.
var mels = audio.DefaultMel

// checkPair returns an error if sounds cannot be compared.
func checkPair(reference, made audio.Sound) error {
	if err := check(reference); err != nil {
		return fmt.Errorf("reference: %w", err)
	}
	if err := check(made); err != nil {
		return fmt.Errorf("made: %w", err)
	}
	return nil
}

func check(s audio.Sound) error {
	if s.Rate != mels.Rate {
		return fmt.Errorf("a rate of %d Hz, expected %d", s.Rate, mels.Rate)
	}
	if len(s.Samples) < mels.Hop {
		return fmt.Errorf("%d samples, expected at least the %d of a frame", len(s.Samples), mels.Hop)
	}
	for i, v := range s.Samples {
		if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
			return fmt.Errorf("sample %d is %v", i, v)
		}
	}
	return nil
}

// checkPath returns an error if a path does not lie in the frames of the sounds.
func checkPath(path Path, reference, made audio.Sound) error {
	if len(path) == 0 {
		return errors.New("a path without steps")
	}
	n, m := frames(reference), frames(made)
	for i, s := range path {
		if s.Reference < 0 || s.Reference >= n || s.Made < 0 || s.Made >= m {
			return fmt.Errorf("step %d of the path is frame %d of %d of the reference, %d of %d of what was made",
				i, s.Reference, n, s.Made, m)
		}
	}
	return nil
}

func frames(s audio.Sound) int { return len(s.Samples) / mels.Hop }
