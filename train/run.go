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
	"github.com/stride-ml/stride/internal/card"
	"github.com/stride-ml/stride/models"
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
	Loss        float64 // mean since the last report, nats per scored element or squared error per value
	Valid       float64 // last validation loss, NaN before the first
	ValidBits   float64 // the same in bits per character or pixel, for a masked network a bound; NaN where the loss is no likelihood
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
	TestBits  float64 // NaN if the recipe names no test data or the loss is no likelihood
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
	goal    objective
	opt     *optimiser
	rival   *optimiser // of an adversary's weights, nil without one
	valid   []work
	step    int
	seen    int64
	lastVal validation
	test    validation // once training is done
	log     *logFile
}

// objective is what the loop asks of a kind of network: its data, its weights
// and what to minimise.
type objective interface {
	// load reads the data and makes elements and network, the weights drawn from
	// the seed. state is what to resume from, or nil.
	load(ctx context.Context, state *checkpoint.File) error
	params() []*tensor.Param
	// place is where in the data the next batch starts.
	place() *cursor
	// draw lays out the batch of a step.
	draw(step int) work
	// heldOut lays out the data of a split, valid or test, with what is random
	// drawn from the seed alone.
	heldOut(ctx context.Context, split string) ([]work, error)
	// kept is what load needs of a state, beside weights.
	kept() map[string]any
	// describe completes a model file's card and gives its architecture and
	// metadata.
	describe(c *card.Card, valid, test validation) (architecture string, metadata []map[string]any)
}

// contest is an objective with an adversary: another network that is trained
// towards a loss of its own in the same steps, and is no part of the model.
type contest interface {
	rivals() []*tensor.Param
}

// work is one step's or one validation's forward passes.
type work struct {
	// passes evaluate the network on a part of the batch and return Σ
	// weight·loss. On a Run that trains, the gradients at the network's output
	// are then in place.
	passes    []func(run *tensor.Run) float64
	positions int // evaluated, as training reports them
	elements  int // that the loss is a mean over
	units     int // characters or pixels whose bits are reported; 0 for none
}

// newObjective makes the objective of the recipe's kind of network.
func newObjective(t *trainer) objective {
	switch t.recipe.Network.Kind {
	case "pixel":
		return &pixelObjective{pictures: pictures{t: t}}
	case "flow":
		return &flowObjective{pictures: pictures{t: t}}
	case "classifier":
		return &classifierObjective{pictures: pictures{t: t}}
	case "vocoder":
		return &vocoderObjective{sounds: sounds{t: t}}
	case "wavenet":
		return &waveNetObjective{sounds: sounds{t: t}}
	case "acoustic":
		return &acousticObjective{speeches: speeches{sounds: sounds{t: t}}}
	case "draft":
		return &draftObjective{t: t}
	case "recogniser":
		return &recogniserObjective{speeches: speeches{sounds: sounds{t: t}}}
	}
	return &textObjective{t: t}
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

// prepare makes or resumes data, network and optimiser.
func (t *trainer) prepare(ctx context.Context) error {
	t.goal = newObjective(t)
	state, err := openState(t.statePath(), t.opts.Restart)
	if err != nil {
		return err
	}
	if state != nil {
		defer state.Close()
	}
	if err := t.goal.load(ctx, state); err != nil {
		return err
	}
	t.opt = newOptimiser(t.goal.params())
	if c, ok := t.goal.(contest); ok && len(c.rivals()) > 0 {
		t.rival = newOptimiser(c.rivals())
	}
	if t.valid, err = t.goal.heldOut(ctx, "valid"); err != nil {
		return err
	}
	t.lastVal, t.test = noValidation, noValidation
	if state != nil {
		if err := t.restore(state); err != nil {
			return err
		}
		t.opts.Progress(Progress{Message: fmt.Sprintf("resuming after step %d", t.step)})
	}
	t.log, err = openLog(t.opts.Out, t.step)
	return err
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
	if math.IsNaN(t.lastVal.loss) { // resumed when all was done
		t.lastVal = t.evaluate(t.valid)
	}
	test, err := t.goal.heldOut(ctx, "test")
	if err != nil {
		return err
	}
	if len(test) > 0 {
		t.opts.Progress(Progress{Message: "evaluating on the test data"})
		t.test = t.evaluate(test)
	}
	return t.save()
}

// train makes one step and returns the mean loss and the gradient's norm.
func (t *trainer) train(rate float64) (loss, norm float64) {
	w := t.goal.draw(t.step)
	for _, o := range t.optimisers() {
		o.zeroGrad()
	}
	for i, pass := range w.passes {
		t.run.Reset(t.recipe.Seed<<32 ^ uint64(t.step)<<8 ^ uint64(i))
		loss += pass(t.run)
		t.run.Backward()
	}
	t.step++
	t.seen += int64(w.positions)
	if t.rival != nil {
		if norm := t.rival.step(t.pool, t.recipe.Train, rate, t.step); math.IsNaN(norm) || math.IsInf(norm, 0) {
			return loss, norm
		}
	}
	return loss, t.opt.step(t.pool, t.recipe.Train, rate, t.step)
}

// optimisers are those of all weights that are trained.
func (t *trainer) optimisers() []*optimiser {
	if t.rival == nil {
		return []*optimiser{t.opt}
	}
	return []*optimiser{t.opt, t.rival}
}

// validation is a loss over held-out data; NaN where there is none.
type validation struct {
	loss float64 // mean over the elements, as in training
	bits float64 // bits per character or pixel
}

var noValidation = validation{math.NaN(), math.NaN()}

// evaluate evaluates the averaged weights on held-out data.
func (t *trainer) evaluate(data []work) validation {
	t.opt.swap()
	defer t.opt.swap()
	run := tensor.NewRun(t.pool)
	var total, elements, units float64
	for _, w := range data {
		var mean float64
		for _, pass := range w.passes {
			run.Reset(0)
			mean += pass(run)
		}
		total += mean * float64(w.elements)
		elements += float64(w.elements)
		units += float64(w.units)
	}
	v := noValidation
	if elements > 0 {
		v.loss = total / elements
	}
	if units > 0 {
		v.bits = total / units / math.Ln2
	}
	return v
}

// startFrom copies the weights that the model file of network.from has in
// common with the network; check, if not nil, may refuse the file.
func (t *trainer) startFrom(ps []*tensor.Param, check func(f *checkpoint.File, name string) error) error {
	name := t.recipe.Network.From
	if name == "" {
		return nil
	}
	open := checkpoint.Open
	if data, ok := models.Data(name); ok {
		open = func(name string) (*checkpoint.File, error) { return checkpoint.Parse(name, data) }
	}
	f, err := open(name)
	if err != nil {
		return fmt.Errorf("train: network.from: %w", err)
	}
	defer f.Close()
	if check != nil {
		if err := check(f, name); err != nil {
			return fmt.Errorf("train: network.from: %w", err)
		}
	}
	for _, p := range ps {
		if info, ok := f.Tensor(p.Name); !ok || len(info.Shape) > 2 || info.Shape[len(info.Shape)-1] != p.In || p.Out > 1 && info.Shape[0] != p.Out {
			continue
		}
		if err := f.Float32(p.Name, p.Data); err != nil {
			return fmt.Errorf("train: network.from: %w", err)
		}
		p.Update()
	}
	return nil
}
