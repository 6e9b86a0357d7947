package picture

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/stride-ml/stride/tensor"
	"github.com/stride-ml/stride/tensor/kernel"
	"gonum.org/v1/gonum/stat"
)

// PatchOptions are the options of [SlicedWasserstein]. A field that is 0 has its
// default.
type PatchOptions struct {
	Patch      int    // pixels along each side of a patch; 7
	Levels     int    // of resolution, each half the one before; 2
	PerPicture int    // patches drawn from each picture at each level; 32
	Directions int    // that patches are projected on; 512
	Seed       uint64 // of patches and directions
}

// withDefaults returns the options with the defaults filled in.
func (o PatchOptions) withDefaults() PatchOptions {
	for _, f := range []struct {
		field *int
		value int
	}{{&o.Patch, 7}, {&o.Levels, 2}, {&o.PerPicture, 32}, {&o.Directions, 512}} {
		if *f.field == 0 {
			*f.field = f.value
		}
	}
	return o
}

// check returns an error if the options do not make sense for a picture's size.
func (o PatchOptions) check(width, height int) error {
	const most = 1 << 20
	low, high := min(o.Patch, o.Levels, o.PerPicture, o.Directions), max(o.PerPicture, o.Directions)
	if low < 1 || high > most {
		return fmt.Errorf("patch %d, levels %d, patches a picture %d, directions %d: expected positive numbers of at most %d",
			o.Patch, o.Levels, o.PerPicture, o.Directions, most)
	}
	for level := 1; ; level++ {
		if o.Patch > min(width, height) {
			return fmt.Errorf("patches of %dx%d pixels do not fit the %dx%d pixels of level %d of %d",
				o.Patch, o.Patch, width, height, level, o.Levels)
		}
		if level == o.Levels {
			return nil
		}
		width, height = width/2, height/2
	}
}

// PatchDistance is a sliced Wasserstein distance, in standard deviations of the
// reference's pixels at each level.
type PatchDistance struct {
	Mean   float64   // of the levels
	Levels []float64 // full resolution first
}

// SlicedWasserstein returns the sliced Wasserstein distance between the patches of
// two sets: how far the one distribution has to be moved to become the other,
// seen along random lines and averaged. The idea is that of Karras et al.,
// "Progressive growing of GANs for improved quality, stability, and variation",
// arXiv 1710.10196, section 5; the figures are not those of that paper, because
//
//   - patches have four channels, premultiplied RGBA, and not three;
//   - a level holds the detail of its resolution: the picture less its means over
//     3x3 pixels. The next one is made of the means of 2x2 pixels, and the last one
//     keeps all that is coarser. This is simpler than the Laplacian pyramid there, for
//     the same reason: on whole pictures the distance would hardly see blur, because
//     nearly all of their variance is coarse;
//   - channels are scaled by the standard deviation of the reference's pixels at that
//     level, for both sets; there each set is scaled by its own, which hides that it
//     is too faint or too noisy, and shifted by its own mean, which hides that it is
//     too dark. A channel that is constant in the reference is not scaled;
//   - pictures are small, so 32 patches are taken from each at a level and not 128,
//     at random places that may repeat. They are the same for picture i of both
//     sets, so that a set has no distance from itself;
//   - sets may differ in size: the distance along a line is the exact one between
//     the two samples, without resampling;
//   - the figure is not multiplied by 1,000.
//
// It falls as sets get larger, because samples are farther apart than what they
// were drawn from: compare figures of one size, and with [RealFloor].
//
// It is an error if a set is empty or malformed, sizes in pixels differ, or
// patches do not fit the coarsest level. The time is mostly that of sorting
// Directions · Levels · pictures · PerPicture values of each set.
func SlicedWasserstein(set, reference Set, o PatchOptions) (PatchDistance, error) {
	o = o.withDefaults()
	err := checkPair(set, reference, "reference")
	if err == nil {
		err = o.check(set.Width, set.Height)
	}
	if err != nil {
		return PatchDistance{}, fmt.Errorf("sliced wasserstein: %w", err)
	}
	pool := tensor.NewPool(0)
	defer pool.Close()
	d := PatchDistance{Levels: make([]float64, o.Levels)}
	for i := range d.Levels {
		if i > 0 {
			set, reference = set.halved(), reference.halved()
		}
		a, b := set, reference
		if i < o.Levels-1 {
			a, b = set.details(), reference.details()
		}
		d.Levels[i] = o.level(a, b, uint64(i), pool)
	}
	d.Mean = stat.Mean(d.Levels, nil)
	return d, nil
}

// directionBlock is how many directions are worked on at a time: enough to pay for
// cutting the patches anew for each block, few enough to hold all projections.
const directionBlock = 32

// level returns the distance at one level of resolution.
func (o PatchOptions) level(set, reference Set, level uint64, pool *tensor.Pool) float64 {
	places := o.places(set, max(len(set.Pictures), len(reference.Pictures)), rand.New(rand.NewPCG(o.Seed, 2*level)))
	directions := o.directions(reference.scales(), rand.New(rand.NewPCG(o.Seed, 2*level+1)))
	dim := o.Patch * o.Patch * channels
	distances := make([]float64, o.Directions)
	pool.Each((o.Directions+directionBlock-1)/directionBlock, func(part int) {
		from := part * directionBlock
		to := min(from+directionBlock, o.Directions)
		block := directions[from*dim : to*dim]
		a, b := o.project(set, places, block), o.project(reference, places, block)
		n, m := len(a)/(to-from), len(b)/(to-from)
		spare := make([]float32, max(n, m))
		for i := range to - from {
			u, v := a[i*n:(i+1)*n], b[i*m:(i+1)*m]
			radixSort(u, spare)
			radixSort(v, spare)
			distances[from+i] = wasserstein(u, v)
		}
	})
	return stat.Mean(distances, nil)
}

// places draws where patches of n pictures start: indices of values, PerPicture
// for each picture.
func (o PatchOptions) places(s Set, n int, source *rand.Rand) []int {
	places := make([]int, n*o.PerPicture)
	for i := range places {
		y := source.IntN(s.Height - o.Patch + 1)
		x := source.IntN(s.Width - o.Patch + 1)
		places[i] = (y*s.Width + x) * channels
	}
	return places
}

// scales returns one over the standard deviation of each channel's values.
func (s Set) scales() [channels]float64 {
	var sum, squares [channels]float64
	for _, p := range s.Pictures {
		for i, v := range p {
			sum[i%channels] += float64(v)
			squares[i%channels] += float64(v) * float64(v)
		}
	}
	n := float64(len(s.Pictures) * s.Width * s.Height)
	var scales [channels]float64
	for c := range scales {
		mean := sum[c] / n
		// Below a thousandth of a level of 8 bits it is rounding.
		if deviation := math.Sqrt(max(squares[c]/n-mean*mean, 0)); deviation > 1e-5 {
			scales[c] = 1 / deviation
		} else {
			scales[c] = 1
		}
	}
	return scales
}

// directions draws unit vectors, (Directions, Patch·Patch·4), and multiplies them
// by the channels' scales, which does the same as scaling the patches. The mean
// need not be taken off the patches: it would move both projections alike.
func (o PatchOptions) directions(scales [channels]float64, source *rand.Rand) []float32 {
	dim := o.Patch * o.Patch * channels
	out := make([]float32, 0, o.Directions*dim)
	unit := make([]float64, dim)
	for range o.Directions {
		var squares float64
		for i := range unit {
			unit[i] = source.NormFloat64()
			squares += unit[i] * unit[i]
		}
		length := math.Sqrt(squares)
		for i, v := range unit {
			out = append(out, float32(v/length*scales[i%channels]))
		}
	}
	return out
}

// project cuts the patches of a set and returns their projections on directions
// (D, Patch·Patch·4), as (D, pictures·PerPicture).
func (o PatchOptions) project(s Set, places []int, directions []float32) []float32 {
	const chunk = 512 // patches at a time
	dim := o.Patch * o.Patch * channels
	rows, n := len(directions)/dim, len(s.Pictures)*o.PerPicture
	line, side := s.Width*channels, o.Patch*channels
	out := make([]float32, rows*n)
	patches := make([]float32, chunk*dim) // (chunk, dim)
	packed := make([]float32, kernel.PackedSize(dim, chunk))
	for from := 0; from < n; from += chunk {
		size := min(chunk, n-from)
		for i := range size {
			picture, to := s.Pictures[(from+i)/o.PerPicture], patches[i*dim:(i+1)*dim]
			for y := range o.Patch {
				at := places[from+i] + y*line
				copy(to[y*side:(y+1)*side], picture[at:at+side])
			}
		}
		kernel.PackB(packed, patches, dim, size, 1, dim)
		kernel.Gemm(out[from:], n, directions, dim, 1, packed, rows, size, dim, false)
	}
	return out
}

// wasserstein returns the 1-Wasserstein distance between two samples, sorted and
// not empty: the integral of the difference of their quantile functions. Counted in
// units of 1/(n·m), each of the n values of a has mass m, each of b mass n.
func wasserstein(a, b []float32) float64 {
	n, m := int64(len(a)), int64(len(b))
	var sum float64
	i, j, leftA, leftB := 0, 0, m, n
	for i < len(a) && j < len(b) {
		mass := min(leftA, leftB)
		sum += float64(mass) * math.Abs(float64(a[i])-float64(b[j]))
		if leftA -= mass; leftA == 0 {
			i, leftA = i+1, m
		}
		if leftB -= mass; leftB == 0 {
			j, leftB = j+1, n
		}
	}
	return sum / (float64(n) * float64(m))
}
