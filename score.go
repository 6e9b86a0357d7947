package stride

import (
	"context"
	"fmt"
	"image"
	"math"
)

// Score is the exact likelihood of an object under an autoregressive network.
type Score struct {
	Bits     float64 // -log2 p(object | prompt), END counted where there is one
	Elements int     // tokens or pixels scored, END counted
	Units    int     // characters, END counted; pixels
}

// Score returns how likely the model finds a response to a prompt. It needs a
// network that serves ar; a picture is scored by [Model.ScorePicture].
func (m *Model) Score(ctx context.Context, p Prompt, response string) (Score, error) {
	e, err := scorer[*causal](ctx, m, "the likelihood of a text")
	if err != nil {
		return Score{}, err
	}
	prompt, err := e.format.Encode(e.tok, p.Text, p.Conditions)
	if err != nil {
		return Score{}, fmt.Errorf("%s: %w", e.card.Name, err)
	}
	known := len(prompt)
	tokens := append(e.tok.AppendEncode(prompt, response), e.tok.EOS())
	nll := make([]float32, len(tokens)-1)
	d := e.decoders.take(m.pool)
	defer e.decoders.give(d)
	d.Rewind(0)
	if err := d.Score(tokens, nll); err != nil {
		return Score{}, fmt.Errorf("%s: %w", e.card.Name, err)
	}
	return Score{Bits: bits(nll[known-1:]), Elements: len(tokens) - known, Units: len([]rune(response)) + 1}, nil
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
		s.Bits = bits(nll)
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

// bits adds up losses in nats.
func bits(nll []float32) float64 {
	sum := 0.0
	for _, v := range nll {
		sum += float64(v)
	}
	return sum / math.Ln2
}
