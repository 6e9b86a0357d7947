package stride

import (
	"context"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/stride-ml/stride/network"
	"github.com/stride-ml/stride/tensor"
)

// CacheType chooses how keys and values of earlier elements are stored by ar and
// speculate: "f32", "f16" or "q8_0", which take 4, 2 and 1.06 bytes a number. The
// default is f32 for models that were trained here, and for public ones q8_0 if
// their weights are quantised and f16 if not. Over short texts all are as fast; over
// thousands of tokens a smaller one is faster, as all of it is read for each element.
func CacheType(name string) Option {
	return option("cache-type", func(c *config) { c.cacheType = name })
}

// ContextShift lets ar and speculate go on when the context is full, instead of stopping there:
// the first keep tokens stay, the older half of the others is dropped, and what
// remains is evaluated anew. That costs a pass over half a context each time, and
// is exact: what follows is what would follow the shorter text. With it the length
// may be more than the context.
func ContextShift(keep int) Option {
	return option("context-shift", func(c *config) { c.shiftKeep = keep })
}

// decoders lends the decoders of one network. Those of generations that run at the
// same time share passes, with one batch for each type of cache. A free one keeps
// what it holds for a prompt that begins alike.
type decoders struct {
	trunk *network.Trunk
	usual tensor.CacheType

	lock    sync.Mutex
	batches map[tensor.CacheType]*network.Batch
	free    []*network.Decoder // the longest free first
}

// mostFree is how many free decoders are kept.
func mostFree() int { return max(8, 2*runtime.GOMAXPROCS(0)) }

// loan is a decoder for a prompt.
type loan struct {
	*decoders
	kind   tensor.CacheType
	prompt []int
}

// take lends the free decoder that holds the most of the prompt, or a new one.
func (l loan) take(pool *tensor.Pool) *network.Decoder {
	l.lock.Lock()
	defer l.lock.Unlock()
	best := -1
	for i, d := range l.free {
		if d.CacheType() == l.kind && (best < 0 || d.Shared(l.prompt) > l.free[best].Shared(l.prompt)) {
			best = i
		}
	}
	if best >= 0 {
		d := l.free[best]
		l.free = slices.Delete(l.free, best, best+1)
		return d
	}
	b := l.batches[l.kind]
	if b == nil {
		b = network.NewBatch(l.trunk, pool, l.kind)
		if l.batches == nil {
			l.batches = map[tensor.CacheType]*network.Batch{}
		}
		l.batches[l.kind] = b
	}
	return b.NewDecoder()
}

// take lends a decoder with the usual type of cache, for any use.
func (d *decoders) take(pool *tensor.Pool) *network.Decoder {
	return loan{decoders: d, kind: d.usual}.take(pool)
}

func (d *decoders) give(v *network.Decoder) {
	v.Bind(context.Background())
	v.Leave()
	d.lock.Lock()
	defer d.lock.Unlock()
	if d.free = append(d.free, v); len(d.free) > mostFree() {
		d.free = slices.Delete(d.free, 0, 1)
	}
}

// lend is a loan for a prompt, with the type of cache that the options choose.
func (d *decoders) lend(c config, prompt []int) (loan, error) {
	kind, err := cacheType(c.cacheType, d.usual)
	return loan{d, kind, prompt}, err
}

// cacheType reads the name of a type, "" for the usual one.
func cacheType(name string, usual tensor.CacheType) (tensor.CacheType, error) {
	if name == "" {
		return usual, nil
	}
	kind, err := tensor.ParseCacheType(name)
	if err != nil {
		return kind, badOption("cache-type", name, strings.Join(CacheTypes(), ", "))
	}
	return kind, nil
}

// CacheTypes lists the names that [CacheType] takes.
func CacheTypes() []string { return tensor.CacheTypes() }

// usualCache is that of the weights' own precision for a public model, which does
// not say by itself which strategies it serves: 8 bits where any are quantised.
func (e *member) usualCache() tensor.CacheType {
	if _, own := e.file.Value("stride.strategies"); own {
		return tensor.CacheF32
	}
	for _, info := range e.file.Tensors() {
		if values, _ := info.Type.Block(); values > 1 {
			return tensor.CacheQ8_0
		}
	}
	return tensor.CacheF16
}

// mostShifted is the most elements of a text that shifts its context.
const mostShifted = 1 << 20

// checkCache refuses what only some strategies have for others.
func (c *config) checkCache() error {
	switch {
	case c.chose("cache-type") && !leftToRight(c.strategy):
		return &UnsupportedError{Strategy: c.strategy, Want: "a type of key-value cache", Can: []string{"ar", speculate}}
	case c.chose("context-shift") && !leftToRight(c.strategy):
		return &UnsupportedError{Strategy: c.strategy, Want: "a shift of the context", Can: []string{"ar", speculate}}
	}
	return nil
}

// binder is an evaluator whose passes end early when a context is cancelled.
type binder interface{ Bind(context.Context) }
