package measure

import (
	"context"
	"math"
	"runtime"

	"github.com/stride-ml/stride"
)

// holder is a source that can tell what a generation holds.
type holder interface {
	// held returns what a generation by a row holds at its last step, in bytes, beside
	// what the source holds anyway.
	held(ctx context.Context, p stride.Prompt, by Row, seed uint64) (float64, error)
}

// held implements holder: the live heap when the last step is there, less that
// before, when the buffers of earlier generations are given back. Garbage does not
// count; what is still referred to does, for as long as a person looks at the object.
func (m modelSource) held(ctx context.Context, p stride.Prompt, by Row, seed uint64) (float64, error) {
	m.Trim()
	liveHeap() // a pool of package sync lets go of things at the second collection only
	before, at := liveHeap(), math.NaN()
	_, err := m.watch(ctx, p, by, seed, func(step stride.Step) {
		if step.Done && (step.Stages == 0 || step.Stage == step.Stages) {
			at = liveHeap()
		}
	})
	return max(0, at-before), err
}

// liveHeap is what is live on the heap, in bytes.
func liveHeap() float64 {
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return float64(s.HeapAlloc)
}
