package speech

import (
	"fmt"
	"math"
	"slices"

	"github.com/stride-ml/stride/element/audio"
)

// Step is a frame of the reference and one of what was made.
type Step struct{ Reference, Made int }

// Path is the frames of two sounds that are compared, in the order of time.
type Path []Step

// slack is how many frames two sounds of the same timing may differ in length:
// vocoders cut or pad the end.
const slack = 5

// Straight returns the path that compares frames of the same time, as far as both
// sounds go. It is an error if they cannot be compared or their lengths differ by
// more than 5 frames; that they have the same timing is the caller's to know.
func Straight(reference, made audio.Sound) (Path, error) {
	if err := checkPair(reference, made); err != nil {
		return nil, fmt.Errorf("straight path: %w", err)
	}
	n, m := frames(reference), frames(made)
	if max(n, m)-min(n, m) > slack {
		return nil, fmt.Errorf("straight path: %d frames beside %d of the reference, expected at most %d more or fewer", m, n, slack)
	}
	path := make(Path, min(n, m))
	for t := range path {
		path[t] = Step{t, t}
	}
	return path, nil
}

// band is how many frames a path may be from the straight line between both
// beginnings and both ends, 2 seconds (Sakoe and Chiba, "Dynamic programming
// algorithm optimization for spoken word recognition", 1978): far more than a
// sentence drifts. It keeps the time in proportion to the length.
const band = 200

// Warp returns the path from the first frames of both sounds to the last, each
// step one frame further in either or both, along which the sum of the distances
// of their mel-cepstra is least: dynamic time warping. It stays within 2 seconds of
// the straight line. Errors are those of sounds that cannot be compared.
func Warp(reference, made audio.Sound) (Path, error) {
	a, b, err := pair(reference, made)
	if err != nil {
		return nil, fmt.Errorf("warp: %w", err)
	}
	return warp(a, b, band), nil
}

// Moves are how a path came to a step.
const (
	both uint8 = iota // a frame further in both
	inReference
	inMade
)

// warp finds the path between two sequences of cepstra (N,order) and (M,order) with
// at least a frame each.
func warp(a, b []float64, band int) Path {
	n, m := len(a)/order, len(b)/order
	// Wide enough for the steps of a steep line to meet.
	half := band + (max(n, m)+min(n, m)-1)/min(n, m)
	width := 2*half + 1
	start := func(i int) int { return i*(m-1)/max(n-1, 1) - half } // of the band of frame i
	moves := make([]uint8, n*width)
	last, next := make([]float64, width), make([]float64, width) // least sums of a frame of the reference, over its band
	for i := range n {
		from, before := start(i), start(i-1)
		for k := range next {
			next[k] = math.Inf(1)
			j := from + k
			if j < 0 || j >= m {
				continue
			}
			sum, move := math.Inf(1), both
			if i == 0 && j == 0 {
				sum = 0
			}
			if at := j - 1 - before; i > 0 && j > 0 && at >= 0 && at < width {
				sum = last[at]
			}
			if at := j - before; i > 0 && at >= 0 && at < width && last[at] < sum {
				sum, move = last[at], inReference
			}
			if k > 0 && next[k-1] < sum {
				sum, move = next[k-1], inMade
			}
			next[k] = sum + apart(a[i*order:], b[j*order:])
			moves[i*width+k] = move
		}
		last, next = next, last
	}
	return trace(n, m, func(i, j int) uint8 { return moves[i*width+j-start(i)] })
}

// trace follows moves from the last step back to the first.
func trace(n, m int, move func(i, j int) uint8) Path {
	var path Path
	for i, j := n-1, m-1; ; {
		path = append(path, Step{i, j})
		if i == 0 && j == 0 {
			break
		}
		switch move(i, j) {
		case both:
			i, j = i-1, j-1
		case inReference:
			i--
		default:
			j--
		}
	}
	slices.Reverse(path)
	return path
}
