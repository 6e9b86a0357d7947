package explain

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/stride-ml/stride/internal/standin"
	"github.com/stride-ml/stride/strategy"
)

// cost is that of a pass of so many tokens: each further one a sixteenth of the first.
func cost(tokens int) float64 { return 1 + float64(tokens-1)/16 }

// speculated is what a speculation made.
type speculated struct {
	tokens []int
	passes int
	rows   [][]string // of the passes that verified guesses
}

// speculate guesses a rhyme and compares it with what ar makes.
func (p *page) speculate() (any, error) {
	t := newTable(p.sample.rhymes)
	s, err := p.speculates(t)
	if err != nil {
		return nil, err
	}
	tokens, passes, err := answer("ar", t, 0, p.Seed)
	if err != nil {
		return nil, err
	}
	if !slices.Equal(tokens, s.tokens) {
		return nil, fmt.Errorf("the answer is %s, by ar %s", t.Text(s.tokens), t.Text(tokens))
	}
	return struct {
		Rhyme, Passes                 string
		Elements, Made, Apart, Silent int
		Stride                        string
	}{
		p.rhyme(t, tokens), p.table(s.rows, 0, 1, 2), len(tokens), s.passes, passes, s.passes - len(s.rows) + 1,
		fmt.Sprintf("%.1f", float64(len(tokens))/float64(s.passes)),
	}, nil
}

// speculates tells of each pass that verified guesses what these were.
func (p *page) speculates(t *standin.Table) (s speculated, err error) {
	net := watch(t)
	m, err := strategy.NewSpeculate(net, standin.Prompt, options(p.Seed), strategy.Speculation{Cost: cost, Most: 8})
	if err != nil {
		return s, err
	}
	s.rows = [][]string{{p.words.pass, p.words.right, p.words.rewound, p.words.guesses}}
	for step, err := range strategy.Steps(m) {
		if err != nil {
			return s, err
		}
		s.tokens, s.passes = slices.Clone(step.Tokens), step.Pass
		if step.Drafted > 0 {
			s.rows = append(s.rows, []string{
				strconv.Itoa(step.Pass), fmt.Sprintf("%d/%d", step.Accepted, step.Drafted), strconv.Itoa(net.rewound),
				p.verified(t, step, net.fed[len(net.fed)-step.Drafted:]),
			})
		}
		net.rewound = 0
	}
	return s, nil
}

// verified writes the guesses of a pass, the first wrong one marked, and what was
// drawn behind those that were right.
func (p *page) verified(t *standin.Table, step strategy.Step, guesses []int) string {
	join := func(tokens []int) string { return p.text(t, tokens, nil, p.sample.space) }
	var parts []string
	if n := step.Accepted; n > 0 {
		parts = append(parts, p.paint(fresh, join(guesses[:n])))
	}
	if n := step.Accepted; n < len(guesses) {
		parts = append(parts, p.paint(wrong, "✗ "+join(guesses[n:])))
	}
	drawn := p.words.ends
	if n := len(step.Fresh); n > step.Accepted {
		drawn = t.Pieces[step.Tokens[step.Fresh[n-1]]]
	}
	return strings.Join(append(parts, "→ "+drawn), " ")
}

// rhyme is a rhyme as it is read, as many lines side by side as fit.
func (p *page) rhyme(t *standin.Table, tokens []int) string {
	text := p.text(t, tokens, nil, p.sample.space)
	return "  " + strings.Join(wrap(text, p.Width-4), "\n  ")
}
