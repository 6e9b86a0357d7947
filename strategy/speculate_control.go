package strategy

// kinds is how many kinds of guesses a drafter tells apart at most.
const kinds = 11

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
	switch {
	case s.Draft != Model:
		c.draftCost = func() float64 { return 0 }
	case c.draftCost == nil:
		c.draftCost = func() float64 { return c.cost(1) / 4 }
	}
	for k, rate := range s.Draft.rates() {
		c.all[k], c.right[k] = expected, expected*rate
	}
	return c
}

// rates are how often guesses of each kind are taken to be right until there is
// something to go by.
func (d Draft) rates() []float64 {
	if d == NGrams {
		return ngramRates
	}
	return numberedRates
}

// numberedRates take kinds to be as good as they are numbered.
var numberedRates = []float64{1. / 9, 2. / 9, 3. / 9, 4. / 9, 5. / 9, 6. / 9}

// rate is the share of guesses of a kind that were right.
func (c *control) rate(kind int) float64 { return c.right[kind] / c.all[kind] }

// plan returns how many of the guesses to verify: as many as commit the most for
// what they cost, if that is more than none would. A guess counts only if all
// before it are right.
func (c *control) plan(guesses []guess) int {
	one := c.cost(1)
	best, gain := 0, worth
	reach, commits := 1.0, 1.0
	for i, g := range guesses {
		reach *= c.rate(g.kind)
		commits += reach
		n := i + 1
		if v := commits * one / (c.cost(n+1) + float64(n)*c.draftCost()); v > gain {
			best, gain = n, v
		}
	}
	if best > 0 || len(guesses) == 0 || guesses[0].token >= 0 {
		c.idle = 0
		return best
	}
	if c.idle++; c.idle < c.wait {
		return 0
	}
	c.idle, c.wait = 0, min(2*c.wait, mostWait)
	return 1
}

// watch counts which guesses were what was committed, also those that were not
// verified but could be seen: looked are all that there were, made those that
// the pass had.
func (c *control) watch(looked, made []guess, committed []int) {
	for i, token := range committed {
		var g guess
		switch {
		case i < len(made):
			g = made[i]
		case i < len(looked) && looked[i].token >= 0:
			g = looked[i]
		default:
			return
		}
		const fade = 1 - 1./memory
		c.all[g.kind] = c.all[g.kind]*fade + 1
		c.right[g.kind] *= fade
		if g.token != token {
			return
		}
		c.right[g.kind]++
	}
}
