package network

import (
	"context"
	"fmt"

	"github.com/stride-ml/stride/tensor"
)

// Decoder is a causal network on one sequence, with a key-value cache. It
// implements the interfaces that strategies ask of a causal network. It is for
// one goroutine; decoders of one [Batch] share passes.
type Decoder struct {
	batch  *Batch
	cache  cache
	tokens []int     // that the cache holds
	logits []float32 // what was asked for last, in own or in the slab
	own    []float32
	slab   *slab
	states []float32 // of the rows of logits
	ctx    context.Context

	// What it waits for, of the batch's lock once it is queued.
	fed     []int // tokens to append
	passed  int   // of them, in the cache
	rows    int   // of the pass in progress
	wants   wants
	nll     []float32
	err     error
	over    bool
	missed  bool // it took part in the last pass and is not back yet
	wake    chan struct{}
	started int // positions held before
}

// wants is what is asked of the tokens that are appended.
type wants int

const (
	wantLast wants = iota
	wantAll
	wantLosses
)

// NewDecoder returns a decoder with an empty float32 cache that shares its passes
// with no other. The trunk's weights must not change while it is used.
func NewDecoder(t *Trunk, pool *tensor.Pool) *Decoder {
	return NewBatch(t, pool, tensor.CacheF32).NewDecoder()
}

// Vocab is the number of tokens.
func (d *Decoder) Vocab() int { return d.batch.trunk.Vocab }

// Context is the most positions that the cache can hold.
func (d *Decoder) Context() int { return d.batch.trunk.Context }

// Len is the number of positions held.
func (d *Decoder) Len() int { return d.cache.n }

// CacheType is how the cache stores its numbers.
func (d *Decoder) CacheType() tensor.CacheType { return d.batch.kind }

// CacheBytes is how much memory the cache takes.
func (d *Decoder) CacheBytes() int { return d.cache.bytes() }

// Extend appends tokens to the sequence and returns the logits (V) of what
// follows the last of them, valid until the next call. It takes one pass, or
// several for a long prompt. It fails, and changes nothing, when a token is out
// of range, the context is full, or what [Decoder.Bind] gave is cancelled.
func (d *Decoder) Extend(tokens []int) ([]float32, error) {
	if err := d.extend(tokens, wantLast); err != nil {
		return nil, err
	}
	return d.logits, nil
}

// State is what row i of the logits that were asked for last was made of: the
// network's output (C) at that position, valid until the next call.
func (d *Decoder) State(i int) []float32 {
	c := d.batch.trunk.Width
	return d.states[i*c : (i+1)*c]
}

// Score appends tokens and writes -log p(token i+1 | 0..i), in nats, for all but
// the last of them to nll, whose length is len(tokens)-1.
func (d *Decoder) Score(tokens []int, nll []float32) error {
	if len(nll) != len(tokens)-1 {
		return fmt.Errorf("network: scoring %d tokens gives %d losses, room for %d", len(tokens), len(tokens)-1, len(nll))
	}
	d.nll = nll
	return d.extend(tokens, wantLosses)
}

func (d *Decoder) extend(tokens []int, w wants) error {
	t := d.batch.trunk
	if len(tokens) == 0 {
		return fmt.Errorf("network: extend by no tokens")
	}
	if d.cache.n+len(tokens) > t.Context {
		return fmt.Errorf("network: %d positions held and %d new do not fit a context of %d", d.cache.n, len(tokens), t.Context)
	}
	if err := checkTokens(tokens, t.Vocab); err != nil {
		return err
	}
	d.fed, d.wants = tokens, w
	d.passed, d.started, d.err, d.over = 0, d.cache.n, nil, false
	d.states = d.states[:0]
	d.batch.extend(d)
	if d.err != nil {
		d.Rewind(d.started)
	}
	return d.err
}

// Bind lets the passes of this decoder end early, with the context's error, when
// it is cancelled: within a layer, or where others share the pass within that
// pass.
func (d *Decoder) Bind(ctx context.Context) { d.ctx = ctx }

func (d *Decoder) cancelled() bool { return d.ctx != nil && d.ctx.Err() != nil }

// Rewind keeps only the first n positions; more than there are changes nothing.
func (d *Decoder) Rewind(n int) {
	d.cache.n = max(0, min(n, d.cache.n))
	d.tokens = d.tokens[:d.cache.n]
}

// Shared is how many tokens of a prompt, from its first on, the cache holds.
func (d *Decoder) Shared(prompt []int) int {
	n := 0
	for n < min(len(prompt), len(d.tokens)) && prompt[n] == d.tokens[n] {
		n++
	}
	return n
}

// Reuse keeps what the cache has of a prompt, but for the prompt's last token,
// whose logits are wanted, and returns how many positions that is. What follows
// has the same bits as after an empty cache.
func (d *Decoder) Reuse(prompt []int) int {
	d.Rewind(max(0, min(d.Shared(prompt), len(prompt)-1)))
	return d.cache.n
}

// Leave says that no more tokens follow soon, so that others do not wait for them.
func (d *Decoder) Leave() { d.batch.leave(d) }

func checkTokens(tokens []int, vocab int) error {
	for i, id := range tokens {
		if id < 0 || id >= vocab {
			return fmt.Errorf("network: token %d at position %d, want 0 to %d", id, i, vocab-1)
		}
	}
	return nil
}
