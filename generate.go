package stride

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"time"

	"github.com/stride-ml/stride/network"
	"github.com/stride-ml/stride/strategy"
)

// Generate generates one object and yields a step for each pass of the
// network; the last has Done set. A cancelled context ends it before the next
// pass: the object so far is then yielded with the context's error. An error
// ends it; what was asked wrongly is an [*OptionError] or [*UnsupportedError].
func (m *Model) Generate(ctx context.Context, p Prompt, opts ...Option) iter.Seq2[Step, error] {
	return func(yield func(Step, error) bool) {
		start := time.Now()
		g, err := m.start(p, opts)
		if err != nil {
			yield(Step{}, err)
			return
		}
		defer g.release()
		for {
			if err := ctx.Err(); err != nil {
				g.last.Done, g.last.Stats.Stopped = true, "cancelled"
				yield(g.last, err)
				return
			}
			step, err := g.next(start)
			if !yield(step, err) || err != nil || step.Done {
				return
			}
		}
	}
}

// Text generates one object and returns it finished, with what it cost. On an
// error, a cancelled context among them, it returns the object so far.
func (m *Model) Text(ctx context.Context, p Prompt, opts ...Option) (string, Stats, error) {
	var last Step
	for step, err := range m.Generate(ctx, p, opts...) {
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
	member  *member
	machine strategy.Machine
	free    func()
	pieces  []string // of the response so far, for strategies that only append
	append  bool
	last    Step
}

// start resolves options and prompt and makes the machine.
func (m *Model) start(p Prompt, opts []Option) (*generation, error) {
	var chosen config
	for _, o := range opts {
		o(&chosen)
	}
	e, name, err := m.serving(chosen)
	if err != nil {
		return nil, err
	}
	c := e.defaults()
	for _, o := range opts {
		o(&c)
	}
	c.strategy = name
	if !c.seeded {
		c.seed = uint64(rand.Uint32())
	}
	if err := e.weights(m.pool); err != nil {
		return nil, err
	}
	prompt, so, err := e.resolve(p, c)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", e.card.Name, err)
	}
	g := &generation{member: e, append: name == "ar", last: Step{Object: Text{}, Stats: Stats{Strategy: name, Model: e.card.Name, Seed: c.seed}}}
	if name == "ar" {
		d := e.decoders.take(func() *network.Decoder { return network.NewDecoder(e.trunk, m.pool) })
		g.free = func() { e.decoders.give(d) }
		g.machine, err = strategy.NewAR(d, prompt, so)
	} else {
		d := e.evaluators.take(func() *network.Masked { return network.NewMasked(e.masked, m.pool) })
		g.free = func() { e.evaluators.give(d) }
		if name == "nar" {
			g.machine, err = strategy.NewNAR(d, prompt, so)
		} else {
			g.machine, err = strategy.NewRefine(d, prompt, so)
		}
	}
	if err != nil {
		g.free()
		return nil, fmt.Errorf("%s: %w", e.card.Name, err)
	}
	return g, nil
}

func (g *generation) release() { g.free() }

// next makes one pass. A panic below is a mistake of ours; it becomes an error
// that carries the stack instead of ending the caller's program.
func (g *generation) next(start time.Time) (step Step, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s: internal error: %v\n%s", g.member.card.Name, p, debug.Stack())
		}
	}()
	s, err := g.machine.Next()
	if err != nil {
		return g.last, fmt.Errorf("%s: %w", g.member.card.Name, err)
	}
	stats := g.last.Stats
	stats.Total = time.Since(start)
	if stats.FirstStep == 0 {
		stats.FirstStep = stats.Total
	}
	stats.Passes, stats.Elements, stats.Drawn, stats.Stopped = s.Pass, s.Known(), s.Drawn, s.Stopped
	g.last = Step{
		Pass: s.Pass, Passes: s.Passes, Object: Text{Pieces: g.render(s.Tokens)},
		Fresh: slices.Clone(s.Fresh), Remasked: slices.Clone(s.Remasked),
		Confidence: float64(s.Confidence), Done: s.Done, Stats: stats,
	}
	return g.last, nil
}

// render turns tokens into pieces. Where tokens are only appended the earlier
// pieces are shared between steps.
func (g *generation) render(tokens []int) []string {
	if !g.append {
		g.pieces = nil
	}
	for _, id := range tokens[len(g.pieces):] {
		piece := ""
		if id >= 0 {
			piece = string(g.member.tok.Bytes(id))
		}
		g.pieces = append(g.pieces, piece)
	}
	return g.pieces[:len(tokens):len(tokens)]
}

// serving picks the checkpoint for the strategy asked, or the default one.
func (m *Model) serving(c config) (*member, string, error) {
	name := c.strategy
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

// defaults are the options that the checkpoint itself proposes.
func (e *member) defaults() config {
	d := e.card.Defaults
	return config{length: LengthPredicted, temperature: float32(d.Temperature), topP: float32(d.TopP), minP: float32(d.MinP), topK: d.TopK}
}

// usualConfidence is refine's temperature of confidence where none is chosen.
const usualConfidence = 4.5

// resolve turns a prompt and options into tokens and the strategy's options.
func (e *member) resolve(p Prompt, c config) ([]int, strategy.Options, error) {
	o := strategy.Options{
		Sampling: strategy.Sampling{Temperature: c.temperature, TopK: c.topK, TopP: c.topP, MinP: c.minP},
		Seed:     c.seed, Passes: c.passes, Block: c.block, Remask: c.remask, End: e.tok.EOS(),
	}
	if o.ConfidenceTemperature = c.confidence; !c.confident && c.strategy == "refine" {
		o.ConfidenceTemperature = usualConfidence
	}
	o.Mask, _ = e.tok.Mask()
	if c.strategy == "refine" && c.passes == 0 {
		o.Passes = max(1, e.card.Defaults.Passes)
	}
	switch {
	case c.length == LengthFixed:
		o.Length = strategy.Fixed
	case c.length == LengthPredicted:
	case c.length < 1 || c.length >= e.card.MaxLength:
		return nil, o, &OptionError{Option: "length", Value: fmt.Sprint(c.length), Want: fmt.Sprintf("fixed, predicted or 1 to %d", e.card.MaxLength-1)}
	case c.strategy == "ar":
		o.MaxLength = c.length
	default:
		o.Length = strategy.LengthMode(c.length + 1) // END takes a slot
	}
	conditions, err := e.constrain(&o.Constraint, p, c.strategy)
	if err != nil {
		return nil, o, err
	}
	prompt, err := e.format.Encode(e.tok, p.Text, conditions)
	if err != nil {
		return nil, o, err
	}
	if o.MaxLength == 0 && c.strategy == "ar" {
		o.MaxLength = e.card.MaxLength
	}
	return prompt, o, nil
}

// Condition returns the full value of a condition given in full or abbreviated,
// such as 五言絕句 for 五絕, or an error that lists the known values.
func (m *Model) Condition(name, value string) (string, error) {
	for _, c := range m.members[0].format.Conditions {
		if c.Name != name {
			continue
		}
		i, err := c.Find(value)
		if err != nil {
			return "", err
		}
		return c.Values[i], nil
	}
	return "", &UnsupportedError{Strategy: m.members[0].card.Strategies[0], Want: "condition " + name}
}

// Token is one element of text as a model sees it.
type Token struct {
	ID    int
	Piece string // as a person reads it: "▁un", "春", "<0xE5>"
}

// Tokens cuts a text into the model's elements.
func (m *Model) Tokens(s string) []Token {
	t := m.members[0].tok
	var out []Token
	for _, id := range t.Encode(s) {
		out = append(out, Token{id, t.Piece(id)})
	}
	return out
}

// freeList keeps evaluators for the next generation: they hold buffers that
// are worth more warm than collected.
type freeList[T any] struct{ free chan T }

func newFreeList[T any](n int) freeList[T] { return freeList[T]{make(chan T, n)} }

func (f freeList[T]) take(make func() T) T {
	select {
	case v := <-f.free:
		return v
	default:
		return make()
	}
}

func (f freeList[T]) give(v T) {
	select {
	case f.free <- v:
	default:
	}
}

// Score is the exact likelihood of a response under an autoregressive network.
type Score struct {
	Bits     float64 // -log2 p(response | prompt), END counted
	Elements int     // tokens scored, END counted
	Units    int     // characters, END counted
}

// Score returns how likely the model finds a response to a prompt. It needs a
// network that serves ar.
func (m *Model) Score(ctx context.Context, p Prompt, response string) (Score, error) {
	if err := ctx.Err(); err != nil {
		return Score{}, err
	}
	e, _, err := m.serving(config{strategy: "ar"})
	if err != nil {
		return Score{}, err
	}
	if err := e.weights(m.pool); err != nil {
		return Score{}, err
	}
	prompt, err := e.format.Encode(e.tok, p.Text, p.Conditions)
	if err != nil {
		return Score{}, fmt.Errorf("%s: %w", e.card.Name, err)
	}
	known := len(prompt)
	tokens := append(e.tok.AppendEncode(prompt, response), e.tok.EOS())
	nll := make([]float32, len(tokens)-1)
	d := e.decoders.take(func() *network.Decoder { return network.NewDecoder(e.trunk, m.pool) })
	defer e.decoders.give(d)
	d.Rewind(0)
	if err := d.Score(tokens, nll); err != nil {
		return Score{}, fmt.Errorf("%s: %w", e.card.Name, err)
	}
	s := Score{Elements: len(tokens) - known, Units: len([]rune(response)) + 1}
	for _, v := range nll[known-1:] {
		s.Bits += float64(v)
	}
	s.Bits /= ln2
	return s, nil
}

const ln2 = 0.6931471805599453
