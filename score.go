package stride

import (
	"context"
	"fmt"
	"image"
	"math"
	"slices"
)

// Score is the exact likelihood of an object under an autoregressive network.
type Score struct {
	Bits     float64 // -log2 p(object | prompt), END counted where there is one
	Elements int     // tokens or pixels scored, END counted
	Units    int     // characters, END counted; pixels
	// Each holds the bits of each element in turn, of a text END last.
	Each []float64
}

// Score returns how likely the model finds a response to a prompt. Of a
// response that outgrows the context it is that of what fits. It needs a network that
// serves ar; a picture is scored by [Model.ScorePicture].
func (m *Model) Score(ctx context.Context, p Prompt, response string) (Score, error) {
	e, err := scorer[*causal](ctx, m, "the likelihood of a text")
	if err != nil {
		return Score{}, err
	}
	prompt, err := e.format.Encode(e.tok, p.Text, p.Conditions)
	if err != nil {
		return Score{}, fmt.Errorf("%s: %w", e.card.Name, err)
	}
	return e.score(m, prompt, response)
}

// Score returns how likely the model finds an answer to what a person says next in
// the conversation, which stays as it is. It fails as [Model.Score] does.
func (c *Conversation) Score(ctx context.Context, text, answer string) (Score, error) {
	e, err := scorer[*causal](ctx, c.model, "the likelihood of an answer")
	if err != nil {
		return Score{}, err
	}
	prompt, err := c.layout(append(slices.Clip(c.history), Message{Role: RoleUser, Content: text}))
	if err != nil {
		return Score{}, fmt.Errorf("%s: %w", e.card.Name, err)
	}
	return e.score(c.model, prompt, answer)
}

// score scores a response and END after the tokens of a prompt, as far as the context
// goes.
func (e *causal) score(m *Model, prompt []int, response string) (Score, error) {
	known := len(prompt)
	tokens := append(e.tok.AppendEncode(prompt, response), e.tok.EOS())
	tokens = tokens[:max(known, min(len(tokens), e.context()))]
	nll := make([]float32, len(tokens)-1)
	d := e.decoders.take(m.pool)
	defer e.decoders.give(d)
	d.Rewind(0)
	if err := d.Score(tokens, nll); err != nil {
		return Score{}, fmt.Errorf("%s: %w", e.card.Name, err)
	}
	s := Score{Elements: len(tokens) - known, Units: len([]rune(response)) + 1}
	s.Bits, s.Each = bits(nll[known-1:])
	return s, nil
}

// ScorePicture returns how likely the model finds a picture of the caption and
// conditions of a prompt, other fields of which do not count. Another size is
// fitted, and each pixel taken as the palette's nearest colour. It needs a
// network that serves ar; guidance has no part in it.
func (m *Model) ScorePicture(ctx context.Context, p Prompt, picture *image.NRGBA) (Score, error) {
	e, err := scorer[*pixels](ctx, m, "the likelihood of a picture")
	if err != nil {
		return Score{}, err
	}
	s := Score{Elements: e.size(), Units: e.size()}
	err = guarded(func() error {
		ids, err := e.tokens("caption", p.Text, p.Conditions)
		if err != nil {
			return err
		}
		colours, err := e.colours(picture)
		if err != nil {
			return err
		}
		nll := make([]float32, len(colours))
		d := e.nets.take(m.pool)
		defer e.nets.give(d)
		if err := d.Score(ids, colours, nll); err != nil {
			return err
		}
		s.Bits, s.Each = bits(nll)
		return nil
	})
	if err != nil {
		return Score{}, fmt.Errorf("%s: %w", e.card.Name, err)
	}
	return s, nil
}

// scorer returns the engine of ar, with its weights, if it is of the right kind.
func scorer[E engine](ctx context.Context, m *Model, want string) (none E, err error) {
	if err := ctx.Err(); err != nil {
		return none, err
	}
	e, name, err := m.serving("ar")
	if err != nil {
		return none, err
	}
	right, ok := e.engine.(E)
	if !ok {
		return none, fmt.Errorf("%s: %w", e.card.Name, &UnsupportedError{Strategy: name, Want: want})
	}
	return right, e.weights(m.pool)
}

// bits turns losses in nats into bits, and adds them up.
func bits(nll []float32) (sum float64, each []float64) {
	each = make([]float64, len(nll))
	for i, v := range nll {
		sum += float64(v)
		each[i] = float64(v) / math.Ln2
	}
	return sum / math.Ln2, each
}
