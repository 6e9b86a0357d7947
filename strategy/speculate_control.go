package strategy

import "slices"

// kinds is how many kinds of guesses a drafter tells apart at most.
const kinds = headKind + mostOfHead

const (
	// memory is how many guesses of a kind are remembered: older ones fade.
	memory = 32
	// worth is what guesses have to be expected to gain, so that what is not
	// known of their costs does not make them a loss.
	worth = 1.05
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

// choose returns what to verify of the first or the second guesses, whichever is
// expected to gain more.
func (c *control) choose(looked [2][]guess) []guess {
	var best []guess
	gain := 0.0
	for _, guesses := range looked {
		if n, v := c.plan(guesses); n > 0 && v > gain {
			best, gain = guesses[:n], v
		}
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
		kind := guesses[i].kind
		const fade = 1 - 1./memory
		c.all[kind] = c.all[kind]*fade + 1
		c.right[kind] *= fade
		if guesses[i].token != token {
			return
		}
		c.right[kind]++
	}
}
