package strategy

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func source(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }

// slowSampling is the definition of [Sampling]: sort all, cut, share out. It
// returns the probability of every token, and the network's own.
func slowSampling(s Sampling, logits []float32, banned, allowed []int) (drawn, own []float64) {
	type candidate struct {
		token    int
		logit, p float64
	}
	var all []candidate
	top := math.Inf(-1)
	for i, x := range logits {
		if slices.Contains(banned, i) || allowed != nil && !slices.Contains(allowed, i) || math.IsInf(float64(x), -1) {
			continue
		}
		all = append(all, candidate{i, float64(x), 0})
		top = max(top, float64(x))
	}
	slices.SortStableFunc(all, func(a, b candidate) int {
		if a.logit > b.logit {
			return -1
		} else if a.logit < b.logit {
			return 1
		}
		return 0
	})
	softmax := func(temperature float64) {
		var sum float64
		for i := range all {
			all[i].p = math.Exp((all[i].logit - top) / temperature)
			sum += all[i].p
		}
		for i := range all {
			all[i].p /= sum
		}
	}
	drawn, own = make([]float64, len(logits)), make([]float64, len(logits))
	softmax(1)
	for _, c := range all {
		own[c.token] = c.p
	}
	if s.Temperature == 0 {
		drawn[all[0].token] = 1
		return drawn, own
	}
	if s.TopK > 0 {
		all = all[:min(s.TopK, len(all))]
	}
	softmax(1)
	if s.Typical > 0 && s.Typical < 1 {
		var entropy float64
		for _, c := range all {
			entropy -= c.p * math.Log(c.p)
		}
		byScore := slices.Clone(all)
		off := func(c candidate) float64 { return math.Abs(-math.Log(c.p) - entropy) }
		slices.SortStableFunc(byScore, func(a, b candidate) int { return cmp.Compare(off(a), off(b)) })
		var sum float64
		for i, c := range byScore {
			if sum += c.p; sum > float64(s.Typical) {
				all = slices.DeleteFunc(all, func(c candidate) bool { return slices.Contains(byScore[i+1:], c) })
				break
			}
		}
		softmax(1)
	}
	if s.TopP > 0 && s.TopP < 1 {
		var sum float64
		for i, c := range all {
			if sum += c.p; sum >= float64(s.TopP) {
				all = all[:i+1]
				break
			}
		}
	}
	keep := 0
	for _, c := range all {
		if c.p >= float64(s.MinP)*all[0].p {
			keep++
		}
	}
	all = all[:keep]
	softmax(float64(s.Temperature))
	for _, c := range all {
		drawn[c.token] = c.p
	}
	return drawn, own
}

// logits in exact eighths, so that ties happen but no sum of probabilities
// falls on a limit by rounding alone.
func randomLogits(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	scale := []float64{0.5, 2, 8}[r.IntN(3)]
	for i := range x {
		x[i] = float32(math.Round(r.NormFloat64()*scale*8) / 8)
		if r.IntN(20) == 0 {
			x[i] = float32(math.Inf(-1))
		}
	}
	x[r.IntN(n)] = 1
	return x
}

var samplings = []Sampling{
	{},
	{Temperature: 1},
	{Temperature: 0.7},
	{Temperature: 100},
	{Temperature: 1, TopK: 1},
	{Temperature: 1, TopK: 5},
	{Temperature: 1.5, TopK: 1000},
	{Temperature: 1, TopP: 0.001},
	{Temperature: 1, TopP: 0.31},
	{Temperature: 0.5, TopP: 0.9},
	{Temperature: 1, TopP: 1},
	{Temperature: 1, MinP: 0.05},
	{Temperature: 2, MinP: 1},
	{Temperature: 1, TopK: 7, TopP: 0.8},
	{Temperature: 1, TopK: 7, MinP: 0.2},
	{Temperature: 1, TopP: 0.9, MinP: 0.1},
	{Temperature: 0.8, TopK: 40, TopP: 0.95, MinP: 0.05},
	{Temperature: 1, Typical: 0.5},
	{Temperature: 1, TopK: 20, Typical: 0.9, TopP: 0.9, MinP: 0.1},
}

// The kept tokens, and the probability reported, are those of the definition.
func TestSamplerKeepsWhatTheDefinitionKeeps(t *testing.T) {
	r := source(3)
	for _, sampling := range samplings {
		t.Run(fmt.Sprintf("%+v", sampling), func(t *testing.T) {
			s, err := NewSampler(sampling, source(5))
			if err != nil {
				t.Fatal(err)
			}
			for range 200 {
				logits := randomLogits(r, 2+r.IntN(60))
				best := slices.Index(logits, 1)
				var banned, allowed []int
				for i := range logits {
					if i != best && r.IntN(5) == 0 {
						banned = append(banned, i)
					}
				}
				if r.IntN(3) == 0 {
					allowed = []int{best, r.IntN(len(logits)), best}
				}
				drawn, own := slowSampling(sampling, logits, banned, allowed)
				token, p, err := s.Sample(logits, banned, allowed)
				if err != nil {
					t.Fatal(err)
				}
				if drawn[token] == 0 {
					t.Fatalf("drew token %d, which the definition leaves out, of %v without %v", token, logits, banned)
				}
				if math.Abs(float64(p)-own[token]) > 1e-5*own[token] {
					t.Fatalf("probability is %v, want %v", p, own[token])
				}
				if sampling.Temperature > 0 {
					var want []int
					for i, p := range drawn {
						if p > 0 {
							want = append(want, i)
						}
					}
					if got := slices.Sorted(slices.Values(s.kept)); !slices.Equal(got, want) {
						t.Fatalf("kept %v, want %v, of %v without %v", got, want, logits, banned)
					}
				}
			}
		})
	}
}

// Pearson's statistic over many draws: with k-1 degrees of freedom it has mean
// k-1 and variance 2(k-1), and five standard deviations above is a bug.
func TestSamplerStatistics(t *testing.T) {
	logits := randomLogits(source(11), 30)
	for _, sampling := range samplings {
		s, err := NewSampler(sampling, source(17))
		if err != nil {
			t.Fatal(err)
		}
		want, _ := slowSampling(sampling, logits, []int{2}, nil)
		const draws = 20000
		counts := make([]float64, len(logits))
		for range draws {
			token, _, err := s.Sample(logits, []int{2}, nil)
			if err != nil {
				t.Fatal(err)
			}
			counts[token]++
		}
		// Cells with few expected draws are put together.
		var chi, rareCount, rareWant float64
		cells := 0
		add := func(count, want float64) {
			chi += (count - want) * (count - want) / want
			cells++
		}
		for i, p := range want {
			if p*draws < 10 {
				rareCount, rareWant = rareCount+counts[i], rareWant+p*draws
				continue
			}
			add(counts[i], p*draws)
		}
		if rareWant >= 10 {
			add(rareCount, rareWant)
		}
		free := float64(cells - 1)
		if limit := free + 5*math.Sqrt(2*free); chi > limit+1e-9 {
			t.Errorf("%+v: chi-square is %.1f with %v degrees of freedom, want at most %.1f", sampling, chi, free, limit)
		}
	}
}

func TestSamplerErrors(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, c := range []struct {
		logits          []float32
		banned, allowed []int
		want            string
	}{
		{[]float32{0, nan, 1}, nil, nil, "logit of token 1 of 3 is NaN"},
		{[]float32{0, 1, inf}, nil, []int{0}, "logit of token 2 of 3 is +Inf"},
		{[]float32{-inf, -inf}, nil, nil, "no token is possible"},
		{[]float32{0, 1}, []int{0, 1}, nil, "no token is possible"},
		{[]float32{0, 1}, nil, []int{}, "no token is possible"},
		{nil, nil, nil, "no token is possible"},
		{[]float32{0, 1}, []int{2}, nil, "banned token is 2, want 0 to 1"},
		{[]float32{0, 1}, nil, []int{-1}, "allowed token is -1, want 0 to 1"},
	} {
		for _, sampling := range samplings {
			s, err := NewSampler(sampling, source(1))
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err = s.Sample(c.logits, c.banned, c.allowed); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Sample(%v, %v, %v) returns error %v, want %q", c.logits, c.banned, c.allowed, err, c.want)
			}
		}
	}
}

func TestSamplingValidateNamesTheKey(t *testing.T) {
	nan := float32(math.NaN())
	for _, c := range []struct {
		s    Sampling
		want string
	}{
		{Sampling{Temperature: -1}, "temperature"},
		{Sampling{Temperature: nan}, "temperature"},
		{Sampling{Temperature: float32(math.Inf(1))}, "temperature"},
		{Sampling{TopK: -1}, "top-k"},
		{Sampling{TopP: 1.1}, "top-p"},
		{Sampling{TopP: nan}, "top-p"},
		{Sampling{MinP: -0.1}, "min-p"},
		{Sampling{MinP: nan}, "min-p"},
	} {
		var option *OptionError
		if err := c.s.Validate(); !errors.As(err, &option) || option.Option != c.want {
			t.Errorf("%+v: error is %v, want one of option %s", c.s, err, c.want)
		}
		if _, err := NewSampler(c.s, source(1)); err == nil {
			t.Errorf("NewSampler takes %+v", c.s)
		}
	}
}

// Whatever the logits, Sample returns a token that may be drawn and its
// probability, or an error.
func FuzzSampler(f *testing.F) {
	f.Add([]byte("logits, four bytes each"), float32(1), uint8(3), float32(0.9), float32(0.1), uint8(1))
	f.Add([]byte{0, 0, 0x80, 0x7f, 0, 0, 0, 0}, float32(0), uint8(0), float32(0), float32(0), uint8(0))
	f.Add([]byte{0, 0, 0x80, 0xff, 0xff, 0xff, 0x7f, 0x7f, 0xff, 0xff, 0x7f, 0xff}, float32(1e-30), uint8(2), float32(1), float32(1), uint8(9))
	f.Fuzz(func(t *testing.T, data []byte, temperature float32, topK uint8, topP, minP float32, ban uint8) {
		s, err := NewSampler(Sampling{Temperature: temperature, TopK: int(topK), TopP: topP, MinP: minP}, source(1))
		if err != nil {
			return
		}
		logits := make([]float32, len(data)/4)
		for i := range logits {
			logits[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
		}
		for range 3 {
			token, p, err := s.Sample(logits, []int{int(ban)}, nil)
			if err != nil {
				continue
			}
			if token < 0 || token >= len(logits) || token == int(ban) || !(p >= 0 && p <= 1.00001) {
				t.Fatalf("drew token %d of %d with probability %v, banned is %d", token, len(logits), p, ban)
			}
			if math.IsInf(float64(logits[token]), -1) {
				t.Fatalf("drew token %d, which is impossible", token)
			}
		}
	})
}

// BenchmarkSampler draws from as many logits as SmolLM2 has tokens.
func BenchmarkSampler(b *testing.B) {
	r := source(1)
	logits := make([]float32, 49152)
	for i := range logits {
		logits[i] = float32(3 * r.NormFloat64())
	}
	banned := []int{0, 1, 2, 3}
	for _, c := range []struct {
		name     string
		sampling Sampling
	}{
		{"greedy", Sampling{}},
		{"temperature", Sampling{Temperature: 0.8}},
		{"top-k=40", Sampling{Temperature: 1, TopK: 40}},
		{"top-p=0.9", Sampling{Temperature: 1, TopP: 0.9}},
		{"min-p=0.05", Sampling{Temperature: 1, MinP: 0.05}},
		{"usual", Sampling{Temperature: 0.8, TopK: 40, TopP: 0.95, MinP: 0.05}},
		{"typical", Sampling{Temperature: 0.8, Typical: 0.95}},
		{"penalties", Sampling{Temperature: 0.8, TopK: 40, TopP: 0.95, MinP: 0.05, RepeatPenalty: 1.1, FrequencyPenalty: 0.1, PresencePenalty: 0.1}},
	} {
		b.Run(c.name, func(b *testing.B) {
			s, err := NewSampler(c.sampling, source(1))
			if err != nil {
				b.Fatal(err)
			}
			s.begin([]int{1, 2, 3}, 400)
			for i := range 300 {
				s.accept(i * 7)
			}
			if _, _, err := s.Sample(logits, banned, nil); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				s.Sample(logits, banned, nil)
			}
		})
	}
}
