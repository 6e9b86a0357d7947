package network

import (
	"errors"
	"fmt"

	"github.com/stride-ml/stride/element/audio"
	"github.com/stride-ml/stride/tensor"
)

// Vocoder evaluates a vocoder. Many may share a model; each, with its streams,
// is for one goroutine.
type Vocoder struct {
	model *VocoderModel
	run   *tensor.Run
	parts []synthesisPart // one for each worker
}

// synthesisPart makes a part of the samples that can be made.
type synthesisPart struct {
	stft   *audio.STFT // of the network, and
	second *audio.STFT // of corrections
	mel    *audio.Mel
	made   []float32
}

func newSynthesisPart(c VocoderConfig) (p synthesisPart, err error) {
	if p.stft, err = audio.NewSTFT(c.STFT()); err != nil {
		return p, err
	}
	if p.second, err = audio.NewSTFT(c.Mel().STFT()); err != nil {
		return p, err
	}
	p.mel, err = audio.NewMel(c.Mel())
	return p, err
}

// of is the transform of that kind.
func (p *synthesisPart) of(c audio.STFTConfig) *audio.STFT {
	if p.stft.Config() == c {
		return p.stft
	}
	return p.second
}

// NewVocoder returns an evaluator of the model, whose weights must not change
// while it is used.
func NewVocoder(m *VocoderModel, pool *tensor.Pool) (*Vocoder, error) {
	v := &Vocoder{model: m, run: tensor.NewRun(pool), parts: make([]synthesisPart, pool.Size())}
	for i := range v.parts {
		var err error
		if v.parts[i], err = newSynthesisPart(m.VocoderConfig); err != nil {
			return nil, fmt.Errorf("network: %w", err)
		}
	}
	return v, nil
}

const (
	wholeChunk  = 144 // frames evaluated at a time where all are there: a block of the matrix product
	streamChunk = 16  // and where the first samples are waited for
)

// Synthesize makes samples of an utterance of log-mel frames (T,Bands), as
// [audio.Mel.Log] of [VocoderConfig.Mel] gives them, in so many passes: T·Hop
// samples, which belong to the caller.
func (v *Vocoder) Synthesize(mel []float32, passes int) ([]float32, error) {
	s := v.Stream(wholeChunk, passes)
	out, err := s.Write(make([]float32, 0, len(mel)/v.model.Bands*v.model.Hop), mel)
	if err != nil {
		return nil, err
	}
	return s.Close(out), nil
}

// Stream makes samples while frames come in, the same ones to the bit that
// [Vocoder.Synthesize] makes of all frames. Each convolution keeps the frames that
// it will need again, so nothing is computed twice but a few inverse transforms,
// and memory does not grow. Samples come as late as [VocoderConfig.FirstFrames] says.
type Stream struct {
	v       *Vocoder
	chunk   int
	waiting []float32 // normalised frames
	in      history
	blocks  []history
	made    overlap
	samples []float32    // of the first pass, where there are more, and
	bands   []float32    // magnitudes of the latest frames, for these
	more    []correction // passes after the first
	closed  bool
}

// Stream begins an utterance. Frames are evaluated chunk at a time; a larger
// chunk takes less time in all and gives the first samples later. Below 1 it is
// 16.
//
// The first pass is the network's. Each one after it is a correction: it measures
// the frames of the sound so far and brings that nearer to those that were given
// ([audio.Mel.Correct]).
func (v *Vocoder) Stream(chunk, passes int) *Stream {
	if chunk < 1 {
		chunk = streamChunk
	}
	m := v.model
	s := &Stream{v: v, chunk: chunk, in: history{cols: m.Bands}, blocks: newHistories(m.Layers, m.Dim), made: newOverlap(m.STFT())}
	for range passes - 1 {
		s.more = append(s.more, correction{overlap: newOverlap(m.Mel().STFT())})
	}
	return s
}

// FirstFrames is how many frames, in chunks of so many, it takes to make the
// first sample in so many passes.
func (c VocoderConfig) FirstFrames(chunk, passes int) int {
	frames := func(samples, fft int) int { return (samples + (fft-c.Hop)/2 + c.Hop - 1) / c.Hop }
	samples, fft := 1, c.Mel().FFT
	for range passes - 1 {
		// So many corrected frames, and samples of the pass before under the last one's window.
		samples = frames(samples, fft)*c.Hop + (fft-c.Hop)/2
	}
	n := c.Reach() + frames(samples, c.FFT)
	return (n + chunk - 1) / chunk * chunk
}

// Write takes any number of log-mel frames (T,Bands) and appends to dst the
// samples that can be made.
func (s *Stream) Write(dst, mel []float32) ([]float32, error) {
	bands := s.v.model.Bands
	if s.closed {
		return dst, errors.New("network: the stream of a vocoder is written to after it was closed")
	}
	if err := s.v.model.checkMel(mel); err != nil {
		return dst, err
	}
	for len(mel) > 0 {
		n := min(len(mel), s.chunk*bands-len(s.waiting))
		at := len(s.waiting)
		s.waiting = append(s.waiting, mel[:n]...)
		s.v.model.normalise(s.waiting[at:], mel[:n])
		if len(s.more) > 0 {
			s.bands = audio.Magnitudes(s.bands[:0], mel[:n])
		}
		for i := range s.more {
			s.more[i].bands = append(s.more[i].bands, s.bands...)
		}
		mel = mel[n:]
		if len(s.waiting) == s.chunk*bands {
			dst = s.step(dst, false)
		}
	}
	return dst, nil
}

// Close appends to dst the samples that are left. Closing twice is harmless.
func (s *Stream) Close(dst []float32) []float32 {
	if s.closed {
		return dst
	}
	s.closed = true
	return s.step(dst, true)
}

// step evaluates the frames that wait.
func (s *Stream) step(dst []float32, last bool) []float32 {
	m, r := s.v.model, s.v.run
	half := m.Kernel / 2
	r.Reset(0)
	rows := s.waiting
	buf, from, to := s.in.push(r, rows, half, half, last)
	rows = nil
	if from < to {
		rows = m.begin(r, rowsOf(r, r.Window(buf, m.Kernel, s.in.span[:]), from, to)).Data
	}
	for i := range m.blocks {
		b, h := &m.blocks[i], &s.blocks[i]
		// Every block works in the same memory, which stays in the caches: of the one before it only the rows are needed,
		// and those are in the history before anything new is made.
		r.Reset(0)
		buf, from, to := h.push(r, rows, half, half, last)
		rows = nil
		if from < to {
			conv := r.DepthwiseConv(buf, b.Conv, h.span[:])
			rows = b.mix(r, rowsOf(r, buf, from, to), rowsOf(r, conv, from, to), 0).Data
		}
	}
	s.waiting = s.waiting[:0]
	if len(rows) > 0 {
		s.keep(m.end(r, r.Over(rows, m.Dim)))
	}
	if len(s.more) == 0 {
		return s.made.emit(dst, last, s.v)
	}
	s.samples = s.made.emit(s.samples[:0], last, s.v)
	samples := s.samples
	for i := range s.more[:len(s.more)-1] {
		samples = s.more[i].push(s.more[i].out[:0], samples, last, s.v)
		s.more[i].out = samples
	}
	return s.more[len(s.more)-1].push(dst, samples, last, s.v)
}

// keep appends the spectra of heads.
func (s *Stream) keep(heads *tensor.Tensor) {
	room, bins := s.made.room(heads.Rows), s.made.bins
	s.v.run.Each(heads.Rows, func(t int) { spectrum(room[t*bins:][:bins], heads.Row(t)) })
}

// history is the latest rows that went into a convolution.
type history struct {
	rows   []float32
	cols   int
	done   int            // rows at the front that results were given for,
	forget int            // and those that no later result needs
	span   [1]tensor.Span // all rows
}

// newHistories returns those of so many convolutions of rows of cols.
func newHistories(n, cols int) []history {
	all := make([]history, n)
	for i := range all {
		all[i].cols = cols
	}
	return all
}

// push adds rows and returns all there are, which hold until the next call, and for
// which of them, from to below to, there are now results: a result needs as many rows
// before and after it, or those there are at the beginning and, if these are the last
// rows, at the end. What no later result needs is then forgotten.
func (h *history) push(r *tensor.Run, rows []float32, before, after int, last bool) (x *tensor.Tensor, from, to int) {
	h.rows = append(h.rows[:copy(h.rows, h.rows[h.forget*h.cols:])], rows...)
	x = r.Over(h.rows, h.cols)
	h.span[0] = tensor.Span{Len: x.Rows}
	from, to = h.done-h.forget, x.Rows
	if !last {
		to = max(from, x.Rows-after)
	}
	h.done, h.forget = to, max(0, to-before)
	return x, from, to
}

// rowsOf is rows from to below to of x, in the same memory.
func rowsOf(r *tensor.Run, x *tensor.Tensor, from, to int) *tensor.Tensor {
	return r.Over(x.Data[from*x.Cols:to*x.Cols], x.Cols)
}
