package strategy

import "fmt"

// Verifier is what [NewSpeculate] asks of a network: one whose passes give the
// same logits for a position, to the bit, whether it was evaluated alone or with
// others.
type Verifier interface {
	Causal
	// ExtendAll is Extend that returns the logits (len(tokens),V) of what follows
	// each of the tokens, row-major and valid until the next call.
	ExtendAll(tokens []int) ([]float32, error)
}

// Draft is where the guesses of a [NewSpeculate] come from.
type Draft int

const (
	// NGrams guesses that the text goes on as it did after the longest earlier
	// match of its end, in prompt or response (prompt lookup).
	NGrams Draft = iota
	// Jacobi guesses what the previous pass gave for the positions behind the
	// ones it committed, and beyond them what it gave after the same token
	// anywhere (Santilli et al., arXiv 2305.10427; Fu et al., arXiv 2402.02057).
	Jacobi
	// Model guesses what a smaller network draws, with the random numbers that
	// the large one is going to draw with.
	Model
	// Ahead guesses by n-grams and, where that is expected to gain more, by a draft
	// head of the network (Li et al., EAGLE, arXiv 2401.15077), with the same
	// random numbers.
	Ahead
)

// mostRoom is the most elements of a response that drafters make room for beforehand,
// and mostPending the most tokens that a pass with guesses also has to evaluate.
const (
	mostRoom    = 1 << 16
	mostPending = 64
)

// usualMost is the most guesses a pass where nothing else is asked for.
const usualMost = 32

// Speculation says how a [NewSpeculate] guesses. Its zero value guesses by n-grams.
type Speculation struct {
	Draft Draft
	// Model is the network that guesses by [Model]. It has the vocabulary of the
	// large one.
	Model Causal
	// Head is what guesses by [Ahead].
	Head Head
	// Most is the most guesses that a pass verifies; 0 is 32.
	Most int
	// Cost says what a pass of so many tokens costs, in any unit. It may change
	// while the machine runs, as whoever has a clock learns more. If nil, each
	// further token of a pass is taken to cost an eighth of the first.
	Cost func(tokens int) float64
	// ModelCost is what a pass of Model or Head over one token costs, in the unit of
	// Cost. If nil, it is a quarter of a pass of the large network, or of a head a
	// sixteenth.
	ModelCost func() float64
}

func usualCost(tokens int) float64 { return 1 + float64(tokens-1)/8 }

// drafter guesses what a text goes on with.
type drafter interface {
	// know appends tokens that are certain now to the text, which begins with the
	// prompt.
	know(tokens []int)
	// look returns guesses of the next tokens, at most so many, valid until the
	// next call. It runs no network: a guess that takes one has the token -1.
	look(most int) []guess
	// complete runs what network it takes to fill in the tokens of guesses, and
	// may return fewer. Tokens in banned will not come next.
	complete(guesses []guess, banned []int) ([]guess, error)
	// shifted tells that the large network's context was shifted: it holds a window of
	// the text now.
	shifted(window []int)
	// verified tells what a pass gave: logits (len(tokens),V) of what follows each
	// of the last known token and the guesses after it, of which so many were right.
	verified(tokens []int, logits []float32, right int)
}

// foresighted is a drafter whose guesses take no network, but which can make others
// that do.
type foresighted interface {
	// lookAhead is look for those others.
	lookAhead(most int) []guess
	// goOn returns those that are complete with more behind them, so many in all.
	goOn(guesses []guess, most int) []guess
}

// guess is a guessed token. How often such guesses are right is counted by kind, and
// by another kind where that is not 0.
type guess struct {
	token, kind, other int
	p                  float32 // of a network that guesses, how likely it finds the token
}

// speculate is ar of which a pass may draw several elements.
type speculate struct {
	*ar
	net     Verifier
	drafter drafter
	ahead   foresighted // the drafter, nil if it is none
	control control
	limit   int   // guesses a pass
	room    int   // tokens that drafters make room for
	held    int   // positions in the cache, all of them certain
	row     int   // of the logits of the last pass, that behind the last of them
	fed     []int // what the pass evaluates: what is pending, and the guesses
	fresh   []int
	looked  [2][]guess // all that there were, without and with a network
}

// NewSpeculate returns a machine that makes exactly the elements of [NewAR] with
// the same options, in fewer passes where the text can be guessed (speculative
// decoding: Leviathan et al., arXiv 2211.17192; Chen et al., arXiv 2302.01318).
// Each pass evaluates the guesses together with what is known, and draws one slot
// after the other as ar would, each with its own random number, for as long as
// the guesses are what is drawn. Guesses can thus change how many slots a pass
// commits, [Step.Fresh], but not what they hold.
//
// It counts how often guesses of each kind were right, and makes as many as pay
// by [Speculation].Cost, or none: it is ar then, but goes on to watch whether the
// guesses it would have made are right.
//
// It fails as [NewAR] does, and with an [*OptionError] for a Speculation that
// does not make sense.
func NewSpeculate(net Verifier, prompt []int, o Options, s Speculation) (Machine, error) {
	base, err := newAR("speculate", net, prompt, o)
	if err != nil {
		return nil, err
	}
	m := &speculate{ar: base, net: net, limit: s.Most, held: len(prompt) - len(base.pending)}
	m.room = len(prompt) + min(base.most, mostRoom)
	switch {
	case s.Most < 0:
		return nil, badOption("draft-most", s.Most, "1 or more, or 0 for %d", usualMost)
	case s.Most == 0:
		m.limit = usualMost
	}
	m.control = newControl(s)
	if m.drafter, err = s.drafter(m, prompt); err != nil {
		return nil, err
	}
	m.ahead, _ = m.drafter.(foresighted)
	m.fed = make([]int, 0, m.limit+1)
	m.fresh = make([]int, 0, m.limit+1)
	return m, nil
}

// drafter makes what guesses for a machine after a prompt.
func (s Speculation) drafter(m *speculate, prompt []int) (drafter, error) {
	if (s.Draft == Model) != (s.Model != nil) || (s.Draft == Ahead) != (s.Head != nil) {
		return nil, badOption("draft", int(s.Draft), "Model with a network, Ahead with a head, NGrams or Jacobi with neither")
	}
	var d drafter
	switch s.Draft {
	case NGrams:
		d = newNGrams(m.room, m.limit)
	case Jacobi:
		d = newJacobi(m.net.Vocab(), m.limit)
	case Model:
		return newModelDraft(s.Model, m.ar, prompt, m.room, m.limit)
	case Ahead:
		return newHeadDraft(s.Head, m, prompt)
	default:
		return nil, badOption("draft", int(s.Draft), "NGrams, Jacobi, Model or Ahead")
	}
	d.know(prompt)
	return d, nil
}

// Next extends the cache by what it has not seen and by guesses, and draws
// elements for as long as they were guessed.
func (m *speculate) Next() (Step, error) {
	return m.ending.step(m.next, func(err error) error { return fmt.Errorf("speculate: pass %d: %w", m.pass, err) })
}

func (m *speculate) next() (Step, error) {
	first := len(m.tokens)
	if m.pass == 0 {
		if stopped, err := m.give(); stopped != "" || err != nil {
			return m.step(stopped), err
		}
		m.drafter.know(m.tokens)
		first = len(m.tokens)
	}
	before := len(m.pending)
	if m.pending = m.shift.fit(m.net, m.pending); len(m.pending) > before {
		m.held = len(m.shift.window) - len(m.pending)
		m.drafter.shifted(m.shift.window)
	}
	guesses, err := m.guess()
	if err != nil {
		return Step{}, err
	}
	m.pass++
	logits, err := m.extend(guesses)
	if err != nil {
		return Step{}, err
	}
	right, p, stopped, err := m.commit(logits, guesses)
	if err != nil {
		return Step{}, err
	}
	if right < len(guesses) {
		m.net.Rewind(m.held)
	}
	if len(guesses) > 0 {
		m.drafter.verified(m.fed[len(m.fed)-len(guesses)-1:], logits, right)
	}
	for _, looked := range m.looked {
		m.control.watch(looked, m.tokens[first:])
	}
	m.drafter.know(m.tokens[first:])
	step := m.step(stopped)
	step.Fresh, step.Confidence, step.Drafted, step.Accepted = m.fresh, p, len(guesses), right
	return step, nil
}

// guess returns the guesses that the pass is to verify.
func (m *speculate) guess() (guesses []guess, err error) {
	m.looked = [2][]guess{}
	if m.pass == 0 || len(m.pending) > mostPending {
		return nil, nil // a prompt is long, and logits after each of its tokens are not needed
	}
	room := m.most - len(m.tokens) - 1 // the slot after the last guess is drawn, too
	if m.length > 0 {
		room = min(room, m.length-len(m.tokens)-2)
	}
	room = min(room, m.limit, m.net.Context()-m.held-len(m.pending))
	if room < 1 {
		return nil, nil
	}
	m.looked[0] = m.drafter.look(room)
	if m.ahead != nil {
		m.looked[1] = m.ahead.lookAhead(room)
	}
	guesses = m.control.choose(m.looked)
	if len(guesses) == 0 {
		return nil, nil
	}
	network := guesses[0].token < 0
	if guesses, err = m.drafter.complete(guesses, m.bans()); err != nil {
		return nil, fmt.Errorf("guessing: %w", err)
	}
	if network && m.ahead != nil {
		// What the guesses are tells better than before which to verify.
		more := m.ahead.goOn(guesses, room)
		n, gain := m.control.plan(more)
		guesses, m.looked[1] = more[:n], more
		if n, other := m.control.plan(m.looked[0]); other > gain {
			guesses = m.looked[0][:n]
		}
	}
	for i, g := range guesses {
		if m.o.ends(g.token) { // it ends there, if the guess is right
			return guesses[:i], nil
		}
	}
	return guesses, nil
}

// extend runs the pass and returns the logits from those after the last certain
// token on.
func (m *speculate) extend(guesses []guess) ([]float32, error) {
	known := len(m.pending)
	m.held += known
	m.row = 0
	if len(guesses) == 0 {
		return m.net.Extend(m.pending)
	}
	m.row = known - 1
	m.fed = append(m.fed[:0], m.pending...)
	for _, g := range guesses {
		m.fed = append(m.fed, g.token)
	}
	logits, err := m.net.ExtendAll(m.fed)
	if err != nil {
		return nil, err
	}
	return logits[(known-1)*m.net.Vocab():], nil
}

// commit draws slots for as long as the guesses were right, and returns how many
// were, the mean probability of what was drawn, and why the response stops, if
// it does.
func (m *speculate) commit(logits []float32, guesses []guess) (right int, p float32, stopped string, err error) {
	v := m.net.Vocab()
	m.pending, m.fresh = m.pending[:0], m.fresh[:0]
	before, sum := m.drawn, float32(0)
	for stopped == "" && len(m.pending) == 0 {
		slot := len(m.tokens)
		if p, stopped, err = m.draw(logits[right*v : (right+1)*v]); err != nil {
			return 0, 0, "", err
		}
		sum += p
		if len(m.tokens) > slot {
			m.fresh = append(m.fresh, slot)
		}
		seen := 0 // of what is pending, by this pass
		for seen < len(m.pending) && right < len(guesses) && guesses[right].token == m.pending[seen] {
			seen, right = seen+1, right+1
		}
		m.pending = m.pending[:copy(m.pending, m.pending[seen:])]
	}
	m.held += right
	m.row += right
	if m.shift != nil {
		for _, g := range guesses[:right] {
			m.shift.window = append(m.shift.window, g.token)
		}
	}
	return right, sum / float32(m.drawn-before), stopped, nil
}
