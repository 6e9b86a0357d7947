package strategy

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/stride-ml/stride/tensor/kernel"
)

// maxTemperature bounds temperatures: beyond it every token is as likely as
// any other to float rounding.
const maxTemperature = 1e4

// Sampling says how a token is drawn from logits. The steps and their order
// are those of llama.cpp's default chain: top-k, top-p, min-p, temperature. So
// the filters see the network's own probabilities, and the temperature only
// shares out what they left. The zero value is greedy.
type Sampling struct {
	// Temperature divides the logits; 0 always takes the likeliest token, the
	// lowest of equals, without drawing a random number.
	Temperature float32
	// TopK keeps the k likeliest tokens; 0 keeps all.
	TopK int
	// TopP keeps the fewest likeliest tokens that have at least this share of
	// what TopK left (nucleus sampling, arXiv 1904.09751); 0 and 1 keep all.
	TopP float32
	// MinP keeps tokens at least so many times as likely as the likeliest
	// (arXiv 2407.01082); 0 keeps all.
	MinP float32
}

// Validate returns an [*OptionError] that names the first key out of range.
func (s Sampling) Validate() error {
	switch {
	case !(s.Temperature >= 0 && s.Temperature <= maxTemperature):
		return badOption("temperature", s.Temperature, "0 to %g", maxTemperature)
	case s.TopK < 0:
		return badOption("top-k", s.TopK, "1 or more, or 0 for all")
	case !(s.TopP >= 0 && s.TopP <= 1):
		return badOption("top-p", s.TopP, "0 to 1")
	case !(s.MinP >= 0 && s.MinP <= 1):
		return badOption("min-p", s.MinP, "0 to 1")
	}
	return nil
}

// Sampler draws tokens. It keeps its scratch memory, so that drawing allocates
// nothing once it has seen the largest vocabulary. It is for one goroutine.
type Sampler struct {
	sampling Sampling
	source   *rand.Rand
	logits   []float32 // (V), banned tokens at -Inf
	weights  []float32 // (V): exp(logit - largest), of what is kept over the temperature
	heap     []int     // candidates, the likeliest first to leave
	kept     []int     // what the filters left, likeliest first
}

// NewSampler returns a sampler that takes its random numbers from source: one
// for each token, or none at temperature 0.
func NewSampler(s Sampling, source *rand.Rand) (*Sampler, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	return &Sampler{sampling: s, source: source}, nil
}

// Sample draws a token from logits (V), of which the banned ones are left out,
// and all but the allowed ones if allowed is not nil. It returns the token and
// the probability that the network gave it among those: at temperature 1,
// before the filters. A logit of -Inf means never; NaN and +Inf are errors, and
// so is leaving no token at all.
func (s *Sampler) Sample(logits []float32, banned, allowed []int) (token int, p float32, err error) {
	best, err := s.load(logits, banned, allowed)
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

// load copies the logits into scratch, sets what may not be drawn to -Inf and
// returns the likeliest token, the lowest of equals.
func (s *Sampler) load(logits []float32, banned, allowed []int) (best int, err error) {
	if n := len(logits); cap(s.logits) < n {
		s.logits, s.weights = make([]float32, n), make([]float32, n)
		s.heap, s.kept = make([]int, 0, n), make([]int, 0, n)
	}
	s.logits, s.weights = s.logits[:len(logits)], s.weights[:len(logits)]
	never := float32(math.Inf(-1))
	if top := kernel.Max(logits); !(top <= math.MaxFloat32) { // NaN or +Inf is somewhere
		i := slices.IndexFunc(logits, func(x float32) bool { return !(x <= math.MaxFloat32) })
		return 0, fmt.Errorf("logit of token %d of %d is %v", i, len(logits), logits[i])
	}
	copy(s.logits, logits)
	if allowed != nil {
		for i := range s.logits {
			s.logits[i] = never
		}
		for _, t := range allowed {
			if t < 0 || t >= len(logits) {
				return 0, fmt.Errorf("allowed token is %d, want 0 to %d", t, len(logits)-1)
			}
			s.logits[t] = logits[t]
		}
	}
	for _, t := range banned {
		if t < 0 || t >= len(logits) {
			return 0, fmt.Errorf("banned token is %d, want 0 to %d", t, len(logits)-1)
		}
		s.logits[t] = never
	}
	top := kernel.Max(s.logits)
	if !(top > never) {
		return 0, fmt.Errorf("no token is possible: of %d, %d are banned and the others are not allowed or have a logit of -Inf", len(logits), len(banned))
	}
	return slices.Index(s.logits, top), nil
}

// filter leaves in kept what top-k, top-p and min-p leave. Each of them keeps
// a prefix of the tokens in falling order, so only that prefix is ever put in
// order, by a heap. sum is that of all weights, of which the largest is 1.
func (s *Sampler) filter(sum float64) {
	o := s.sampling
	nucleus := o.TopP > 0 && o.TopP < 1
	limited := o.TopK > 0 && o.TopK < len(s.logits)
	floor := float64(o.MinP)
	least := floor // what becomes a candidate
	switch {
	case nucleus && limited:
		least = 0 // top-p takes its share of all that top-k left: min-p has to wait
	case nucleus:
		// Tokens below this weight have less than half of 1-p together, so the
		// others hold the nucleus whatever the rounding.
		least = max(floor, (1-float64(o.TopP))/2*sum/float64(len(s.logits)))
	}
	s.heap, s.kept = s.heap[:0], s.kept[:0]
	for i, w := range s.weights {
		if float64(w) >= least && s.logits[i] >= -math.MaxFloat32 {
			s.heap = append(s.heap, i)
		}
	}
	if !nucleus && (!limited || len(s.heap) <= o.TopK) {
		s.heap, s.kept = s.kept, s.heap
		return
	}
	for i := len(s.heap)/2 - 1; i >= 0; i-- {
		s.sink(i)
	}
	var mass float64
	for len(s.heap) > 0 {
		if limited && len(s.kept) == o.TopK || !limited && mass >= float64(o.TopP)*sum {
			break
		}
		i := s.pop()
		s.kept = append(s.kept, i)
		mass += float64(s.weights[i])
	}
	if nucleus && limited {
		s.kept = s.kept[:s.share(float64(o.TopP)*mass)]
		for len(s.kept) > 1 && float64(s.weights[s.kept[len(s.kept)-1]]) < floor {
			s.kept = s.kept[:len(s.kept)-1]
		}
	}
}

// share is how many of kept it takes for their weights to reach mass.
func (s *Sampler) share(mass float64) int {
	var sum float64
	for n, i := range s.kept {
		if sum += float64(s.weights[i]); sum >= mass {
			return n + 1
		}
	}
	return len(s.kept)
}

// draw takes one of kept with probability proportional to
// exp((logit - top) / temperature).
func (s *Sampler) draw(top float32) int {
	if s.sampling.Temperature != 1 {
		scale := 1 / s.sampling.Temperature
		for i, x := range s.logits {
			s.weights[i] = (x - top) * scale
		}
		kernel.ExpSum(s.weights, s.weights, 0)
	}
	var sum float64
	for _, i := range s.kept {
		sum += float64(s.weights[i])
	}
	left := s.source.Float64() * sum
	last := s.kept[0]
	for _, i := range s.kept {
		if s.weights[i] == 0 {
			continue
		}
		last = i
		if left -= float64(s.weights[i]); left < 0 {
			break
		}
	}
	return last
}

// before orders tokens by falling logit, and equals by rising token.
func (s *Sampler) before(a, b int) bool {
	x, y := s.logits[a], s.logits[b]
	return x > y || x == y && a < b
}

// sink restores the heap below i, whose children are heaps.
func (s *Sampler) sink(i int) {
	for {
		child := 2*i + 1
		if child >= len(s.heap) {
			return
		}
		if right := child + 1; right < len(s.heap) && s.before(s.heap[right], s.heap[child]) {
			child = right
		}
		if s.before(s.heap[i], s.heap[child]) {
			return
		}
		s.heap[i], s.heap[child] = s.heap[child], s.heap[i]
		i = child
	}
}

// pop takes the likeliest candidate from the heap.
func (s *Sampler) pop() int {
	first, last := s.heap[0], len(s.heap)-1
	s.heap[0] = s.heap[last]
	s.heap = s.heap[:last]
	s.sink(0)
	return first
}
