package explain

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/stride-ml/stride/internal/columns"
	"github.com/stride-ml/stride/internal/standin"
	"github.com/stride-ml/stride/strategy"
)

// nar draws professions and lives, all elements in one pass.
func (p *page) nar() (any, error) {
	t := newTable(p.sample.professions)
	net := watch(t)
	m, err := open("nar", nil, net, t.Longest-1, 0, p.Seed)
	if err != nil {
		return nil, err
	}
	if _, err := m.Next(); err != nil {
		return nil, err
	}
	d := struct {
		Slots, Words, Lives                  string
		Mixed, Exact, LivesMixed, LivesExact string
		Lost, LivesLost                      string
	}{Slots: p.slots(net.told, 4), Exact: percent(apart(t)), Lost: fmt.Sprintf("%.0f", lost(t))}
	if d.Words, d.Mixed, err = p.answers(t, "", 8); err != nil {
		return nil, err
	}
	lives := newTable(p.sample.lives)
	d.LivesExact, d.LivesLost = percent(apart(lives)), fmt.Sprintf("%.1f", lost(lives))
	d.Lives, d.LivesMixed, err = p.answers(lives, p.sample.space, 4)
	return d, err
}

// slots lists what a pass says of each slot.
func (p *page) slots(told []choices, most int) string {
	var rows [][]string
	for _, c := range told {
		rows = append(rows, []string{fmt.Sprintf("%s %d", p.words.slot, c.slot+1), c.likeliest(most)})
	}
	return "  " + strings.Join(columns.Align(rows), "\n  ")
}

// answers shows so many answers of nar and counts how many of many are mixed.
func (p *page) answers(t *standin.Table, space string, most int) (list, share string, err error) {
	rows := [][]string{{p.words.seed, p.words.together, p.words.answer, ""}}
	if space != "" || t.Longest > 3 {
		rows[0] = []string{p.words.seed, p.words.answer, ""}
	}
	for seed := p.Seed; seed < p.Seed+uint64(most); seed++ {
		tokens, _, err := answer("nar", t, 0, seed)
		if err != nil {
			return "", "", err
		}
		row := []string{strconv.FormatUint(seed, 10)}
		if len(rows[0]) == 4 {
			row = append(row, p.text(t, tokens, nil, " + "), p.word(t, tokens))
		} else {
			row = append(row, p.text(t, tokens, nil, space))
		}
		rows = append(rows, append(row, p.mark(t.Knows(tokens))))
	}
	n, err := mixed("nar", t, 0, p.Seed)
	return p.table(rows, 0), count(n), err
}

// refine fills the slots of a profession in two passes and of a life in several.
func (p *page) refine() (any, error) {
	var d struct {
		Word, Life, Shares string
		Passes             int
	}
	var err error
	d.Passes = p.Passes
	if d.Word, err = p.fills(newTable(p.sample.professions), 2, ""); err != nil {
		return nil, err
	}
	lives := newTable(p.sample.lives)
	if d.Life, err = p.commits(lives); err != nil {
		return nil, err
	}
	shares := [][]string{{p.words.passes}, {p.words.of}}
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
func (p *page) fills(t *standin.Table, passes int, space string) (string, error) {
	net := watch(t)
	m, err := open("refine", nil, net, t.Longest-1, passes, p.Seed)
	if err != nil {
		return "", err
	}
	rows := [][]string{{p.words.pass, p.words.slot + " 1", p.words.slot + " 2", p.words.commits, p.words.confidence}}
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
	m, err := open("refine", nil, t, t.Longest-1, p.Passes, p.Seed)
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
