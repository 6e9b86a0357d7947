package network

import (
	"fmt"
	"slices"

	"github.com/stride-ml/stride/element/audio"
	"github.com/stride-ml/stride/tensor"
)

// RecogniserConfig gives the sizes of a recogniser of speech, and what it tells
// apart.
type RecogniserConfig struct {
	Symbols []string // the sounds of a language, each once
	Bands   int      // of a log-mel frame
	Rate    int      // samples a second
	Hop     int      // samples a frame
	Group   int      // frames of a position
	Dim     int      // C, width of the residual stream
	Layers  int
	FFN     int
	Kernel  int // positions that a convolution sees, odd
}

// Validate reports the first size that does not make sense.
func (c RecogniserConfig) Validate() error {
	err := checkLimits([]limit{
		{"number of symbols", len(c.Symbols), maxVocab}, {"mel bands", c.Bands, 1 << 12}, {"sample rate", c.Rate, 768000}, {"hop", c.Hop, maxSynth},
		{"frames of a position", c.Group, 64}, {"width", c.Dim, maxWidth}, {"layers", c.Layers, maxLayers}, {"feed-forward width", c.FFN, maxWidth},
		{"kernel", c.Kernel, maxKernel},
	})
	if err != nil {
		return err
	}
	if c.Kernel%2 == 0 {
		return fmt.Errorf("network: kernel of %d positions, want an odd number", c.Kernel)
	}
	seen := make(map[string]bool, len(c.Symbols))
	for i, s := range c.Symbols {
		if s == "" || seen[s] {
			return fmt.Errorf("network: symbol %d is %q, want symbols that are not empty and differ", i, s)
		}
		seen[s] = true
	}
	if err := c.Mel().Validate(); err != nil {
		return fmt.Errorf("network: spectrogram: %w", err)
	}
	return nil
}

// Mel is the spectrogram that goes in.
func (c RecogniserConfig) Mel() audio.MelConfig { return melConfig(c.Rate, c.Hop, c.Bands) }

// Blank is the class that stands for no symbol, after those of the symbols.
func (c RecogniserConfig) Blank() int { return len(c.Symbols) }

// Positions is how many positions so many frames make.
func (c RecogniserConfig) Positions(frames int) int { return (frames + c.Group - 1) / c.Group }

// weights is the number of weights of a network of these sizes.
func (c RecogniserConfig) weights() int {
	return c.Dim*(c.Kernel*c.Group*c.Bands+3) + c.Layers*convBlockWeights(c.Dim, c.FFN, c.Kernel) + (len(c.Symbols)+1)*(c.Dim+1)
}

// RecogniserModel is the weights of a recogniser: log-mel frames go in, of which
// Group are joined to a position, and blocks of ConvNeXt over the positions give a
// logit for each symbol and the blank, as connectionist temporal classification
// has it (see [tensor.Run.CTC]). It knows no words: what is not clearly said is not
// guessed from what would make sense, as fits a yardstick of speech.
type RecogniserModel struct {
	RecogniserConfig
	MelNorm
	convStack
}

// NewRecogniserModel returns a recogniser with all weights zero.
func NewRecogniserModel(c RecogniserConfig) (*RecogniserModel, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c.Symbols = slices.Clone(c.Symbols)
	return &RecogniserModel{c, newMelNorm(ArchitectureRecogniser, c.Bands), newConvStack(c.Group*c.Bands, len(c.Symbols)+1, c.Dim, c.FFN, c.Kernel, c.Layers)}, nil
}

// Init draws the weights.
func (m *RecogniserModel) Init(seed uint64) { m.init(seed, 0x4ea2) }

// Logits evaluates utterances, each log-mel frames (T,Bands): a logit for each
// symbol and the blank at each position, and which positions are whose. dropout is
// for training.
func (m *RecogniserModel) Logits(r *tensor.Run, utterances [][]float32, dropout float32) (*tensor.Tensor, []tensor.Span) {
	x, spans := m.join(r, utterances)
	return m.apply(r, x, spans, dropout), spans
}

// join lays out normalised frames, Group in a row. What the last row of an
// utterance lacks is average.
func (m *RecogniserModel) join(r *tensor.Run, utterances [][]float32) (*tensor.Tensor, []tensor.Span) {
	spans, rows := make([]tensor.Span, len(utterances)), 0
	for i, u := range utterances {
		spans[i] = tensor.Span{Start: rows, Len: m.Positions(len(u) / m.Bands)}
		rows += spans[i].Len
	}
	x := r.New(rows, m.Group*m.Bands)
	clear(x.Data)
	for i, u := range utterances {
		m.normalise(x.Data[spans[i].Start*x.Cols:], u)
	}
	return x, spans
}

// Greedy reads the likeliest class of each row of logits: symbols, by their
// index, without blanks; the same one in a row counts once.
func (m *RecogniserModel) Greedy(logits *tensor.Tensor, at tensor.Span) []int {
	var out []int
	last := m.Blank()
	for row := at.Start; row < at.Start+at.Len; row++ {
		best := 0
		for i, v := range logits.Row(row) {
			if v > logits.Row(row)[best] {
				best = i
			}
		}
		if best != last && best != m.Blank() {
			out = append(out, best)
		}
		last = best
	}
	return out
}

// Recogniser evaluates a recogniser. Many may share a model; each is for one
// goroutine.
type Recogniser struct {
	model *RecogniserModel
	run   *tensor.Run
}

// NewRecogniser returns an evaluator of the model, whose weights must not change
// while it is used.
func NewRecogniser(m *RecogniserModel, pool *tensor.Pool) *Recogniser {
	return &Recogniser{m, tensor.NewRun(pool)}
}

// Recognise returns the symbols of what is said in an utterance of log-mel frames
// (T,Bands), as [audio.Mel.Log] of [RecogniserConfig.Mel] gives them.
func (r *Recogniser) Recognise(mel []float32) ([]string, error) {
	if err := r.model.checkMel(mel); err != nil {
		return nil, err
	}
	if len(mel) == 0 {
		return nil, nil
	}
	r.run.Reset(0)
	logits, spans := r.model.Logits(r.run, [][]float32{mel}, 0)
	var out []string
	for _, i := range r.model.Greedy(logits, spans[0]) {
		out = append(out, r.model.Symbols[i])
	}
	return out, nil
}
