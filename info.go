package stride

import (
	"slices"
)

// Info describes the model. It reads no weights.
func (m *Model) Info() Info {
	if m.pipeline != nil {
		return m.pipeline.info()
	}
	first := m.members[0]
	info := Info{
		Name: first.card.Name, Title: first.card.Title, Architecture: first.architecture, Strategies: m.Strategies(),
		Default: first.card.Strategies[0], Companions: first.card.Companions, Conditions: map[string][]string{},
		Context: first.engine.context(), MaxLength: first.card.MaxLength, Bytes: first.file.Size(),
		Licence: first.card.Licence, Credits: first.card.Credits, Recipe: first.card.Recipe, Results: first.card.Results, Parameters: first.parameters(),
	}
	for _, c := range first.format.Conditions {
		info.Conditions[c.Name] = c.Values
		for _, lines := range c.Lines {
			info.Acrostic = info.Acrostic || len(lines) > 0
		}
	}
	for _, e := range m.members {
		e.engine.describe(&info)
	}
	return info
}

// Strategies lists the strategies that the model and its companions can do, of a
// pipeline those of its first stage.
func (m *Model) Strategies() []string {
	var out []string
	for _, e := range m.members {
		for _, s := range e.card.Strategies {
			if !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	return out
}

// Condition returns the full value of a condition given in full or abbreviated,
// such as 五言絕句 for 五絕, or an error that lists the known values.
func (m *Model) Condition(name, value string) (string, error) {
	if m.pipeline != nil {
		for _, s := range m.pipeline.stages {
			if _, ok := s.model.Info().Conditions[name]; ok {
				return s.model.Condition(name, value)
			}
		}
	}
	for _, c := range m.members[0].format.Conditions {
		if c.Name != name {
			continue
		}
		i, err := c.Find(value)
		if err != nil {
			return "", err
		}
		return c.Values[i], nil
	}
	return "", &UnsupportedError{Strategy: m.members[0].card.Strategies[0], Want: "condition " + name}
}

// Token is one element of text as a model sees it.
type Token struct {
	ID    int
	Piece string // as a person reads it: "▁un", "春", "<0xE5>"
}

// Tokens cuts a text into the model's elements, nil where it has none of text.
func (m *Model) Tokens(s string) []Token {
	t := m.members[0].tok
	if t == nil {
		return nil
	}
	var out []Token
	for _, id := range t.Encode(s) {
		out = append(out, Token{id, t.Piece(id)})
	}
	return out
}
