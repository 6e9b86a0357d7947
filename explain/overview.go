package explain

import (
	"fmt"
	"strconv"
)

// overview is a line of what each strategy makes of a life.
func (p *page) overview() (any, error) {
	t := newTable(p.sample.lives)
	rows := [][]string{{p.words.strategy, p.words.passes, p.words.stride, p.words.mixed, p.words.example}}
	for _, s := range []struct {
		name   string
		passes int
	}{{"ar", 0}, {"nar", 0}, {"refine", 2}, {"refine", 4}, {"refine", 6}} {
		tokens, passes, err := answer(s.name, t, s.passes, p.Seed)
		if err != nil {
			return nil, err
		}
		n, err := mixed(s.name, t, s.passes, p.Seed)
		if err != nil {
			return nil, err
		}
		rows = append(rows, []string{
			s.name, strconv.Itoa(passes), fmt.Sprintf("%.1f", float64(len(tokens))/float64(passes)), count(n),
			p.text(t, tokens, nil, p.sample.space),
		})
	}
	return struct{ Table string }{p.table(rows, 1, 2, 3)}, nil
}
