package audio

import (
	"fmt"
	"time"
)

// maxRate bounds rates in Hz. The highest that converters and files use are 384 and 768 kHz.
const maxRate = 768000

// Sound is one channel of samples.
type Sound struct {
	Samples []float32 // of -1 to 1
	Rate    int       // samples a second (Hz)
}

// Duration is how long the sound lasts; a sound without a rate lasts 0.
func (s Sound) Duration() time.Duration { return Duration(len(s.Samples), s.Rate) }

// Duration is how long so many samples last; without a rate they last 0.
func Duration(samples, rate int) time.Duration {
	if rate <= 0 {
		return 0
	}
	// In two steps, for nanoseconds times samples would overflow.
	n, r := time.Duration(samples), time.Duration(rate)
	return n/r*time.Second + n%r*time.Second/r
}

func checkRate(rate int) error {
	if rate < 1 || rate > maxRate {
		return fmt.Errorf("audio: rate %d Hz, want 1 to %d", rate, maxRate)
	}
	return nil
}
