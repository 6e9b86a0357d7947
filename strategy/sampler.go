package strategy

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/stride-ml/stride/tensor/kernel"
)

// Sampler draws tokens. It keeps its scratch memory, so that drawing allocates
// nothing once it has seen the largest vocabulary. It is for one goroutine.
type Sampler struct {
	sampling Sampling
	source   *rand.Rand
	bias     []bias
	history  history
	logits   []float32 // (V): with bias and penalties, tokens that may not be drawn at -Inf
	weights  []float32 // (V): exp(logit - largest)
	scores   []float32 // (V): what typical sampling puts tokens in order by
	key      []float32 // (V): what the heap is ordered by, logits or scores
	heap     []int     // candidates, the one of the largest key first to leave
	kept     []int     // what the filters left; in falling order of likelihood where they need one
	shares   []float32 // what each of kept is drawn by
	ranked   []uint64  // tokens that are sorted, behind their ranks
	other    []uint64  // scratch of that
	masses   [digits]float64
	counts   [digits]int32
}

// NewSampler returns a sampler that takes its random numbers from source: one
// for each token, or none at temperature 0.
func NewSampler(s Sampling, source *rand.Rand) (*Sampler, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	return &Sampler{sampling: s, source: source, bias: s.sortedBias(), history: history{last: s.window()}}, nil
}

// limits says which tokens may be drawn: all but the banned ones, of those in
// allowed if it is not nil, and of those whose bit is set in mask if that is not.
type limits struct {
	banned, allowed []int
	mask            []uint64
}

// Sample draws a token from logits (V), of which the banned ones are left out,
// and all but the allowed ones if allowed is not nil. It returns the token and
// its probability among those at temperature 1, before the filters: where there
// are neither biases nor penalties, what the network gave it. A logit of -Inf
// means never; NaN and +Inf are errors, and so is leaving no token at all.
func (s *Sampler) Sample(logits []float32, banned, allowed []int) (token int, p float32, err error) {
	return s.sample(logits, limits{banned: banned, allowed: allowed})
}

func (s *Sampler) sample(logits []float32, l limits) (token int, p float32, err error) {
	best, err := s.load(logits, l)
	if err != nil {
		return 0, 0, err
	}
	top := s.logits[best]
	sum := float64(kernel.ExpSum(s.weights, s.logits, top))
	token = best
	if s.sampling.Temperature > 0 {
		s.filter(sum)
		token = s.draw(top)
	}
	return token, float32(math.Exp(float64(s.logits[token])-float64(top)) / sum), nil
}

// load copies the logits into scratch, adds biases and penalties, sets what may
// not be drawn to -Inf and returns the likeliest token, the lowest of equals.
func (s *Sampler) load(logits []float32, l limits) (best int, err error) {
	if n := len(logits); cap(s.logits) < n {
		s.logits, s.weights = make([]float32, n), make([]float32, n)
		s.heap, s.kept, s.shares = make([]int, 0, n), make([]int, 0, n), make([]float32, 0, n)
	}
	s.logits, s.weights = s.logits[:len(logits)], s.weights[:len(logits)]
	if top := kernel.Max(logits); !(top <= math.MaxFloat32) { // NaN or +Inf is somewhere
		i := slices.IndexFunc(logits, func(x float32) bool { return !(x <= math.MaxFloat32) })
		return 0, fmt.Errorf("logit of token %d of %d is %v", i, len(logits), logits[i])
	}
	copy(s.logits, logits)
	if err := s.addBias(); err != nil {
		return 0, err
	}
	s.penalise()
	if err := s.limit(l); err != nil {
		return 0, err
	}
	top := kernel.Max(s.logits)
	if !(top > negativeInfinity) {
		return 0, fmt.Errorf("%w: of %d, %d are banned and the others are not allowed or have a logit of -Inf", errNoToken, len(logits), len(l.banned))
	}
	if top > math.MaxFloat32 {
		return 0, fmt.Errorf("with its bias and penalties the logit of token %d is %v", slices.Index(s.logits, top), top)
	}
	return slices.Index(s.logits, top), nil
}

var errNoToken = errors.New("no token is possible")

var negativeInfinity = float32(math.Inf(-1))

// limit sets what may not be drawn to -Inf.
func (s *Sampler) limit(l limits) error {
	n := len(s.logits)
	if l.allowed != nil {
		kept := s.weights // not needed yet
		for i := range kept {
			kept[i] = negativeInfinity
		}
		for _, t := range l.allowed {
			if t < 0 || t >= n {
				return fmt.Errorf("allowed token is %d, want 0 to %d", t, n-1)
			}
			kept[t] = s.logits[t]
		}
		s.logits, s.weights = s.weights, s.logits
	}
	if l.mask != nil {
		if want := maskWords(n); len(l.mask) != want {
			return fmt.Errorf("mask has %d words, want %d for %d tokens", len(l.mask), want, n)
		}
		for w, bits := range l.mask {
			part := s.logits[64*w : min(64*w+64, n)]
			if bits == math.MaxUint64 {
				continue
			}
			for i := range part {
				if bits>>i&1 == 0 {
					part[i] = negativeInfinity
				}
			}
		}
	}
	for _, t := range l.banned {
		if t < 0 || t >= n {
			return fmt.Errorf("banned token is %d, want 0 to %d", t, n-1)
		}
		s.logits[t] = negativeInfinity
	}
	return nil
}

// draw takes one of kept with probability proportional to
// exp((logit - top) / temperature).
func (s *Sampler) draw(top float32) int {
	s.shares = s.shares[:0]
	if s.sampling.Temperature == 1 {
		for _, i := range s.kept {
			s.shares = append(s.shares, s.weights[i])
		}
	} else {
		scale := 1 / s.sampling.Temperature
		for _, i := range s.kept {
			s.shares = append(s.shares, (s.logits[i]-top)*scale)
		}
		kernel.ExpSum(s.shares, s.shares, 0)
	}
	var sum float64
	for _, w := range s.shares {
		sum += float64(w)
	}
	left := s.source.Float64() * sum
	last := s.kept[0]
	for n, w := range s.shares {
		if w == 0 {
			continue
		}
		last = s.kept[n]
		if left -= float64(w); left < 0 {
			break
		}
	}
	return last
}
