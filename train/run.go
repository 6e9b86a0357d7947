package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/element/text"
	"github.com/stride-ml/stride/models"
	"github.com/stride-ml/stride/network"
	"github.com/stride-ml/stride/tensor"
)

// Options say where a run reads and writes.
type Options struct {
	Data     string // folder that the recipe's files are in
	Out      string // folder of the run; made if missing
	Restart  bool   // begin anew even if Out holds a state to resume from
	Workers  int    // 0: all processors
	Progress func(Progress)

	step func(step int) // called after each step, for tests
}

// Progress is one report of a running training.
type Progress struct {
	Step, Steps int
	Loss        float64 // mean since the last report, nats per scored element
	Valid       float64 // last validation loss, NaN before the first
	ValidBits   float64 // the same in bits per character; for a masked network a bound
	Rate        float64 // learning rate
	Norm        float64 // of the gradient, before clipping
	PerSecond   float64 // positions trained per second, since the last report
	Elements    int64   // positions trained in all
	Left        time.Duration
	Message     string // a phase that has no steps: reading data, training the tokenizer
}

// Result is what a finished run achieved.
type Result struct {
	Model     string // path of the model file
	Valid     float64
	ValidBits float64
	TestBits  float64 // NaN if the recipe names no test data
	Steps     int
}

// InterruptedError says that a run was stopped, and that nothing is lost.
type InterruptedError struct {
	Step, Steps int
	State       string // path of the saved state
}

// Error says how to go on.
func (e *InterruptedError) Error() string {
	return fmt.Sprintf("stopped after step %d of %d; saved in %s, the same command goes on from there", e.Step, e.Steps, e.State)
}

// DivergedError says that the loss or gradient stopped being a number.
type DivergedError struct{ Step int }

// Error suggests what to change.
func (e *DivergedError) Error() string {
	return fmt.Sprintf("training diverged at step %d: the gradient is not finite; lower train.learning_rate or train.clip, or lengthen train.warmup", e.Step)
}

// reportEvery is how often progress is reported and logged.
const reportEvery = 2 * time.Second

// trainer is the state of a run.
type trainer struct {
	recipe  *Recipe
	opts    Options
	pool    *tensor.Pool
	run     *tensor.Run
	tok     *text.Tokenizer
	enc     *encoder
	trunk   *network.Trunk
	length  *tensor.Param // nil for a decoder
	params  []*tensor.Param
	opt     *optimiser
	data    sampler
	valid   []batch
	step    int
	seen    int64
	lastVal validation
	test    validation // once training is done
	log     *logFile
}

// Run trains a recipe's model. A folder that holds the state of an earlier run
// of the same recipe is resumed from. A cancelled context saves the state and
// returns an [*InterruptedError].
func Run(ctx context.Context, r *Recipe, o Options) (Result, error) {
	if o.Progress == nil {
		o.Progress = func(Progress) {}
	}
	if err := os.MkdirAll(o.Out, 0o755); err != nil {
		return Result{}, fmt.Errorf("train: %w", err)
	}
	t := &trainer{recipe: r, opts: o, pool: tensor.NewPool(o.Workers)}
	defer t.pool.Close()
	t.run = tensor.NewRun(t.pool, tensor.Training())
	if err := t.prepare(ctx); err != nil {
		return Result{}, err
	}
	defer t.log.Close()
	if err := t.loop(ctx); err != nil {
		return Result{}, err
	}
	path := filepath.Join(o.Out, "model.gguf")
	return Result{Model: path, Valid: t.lastVal.loss, ValidBits: t.lastVal.bits, TestBits: t.test.bits, Steps: t.step}, nil
}

func (t *trainer) statePath() string { return filepath.Join(t.opts.Out, "state.gguf") }

// prepare reads data, makes or resumes tokenizer, network and optimiser.
func (t *trainer) prepare(ctx context.Context) error {
	r := t.recipe
	t.opts.Progress(Progress{Message: "reading data"})
	items, err := readItems(ctx, r, t.opts.Data, r.Data.Train)
	if err != nil {
		return err
	}
	validItems, err := readItems(ctx, r, t.opts.Data, r.Data.Valid)
	if err != nil {
		return err
	}
	if len(items) == 0 {
		return fmt.Errorf("train: %s: the training data holds no rows", r.Name)
	}
	format := formatOf(r, items)
	state, err := openState(t.statePath(), t.opts.Restart)
	if err != nil {
		return err
	}
	if state != nil {
		defer state.Close()
		t.tok, err = text.FromMetadata(state.Value)
	} else {
		t.opts.Progress(Progress{Message: "training the tokenizer"})
		controls := append(format.Controls(), text.Token("mask"))
		t.tok, err = text.Train(corpus(items), text.TrainOptions{Pieces: r.Elements.Pieces, MinCount: r.Elements.MinCount, Controls: controls})
	}
	if err != nil {
		return fmt.Errorf("train: %w", err)
	}
	if err := t.build(); err != nil {
		return err
	}
	t.opts.Progress(Progress{Message: "encoding data"})
	t.enc = newEncoder(t.tok, format, r.Network.Context, r.Network.MaxLength)
	masked := r.Network.Kind == "masked"
	t.data = sampler{enc: t.enc, recipe: r.Train, seed: r.Seed, masked: masked}
	var skipped int
	if t.data.examples, skipped = t.enc.examples(items); len(t.data.examples) == 0 {
		return fmt.Errorf("train: %s: none of %d rows fits network.max_length %d", r.Name, len(items), r.Network.MaxLength)
	}
	if skipped > 0 {
		t.opts.Progress(Progress{Message: fmt.Sprintf("left out %d of %d rows longer than network.max_length %d", skipped, len(items), r.Network.MaxLength)})
	}
	t.valid = t.heldOut(validItems, r.Train.ValidTokens)
	t.lastVal, t.test = validation{math.NaN(), math.NaN()}, validation{math.NaN(), math.NaN()}
	if state != nil {
		if err := t.restore(state); err != nil {
			return err
		}
		t.opts.Progress(Progress{Message: fmt.Sprintf("resuming after step %d", t.step)})
	}
	t.log, err = openLog(t.opts.Out, t.step)
	return err
}

// build makes the network and the optimiser, with weights drawn from the seed.
func (t *trainer) build() error {
	c := t.recipe.config(t.tok.Size())
	if t.recipe.Network.Kind == "masked" {
		m, err := network.NewMaskedModel(c, t.recipe.Network.MaxLength)
		if err != nil {
			return err
		}
		m.Init(t.recipe.Seed)
		t.trunk, t.length, t.params = m.Trunk, m.Length, m.Params()
	} else {
		trunk, err := network.NewTrunk(c)
		if err != nil {
			return err
		}
		trunk.Init(t.recipe.Seed)
		t.trunk, t.params = trunk, trunk.Params()
	}
	if from := t.recipe.Network.From; from != "" {
		if err := t.startFrom(from); err != nil {
			return fmt.Errorf("train: network.from: %w", err)
		}
	}
	t.opt = newOptimiser(t.params)
	return nil
}

// startFrom copies the weights that a model file has in common with the
// network. That a masked network learns faster from a causal one's weights than
// from none is shown by Gong et al., arXiv 2410.17891.
func (t *trainer) startFrom(name string) error {
	open := checkpoint.Open
	if data, ok := models.Data(name); ok {
		open = func(name string) (*checkpoint.File, error) { return checkpoint.Parse(name, data) }
	}
	f, err := open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	tok, err := text.FromMetadata(f.Value)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if tok.Size() != t.tok.Size() {
		return fmt.Errorf("%s has %d tokens, this recipe %d; want the same data and elements", name, tok.Size(), t.tok.Size())
	}
	for id := range tok.Size() {
		if tok.Piece(id) != t.tok.Piece(id) {
			return fmt.Errorf("token %d of %s is %q, of this recipe %q; want the same data and elements", id, name, tok.Piece(id), t.tok.Piece(id))
		}
	}
	for _, p := range t.params {
		if info, ok := f.Tensor(p.Name); !ok || len(info.Shape) > 2 || info.Shape[len(info.Shape)-1] != p.In || p.Out > 1 && info.Shape[0] != p.Out {
			continue
		}
		if err := f.Float32(p.Name, p.Data); err != nil {
			return err
		}
		p.Update()
	}
	return nil
}

// loop trains to the last step, saving now and then.
func (t *trainer) loop(ctx context.Context) error {
	r := t.recipe.Train
	last, lastSeen := time.Now(), t.seen
	var sum float64
	var count int
	for t.step < r.Steps {
		if ctx.Err() != nil {
			if err := t.save(); err != nil {
				return errors.Join(ctx.Err(), err)
			}
			return &InterruptedError{t.step, r.Steps, t.statePath()}
		}
		rate := r.rate(t.step)
		loss, norm := t.train(rate)
		if math.IsNaN(loss) || math.IsNaN(norm) || math.IsInf(norm, 0) {
			return &DivergedError{t.step}
		}
		sum, count = sum+loss, count+1
		if t.opts.step != nil {
			t.opts.step(t.step)
		}
		if t.step%r.Validate == 0 || t.step == r.Steps {
			t.lastVal = t.evaluate(t.valid)
		}
		if now := time.Now(); now.Sub(last) >= reportEvery || t.step == r.Steps {
			p := Progress{Step: t.step, Steps: r.Steps, Loss: sum / float64(count), Valid: t.lastVal.loss, ValidBits: t.lastVal.bits,
				Rate: rate, Norm: norm, Elements: t.seen, PerSecond: float64(t.seen-lastSeen) / now.Sub(last).Seconds()}
			p.Left = time.Duration(float64(now.Sub(last)) / float64(count) * float64(r.Steps-t.step))
			if err := t.log.write(p); err != nil {
				return err
			}
			t.opts.Progress(p)
			last, lastSeen, sum, count = now, t.seen, 0, 0
		}
		if t.step%r.Checkpoint == 0 || t.step == r.Steps {
			if err := t.save(); err != nil {
				return err
			}
		}
	}
	if math.IsNaN(t.lastVal.bits) { // resumed when all was done
		t.lastVal = t.evaluate(t.valid)
	}
	if len(t.recipe.Data.Test) > 0 {
		t.opts.Progress(Progress{Message: "evaluating on the test data"})
		items, err := readItems(ctx, t.recipe, t.opts.Data, t.recipe.Data.Test)
		if err != nil {
			return err
		}
		t.test = t.evaluate(t.heldOut(items, math.MaxInt))
	}
	return t.save()
}

// train makes one step and returns the mean loss and the gradient's norm.
func (t *trainer) train(rate float64) (loss, norm float64) {
	b := t.data.next(t.step)
	t.opt.zeroGrad()
	for i := range b.micros {
		t.run.Reset(t.recipe.Seed<<32 ^ uint64(t.step)<<8 ^ uint64(i))
		loss += t.forward(t.run, &b.micros[i], float32(t.recipe.Train.Dropout))
		t.run.Backward()
	}
	t.step++
	t.seen += int64(b.positions)
	return loss, t.opt.step(t.pool, t.recipe.Train, rate, t.step)
}

// forward evaluates one micro-batch and returns Σ weight·loss. While training
// the gradients at the network's output are in place when it returns.
func (t *trainer) forward(run *tensor.Run, m *micro, dropout float32) float64 {
	m.pass.Dropout = dropout
	h := t.trunk.Hidden(run, m.pass)
	rows := run.Gather(h, m.rows)
	losses := make([]float32, len(m.rows))
	run.CrossEntropy(rows, t.trunk.Embed, m.targets, m.weights, losses)
	var sum float64
	for i, l := range losses {
		sum += float64(l) * float64(m.weights[i])
	}
	if t.length != nil && len(m.lengthRows) > 0 {
		losses := make([]float32, len(m.lengthRows))
		run.CrossEntropy(run.Gather(h, m.lengthRows), t.length, m.lengthTargets, m.lengthWeights, losses)
	}
	return sum
}

// validation is a loss over held-out data.
type validation struct {
	loss float64 // nats per scored element (masked: the bound per element)
	bits float64 // bits per character
}

// heldOut lays out held-out data, up to so many positions, with nothing hidden
// by chance and, for a masked network, masks drawn from the seed alone.
func (t *trainer) heldOut(items []item, positions int) []batch {
	v := sampler{enc: t.enc, recipe: t.recipe.Train, seed: t.recipe.Seed + 1, masked: t.data.masked, once: true}
	v.recipe.DropCondition, v.recipe.PadShare = 0, 0
	if v.examples, _ = t.enc.examples(items); len(v.examples) == 0 {
		return nil
	}
	var out []batch
	for n := 0; n < positions && v.Index < len(v.examples); {
		b := v.next(len(out))
		out = append(out, b)
		n += b.positions
	}
	return out
}

// evaluate evaluates the averaged weights on held-out data.
func (t *trainer) evaluate(data []batch) validation {
	t.opt.swap()
	defer t.opt.swap()
	run := tensor.NewRun(t.pool)
	var total, elements, units float64
	for _, b := range data {
		var mean float64
		for i := range b.micros {
			run.Reset(0)
			mean += t.forward(run, &b.micros[i], 0)
		}
		total += mean * float64(b.elements)
		elements += float64(b.elements)
		units += float64(b.units)
	}
	return validation{total / elements, total / units / math.Ln2}
}
