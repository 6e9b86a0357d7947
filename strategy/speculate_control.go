package strategy

import "slices"

// kinds is how many kinds of guesses a drafter tells apart at most.
const kinds = likelyKind + 5

const (
	// memory is how many guesses of a kind are remembered: older ones fade.
	memory = 32
	// worth is what guesses have to be expected to gain, so that what is not
	// known of their costs does not make them a loss.
	worth = 1.05
	// sure is how often the first of guesses has to be right for no other to be asked for.
	sure = 0.75
	// expected is how many guesses outweigh what is known of a kind beforehand.
	expected = 4
	// The fewest and most passes from one attempt to the next of guesses that
	// cannot be watched because they take a network.
	leastWait, mostWait = 16, 256
)

// control decides how many guesses a pass is to verify.
type control struct {
	cost       func(tokens int) float64
	draftCost  func() float64 // of a guess
	right, all [kinds]float64 // guesses, of each kind
	idle, wait int            // passes without guesses, and after how many there is an attempt
}

func newControl(s Speculation) control {
	c := control{cost: s.Cost, draftCost: s.ModelCost, wait: leastWait}
	if c.cost == nil {
		c.cost = usualCost
	}
	if c.draftCost == nil {
		share := 1. / 4
		if s.Draft == Ahead {
			share = 1. / 16
		}
		c.draftCost = func() float64 { return c.cost(1) * share }
	}
	for k, rate := range s.Draft.rates() {
		c.all[k], c.right[k] = expected, expected*rate
	}
	return c
}

// rates are how often guesses of each kind are taken to be right until there is
// something to go by.
func (d Draft) rates() []float64 {
	switch d {
	case NGrams:
		return ngramRates
	case Ahead:
		return slices.Concat(ngramRates, headRates)
	}
	return numberedRates
}

// numberedRates take kinds to be as good as they are numbered.
var numberedRates = []float64{1. / 9, 2. / 9, 3. / 9, 4. / 9, 5. / 9, 6. / 9}

// rate is the share of guesses of a kind that were right.
func (c *control) rate(kind int) float64 { return c.right[kind] / c.all[kind] }

// choose returns what to verify of the first or the second guesses, or what of the
// second to ask a network for: that is worth it where they are expected to gain more
// than none, unless the first are as good as sure.
func (c *control) choose(looked [2][]guess) []guess {
	n, gain := c.plan(looked[0])
	best := looked[0][:n]
	if k, more := c.plan(looked[1]); k > 0 && (more > gain || c.rate(looked[0][0].kind) < sure) {
		best = looked[1][:k]
	}
	for _, guesses := range looked {
		// What takes a network cannot be watched without it.
		if len(guesses) == 0 || guesses[0].token >= 0 {
			continue
		}
		if c.idle++; len(best) == 0 && c.idle >= c.wait {
			c.wait = min(2*c.wait, mostWait)
			best = guesses[:1]
		}
		if len(best) > 0 && best[0].token < 0 {
			c.idle = 0
		}
	}
	return best
}

// plan returns how many of the guesses to verify, and how much that is expected to
// gain: as many as commit the most for what they cost, if that is more than none
// would. A guess counts only if all before it are right.
func (c *control) plan(guesses []guess) (best int, gain float64) {
	one := c.cost(1)
	gain = worth
	reach, commits := 1.0, 1.0
	for i, g := range guesses {
		reach *= c.rate(g.kind)
		commits += reach
		n := i + 1
		cost := c.cost(n + 1)
		if g.token < 0 {
			cost += float64(n) * c.draftCost()
		}
		if v := commits * one / cost; v > gain {
			best, gain = n, v
		}
	}
	return best, gain
}

// watch counts which guesses were what was committed, also those that were not
// verified but could be seen.
func (c *control) watch(guesses []guess, committed []int) {
	for i, token := range committed {
		if i == len(guesses) || guesses[i].token < 0 {
			return
		}
		right := guesses[i].token == token
		c.count(guesses[i].kind, right)
		if other := guesses[i].other; other > 0 {
			c.count(other, right)
		}
		if !right {
			return
		}
	}
}

func (c *control) count(kind int, right bool) {
	const fade = 1 - 1./memory
	c.all[kind] = c.all[kind]*fade + 1
	if c.right[kind] *= fade; right {
		c.right[kind]++
	}
}
