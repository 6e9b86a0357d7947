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

// Kinds of guesses by a head: before they are made the first and the others, and then
// by how likely the head finds them.
const (
	headKind   = nearKind + longestGram
	likelyKind = headKind + 2
	mostOfHead = 4 // guesses a pass
)

// likely are the probabilities from which on guesses are of the next kind.
var likely = [kinds - likelyKind - 1]float32{.4, .6, .8, .95}

// headRates are how often those were right in a few texts of a small language model:
// to begin with.
var headRates = []float64{.4, .5, .2, .45, .6, .82, .95}

// leastGram is how many tokens have to match for n-grams to go on behind a guess.
const leastGram = 2

// headDraft guesses by n-grams, and by a draft head where that is expected to gain
// more. Behind what the head guesses n-grams may go on.
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
	d := &headDraft{newNGrams(m.room, m.limit), drawer, head, m, make([]guess, 0, max(m.limit, mostOfHead))}
	d.ngrams.know(prompt)
	return d, nil
}

func (d *headDraft) know(tokens []int) {
	d.ngrams.know(tokens)
	d.drawer.know(tokens)
}

func (d *headDraft) lookAhead(most int) []guess {
	d.guesses = d.guesses[:0]
	for i := range min(most, mostOfHead) {
		d.guesses = append(d.guesses, guess{token: -1, kind: headKind + min(i, 1)})
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
	guesses, err = d.draw(guesses, banned, logits, d)
	for i := range guesses {
		g := &guesses[i]
		g.kind, g.other = likelyKind, g.kind
		for _, p := range likely {
			if g.p >= p {
				g.kind++
			}
		}
	}
	return guesses, err
}

func (d *headDraft) follow(token int) ([]float32, error) { return d.head.Extend(token) }

// goOn lets n-grams go on behind guesses by the head.
func (d *headDraft) goOn(guesses []guess, most int) []guess {
	if len(guesses) == 0 {
		return guesses
	}
	known := len(d.text)
	for _, g := range guesses {
		d.text = append(d.text, g.token)
	}
	if place, match := d.find(); match >= leastGram {
		guesses = d.copies(guesses, place, match, most-len(guesses))
	}
	d.text = d.text[:known]
	return guesses
}
