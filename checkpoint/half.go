package checkpoint

import (
	"sync"

	"github.com/stride-ml/stride/internal/half"
)

// halfTable has the float32 of each half-precision number. Reading a weight from it takes the same time for all
// values, where computing it would be slow for the small ones (subnormals), of which weights have many.
var halfTable = sync.OnceValue(func() *[1 << 16]float32 {
	t := new([1 << 16]float32)
	for h := range t {
		t[h] = half.From(uint16(h))
	}
	return t
})

// maxHalf is the greatest finite half-precision number.
const maxHalf = 65504
