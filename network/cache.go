package network

import "github.com/stride-ml/stride/tensor"

// attender attends to what came before the rows of a pass.
type attender interface {
	// attend keeps the new rows' keys and values for a layer and attends to all.
	attend(r *tensor.Run, layer int, q, k, v *tensor.Tensor, shape tensor.AttentionShape) *tensor.Tensor
	// stopped says that nobody wants the pass any more.
	stopped() bool
}

// cache keeps the keys and values of one sequence's positions. What a pass
// appends counts only once n is raised, after its last layer.
type cache struct {
	layers []tensor.Cache
	n      int // positions held
	span   [1]tensor.CachedSpan
}

// newCache returns an empty cache for a trunk of the given sizes.
func newCache(config Config, kind tensor.CacheType) cache {
	var c cache
	for range config.Layers {
		c.layers = append(c.layers, tensor.NewCache(kind, config.KVHeads, config.HeadDim(), config.Context))
	}
	return c
}

// take is rows of a pass, from start on, that follow what a layer holds.
func (c *cache) take(layer, start, rows int) tensor.CachedSpan {
	if layer == 0 {
		tensor.GrowCaches(c.layers, c.n+rows)
	}
	return tensor.CachedSpan{Span: tensor.Span{Start: start, Len: rows}, Held: c.n, Cache: &c.layers[layer]}
}

func (c *cache) attend(r *tensor.Run, layer int, q, k, v *tensor.Tensor, shape tensor.AttentionShape) *tensor.Tensor {
	c.span[0] = c.take(layer, 0, q.Rows)
	return r.AttentionCached(q, k, v, shape, c.span[:])
}

func (c *cache) stopped() bool { return false }

func (c *cache) bytes() (n int) {
	for i := range c.layers {
		n += c.layers[i].Bytes()
	}
	return n
}
