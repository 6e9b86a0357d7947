package network

import (
	"errors"
	"testing"

	"github.com/stride-ml/stride/checkpoint"
)

// TestTooLittleMemory holds that what does not fit is refused with the numbers, and
// that what fits just so is not.
func TestTooLittleMemory(t *testing.T) {
	defer func(old func() (int64, bool)) { available = old }(available)
	f := openTiny(t, "qwen2")
	m, err := ReadMasked(f)
	if err != nil {
		t.Fatal(err)
	}
	weights := 8 * m.Parameters()
	cache := 2 * 4 * int64(m.Layers*m.Context*m.KVHeads*m.HeadDim())
	have, known := weights+cache-1, true
	available = func() (int64, bool) { return have, known }
	var refused *MemoryError
	if _, err := ReadDecoder(f); !errors.As(err, &refused) {
		t.Fatalf("error %v, want a MemoryError", err)
	}
	if want := (MemoryError{File: f.Name(), Weights: weights, Positions: m.Context, Cache: cache, Available: have}); *refused != want {
		t.Errorf("%+v, want %+v", *refused, want)
	}
	refused = &MemoryError{File: "big.gguf", Weights: 70_500e6, Positions: 2048, Cache: 640e6, Available: 16e9}
	if want := "big.gguf: needs 71.14 GB of memory, 70.50 GB for the weights and 0.64 GB for the keys and values of 2048 positions; 16.00 GB are available"; refused.Error() != want {
		t.Errorf("says %q, want %q", refused, want)
	}
	if _, err := ReadMasked(f); err != nil {
		t.Errorf("one layer's keys and values at a time: %v", err)
	}
	have++
	if _, err := ReadDecoder(f); err != nil {
		t.Errorf("just enough: %v", err)
	}
	have, known = 0, false
	if _, err := ReadDecoder(f); err != nil {
		t.Errorf("where nobody knows: %v", err)
	}
}

// TestHeldBytes holds what is counted for a matrix of 32 by 64, and for a vector, to
// what loading keeps of it.
func TestHeldBytes(t *testing.T) {
	for kind, want := range map[checkpoint.Type][2]int64{
		checkpoint.Q8_0: {64 * 34, 8 * 2048}, checkpoint.Q4_0: {64 * 18, 8 * 2048}, checkpoint.F16: {2 * 2048, 8 * 2048},
		checkpoint.BF16: {2 * 2048, 8 * 2048}, checkpoint.F32: {4 * 2048, 8 * 2048},
	} {
		info := checkpoint.TensorInfo{Type: kind, Shape: []int{32, 64}}
		if got := [2]int64{heldBytes(info, true), heldBytes(info, false)}; got != want {
			t.Errorf("%v: %d bytes, want %d", kind, got, want)
		}
	}
	if got := heldBytes(checkpoint.TensorInfo{Type: checkpoint.F32, Shape: []int{64}}, true); got != 8*64 {
		t.Errorf("a vector: %d bytes", got)
	}
}
