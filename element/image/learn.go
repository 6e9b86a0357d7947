package image

import (
	"cmp"
	"fmt"
	stdimage "image"
	"image/color"
	"math/rand/v2"
	"slices"
)

// MaxColours is the most entries of a palette, the transparent one counted.
const MaxColours = 256

// LearnPalette finds at most n colours, 2 to 256, that draw the pictures well: k-means in Oklab over the colours of their
// opaque pixels (alpha 128 and more), each weighted by how often it occurs, from centres chosen by k-means++ (Arthur and
// Vassilvitskii, 2007). Entry 0 is transparent and the others go from dark to light. Pictures of no more than n-1 colours
// get just those. The same pictures, n and seed give the same palette.
func LearnPalette(pictures []*stdimage.NRGBA, n int, seed uint64) (Palette, error) {
	if n < 2 || n > MaxColours {
		return nil, fmt.Errorf("a palette of %d colours, want 2 to %d", n, MaxColours)
	}
	samples := histogram(pictures)
	if len(samples) == 0 {
		return nil, fmt.Errorf("no opaque pixel in %d pictures, want some to learn a palette from", len(pictures))
	}
	var colours []color.NRGBA
	if len(samples) <= n-1 {
		for _, s := range samples {
			colours = append(colours, s.colour)
		}
	} else {
		rng := rand.New(rand.NewPCG(seed, 0x70616c65747465))
		colours = cluster(samples, plusPlus(samples, n-1, rng))
	}
	slices.SortFunc(colours, func(a, b color.NRGBA) int {
		return cmp.Or(cmp.Compare(toLab(a).l, toLab(b).l), cmp.Compare(key(a), key(b)))
	})
	return append(Palette{{}}, slices.Compact(colours)...), nil
}

// sample is a colour of the pictures and its number of pixels.
type sample struct {
	colour color.NRGBA
	lab    lab
	weight float64
}

func key(c color.NRGBA) uint32 { return uint32(c.R)<<16 | uint32(c.G)<<8 | uint32(c.B) }

// histogram counts the opaque colours, in order of their value. Where there are very many, as in photographs, the last
// two bits of each channel are not told apart: that bounds the time of learning.
func histogram(pictures []*stdimage.NRGBA) []sample {
	count := map[uint32]float64{}
	for _, img := range pictures {
		b := img.Bounds()
		for y := b.Min.Y; y < b.Max.Y; y++ {
			row := img.Pix[img.PixOffset(b.Min.X, y):][:4*b.Dx()]
			for x := 0; x < len(row); x += 4 {
				if row[x+3] >= opaque {
					count[uint32(row[x])<<16|uint32(row[x+1])<<8|uint32(row[x+2])]++
				}
			}
		}
	}
	if len(count) > maxSamples {
		count = coarse(count)
	}
	samples := make([]sample, 0, len(count))
	for c, n := range count {
		colour := color.NRGBA{uint8(c >> 16), uint8(c >> 8), uint8(c), 255}
		samples = append(samples, sample{colour, toLab(colour), n})
	}
	slices.SortFunc(samples, func(a, b sample) int { return cmp.Compare(key(a.colour), key(b.colour)) })
	return samples
}

// maxSamples is the most colours that are told apart in full.
const maxSamples = 1 << 18

// coarse joins the colours that share the first six bits of each channel; the most frequent stands for them.
func coarse(count map[uint32]float64) map[uint32]float64 {
	const cell = 0xfcfcfc
	sum, most := map[uint32]float64{}, map[uint32]uint32{}
	for c, n := range count {
		sum[c&cell] += n
		if m, ok := most[c&cell]; !ok || n > count[m] || n == count[m] && c < m {
			most[c&cell] = c
		}
	}
	out := make(map[uint32]float64, len(sum))
	for k, c := range most {
		out[c] = sum[k]
	}
	return out
}

// plusPlus chooses k first centres, each with a probability in proportion to its weight times its squared distance from
// those chosen before. There must be more than k samples.
func plusPlus(samples []sample, k int, rng *rand.Rand) []lab {
	centres := make([]lab, 0, k)
	far := make([]float64, len(samples)) // weighted squared distance from the nearest centre
	for i, s := range samples {
		far[i] = s.weight
	}
	for len(centres) < k {
		at := pick(far, rng)
		c := samples[at].lab
		for i, s := range samples {
			if d := s.weight * s.lab.distance(c); len(centres) == 0 || d < far[i] {
				far[i] = d
			}
		}
		centres = append(centres, c)
	}
	return centres
}

// pick returns an index with a probability in proportion to its weight. Some weight must be above 0.
func pick(weights []float64, rng *rand.Rand) int {
	var sum float64
	for _, w := range weights {
		sum += w
	}
	u, at := rng.Float64()*sum, 0
	for i, w := range weights {
		if w > 0 {
			at = i
			if u -= w; u < 0 {
				break
			}
		}
	}
	return at
}

// cluster moves the centres by Lloyd's algorithm until the mean squared distance falls by less than a ten-thousandth,
// and returns a colour for each.
func cluster(samples []sample, centres []lab) []color.NRGBA {
	const passes = 60
	home := make([]int, len(samples))
	last := 0.0
	for pass := range passes {
		near := sortedFinder(centres)
		var cost, worst float64
		var stray lab // the sample that costs most, for a centre that lost all of its own
		sums := make([]lab, len(centres))
		weights := make([]float64, len(centres))
		for i, s := range samples {
			k, d := near.nearest(s.lab)
			home[i] = k
			weights[k] += s.weight
			sums[k].l += s.weight * s.lab.l
			sums[k].a += s.weight * s.lab.a
			sums[k].b += s.weight * s.lab.b
			d *= s.weight
			cost += d
			if d > worst {
				worst, stray = d, s.lab
			}
		}
		if pass > 0 && cost > last*(1-1e-4) {
			break
		}
		last = cost
		for k, w := range weights {
			if w == 0 {
				centres[k] = stray
			} else {
				centres[k] = lab{sums[k].l / w, sums[k].a / w, sums[k].b / w}
			}
		}
	}
	return representatives(samples, home, centres)
}

// representatives gives each cluster its colour: the centre, but where more than half of the pixels have one colour,
// that colour. It is then the point of the least mean distance, and the black of outlines stays black.
func representatives(samples []sample, home []int, centres []lab) []color.NRGBA {
	weights := make([]float64, len(centres))
	most := make([]sample, len(centres))
	for i, s := range samples {
		k := home[i]
		weights[k] += s.weight
		if s.weight > most[k].weight {
			most[k] = s
		}
	}
	out := make([]color.NRGBA, len(centres))
	for k, c := range centres {
		out[k] = c.nrgba()
		if most[k].weight > weights[k]/2 {
			out[k] = most[k].colour
		}
	}
	return out
}
