package picture

import "testing"

// The sizes are those of a comparison: 1,000 generated pictures beside some 6,700
// of the training set.

func BenchmarkNearest(b *testing.B) {
	set, training := art(1000, 32, 32, 1), art(6700, 32, 32, 2)
	for b.Loop() {
		if _, err := Nearest(set, training); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSlicedWasserstein(b *testing.B) {
	set, reference := art(1000, 32, 32, 1), art(6700, 32, 32, 2)
	for b.Loop() {
		if _, err := SlicedWasserstein(set, reference, PatchOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRadixSort(b *testing.B) {
	x := make([]float32, 0, 200_000)
	for i := range cap(x) {
		x = append(x, float32(uint32(i)*2654435761>>8)/(1<<23)-1)
	}
	work, spare := make([]float32, len(x)), make([]float32, len(x))
	for b.Loop() {
		copy(work, x)
		radixSort(work, spare)
	}
}
