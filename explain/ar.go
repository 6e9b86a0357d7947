package explain

import (
	"strconv"

	"github.com/stride-ml/stride/strategy"
)

// ar draws a profession and a life, one element a pass.
func (p *page) ar() (any, error) {
	var d struct{ Word, Life, Mixed string }
	var err error
	if d.Word, err = p.draws(p.sample.professions, ""); err != nil {
		return nil, err
	}
	if d.Life, err = p.draws(p.sample.lives, p.sample.space); err != nil {
		return nil, err
	}
	n, err := mixed("ar", newTable(p.sample.lives), 0, p.Seed)
	d.Mixed = count(n)
	return d, err
}

// draws tells pass by pass what may come next and what ar draws.
func (p *page) draws(texts map[string]float64, space string) (string, error) {
	t := newTable(texts)
	t.Pieces[0] = p.words.ends
	net := watch(t)
	m, err := open("ar", net, 0, p.Seed)
	if err != nil {
		return "", err
	}
	rows := [][]string{{p.words.pass, p.words.next, p.words.soFar}}
	for step, err := range strategy.Steps(m) {
		if err != nil {
			return "", err
		}
		rows = append(rows, []string{
			strconv.Itoa(step.Pass), net.told[0].likeliest(2), p.text(t, step.Tokens, step.Fresh, space),
		})
	}
	return p.table(rows, 0), nil
}
