package network

import (
	"errors"
	"fmt"

	"github.com/stride-ml/stride/tensor"
	"github.com/stride-ml/stride/tensor/kernel"
)

// WaveNet evaluates a network of samples. Many may share a model; each, with its
// waves, is for one goroutine.
type WaveNet struct {
	model  *WaveNetModel
	run    *tensor.Run
	gated  []*tensor.Param // (2C,2C) of each layer: gate, then up
	conds  *tensor.Param   // (2C·Layers,Cond)
	row    []float32       // (C): the residual stream
	norm   []float32       // (C)
	gates  []float32       // (2C)
	logits []float32       // (256)
}

// NewWaveNet returns an evaluator of the model, whose weights must not change
// while it is used.
func NewWaveNet(m *WaveNetModel, pool *tensor.Pool) *WaveNet {
	c := m.Dim
	w := &WaveNet{model: m, run: tensor.NewRun(pool), conds: tensor.NewParam("conds", 2*c*m.Layers, m.WaveNetConfig.Cond),
		row: make([]float32, c), norm: make([]float32, c), gates: make([]float32, 2*c), logits: make([]float32, WaveLevels)}
	for i := range m.layers {
		l := &m.layers[i]
		gated := tensor.NewParam("gated", 2*c, 2*c)
		copy(gated.Data[copy(gated.Data, l.Gate.Data):], l.Up.Data)
		w.gated = append(w.gated, gated)
		at := w.conds.Data[2*i*c*m.WaveNetConfig.Cond:]
		copy(at[copy(at, l.CondGate.Data):], l.CondUp.Data)
	}
	return w
}

// Wave is one sound that is being made, a sample after another, while its frames
// come in. Each layer keeps what it will see again, so that memory does not grow.
type Wave struct {
	w       *WaveNet
	mel     []float32 // the latest frames, those of which interpolation has need
	first   int       // number of the first of them
	frames  int       // that came, in all
	parts   int       // conditions that were interpolated, in all
	window  history   // of the condition's convolution
	waiting []float32 // conditions (·,Cond) of samples to come
	used    int       // samples of the first of them that were made
	cond    []float32 // (2C·Layers) of the condition at hand
	pasts   [][]float32
	at      []int // of the oldest row in each past
	closed  bool
}

// Wave begins a sound.
func (w *WaveNet) Wave() *Wave {
	m := w.model
	v := &Wave{w: w, window: history{cols: m.Bands}, cond: make([]float32, w.conds.Out), at: make([]int, m.Layers)}
	for i := range m.Layers {
		v.pasts = append(v.pasts, make([]float32, m.dilation(i)*m.Dim))
	}
	return v
}

// Write takes any number of log-mel frames (T,Bands).
func (v *Wave) Write(mel []float32) error {
	m := v.w.model
	if v.closed {
		return errors.New("network: a wave is written to after it was closed")
	}
	if err := m.checkMel(mel); err != nil {
		return err
	}
	v.mel = append(v.mel, mel...)
	v.frames += len(mel) / m.Bands
	// Up to the middle of the last frame nothing to come changes what lies between.
	v.condition(max(v.parts, (2*v.frames-1)*m.Parts/2), false)
	return nil
}

// Close says that there are no more frames.
func (v *Wave) Close() {
	if !v.closed {
		v.closed = true
		v.condition(v.frames*v.w.model.Parts, true)
	}
}

// condition makes conditions up to that number, and forgets the frames that are
// not needed again.
func (v *Wave) condition(to int, last bool) {
	m, r := v.w.model, v.w.run
	rows := make([]float32, (to-v.parts)*m.Bands)
	for ; v.parts < to; v.parts++ {
		n := len(rows) - (to-v.parts)*m.Bands
		m.between(rows[n:n+m.Bands], v.mel, v.first, v.frames, v.parts)
	}
	r.Reset(0)
	half := m.Kernel / 2
	x, from, upTo := v.window.push(r, rows, half, half, last)
	if from < upTo {
		windows := rowsOf(r, r.Window(x, m.Kernel, v.window.span[:]), from, upTo)
		v.waiting = append(v.waiting, m.listen(r, windows).Data...)
	}
	if forget := v.frames - 1 - v.first; forget > 0 {
		v.mel = v.mel[:copy(v.mel, v.mel[forget*m.Bands:])]
		v.first += forget
	}
}

// Ready says whether there is a condition for the next sample.
func (v *Wave) Ready() bool { return len(v.waiting) > 0 }

// Next evaluates the next sample, given the level of the one before it: logits of
// its level, which hold until the next call.
func (v *Wave) Next(before int) ([]float32, error) {
	w, m := v.w, v.w.model
	if !v.Ready() {
		return nil, errors.New("network: a sample for which there is no frame")
	}
	if before < 0 || before >= WaveLevels {
		return nil, fmt.Errorf("network: level %d of a sample, want 0 to %d", before, WaveLevels-1)
	}
	r, c := w.run, m.Dim
	r.Reset(0)
	if v.used == 0 {
		r.Project(v.cond, v.waiting[:m.WaveNetConfig.Cond], w.conds)
	}
	h := w.row
	copy(h, m.Levels.Data[before*c:(before+1)*c])
	pair := r.New(1, 2*c).Data
	for i := range m.layers {
		l := &m.layers[i]
		past := v.pasts[i][v.at[i]*c:][:c]
		copy(pair, past)
		kernel.RMSNorm(pair[c:], h, l.Norm.Data, convEps)
		copy(past, pair[c:])
		v.at[i] = (v.at[i] + 1) % m.dilation(i)
		r.Project(w.gates, pair, w.gated[i])
		kernel.Add(w.gates, w.gates, v.cond[2*i*c:2*(i+1)*c])
		kernel.SwiGLU(w.norm, w.gates[:c], w.gates[c:])
		r.Project(pair[:c], w.norm, l.Down)
		kernel.Add(h, h, pair[:c])
	}
	x := r.New(1, c)
	copy(x.Data, h)
	r.Project(w.logits, m.tell(r, x).Data, m.Head)
	if v.used++; v.used == m.Hop/m.Parts {
		v.used, v.waiting = 0, v.waiting[m.WaveNetConfig.Cond:] // not moved: all of a sound may wait
	}
	return w.logits, nil
}
