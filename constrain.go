package stride

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/stride-ml/stride/element/text"
	"github.com/stride-ml/stride/strategy"
)

// constrain turns a prompt's acrostic and blanks into what may stand where, and
// returns the prompt's conditions with the form that they need. A poem never
// holds bytes or control tokens: those are banned.
func (e texts) constrain(c *strategy.Constraint, p Prompt, strategyName string) (map[string]string, error) {
	ends := e.tok.Ends()
	for id := range e.tok.Size() {
		switch e.tok.Kind(id) {
		case text.Control, text.Unknown:
			if id != e.tok.EOS() && !slices.Contains(ends, id) {
				c.Banned = append(c.Banned, id)
			}
		case text.Byte:
			if e.format.Separate {
				c.Banned = append(c.Banned, id)
			}
		}
	}
	c.Newline = e.tok.Newline()
	conditions := maps.Clone(p.Conditions)
	if p.Acrostic == "" && p.Fill == "" {
		return conditions, nil
	}
	if conditions == nil {
		conditions = map[string]string{}
	}
	want := "fill-in"
	if p.Fill == "" {
		want = "acrostic"
	}
	form := e.form()
	if form == nil {
		return nil, &UnsupportedError{Strategy: strategyName, Want: want + ", which needs a model whose form fixes its lines"}
	}
	var starts []rune
	for _, r := range p.Acrostic {
		if !unicode.IsSpace(r) {
			starts = append(starts, r)
		}
	}
	given := fillLines(p.Fill)
	i, err := chooseForm(*form, conditions[form.Name], starts, given)
	if err != nil {
		return nil, err
	}
	conditions[form.Name] = form.Values[i]
	for _, r := range starts {
		id, err := e.element(r)
		if err != nil {
			return nil, fmt.Errorf("acrostic: %w", err)
		}
		c.LineStarts = append(c.LineStarts, id)
	}
	if !leftToRight(strategyName) || len(given) > 0 {
		c.Lines = form.Lines[i]
	}
	slot := 0
	for _, line := range given {
		for _, r := range line {
			if r != blank {
				id, err := e.element(r)
				if err != nil {
					return nil, fmt.Errorf("fill: %w", err)
				}
				if c.Fixed == nil {
					c.Fixed = map[int]int{}
				}
				c.Fixed[slot] = id
			}
			slot++
		}
		slot++ // the newline
	}
	return conditions, nil
}

// form is the condition that fixes lines, nil if there is none.
func (e texts) form() *text.Condition {
	for i, c := range e.format.Conditions {
		for _, lines := range c.Lines {
			if len(lines) > 0 {
				return &e.format.Conditions[i]
			}
		}
	}
	return nil
}

// element is the token of a character that is one element.
func (e texts) element(r rune) (int, error) {
	ids := e.tok.Encode(string(r))
	if len(ids) != 1 || e.tok.Kind(ids[0]) == text.Byte {
		return 0, fmt.Errorf("%q is not an element of this model: it is too rare in what it was trained on", r)
	}
	return ids[0], nil
}

// blank stands for an element to be filled in.
const blank = '＿'

// fillLines cuts a text with blanks into lines at punctuation and line breaks.
func fillLines(s string) [][]rune {
	var lines [][]rune
	var line []rune
	flush := func() {
		if len(line) > 0 {
			lines = append(lines, line)
		}
		line = nil
	}
	for _, r := range s {
		switch {
		case strings.ContainsRune("_＿□?？*", r):
			line = append(line, blank)
		case r == '\n' || unicode.IsPunct(r) || r == '|':
			flush()
		case unicode.IsSpace(r):
		default:
			line = append(line, r)
		}
	}
	flush()
	return lines
}

// chooseForm returns the index of the form asked for, or else of the first, the
// most frequent in training, that has the lines that acrostic and blanks need.
func chooseForm(form text.Condition, asked string, starts []rune, given [][]rune) (int, error) {
	fits := func(i int) error {
		lines := form.Lines[i]
		if len(starts) > len(lines) {
			return badOption("acrostic", fmt.Sprintf("%d characters", len(starts)), fmt.Sprintf("at most %d, the lines of %s", len(lines), form.Values[i]))
		}
		if len(given) > len(lines) {
			return badOption("fill", fmt.Sprintf("%d lines", len(given)), fmt.Sprintf("at most the %d of %s", len(lines), form.Values[i]))
		}
		for j, line := range given {
			if len(line) != lines[j] {
				return badOption("fill", fmt.Sprintf("%d elements in line %d", len(line), j+1), fmt.Sprintf("%d, as %s has", lines[j], form.Values[i]))
			}
		}
		return nil
	}
	if asked != "" && asked != text.Any {
		i, err := form.Find(asked)
		if err != nil {
			return 0, err
		}
		return i, fits(i)
	}
	best := -1
	var first error
	for i := range form.Values {
		err := fits(i)
		if first == nil {
			first = err
		}
		// An acrostic that gives every line beats one that gives some.
		if err == nil && (best < 0 || len(starts) == len(form.Lines[i]) && len(starts) != len(form.Lines[best])) {
			best = i
		}
	}
	if best < 0 {
		return 0, fmt.Errorf("no form has such lines (%s): %w", strings.Join(form.Values, ", "), first)
	}
	return best, nil
}
