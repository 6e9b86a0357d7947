package stride

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"time"

	"github.com/stride-ml/stride/strategy"
	"github.com/stride-ml/stride/tensor"
)

// Generate generates one object and yields a step for each pass of the
// network; the last has Done set. A cancelled context ends it before the next
// pass, and a pass of a text by ar or speculate within a layer: the object so far is then yielded with the context's error. An error
// ends it; what was asked wrongly is an [*OptionError] or [*UnsupportedError].
// Steps may be kept: no later one changes what they show.
//
// A pipeline yields the steps of all its stages ([Step].Stage), each with the
// object of its stage; the last shows what the pipeline was asked for. Sounds
// come in parts: see [Sound] and [Chunks].
func (m *Model) Generate(ctx context.Context, p Prompt, opts ...Option) iter.Seq2[Step, error] {
	return func(yield func(Step, error) bool) {
		start := time.Now()
		g, err := m.start(p, opts)
		if err != nil {
			yield(Step{}, err)
			return
		}
		defer g.free()
		if g.bind != nil {
			g.bind(ctx)
		}
		for {
			var step Step
			err := ctx.Err()
			if err == nil {
				step, err = g.next(start)
			}
			if cancelled := ctx.Err(); err != nil && cancelled != nil {
				last := g.unchanged()
				last.Done, last.Stats.Stopped = true, "cancelled"
				yield(last, cancelled)
				return
			}
			if !yield(step, err) || err != nil || step.Done {
				return
			}
		}
	}
}

// Text generates one object and returns it finished, with what it cost; of a
// picture it returns a description. On an error, a cancelled context among them,
// it returns the object so far.
func (m *Model) Text(ctx context.Context, p Prompt, opts ...Option) (string, Stats, error) {
	return lastText(m.Generate(ctx, p, opts...))
}

// lastText is the text of the last step that there is, and why there are no more.
func lastText(steps iter.Seq2[Step, error]) (string, Stats, error) {
	var last Step
	for step, err := range steps {
		if step.Object != nil {
			last = step
		}
		if err != nil {
			return objectText(last), last.Stats, err
		}
	}
	return objectText(last), last.Stats, nil
}

func objectText(s Step) string {
	if s.Object == nil {
		return ""
	}
	return s.Object.String()
}

// generation is one running generation.
type generation struct {
	name    string // of the checkpoint or pipeline
	machine strategy.Machine
	show    func(strategy.Step) Object // an object that no later step changes
	free    func()                     // gives the evaluator back
	bind    func(context.Context)      // lets passes end early; nil if they cannot
	chunks  bool                       // objects hold only what is new
	last    Step

	tokenText func(token int) string // of texts
}

// begin makes a machine with an evaluator of the network.
func begin[E any](list lender[E], pool *tensor.Pool, machine func(E) (strategy.Machine, error)) (*generation, error) {
	d := list.take(pool)
	m, err := machine(d)
	if err != nil {
		list.give(d)
		return nil, err
	}
	g := &generation{machine: m, free: func() { list.give(d) }}
	if b, ok := any(d).(binder); ok {
		g.bind = b.Bind
	}
	return g, nil
}

// start resolves options and makes the machine.
func (m *Model) start(p Prompt, opts []Option) (*generation, error) {
	if m.pipeline != nil {
		return m.pipeline.start(m.pool, p, opts)
	}
	e, c, err := m.resolve(p, opts)
	if err != nil {
		return nil, err
	}
	var g *generation
	err = guarded(func() (err error) {
		g, err = e.engine.start(m.pool, p, c)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", e.card.Name, err)
	}
	g.name = e.card.Name
	g.last = Step{Object: g.show(strategy.Step{}), Stats: Stats{Strategy: c.strategy, Model: e.card.Name, Seed: c.seed}}
	return g, nil
}

// resolve picks the checkpoint that a strategy needs and the options that hold
// for it, checks them and the fields of the prompt, and loads its weights.
func (m *Model) resolve(p Prompt, opts []Option) (*member, config, error) {
	e, c, err := m.config(opts)
	if err != nil {
		return nil, c, err
	}
	if !c.chose("seed") {
		c.seed = uint64(rand.Uint32())
	}
	if err := e.check(p, c); err != nil {
		return nil, c, fmt.Errorf("%s: %w", e.card.Name, err)
	}
	return e, c, e.weights(m.pool)
}

// config lays options over those that the checkpoint of the strategy proposes.
func (m *Model) config(opts []Option) (*member, config, error) {
	var chosen config
	for _, o := range opts {
		o(&chosen)
	}
	e, name, err := m.serving(chosen.strategy)
	if err != nil {
		return nil, chosen, err
	}
	c := e.defaults()
	for _, o := range opts {
		o(&c)
	}
	c.strategy = name
	return e, c, nil
}

// next makes one pass.
func (g *generation) next(start time.Time) (Step, error) {
	err := guarded(func() error {
		before := time.Now()
		s, err := g.machine.Next()
		if err != nil {
			return err
		}
		stats := g.last.Stats.after(s, time.Since(start), time.Since(before))
		g.last = Step{
			Pass: s.Pass, Passes: s.Passes, Object: g.show(s),
			Fresh: slices.Clone(s.Fresh), Remasked: slices.Clone(s.Remasked), Confidence: float64(s.Confidence),
			Time: float64(s.Time), Change: float64(s.Change), Done: s.Done, Stats: stats, Stage: s.Stage, Stages: s.Stages,
			Logprobs: g.logprobs(s.Logprobs),
		}
		return nil
	})
	if err != nil {
		return g.unchanged(), fmt.Errorf("%s: %w", g.name, err)
	}
	return g.last, nil
}

// unchanged is the last step again, in which nothing is new.
func (g *generation) unchanged() Step {
	s := g.last
	if sound, ok := s.Object.(Sound); ok && g.chunks {
		s.Object = sound.after()
	}
	return s
}

// after is what a generation has cost after one more pass, which took a part of
// the time since the call.
func (s Stats) after(step strategy.Step, total, pass time.Duration) Stats {
	s.Total = total
	if s.FirstStep == 0 {
		s.FirstStep = total
	}
	if step.Stage == 0 {
		s.Passes, s.Elements, s.Drawn, s.Stopped = step.Pass, step.Known(), step.Drawn, step.Stopped
		s.Drafted, s.Accepted = s.Drafted+step.Drafted, s.Accepted+step.Accepted
		return s
	}
	s.Stages = slices.Clone(s.Stages) // steps may be kept
	stage := &s.Stages[step.Stage-1]
	s.Passes += step.Pass - stage.Passes
	stage.Passes, stage.Elements, stage.Drawn, stage.Stopped = step.Pass, step.Known(), step.Drawn, step.Stopped
	stage.Total = total
	if stage.FirstStep == 0 {
		stage.FirstStep = total
	}
	stage.Busy += pass
	if step.Stage == step.Stages {
		s.Elements, s.Drawn = stage.Elements, stage.Drawn
	}
	if step.Done {
		s.Stopped = step.Stopped
	}
	return s
}

// guarded calls f. A panic in it is a mistake of ours; it becomes an error that
// carries the stack instead of ending the caller's program.
func guarded(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("internal error: %v\n%s", p, debug.Stack())
		}
	}()
	return f()
}

// serving picks the checkpoint for a strategy, or for the default one, "".
func (m *Model) serving(name string) (*member, string, error) {
	if name == "" {
		name = m.members[0].card.Strategies[0]
	}
	for _, e := range m.members {
		if e.serves(name) {
			return e, name, nil
		}
	}
	return nil, "", &UnsupportedError{Strategy: name, Want: "model " + m.members[0].card.Name, Can: m.Strategies()}
}
