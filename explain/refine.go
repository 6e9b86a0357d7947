package explain

import (
	"fmt"
	"strconv"

	"github.com/stride-ml/stride/internal/standin"
	"github.com/stride-ml/stride/strategy"
)

// refine fills the slots of a profession in two passes and of a life in several.
func (p *page) refine() (any, error) {
	var d struct {
		Word, Life, Shares string
		Passes             int
	}
	var err error
	d.Passes = p.Passes
	if d.Word, err = p.fills(newTable(p.sample.professions), 2); err != nil {
		return nil, err
	}
	lives := newTable(p.sample.lives)
	if d.Life, err = p.commits(lives); err != nil {
		return nil, err
	}
	shares := [][]string{{p.words.passes}, {p.words.mixedOf}}
	for passes := 1; passes <= slots; passes++ {
		n, err := mixed("refine", lives, passes, p.Seed)
		if err != nil {
			return nil, err
		}
		shares[0] = append(shares[0], strconv.Itoa(passes))
		shares[1] = append(shares[1], count(n))
	}
	d.Shares = p.table(shares, 1, 2, 3, 4, 5, 6, 7, 8)
	return d, nil
}

// fills tells of each pass what it found for each open slot, and what it committed.
func (p *page) fills(t *standin.Table, passes int) (string, error) {
	net := watch(t)
	m, err := open("refine", net, passes, p.Seed)
	if err != nil {
		return "", err
	}
	rows := [][]string{{p.words.pass, p.words.slot + " 1", p.words.slot + " 2", p.words.settled, p.words.confidence}}
	for step, err := range strategy.Steps(m) {
		if err != nil {
			return "", err
		}
		row := []string{strconv.Itoa(step.Pass), "", "", p.text(t, step.Tokens, step.Fresh, " "), fmt.Sprintf("%.2f", step.Confidence)}
		for slot, token := range step.Tokens {
			if token >= 0 {
				row[1+slot] = t.Pieces[token]
			}
		}
		for _, c := range net.told {
			row[1+c.slot] = c.likeliest(4)
		}
		rows = append(rows, row)
	}
	return p.table(rows, 0, 4), nil
}

// commits tells of each pass which slots it committed.
func (p *page) commits(t *standin.Table) (string, error) {
	m, err := open("refine", t, p.Passes, p.Seed)
	if err != nil {
		return "", err
	}
	rows := [][]string{{p.words.pass, p.words.confidence, p.words.committed, ""}}
	for step, err := range strategy.Steps(m) {
		if err != nil {
			return "", err
		}
		row := []string{strconv.Itoa(step.Pass), fmt.Sprintf("%.2f", step.Confidence), p.text(t, step.Tokens, step.Fresh, p.sample.space), ""}
		if step.Done {
			row[3] = p.mark(t.Knows(step.Tokens))
		}
		rows = append(rows, row)
	}
	return p.table(rows, 0, 1), nil
}
