package network

import (
	"errors"
	"fmt"
	"slices"

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
	stft *audio.STFT
	made []float32
}

// NewVocoder returns an evaluator of the model, whose weights must not change
// while it is used.
func NewVocoder(m *VocoderModel, pool *tensor.Pool) (*Vocoder, error) {
	v := &Vocoder{model: m, run: tensor.NewRun(pool), parts: make([]synthesisPart, pool.Size())}
	for i := range v.parts {
		stft, err := audio.NewSTFT(m.STFT())
		if err != nil {
			return nil, fmt.Errorf("network: %w", err)
		}
		v.parts[i].stft = stft
	}
	return v, nil
}

const (
	wholeChunk  = 144 // frames evaluated at a time where all are there: a block of the matrix product
	streamChunk = 16  // and where the first samples are waited for
	emitFrames  = 32  // fewest frames whose samples are worth a worker of their own
)

// Synthesize makes samples of an utterance of log-mel frames (T,Bands), as
// [audio.Mel.Log] of [VocoderConfig.Mel] gives them: T·Hop, which belong to the
// caller.
func (v *Vocoder) Synthesize(mel []float32) ([]float32, error) {
	s := v.Stream(wholeChunk)
	out, err := s.Write(make([]float32, 0, len(mel)/v.model.Bands*v.model.Hop), mel)
	if err != nil {
		return nil, err
	}
	return s.Close(out), nil
}

// Stream makes samples while frames come in, the same ones to the bit that
// [Vocoder.Synthesize] makes of all frames. Each convolution keeps the frames that
// it will need again, so nothing is computed twice but a few inverse transforms,
// and memory does not grow. Samples are [VocoderConfig.Reach] frames and half an
// FFT behind.
type Stream struct {
	v       *Vocoder
	chunk   int
	waiting []float32 // normalised frames
	in      history
	blocks  []history
	spectra []complex64 // of the latest frames: those made anew and those before that share samples with them
	frames  int         // that there are spectra of, in all
	samples int         // made
	closed  bool
}

// Stream begins an utterance. Frames are evaluated chunk at a time; a larger
// chunk takes less time in all and gives the first samples later. Below 1 it is
// 16.
func (v *Vocoder) Stream(chunk int) *Stream {
	if chunk < 1 {
		chunk = streamChunk
	}
	m := v.model
	return &Stream{v: v, chunk: chunk, in: history{cols: m.Bands}, blocks: newHistories(m.Layers, m.Dim)}
}

// FirstFrames is how many frames, in chunks of so many, it takes to make the
// first sample.
func (c VocoderConfig) FirstFrames(chunk int) int {
	n := c.Reach() + (c.FFT-c.Hop)/(2*c.Hop) + 1
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
	return s.emit(dst, last)
}

// keep appends the spectra of heads.
func (s *Stream) keep(heads *tensor.Tensor) {
	bins, at := s.v.model.Bins(), len(s.spectra)
	n := at + heads.Rows*bins
	if cap(s.spectra) < n {
		s.spectra = append(make([]complex64, 0, 2*n), s.spectra...)
	}
	s.spectra = s.spectra[:n]
	s.v.run.Each(heads.Rows, func(t int) { spectrum(s.spectra[at+t*bins:][:bins], heads.Row(t)) })
	s.frames += heads.Rows
}

// emit makes the samples that no frame to come has a part in.
func (s *Stream) emit(dst []float32, last bool) []float32 {
	m := s.v.model
	ready := s.frames*m.Hop - (m.FFT-m.Hop)/2
	if last {
		ready = s.frames * m.Hop
	}
	if ready <= s.samples {
		return dst
	}
	bins := m.Bins()
	first := s.frames - len(s.spectra)/bins // frame of the first spectrum
	at, begin, n := len(dst), s.samples-first*m.Hop, ready-s.samples
	dst = slices.Grow(dst, n)[:at+n]
	parts := max(1, min(len(s.v.parts), n/m.Hop/emitFrames))
	s.v.run.Each(parts, func(i int) {
		from, to := n*i/parts, n*(i+1)/parts
		s.v.parts[i].inverse(m, dst[at+from:at+to], s.spectra, begin+from)
	})
	s.samples = ready
	// The windows of so many frames reach into samples still to be made.
	keep := min(len(s.spectra)/bins, (m.FFT+m.Hop-1)/m.Hop-1)
	s.spectra = s.spectra[:copy(s.spectra, s.spectra[len(s.spectra)-keep*bins:])]
	return dst
}

// inverse sets dst to samples of spectra (T,F) from the given one on. It
// transforms the frames that have a part in them.
func (p *synthesisPart) inverse(m *VocoderModel, dst []float32, spectra []complex64, from int) {
	bins, pad, end := m.Bins(), (m.FFT-m.Hop)/2, from+len(dst)
	first := max(0, from+pad-m.FFT+m.Hop) / m.Hop
	last := min(len(spectra)/bins-1, (end-1+pad)/m.Hop)
	start := first * m.Hop
	p.made = p.stft.Inverse(p.made[:0], spectra[first*bins:(last+1)*bins], end-start)
	copy(dst, p.made[from-start:])
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
