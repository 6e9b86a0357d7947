package stride

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/hub"
	"github.com/stride-ml/stride/models"
	"github.com/stride-ml/stride/network"
	"github.com/stride-ml/stride/strategy"
	"github.com/stride-ml/stride/tensor"
)

// DraftNGram and DraftJacobi are values for [Draft].
const (
	DraftNGram  = "ngram"  // the text goes on as it did after its longest earlier match
	DraftJacobi = "jacobi" // what the previous pass gave behind wrong guesses
)

// Speculate generates what [AR] does with the same options and seed, in fewer
// passes where the text can be guessed: each pass verifies guesses, and commits
// those that are what ar would have drawn. Where guesses do not pay it is ar.
func Speculate() Option { return Strategy(speculate) }

// Draft says where speculate has its guesses from: [DraftNGram], [DraftJacobi], or the
// name or path of a smaller text model with the same tokens, or of a draft head of
// the model, which guesses where n-grams have nothing. The default is n-grams, and
// the draft head that is bundled for the model, if there is one.
func Draft(from string) Option { return option("draft", func(c *config) { c.draft = from }) }

// DraftMost is the most elements that speculate guesses for a pass, 1 to 256; the
// default is 32. How many it does guess depends on how often they were right, and
// on what passes were measured to cost.
func DraftMost(n int) Option { return option("draft-most", func(c *config) { c.draftMost = n }) }

const speculate = "speculate"

// mostDraft bounds [DraftMost]: a pass gives logits for each guess.
const mostDraft = 256

// leftToRight says whether a strategy draws elements in their order.
func leftToRight(name string) bool { return name == "ar" || name == speculate }

// offerSpeculate adds speculate to the strategies of a file that says it serves ar,
// where its architecture can.
func offerSpeculate(served, can []string) []string {
	if slices.Contains(can, speculate) && slices.Contains(served, "ar") && !slices.Contains(served, speculate) {
		return append(slices.Clone(served), speculate)
	}
	return served
}

// checkDraft refuses what only speculate has for other strategies.
func (c *config) checkDraft() error {
	switch {
	case c.strategy != speculate && (c.chose("draft") || c.chose("draft-most")):
		return &UnsupportedError{Strategy: c.strategy, Want: "drafts", Can: []string{speculate}}
	case c.chose("draft-most") && (c.draftMost < 1 || c.draftMost > mostDraft):
		return badOption("draft-most", fmt.Sprint(c.draftMost), fmt.Sprintf("1 to %d", mostDraft))
	}
	return nil
}

// startSpeculate begins a generation by speculate.
func (e *causal) startSpeculate(pool *tensor.Pool, decoders loan, prompt []int, o strategy.Options, c config) (*generation, error) {
	s := strategy.Speculation{Most: c.draftMost, Cost: e.costs.cost}
	machine := func(d *network.Decoder) (strategy.Machine, error) {
		return strategy.NewSpeculate(timed{d, &e.costs}, prompt, o, s)
	}
	var guesser guesser
	switch c.draft {
	case DraftNGram:
		return begin(decoders, pool, machine)
	case DraftJacobi:
		s.Draft = strategy.Jacobi
		return begin(decoders, pool, machine)
	case "":
		head, err := e.drafts.bundled(e)
		if err != nil || head == nil {
			return begin(decoders, pool, machine)
		}
		guesser = head
	default:
		var err error
		if guesser, err = e.drafts.open(e, pool, c.draft); err != nil {
			return nil, fmt.Errorf("draft: %w", err)
		}
	}
	s.ModelCost = func() float64 {
		if costs := guesser.passes(); costs.known() && e.costs.known() {
			return costs.cost(1)
		}
		return e.costs.cost(1) * float64(guesser.parameters()) / float64(e.parameters())
	}
	var free func()
	g, err := begin(decoders, pool, func(d *network.Decoder) (strategy.Machine, error) {
		free = guesser.lend(pool, d, &s)
		return machine(d)
	})
	if err != nil {
		free()
		return nil, err
	}
	end := g.free
	g.free = func() {
		end()
		free()
	}
	return g, nil
}

// guesser is a network that guesses for another.
type guesser interface {
	// lend puts an evaluator into s that guesses for a decoder, and returns what gives
	// it back.
	lend(pool *tensor.Pool, large *network.Decoder, s *strategy.Speculation) (free func())
	passes() *passCosts
	parameters() int64
	trim()
	close() error
}

// lend lends a decoder of a smaller model.
func (e *causal) lend(pool *tensor.Pool, _ *network.Decoder, s *strategy.Speculation) func() {
	d := e.decoders.take(pool)
	s.Draft, s.Model = strategy.Model, timed{d, &e.costs}
	return func() { e.decoders.give(d) }
}

func (e *causal) passes() *passCosts { return &e.costs }

func (e *causal) close() error { return e.file.Close() }

// head is a draft head of a model.
type head struct {
	*network.Draft
	free  evaluators[*network.DraftHead]
	costs passCosts
}

// newHead reads the head of a file for a model whose weights are loaded.
func newHead(f *checkpoint.File, large *causal) (h *head, err error) {
	h = &head{}
	h.free = newEvaluators(func(pool *tensor.Pool) *network.DraftHead { return network.NewDraftHead(h.Draft, pool) })
	err = guarded(func() (err error) {
		h.Draft, err = network.ReadDraft(f, large.file, large.trunk)
		return err
	})
	return h, err
}

func (h *head) lend(pool *tensor.Pool, large *network.Decoder, s *strategy.Speculation) func() {
	d := h.free.take(pool)
	s.Draft, s.Head = strategy.Ahead, timedHead{d, large, &h.costs}
	return func() { h.free.give(d) }
}

func (h *head) passes() *passCosts { return &h.costs }

func (h *head) parameters() int64 { return h.Parameters() }

func (h *head) close() error { return nil } // its file was read

func (h *head) trim() { h.free.trim() }

// drafts are the networks that a model was asked to guess with.
type drafts struct {
	lock   sync.Mutex
	opened map[string]guesser
	// Of the bundled draft head, once it was looked for, the name and, once it was
	// used, what it is.
	looked bool
	name   string
	head   *head
}

// open returns a smaller model, with its weights, whose tokens are those of the large
// one, or a head of it.
func (d *drafts) open(large *causal, pool *tensor.Pool, name string) (guesser, error) {
	d.lock.Lock()
	defer d.lock.Unlock()
	if g := d.opened[name]; g != nil {
		return g, nil
	}
	located, err := hub.Locate(name)
	if err != nil {
		return nil, err
	}
	f, err := openFile(located, "")
	if err != nil {
		return nil, err
	}
	var g guesser
	if architecture, _ := f.StringOr("general.architecture", ""); architecture == network.ArchitectureDraft {
		g, err = newHead(f, large)
		err = errors.Join(err, f.Close())
	} else {
		g, err = openSmall(f, large.member, pool)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if d.opened == nil {
		d.opened = map[string]guesser{}
	}
	d.opened[name] = g
	return g, nil
}

// openSmall returns the model of a file, which is closed if that cannot be.
func openSmall(f *checkpoint.File, large *member, pool *tensor.Pool) (*causal, error) {
	e, err := memberOf(f)
	if err != nil {
		return nil, err
	}
	small, ok := e.engine.(*causal)
	if !ok {
		err = &UnsupportedError{Strategy: e.card.Strategies[0], Want: "guesses for " + speculate, Can: []string{"ar"}}
	} else if err = sameTokens(large, e); err == nil {
		err = e.weights(pool)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return small, nil
}

// draftSuffix ends the names of bundled draft heads.
const draftSuffix = "-draft"

// bundled returns the head that is bundled for a model, nil if there is none.
func (d *drafts) bundled(large *causal) (*head, error) {
	d.lock.Lock()
	defer d.lock.Unlock()
	d.find(large)
	if d.name == "" || d.head != nil {
		return d.head, nil
	}
	f, err := openFile(d.name, "")
	if err != nil {
		return nil, err
	}
	d.head, err = newHead(f, large)
	return d.head, err
}

// bundledName is the name of that head, "" if there is none.
func (d *drafts) bundledName(large *causal) string {
	d.lock.Lock()
	defer d.lock.Unlock()
	d.find(large)
	return d.name
}

// find looks for the name of the head that is bundled for a model, once. One that
// cannot be read is none. The lock is held.
func (d *drafts) find(large *causal) {
	if d.looked {
		return
	}
	d.looked = true
	for _, name := range models.Names() {
		if !strings.HasSuffix(name, draftSuffix) {
			continue
		}
		f, err := openFile(name, "")
		if err != nil {
			continue
		}
		if whose, err := network.DraftTarget(f); err == nil && whose == large.target() {
			d.name = name
			return
		}
	}
}

// target tells the model apart as draft heads do, "" if that cannot be.
func (e *causal) target() string {
	this, err := network.TargetOf(e.file)
	if err != nil {
		return ""
	}
	return this
}

// trim lets them forget their evaluators.
func (d *drafts) trim() {
	d.lock.Lock()
	defer d.lock.Unlock()
	for _, g := range d.opened {
		g.trim()
	}
	if d.head != nil {
		d.head.trim()
	}
}

// close closes their files.
func (d *drafts) close() (errs []error) {
	for _, g := range d.opened {
		errs = append(errs, g.close())
	}
	return errs
}

func sameTokens(large, small *member) error {
	if n, want := small.tok.Size(), large.tok.Size(); n != want {
		return fmt.Errorf("it has %d tokens, want the %d of %s", n, want, large.card.Name)
	}
	for id := range large.tok.Size() {
		if got, want := small.tok.Piece(id), large.tok.Piece(id); got != want {
			return fmt.Errorf("token %d is %q, want %q as in %s", id, got, want, large.card.Name)
		}
	}
	return nil
}

// timed is a decoder that notes what its passes take.
type timed struct {
	*network.Decoder
	costs *passCosts
}

func (t timed) Extend(tokens []int) ([]float32, error) {
	start := time.Now()
	logits, err := t.Decoder.Extend(tokens)
	if err == nil {
		t.costs.note(len(tokens), time.Since(start))
	}
	return logits, err
}

func (t timed) ExtendAll(tokens []int) ([]float32, error) {
	start := time.Now()
	logits, err := t.Decoder.ExtendAll(tokens)
	if err == nil {
		t.costs.note(len(tokens), time.Since(start))
	}
	return logits, err
}

// timedHead is a draft head for a decoder that notes what it takes.
type timedHead struct {
	*network.DraftHead
	large *network.Decoder
	costs *passCosts
}

func (t timedHead) Begin(row int) { t.DraftHead.Begin(t.large.State(row)) }

func (t timedHead) Extend(token int) ([]float32, error) {
	start := time.Now()
	logits, err := t.DraftHead.Extend(token)
	if err == nil {
		t.costs.note(1, time.Since(start))
	}
	return logits, err
}

// unmeasured lets costs be what they are taken to be before anything is measured, so
// that tests do not depend on a clock.
var unmeasured bool

// passCosts learns what passes of a network take by the number of their tokens,
// over all generations with it.
type passCosts struct {
	lock  sync.Mutex
	times [mostDraft + 2]passTimes
	most  int // tokens of a pass that was noted
}

// passTimes are the times of the last few passes of one number of tokens.
type passTimes struct {
	ring   [5]float64
	n      int
	median float64 // seconds, 0 where there is none
}

// note keeps a time. The first of its kind may have waited for memory.
func (p *passCosts) note(tokens int, d time.Duration) {
	p.lock.Lock()
	defer p.lock.Unlock()
	if tokens >= len(p.times) || unmeasured {
		return
	}
	t := &p.times[tokens]
	if t.n++; t.n == 1 {
		return
	}
	p.most = max(p.most, tokens)
	t.ring[t.n%len(t.ring)] = d.Seconds()
	sorted := t.ring
	slices.Sort(sorted[:])
	kept := min(t.n-1, len(t.ring)) // the others are 0
	t.median = sorted[len(sorted)-1-kept/2]
}

func (p *passCosts) known() bool {
	p.lock.Lock()
	defer p.lock.Unlock()
	return p.most > 0
}

// passShape is what passes are taken to cost before they are measured, in passes
// of one token.
func passShape(tokens int) float64 { return 1 + float64(tokens-1)/6 }

// cost is what a pass of so many tokens takes: in seconds, or in any unit where
// nothing was measured. Between two numbers measured it is on the line.
func (p *passCosts) cost(tokens int) float64 {
	p.lock.Lock()
	defer p.lock.Unlock()
	low, high := min(tokens, p.most), tokens
	for low > 0 && p.times[low].median == 0 {
		low--
	}
	for high <= p.most && p.times[high].median == 0 {
		high++
	}
	switch {
	case low > 0 && high <= p.most && low < high:
		a, b := p.times[low].median, p.times[high].median
		return a + (b-a)*float64(tokens-low)/float64(high-low)
	case low > 0:
		return p.times[low].median * passShape(tokens) / passShape(low)
	case high <= p.most:
		return p.times[high].median * passShape(tokens) / passShape(high)
	}
	return passShape(tokens)
}
