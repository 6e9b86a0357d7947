package stride

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/stride-ml/stride/network"
	"github.com/stride-ml/stride/strategy"
	"github.com/stride-ml/stride/tensor"
)

// DraftNGram and DraftJacobi are values for [Draft].
const (
	DraftNGram  = "ngram"  // the text goes on as it did after its longest earlier match (default)
	DraftJacobi = "jacobi" // what the previous pass gave behind wrong guesses
)

// Speculate generates what [AR] does with the same options and seed, in fewer
// passes where the text can be guessed: each pass verifies guesses, and commits
// those that are what ar would have drawn. Where guesses do not pay it is ar.
func Speculate() Option { return Strategy(speculate) }

// Draft says where speculate has its guesses from: [DraftNGram], [DraftJacobi],
// or the name or path of a smaller text model with the same tokens.
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
	switch c.draft {
	case "", DraftNGram:
	case DraftJacobi:
		s.Draft = strategy.Jacobi
	default:
		small, err := e.drafts.open(e.member, pool, c.draft)
		if err != nil {
			return nil, fmt.Errorf("draft: %w", err)
		}
		guesser := small.decoders.take(pool)
		s.Draft, s.Model = strategy.Model, timed{guesser, &small.costs}
		s.ModelCost = func() float64 {
			if small.costs.known() && e.costs.known() {
				return small.costs.cost(1)
			}
			return e.costs.cost(1) * float64(small.parameters()) / float64(e.parameters())
		}
		g, err := begin(decoders, pool, machine)
		if err != nil {
			small.decoders.give(guesser)
			return nil, err
		}
		free := g.free
		g.free = func() {
			free()
			small.decoders.give(guesser)
		}
		return g, nil
	}
	return begin(decoders, pool, machine)
}

// drafts are the small models that a large one was asked to guess with.
type drafts struct {
	lock   sync.Mutex
	opened map[string]*causal
}

// open returns a model, with its weights, whose tokens are those of the large one.
func (d *drafts) open(large *member, pool *tensor.Pool, name string) (*causal, error) {
	d.lock.Lock()
	defer d.lock.Unlock()
	if small := d.opened[name]; small != nil {
		return small, nil
	}
	e, err := openMember(name, "")
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
		e.file.Close()
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if d.opened == nil {
		d.opened = map[string]*causal{}
	}
	d.opened[name] = small
	return small, nil
}

// close closes their files.
func (d *drafts) close() []error {
	var errs []error
	for _, e := range d.opened {
		errs = append(errs, e.file.Close())
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
	if tokens >= len(p.times) {
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
