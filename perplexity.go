package stride

import (
	"context"
	"fmt"
	"math"
	"slices"
)

// PerplexityOptions says how [Model.Perplexity] goes through a text. The zero value
// does it as others do.
type PerplexityOptions struct {
	Context int // tokens of a chunk, at least 4; 512 if 0
	Chunks  int // most chunks; all if 0
	// CacheType is as for [CacheType], the model's usual one if "". Every token looks
	// at keys and values as the cache stores them, so that it has a part in the figure.
	CacheType string
	// Progress, if not nil, is called after each chunk with what they give so far.
	Progress func(PerplexityResult)
}

// PerplexityResult is how well a model predicts a text, token by token.
type PerplexityResult struct {
	Value         float64 // exp of the mean of -ln p
	Error         float64 // standard error of Value, tokens taken to be independent
	Tokens        int     // scored
	Chunks, Whole int     // chunks scored, and that there are to score
	Context       int     // tokens of a chunk
	CacheType     string  // how the cache stored its numbers
}

// usualChunk is the tokens of a chunk of [Model.Perplexity] where nothing is said.
const usualChunk = 512

// Perplexity measures how well a model predicts a text, in the way that llama.cpp
// does, so that figures can be compared: the text is cut into chunks of so many
// tokens, what is left over at the end is not used, each chunk begins anew, with
// BOS in place of its first token if the model wants that, and only the tokens of
// its second half are scored, which have at least half a chunk before them.
//
// It needs a network that serves ar. It fails with an [*OptionError] for a context
// out of range, a cache of no known type and a text of less than two chunks. On an
// error, a cancelled context among them, it returns what the chunks so far give.
func (m *Model) Perplexity(ctx context.Context, text string, o PerplexityOptions) (PerplexityResult, error) {
	var r PerplexityResult
	e, err := scorer[*causal](ctx, m, "the perplexity of a text")
	if err != nil {
		return r, err
	}
	r.Context = o.Context
	if r.Context == 0 {
		r.Context = min(usualChunk, e.context())
	}
	if r.Context < 4 || r.Context > e.context() {
		return r, badOption("context", fmt.Sprint(r.Context), fmt.Sprintf("4 to %d tokens", e.context()))
	}
	if o.Chunks < 0 {
		return r, badOption("chunks", fmt.Sprint(o.Chunks), "1 or more, or 0 for all")
	}
	err = guarded(func() error { return e.perplexity(ctx, m, text, o, &r) })
	if err != nil {
		return r, fmt.Errorf("%s: %w", e.card.Name, err)
	}
	return r, nil
}

func (e *causal) perplexity(ctx context.Context, m *Model, text string, o PerplexityOptions, r *PerplexityResult) error {
	var tokens []int
	if e.tok.AddBOS() {
		tokens = append(tokens, e.tok.BOS())
	}
	tokens = e.tok.AppendEncode(tokens, text)
	if len(tokens) < 2*r.Context {
		return badOption("text", fmt.Sprintf("%d tokens", len(tokens)), fmt.Sprintf("%d or more, two chunks", 2*r.Context))
	}
	r.Whole = len(tokens) / r.Context
	if o.Chunks > 0 {
		r.Whole = min(r.Whole, o.Chunks)
	}
	l, err := e.decoders.lend(config{cacheType: o.CacheType}, nil)
	if err != nil {
		return err
	}
	d := l.take(m.pool)
	defer e.decoders.give(d)
	r.CacheType = d.CacheType().String()
	nll := make([]float32, r.Context-1)
	var sum, squares float64
	for chunk := range slices.Chunk(tokens[:r.Whole*r.Context], r.Context) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if e.tok.AddBOS() {
			chunk[0] = e.tok.BOS()
		}
		d.Rewind(0)
		if err := d.Score(chunk, nll); err != nil {
			return err
		}
		for _, v := range nll[r.Context/2:] { // the first is of the token after the one in the middle
			sum += float64(v)
			squares += float64(v) * float64(v)
			r.Tokens++
		}
		r.Chunks++
		n := float64(r.Tokens)
		mean := sum / n
		r.Value = math.Exp(mean)
		r.Error = math.Sqrt(max(0, squares/n-mean*mean)/(n-1)) * r.Value
		if o.Progress != nil {
			o.Progress(*r)
		}
	}
	return nil
}
