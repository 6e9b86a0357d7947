package picture

import (
	"errors"
	"fmt"
	"math/rand/v2"
)

// channels of a pixel: red, green, blue, alpha.
const channels = 4

// Set is a set of pictures of one size. A picture is (Height·Width,4): rows from
// the top, the channel last, red, green and blue multiplied by alpha, each value
// mapped from [0,1] to [-1,1], so that a transparent pixel is four times -1. This
// is what package element/image calls Values.
//
// What a network gives may lie outside [-1,1]; it has to be clamped first, as it
// is when it is shown.
type Set struct {
	Width, Height int
	Pictures      [][]float32
}

// values is the number of values of a picture.
func (s Set) values() int { return s.Width * s.Height * channels }

// slack is what rounding may add beyond [-1,1].
const slack = 1e-3

// check returns an error that names the first thing wrong with the set; what
// says which set it is.
func (s Set) check(what string) error {
	if s.Width < 1 || s.Height < 1 {
		return fmt.Errorf("%s: pictures of %dx%d pixels, expected at least 1x1", what, s.Width, s.Height)
	}
	if len(s.Pictures) == 0 {
		return fmt.Errorf("%s: no pictures", what)
	}
	for i, p := range s.Pictures {
		if len(p) != s.values() {
			return fmt.Errorf("%s: picture %d has %d values, expected %d for %dx%d RGBA",
				what, i, len(p), s.values(), s.Width, s.Height)
		}
		for j, v := range p {
			if !(v >= -1-slack && v <= 1+slack) { // NaN is neither
				return fmt.Errorf("%s: picture %d: value %d is %v, expected one in [-1,1]", what, i, j, v)
			}
		}
	}
	return nil
}

// checkPair checks two sets that are compared.
func checkPair(set, other Set, otherName string) error {
	if err := set.check("set"); err != nil {
		return err
	}
	if err := other.check(otherName); err != nil {
		return err
	}
	if set.Width != other.Width || set.Height != other.Height {
		return fmt.Errorf("set of %dx%d pixels, %s of %dx%d", set.Width, set.Height, otherName, other.Width, other.Height)
	}
	return nil
}

// mirrored returns the set with every picture flipped left to right.
func (s Set) mirrored() Set {
	out := Set{s.Width, s.Height, make([][]float32, len(s.Pictures))}
	for i, p := range s.Pictures {
		q := make([]float32, len(p))
		for at := 0; at < len(p); at += channels {
			row, x := at/(s.Width*channels), at/channels%s.Width
			to := (row*s.Width + s.Width - 1 - x) * channels
			copy(q[to:to+channels], p[at:at+channels])
		}
		out.Pictures[i] = q
	}
	return out
}

// halved returns the set at half the resolution: the mean of every 2x2 pixels,
// which for premultiplied colours is the right one. An odd last row or column is
// left out.
func (s Set) halved() Set {
	out := Set{s.Width / 2, s.Height / 2, make([][]float32, len(s.Pictures))}
	line := s.Width * channels
	for i, p := range s.Pictures {
		q := make([]float32, 0, out.values())
		for y := range out.Height {
			for x := range out.Width {
				at := 2*y*line + 2*x*channels
				for c := at; c < at+channels; c++ {
					q = append(q, (p[c]+p[c+channels]+p[c+line]+p[c+line+channels])/4)
				}
			}
		}
		out.Pictures[i] = q
	}
	return out
}

// details returns what is left of the pictures when their smooth part is taken
// off: means over 3x3 pixels with weights 1, 2, 1 in each direction, the border
// repeated outwards.
func (s Set) details() Set {
	out := Set{s.Width, s.Height, make([][]float32, len(s.Pictures))}
	line := s.Width * channels
	across := make([]float32, s.values())
	for i, p := range s.Pictures {
		for y := range s.Height {
			for at := y * line; at < y*line+channels; at++ {
				smooth(across[at:], p[at:], s.Width, channels)
			}
		}
		q := make([]float32, len(p))
		for x := range line {
			smooth(q[x:], across[x:], s.Height, line)
		}
		for j, v := range p {
			q[j] = v - q[j]
		}
		out.Pictures[i] = q
	}
	return out
}

// smooth writes the means of n values of src, which lie step apart, to dst.
func smooth(dst, src []float32, n, step int) {
	for i := range n {
		before, after := src[max(i-1, 0)*step], src[min(i+1, n-1)*step]
		dst[i*step] = (before + 2*src[i*step] + after) / 4
	}
}

// RealFloor measures real against real: it splits real (pictures, or their
// features) at random into two parts that share nothing, with size objects each,
// or half of all if size is 0, and returns what the metric says of them, once for
// each round. With the size of the generated set the floor has the bias that the
// comparison has, too.
//
// It is an error if there are fewer than 2·size objects, fewer than 2 objects or
// fewer than 1 round, and if metric fails. The same seed gives the same splits.
func RealFloor[T any](real []T, size, rounds int, seed uint64,
	metric func(a, b []T) (float64, error)) ([]float64, error) {
	if size == 0 {
		size = len(real) / 2
	}
	switch {
	case len(real) < 2:
		return nil, fmt.Errorf("real floor: %d objects, expected at least 2", len(real))
	case size < 0 || size > len(real)/2:
		return nil, fmt.Errorf("real floor: two parts of %d objects, but there are %d in all", size, len(real))
	case rounds < 1:
		return nil, errors.New("real floor: no rounds")
	}
	source := rand.New(rand.NewPCG(seed, 0))
	floor := make([]float64, rounds)
	for i := range floor {
		parts := make([]T, 2*size)
		for to, from := range source.Perm(len(real))[:2*size] {
			parts[to] = real[from]
		}
		d, err := metric(parts[:size:size], parts[size:])
		if err != nil {
			return nil, fmt.Errorf("real floor: round %d: %w", i+1, err)
		}
		floor[i] = d
	}
	return floor, nil
}
