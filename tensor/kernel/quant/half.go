package quant

import (
	"fmt"
	"math"
)

// WidenBrain stores len(dst) numbers in bfloat16, the upper halves of floats, in dst; their number is a multiple of 16.
func WidenBrain(dst []float32, src []uint16) {
	if len(dst)%16 != 0 || len(src) < len(dst) {
		panic(fmt.Sprintf("quant: %d floats of %d halves, want as many and whole panels of 16", len(dst), len(src)))
	}
	if len(dst) > 0 {
		widenBrain(dst, src)
	}
}

func widenBrainGeneric(dst []float32, src []uint16) {
	for i := range dst {
		dst[i] = math.Float32frombits(uint32(src[i]) << 16)
	}
}
