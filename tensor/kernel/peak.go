package kernel

// peakChains and peakLanes describe the loop that PeakFMA runs.
const (
	peakChains = 12
	peakLanes  = 8
)

// PeakFMA makes fused multiply-adds in registers, 96 an iteration, and returns the number of floating-point operations
// done, two for each. Divided by the time it took, that is the most that one core can do: the yardstick of Gemm.
func PeakFMA(iterations int) (operations float64) {
	peakFMA(iterations)
	return 2 * peakChains * peakLanes * float64(iterations)
}

func peakFMAGeneric(iterations int) {
	var s0, s1, s2, s3, s4, s5, s6, s7 float32
	x, y := float32(iterations), peakSink
	for range iterations * peakChains {
		s0 = s0*x + y
		s1 = s1*x + y
		s2 = s2*x + y
		s3 = s3*x + y
		s4 = s4*x + y
		s5 = s5*x + y
		s6 = s6*x + y
		s7 = s7*x + y
	}
	peakSink = s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7
}

// peakSink keeps the compiler from dropping the loop or foreseeing its result.
var peakSink float32
