package explain

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/stride-ml/stride/internal/columns"
	"github.com/stride-ml/stride/internal/standin"
)

// nar draws professions and lives, all elements in one pass.
func (p *page) nar() (any, error) {
	t := newTable(p.sample.professions)
	net := watch(t)
	m, err := open("nar", net, 0, p.Seed)
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
	d.Words, d.Mixed, err = p.answers(t, 8, []string{p.words.drawn, p.words.answer}, func(tokens []int) []string {
		return []string{p.text(t, tokens, nil, " + "), p.word(t, tokens)}
	})
	if err != nil {
		return nil, err
	}
	lives := newTable(p.sample.lives)
	d.LivesExact, d.LivesLost = percent(apart(lives)), fmt.Sprintf("%.1f", lost(lives))
	d.Lives, d.LivesMixed, err = p.answers(lives, 4, []string{p.words.answer}, func(tokens []int) []string {
		return []string{p.text(lives, tokens, nil, p.sample.space)}
	})
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
func (p *page) answers(t *standin.Table, most int, head []string, cells func(tokens []int) []string) (list, share string, err error) {
	rows := [][]string{append([]string{p.words.seed}, head...)}
	for i := range uint64(most) {
		seed := p.Seed + i
		tokens, _, err := answer("nar", t, 0, seed)
		if err != nil {
			return "", "", err
		}
		row := append([]string{strconv.FormatUint(seed, 10)}, cells(tokens)...)
		rows = append(rows, append(row, p.mark(t.Knows(tokens))))
	}
	n, err := mixed("nar", t, 0, p.Seed)
	return p.table(rows, 0), count(n), err
}
