package network

import (
	"slices"

	"github.com/stride-ml/stride/element/audio"
)

// overlap makes samples of the spectra of frames that come one after another. What
// it made of some frames does not change when more come.
type overlap struct {
	c       audio.STFTConfig
	bins    int
	spectra []complex64 // of the latest frames: those made anew and those before that share samples with them
	frames  int         // that there are spectra of, in all
	samples int         // made
}

func newOverlap(c audio.STFTConfig) overlap { return overlap{c: c, bins: c.FFT/2 + 1} }

// room is that for the spectra of so many more frames (·,F).
func (o *overlap) room(frames int) []complex64 {
	at := len(o.spectra)
	n := at + frames*o.bins
	if cap(o.spectra) < n {
		o.spectra = append(make([]complex64, 0, 2*n), o.spectra...)
	}
	o.spectra = o.spectra[:n]
	o.frames += frames
	return o.spectra[at:]
}

// pad is how far a frame reaches over its samples on either side.
func (o *overlap) pad() int { return (o.c.FFT - o.c.Hop) / 2 }

// emitFrames is the fewest frames whose samples are worth a worker of their own.
const emitFrames = 32

// emit appends to dst the samples that no frame to come has a part in; workers
// share them.
func (o *overlap) emit(dst []float32, last bool, v *Vocoder) []float32 {
	ready := o.frames*o.c.Hop - o.pad()
	if last {
		ready = o.frames * o.c.Hop
	}
	if ready <= o.samples {
		return dst
	}
	first := o.frames - len(o.spectra)/o.bins // frame of the first spectrum
	at, begin, n := len(dst), o.samples-first*o.c.Hop, ready-o.samples
	dst = slices.Grow(dst, n)[:at+n]
	parts := max(1, min(len(v.parts), n/o.c.Hop/emitFrames))
	v.run.Each(parts, func(i int) {
		from, to := n*i/parts, n*(i+1)/parts
		o.inverse(dst[at+from:at+to], begin+from, &v.parts[i])
	})
	o.samples = ready
	// The windows of so many frames reach into samples still to be made.
	keep := min(len(o.spectra)/o.bins, (o.c.FFT+o.c.Hop-1)/o.c.Hop-1)
	o.spectra = o.spectra[:copy(o.spectra, o.spectra[len(o.spectra)-keep*o.bins:])]
	return dst
}

// inverse sets dst to samples of the spectra at hand from the given one on. It
// transforms the frames that have a part in them.
func (o *overlap) inverse(dst []float32, from int, by *synthesisPart) {
	end := from + len(dst)
	first := max(0, from+o.pad()-o.c.FFT+o.c.Hop) / o.c.Hop
	last := min(len(o.spectra)/o.bins-1, (end-1+o.pad())/o.c.Hop)
	start := first * o.c.Hop
	by.made = by.of(o.c).Inverse(by.made[:0], o.spectra[first*o.bins:(last+1)*o.bins], end-start)
	copy(dst, by.made[from-start:])
}
