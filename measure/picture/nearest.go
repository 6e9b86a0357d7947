package picture

import (
	"errors"
	"fmt"
	"math"

	"github.com/stride-ml/stride/tensor"
	"github.com/stride-ml/stride/tensor/kernel"
)

// Match is the picture that is nearest to another one.
type Match struct {
	Index    int     // in the training set
	Distance float64 // root mean square of the difference of values, 0 to 2
	Mirrored bool    // the nearest one was flipped left to right
}

// Nearest returns for each picture of the set the nearest one of the training set,
// as it is or flipped left to right. Distances are exact; of equally near pictures
// the first is taken, and that as it is before that flipped.
//
// Empty margins are alike everywhere, so small things lie closer together than
// large ones: the distances of real pictures that training did not see are the
// figures to compare with.
//
// It is an error if a set is empty or malformed, or sizes in pixels differ. The
// product of all pictures with all is what takes time, 4 floating-point operations
// for each value, picture and training picture.
func Nearest(set, training Set) ([]Match, error) {
	if err := checkPair(set, training, "training set"); err != nil {
		return nil, fmt.Errorf("nearest: %w", err)
	}
	pool := tensor.NewPool(0)
	defer pool.Close()
	s := newSearch(set, training)
	for from := 0; from < len(training.Pictures); from += s.chunk {
		s.pack(from, pool)
		pool.Each((len(set.Pictures)+searchRows-1)/searchRows, s.scan)
	}
	for i := range s.found {
		// The sum over values became a mean over values, and its root.
		s.found[i].Distance = math.Sqrt(s.found[i].Distance / float64(set.values()))
	}
	return s.found, nil
}

const (
	// searchRows is how many pictures of the set, each as it is and flipped, share a
	// product.
	searchRows = 32
	// panel is the number of columns that kernel.PackB lays side by side.
	panel = 16
)

// search looks for the nearest pictures. |a-b|² = |a|² + |b|² - 2ab needs one
// matrix product, but loses digits where a and b are close, in just the cases of
// interest. So it only chooses candidates: the distance of whatever could be
// nearer than the best so far is computed again, exactly. That is seldom:
// about ln(n) times in n pictures.
type search struct {
	flips    [2]Set // the set, and the set flipped
	squares  []float64
	training Set
	found    []Match // Distance is the sum of squares

	chunk, from int       // training pictures packed at a time, and the first of them
	packed      []float32 // (values, chunk) as kernel.Gemm wants it
	norms       []float64 // of the chunk
}

func newSearch(set, training Set) *search {
	s := &search{
		flips:    [2]Set{set, set.mirrored()},
		squares:  make([]float64, len(set.Pictures)),
		training: training,
		found:    make([]Match, len(set.Pictures)),
		chunk:    min(64*panel, (len(training.Pictures)+panel-1)/panel*panel),
	}
	for i, p := range set.Pictures {
		s.squares[i] = sumSquares(p)
		s.found[i].Distance = math.Inf(1)
	}
	s.packed = make([]float32, kernel.PackedSize(set.values(), s.chunk))
	s.norms = make([]float64, s.chunk)
	return s
}

// pack prepares the chunk of training pictures that begins at from.
func (s *search) pack(from int, pool *tensor.Pool) {
	s.from = from
	values, n := s.training.values(), min(s.chunk, len(s.training.Pictures)-from)
	pool.Each((n+panel-1)/panel, func(part int) {
		first := part * panel
		size := min(panel, n-first)
		columns := make([]float32, size*values)
		for i, p := range s.training.Pictures[from+first : from+first+size] {
			copy(columns[i*values:], p)
			s.norms[first+i] = sumSquares(p)
		}
		kernel.PackB(s.packed[first*values:], columns, values, size, 1, values)
	})
}

// scan compares one block of the set's pictures with the packed chunk.
func (s *search) scan(part int) {
	values, n := s.training.values(), min(s.chunk, len(s.training.Pictures)-s.from)
	first := part * searchRows
	size := min(searchRows, len(s.found)-first)
	rows := make([]float32, 2*size*values) // (size,2,values): as it is, flipped
	for i := range size {
		for flip, set := range s.flips {
			copy(rows[(2*i+flip)*values:], set.Pictures[first+i])
		}
	}
	products := make([]float32, 2*size*n)
	kernel.Gemm(products, n, rows, values, 1, s.packed, 2*size, n, values, false)
	for i := range size {
		for j := range n {
			for flip := range s.flips {
				s.consider(first+i, j, flip, products[(2*i+flip)*n+j])
			}
		}
	}
}

// consider compares picture i, flipped or not, with training picture j of the chunk, whose
// product in float32 is given.
func (s *search) consider(i, j, flip int, product float32) {
	best := &s.found[i]
	a, b := s.squares[i], s.norms[j]
	// A chain of n products and sums errs by at most n units of rounding, 2⁻²⁴ each,
	// of Σ|ab|, which is at most |a||b|.
	slack := 2 * float64(s.training.values()) * 0x1p-24 * math.Sqrt(a*b)
	if a+b-2*float64(product)-slack >= best.Distance {
		return
	}
	d := squaredDistance(s.flips[flip].Pictures[i], s.training.Pictures[s.from+j], best.Distance)
	if d < best.Distance {
		*best = Match{Index: s.from + j, Distance: d, Mirrored: flip == 1}
	}
}

func sumSquares(p []float32) float64 {
	var sum float64
	for _, v := range p {
		sum += float64(v) * float64(v)
	}
	return sum
}

// squaredDistance returns the sum of squares of a-b, or some number of at least limit
// if it is not less than limit.
func squaredDistance(a, b []float32, limit float64) float64 {
	const stretch = 256
	var sum float64
	for from := 0; from < len(a) && sum < limit; from += stretch {
		to := min(from+stretch, len(a))
		u, v := a[from:to], b[from:to]
		for i := range u {
			d := float64(u[i]) - float64(v[i])
			sum += d * d
		}
	}
	return sum
}

// CopyThreshold is the distance below which two pictures of 32x32 pixels look the
// same or nearly: one recoloured a little, or a few pixels changed. It is 6 levels
// of 255 in every value. It is not proof of copying: of the real test pictures of
// the tiles, 1.5 % (6 of 399) lie closer than this to one of the 6,687 that train,
// because artists reuse shapes, and that is the share to compare with.
const CopyThreshold = 0.05

// NearCopies returns the share of matches with a distance below the threshold, NaN
// without matches. [CopyThreshold] is the usual one.
func NearCopies(matches []Match, threshold float64) float64 {
	var n int
	for _, m := range matches {
		if m.Distance < threshold {
			n++
		}
	}
	return float64(n) / float64(len(matches))
}

// Diversity returns the mean distance between two pictures of a set, as root mean
// square of the difference of values, over all pairs: for pictures made from one
// prompt with different seeds it is 0 if they are all the same. What to compare
// it with is the diversity of real pictures of one caption.
//
// It is an error if the set is malformed or has fewer than 2 pictures. The time
// grows with the square of their number.
func Diversity(set Set) (float64, error) {
	if err := set.check("set"); err != nil {
		return 0, fmt.Errorf("diversity: %w", err)
	}
	n := len(set.Pictures)
	if n < 2 {
		return 0, errors.New("diversity: 1 picture, expected at least 2")
	}
	var sum float64
	for i, p := range set.Pictures {
		for _, q := range set.Pictures[:i] {
			sum += math.Sqrt(squaredDistance(p, q, math.Inf(1)) / float64(len(p)))
		}
	}
	return sum / float64(n*(n-1)/2), nil
}
