package network

import (
	"fmt"

	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/internal/memory"
)

// MemoryError says that a model needs more memory than there is. Figures are in
// bytes.
type MemoryError struct {
	File      string
	Weights   int64 // as they are held once loaded
	Positions int   // of a sequence that there has to be room for
	Cache     int64 // the keys and values of so many positions
	Available int64
}

func (e *MemoryError) Error() string {
	return fmt.Sprintf("%s: needs %s of memory, %s for the weights and %s for the keys and values of %d positions; %s are available",
		e.File, gigabytes(e.Weights+e.Cache), gigabytes(e.Weights), gigabytes(e.Cache), e.Positions, gigabytes(e.Available))
}

func gigabytes(n int64) string { return fmt.Sprintf("%.2f GB", float64(n)/1e9) }

// roomFor is how many positions of a context there has to be memory for when a
// model is loaded. A cache takes memory only as a sequence grows.
const roomFor = 2048

// available is replaced in tests.
var available = memory.Available

// checkMemory returns a [*MemoryError] if the weights of a file, and the keys and
// values of a sequence, cannot be held. Where nobody knows how much memory there is,
// all is let through.
func checkMemory(f *checkpoint.File, c Config, masked bool) error {
	have, ok := available()
	if !ok {
		return nil
	}
	e := &MemoryError{File: f.Name(), Positions: min(c.Context, roomFor), Available: have}
	keep := c.weights() >= keepFrom
	for _, info := range f.Tensors() {
		e.Weights += heldBytes(info, keep)
	}
	layers := c.Layers
	if masked {
		layers = 1 // a pass over all positions keeps no more
	}
	e.Cache = 2 * 4 * int64(layers) * int64(e.Positions) * int64(c.KVHeads*c.HeadDim())
	if e.Weights+e.Cache > have {
		return e
	}
	return nil
}

// heldBytes is what a tensor takes once loadParam has it.
func heldBytes(info checkpoint.TensorInfo, keep bool) int64 {
	per, bytes := info.Type.Block()
	switch {
	case keptFormat(info, keep) != nil || keptHalf(info, keep):
		return int64(info.Values() / per * bytes)
	case keep && len(info.Shape) > 1:
		return 4 * int64(info.Values()) // packed for products
	}
	return 8 * int64(info.Values()) // as it is beside that
}
