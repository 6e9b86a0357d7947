package chat

import (
	"errors"
	"slices"
	"time"

	"github.com/stride-ml/stride/element/text"
)

// Source is the metadata of a model file.
type Source interface {
	StringOr(key, missing string) (string, error)
}

// Of returns the template of a model file (tokenizer.chat_template), or [ChatML] where
// there is none but the vocabulary has its marks.
func Of(f Source, tok *text.Tokenizer) (*Template, error) {
	source, err := f.StringOr("tokenizer.chat_template", "")
	if err != nil {
		return nil, err
	}
	if source == "" {
		if _, ok := tok.ID("<|im_start|>"); !ok {
			return nil, errors.New("no chat template (tokenizer.chat_template), and no token <|im_start|> of ChatML: the model is not made for conversations")
		}
		source = ChatML
	}
	bos, eos := tok.Names()
	return Parse(source, bos, eos)
}

// Tokens is [Template.Render] in tokens. The texts of messages and variables are texts:
// names of control tokens in them are not those tokens.
func (t *Template) Tokens(tok *text.Tokenizer, messages []Message, reply bool, now time.Time, variables map[string]any) ([]int, error) {
	messages = slices.Clone(messages)
	texts := []string{t.source}
	for _, m := range messages {
		texts = append(texts, m.Content)
	}
	for _, v := range variables {
		eachText(v, func(s string) string { texts = append(texts, s); return s })
	}
	shield, err := tok.NewShield(texts...)
	if err != nil {
		return nil, err
	}
	for i := range messages {
		m := &messages[i]
		m.Content = shield.Cover(m.Content, m.Role == Assistant)
	}
	covered := make(map[string]any, len(variables))
	for name, v := range variables {
		covered[name] = eachText(v, func(s string) string { return shield.Cover(s, false) })
	}
	marked, err := t.Render(messages, reply, now, covered)
	if err != nil {
		return nil, err
	}
	return shield.Encode(marked), nil
}

// eachText is a copy of a value of JSON in which f replaces each text, names among
// them.
func eachText(v any, f func(string) string) any {
	switch v := v.(type) {
	case string:
		return f(v)
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = eachText(item, f)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, item := range v {
			out[f(name)] = eachText(item, f)
		}
		return out
	}
	return v
}
