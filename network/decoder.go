package network

import (
	"fmt"

	"github.com/stride-ml/stride/tensor"
)

// cache keeps the keys and values of one sequence's positions.
type cache struct {
	keys, values [][]float32 // per layer, (Context,KVHeads·HeadDim)
	n            int         // positions held
}

// newCache returns an empty cache for a trunk of the given sizes.
func newCache(config Config) cache {
	var c cache
	for range config.Layers {
		size := config.Context * config.KVHeads * config.HeadDim()
		c.keys = append(c.keys, make([]float32, size))
		c.values = append(c.values, make([]float32, size))
	}
	return c
}

// attend appends the new rows' keys and values for a layer and attends to all.
func (c *cache) attend(r *tensor.Run, layer int, q, k, v *tensor.Tensor, shape tensor.AttentionShape) *tensor.Tensor {
	copy(c.keys[layer][c.n*k.Cols:], k.Data)
	copy(c.values[layer][c.n*v.Cols:], v.Data)
	return r.AttentionCached(q, c.keys[layer], c.values[layer], c.n, shape)
}

// Decoder is a causal network on one sequence, with a key-value cache. It
// implements the interface that strategies ask of a causal network. Many
// decoders may share a trunk; each is for one goroutine.
type Decoder struct {
	trunk     *Trunk
	run       *tensor.Run
	cache     cache
	positions []int
	logits    []float32
	all       []float32 // of ExtendAll
}

// NewDecoder returns a decoder with an empty cache. The trunk's weights must
// not change while it is used.
func NewDecoder(t *Trunk, pool *tensor.Pool) *Decoder {
	d := &Decoder{trunk: t, run: tensor.NewRun(pool), cache: newCache(t.Config), positions: make([]int, t.Context), logits: make([]float32, t.Vocab)}
	for i := range d.positions {
		d.positions[i] = i
	}
	return d
}

// Vocab is the number of tokens.
func (d *Decoder) Vocab() int { return d.trunk.Vocab }

// Context is the most positions that the cache can hold.
func (d *Decoder) Context() int { return d.trunk.Context }

// Len is the number of positions held.
func (d *Decoder) Len() int { return d.cache.n }

// Extend appends tokens to the sequence in one pass and returns the logits (V)
// of what follows the last of them, valid until the next call. It fails, and
// changes nothing, when a token is out of range or the context is full.
func (d *Decoder) Extend(tokens []int) ([]float32, error) {
	h, err := d.extend(tokens)
	if err != nil {
		return nil, err
	}
	d.trunk.project(d.run, d.logits, h.Row(h.Rows-1))
	return d.logits, nil
}

func (d *Decoder) extend(tokens []int) (*tensor.Tensor, error) {
	if len(tokens) == 0 {
		return nil, fmt.Errorf("network: extend by no tokens")
	}
	if d.cache.n+len(tokens) > d.trunk.Context {
		return nil, fmt.Errorf("network: %d positions held and %d new do not fit a context of %d", d.cache.n, len(tokens), d.trunk.Context)
	}
	if err := checkTokens(tokens, d.trunk.Vocab); err != nil {
		return nil, err
	}
	d.run.Reset(0)
	h := d.trunk.hidden(d.run, Pass{IDs: tokens, Positions: d.positions[d.cache.n : d.cache.n+len(tokens)]}, &d.cache)
	d.cache.n += len(tokens)
	return h, nil
}

// Score appends tokens in one pass and writes -log p(token i+1 | 0..i), in
// nats, for all but the last of them to nll, whose length is len(tokens)-1.
func (d *Decoder) Score(tokens []int, nll []float32) error {
	if len(nll) != len(tokens)-1 {
		return fmt.Errorf("network: scoring %d tokens gives %d losses, room for %d", len(tokens), len(tokens)-1, len(nll))
	}
	h, err := d.extend(tokens)
	if err != nil {
		return err
	}
	h.Data, h.Rows = h.Data[:(h.Rows-1)*h.Cols], h.Rows-1
	d.trunk.score(d.run, h, tokens[1:], nll)
	return nil
}

// Rewind keeps only the first n positions; more than there are changes nothing.
func (d *Decoder) Rewind(n int) { d.cache.n = max(0, min(n, d.cache.n)) }

func checkTokens(tokens []int, vocab int) error {
	for i, id := range tokens {
		if id < 0 || id >= vocab {
			return fmt.Errorf("network: token %d at position %d, want 0 to %d", id, i, vocab-1)
		}
	}
	return nil
}
