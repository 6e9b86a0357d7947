package strategy

// Head is a draft head: it tells what a network is going to say after the next
// tokens from the state that a pass of the network left, without another pass.
type Head interface {
	// Begin goes back to the state behind row i of the logits that the network
	// gave last.
	Begin(i int)
	// Extend appends a token to what Begin and Extend had and returns the logits (V)
	// of what follows it, valid until the next call; those of tokens that it does
	// not guess are -Inf.
	Extend(token int) ([]float32, error)
}

const (
	headKind   = nearKind + longestGram // of the first guess by a head; each further one has the next
	mostOfHead = 4                      // guesses a pass
)

// headRates are how often those were right in a few texts of a small language model:
// to begin with.
var headRates = []float64{.55, .5, .45, .4}

// headDraft guesses by n-grams, and by a draft head where that is expected to gain
// more.
type headDraft struct {
	*ngrams
	*drawer
	head    Head
	machine *speculate
	guesses []guess
}

func newHeadDraft(head Head, m *speculate, prompt []int) (*headDraft, error) {
	drawer, err := newDrawer(m.ar, prompt, m.room)
	if err != nil {
		return nil, err
	}
	return &headDraft{newNGrams(m.room, m.limit), drawer, head, m, make([]guess, 0, mostOfHead)}, nil
}

func (d *headDraft) know(tokens []int) {
	d.ngrams.know(tokens)
	d.drawer.know(tokens)
}

func (d *headDraft) lookAhead(most int) []guess {
	d.guesses = d.guesses[:0]
	for i := range min(most, mostOfHead) {
		d.guesses = append(d.guesses, guess{-1, headKind + i})
	}
	return d.guesses
}

// complete asks the head for guesses that n-grams did not make.
func (d *headDraft) complete(guesses []guess, banned []int) ([]guess, error) {
	if guesses[0].token >= 0 {
		return guesses, nil
	}
	d.head.Begin(d.machine.row)
	var logits []float32
	var err error
	for _, t := range d.machine.pending {
		if logits, err = d.head.Extend(t); err != nil {
			return nil, err
		}
	}
	return d.draw(guesses, banned, logits, d)
}

func (d *headDraft) follow(token int) ([]float32, error) { return d.head.Extend(token) }
