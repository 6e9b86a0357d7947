package strategy

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stride-ml/stride/internal/golden"
)

// chain stands in for a network: what follows is drawn by the last two tokens,
// from a distribution of their own. It has a cache as networks do.
type chain struct {
	vocab, context int
	sharp          float64 // spread of the logits
	noise          float64 // of the logits, of another seed: makes a worse network of the same kind
	cache          []int
	logits         []float32
	calls, rows    int
	end, last      int // of the last call, the length of the cache behind it and its rows
}

func newChain(vocab int, sharp float64) *chain {
	return &chain{vocab: vocab, context: 300, sharp: sharp}
}

func (c *chain) Vocab() int   { return c.vocab }
func (c *chain) Context() int { return c.context }
func (c *chain) Rewind(n int) { c.cache = c.cache[:min(n, len(c.cache))] }

// row appends the logits of what follows the cache.
func (c *chain) row() {
	n := len(c.cache)
	seed := uint64(c.cache[n-1]) + 1
	if n > 1 {
		seed += uint64(c.cache[n-2]+1) * 1000
	}
	x, y := seed, seed+77
	next := func(s *uint64) float64 { // splitmix64
		*s += 0x9e3779b97f4a7c15
		z := (*s ^ *s>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		return float64((z^z>>31)>>11)/(1<<52) - 1
	}
	for range c.vocab {
		c.logits = append(c.logits, float32(c.sharp*next(&x)+c.noise*next(&y)))
	}
}

func (c *chain) ExtendAll(tokens []int) ([]float32, error) {
	if len(tokens) == 0 || len(c.cache)+len(tokens) > c.context {
		return nil, fmt.Errorf("chain: %d tokens do not fit behind %d", len(tokens), len(c.cache))
	}
	c.calls++
	c.rows += len(tokens)
	c.logits = c.logits[:0]
	for _, t := range tokens {
		c.cache = append(c.cache, t)
		c.row()
	}
	c.end, c.last = len(c.cache), len(tokens)
	return c.logits, nil
}

func (c *chain) Extend(tokens []int) ([]float32, error) {
	all, err := c.ExtendAll(tokens)
	if err != nil {
		return nil, err
	}
	c.last = 1
	return all[len(all)-c.vocab:], nil
}

// chainHead is a draft head of a chain that knows not all of its tokens, and the
// others as well as a worse network would.
type chainHead struct {
	chain
	large *chain
	knows int
}

func (h *chainHead) Begin(row int) {
	if row < 0 || row >= h.large.last {
		panic("a head begins at a row that there is not")
	}
	h.cache = append(h.cache[:0], h.large.cache[:h.large.end-h.large.last+row+1]...)
}

func (h *chainHead) Extend(token int) ([]float32, error) {
	h.cache, h.logits = append(h.cache, token), h.logits[:0]
	h.row()
	for t := h.knows; t < h.vocab; t++ {
		h.logits[t] = float32(math.Inf(-1))
	}
	return h.logits, nil
}

// of is the speculation for a network, which its head, if there is one, has to know.
func (s Speculation) of(large *chain) Speculation {
	if h, ok := s.Head.(*chainHead); ok {
		h.large = large
	}
	return s
}

// everySpeculation returns ways to guess for a network.
func everySpeculation(net *chain) map[string]Speculation {
	worse, same := *net, *net
	worse.noise, same.noise = net.sharp, 0
	worse.cache, same.cache, worse.logits, same.logits = nil, nil, nil, nil
	short := worse
	short.context = 20
	free := func(int) float64 { return 1 }
	gift := func() float64 { return 0 }
	return map[string]Speculation{
		"n-grams":               {},
		"n-grams, 3 at most":    {Most: 3},
		"n-grams for free":      {Cost: free},
		"jacobi":                {Draft: Jacobi},
		"jacobi for free":       {Draft: Jacobi, Cost: free, Most: 8},
		"the same network":      {Draft: Model, Model: &same, Cost: free, ModelCost: gift},
		"a worse network":       {Draft: Model, Model: &worse, Cost: free, ModelCost: gift, Most: 5},
		"a short worse network": {Draft: Model, Model: &short, Cost: free, ModelCost: gift},
		"a head":                {Draft: Ahead, Head: &chainHead{chain: same, knows: net.vocab}},
		"a worse head":          {Draft: Ahead, Head: &chainHead{chain: worse, knows: net.vocab - 2}, Cost: free, ModelCost: gift, Most: 3},
	}
}

// everySampling is how tokens are drawn in these tests.
var everySampling = []Sampling{{}, {Temperature: 1}, {Temperature: 0.7, TopK: 4}, {Temperature: 1.3, TopP: 0.8, MinP: 0.02},
	{Temperature: 0.8, RepeatPenalty: 1.3, RepeatLast: 12, FrequencyPenalty: 0.3, Bias: map[int]float32{3: 1}}}

// whole runs a machine and returns the last step, with the slots that all
// passes together committed.
func whole(t testing.TB, m Machine) (last Step, fresh []int) {
	t.Helper()
	for _, s := range finish(t, m) {
		fresh = append(fresh, s.Fresh...)
		last = s
	}
	return last, fresh
}

// byAR is what ar gives with a copy of a network, the slots that it drew, and that copy.
func byAR(t *testing.T, net *chain, prompt []int, o Options) (Step, []int, *chain) {
	t.Helper()
	alone := *net
	m, err := NewAR(&alone, prompt, o)
	if err != nil {
		t.Fatal(err)
	}
	last, drawn := whole(t, m)
	return last, drawn, &alone
}

// bySpeculation is what speculate gives with a copy of a network, the slots that it
// drew, and that copy.
func bySpeculation(t *testing.T, net *chain, prompt []int, o Options, s Speculation) (Step, []int, *chain) {
	t.Helper()
	large := *net
	m, err := NewSpeculate(&large, prompt, o, s.of(&large))
	if err != nil {
		t.Fatal(err)
	}
	last, drawn := whole(t, m)
	return last, drawn, &large
}

// What is generated is what ar generates, token by token, for any guesses, seed,
// sampling and end.
func TestSpeculateEqualsAR(t *testing.T) {
	faster := map[string]bool{}
	for seed := range uint64(12) {
		for i, sampling := range everySampling {
			net := newChain(6+3*i, 2+float64(seed))
			prompt := []int{int(seed) % 5, 3, 1, 4, 1, int(seed) % 4}
			for _, change := range []func(*Options){
				func(o *Options) { o.MaxLength = 60 },
				func(o *Options) { o.End = 5 },
				func(o *Options) { o.Length, o.End = 30, 5 },
				func(o *Options) { o.Constraint.Banned, o.MaxLength = []int{1, 2}, 40 },
				func(o *Options) {
					o.MaxLength = 40
					o.Constraint.Allow = func(slot int, sofar []int) []int {
						if slot%3 == 2 {
							return []int{sofar[slot-1], 4}
						}
						return nil
					}
				},
				func(o *Options) {
					o.End, o.MaxLength = 5, 50
					o.Constraint.Newline, o.Constraint.LineStarts = 2, []int{3, 4, -1, 1}
				},
				func(o *Options) { o.Constraint.Newline, o.Constraint.Lines = 2, []int{5, 5, 7, 7, 5} },
				func(o *Options) { o.Constraint.Fixed = map[int]int{0: 1, 1: 3, 2: 1} },
			} {
				o := Options{Sampling: sampling, Seed: seed}
				change(&o)
				want, drawn, _ := byAR(t, net, prompt, o)
				for name, s := range everySpeculation(net) {
					got, fresh, large := bySpeculation(t, net, prompt, o, s)
					if !slices.Equal(got.Tokens, want.Tokens) || !slices.Equal(fresh, drawn) || got.Stopped != want.Stopped || got.Drawn != want.Drawn || got.Length != want.Length {
						t.Fatalf("%s, seed %d, %+v:\n%v\nar:\n%v", name, seed, o, got, want)
					}
					if large.calls != got.Pass || got.Pass > want.Pass {
						t.Fatalf("%s: %d passes of %d calls, ar takes %d", name, got.Pass, large.calls, want.Pass)
					}
					if text := append(slices.Clone(prompt), got.Tokens...); len(large.cache) > len(text) || !slices.Equal(large.cache, text[:len(large.cache)]) {
						t.Fatalf("%s: the cache holds %v behind %v", name, large.cache, text)
					}
					if got.Pass*4 < want.Pass*3 {
						faster[name] = true
					}
				}
			}
		}
	}
	for name := range everySpeculation(newChain(2, 1)) {
		if !faster[name] {
			t.Errorf("%s: guesses never saved a quarter of the passes", name)
		}
	}
}

// The cache may become full with a guess, but not overflow.
func TestSpeculateAtTheContext(t *testing.T) {
	for context := 4; context < 40; context++ {
		net := newChain(5, 9)
		net.context = context
		o := Options{End: 4}
		o.Constraint.Allow = func(int, []int) []int { return []int{0, 1} }
		want, _, _ := byAR(t, net, []int{1, 2, 3}, o)
		for name, s := range everySpeculation(net) {
			if got, _, _ := bySpeculation(t, net, []int{1, 2, 3}, o, s); !slices.Equal(got.Tokens, want.Tokens) || got.Stopped != "context" {
				t.Errorf("%s, context %d: %v stopped by %s, want %v", name, context, got.Tokens, got.Stopped, want.Tokens)
			}
		}
	}
}

// Over many seeds, responses are as frequent as the network's probabilities and
// the filters say, whatever guesses: the chi-square of 4^3 responses, of which
// one seed in a thousand would exceed 103.4.
func TestSpeculateKeepsTheDistribution(t *testing.T) {
	const vocab, length, seeds = 4, 3, 6000
	prompt := []int{0, 1, 2, 0, 1, 2, 0, 1} // an n-gram is found from the first slot on
	for _, sampling := range []Sampling{{Temperature: 1}, {Temperature: 1.5, TopP: 0.85}} {
		net := newChain(vocab, 1.5)
		expected := exactly(net, prompt, sampling, length)
		for name, s := range everySpeculation(net) {
			if s.Cost == nil {
				s.Cost = func(int) float64 { return 1 }
			}
			counts, guessed := map[string]float64{}, 0
			for seed := range uint64(seeds) {
				m, err := NewSpeculate(net, prompt, Options{Sampling: sampling, Seed: seed, MaxLength: length, Constraint: Constraint{Allow: func(int, []int) []int { return []int{0, 1, 2, 3} }}, End: 3, Length: length + 1}, s.of(net))
				if err != nil {
					t.Fatal(err)
				}
				var last Step
				for step, err := range Steps(m) {
					if err != nil {
						t.Fatal(err)
					}
					guessed += step.Drafted
					last = step
				}
				counts[fmt.Sprint(last.Tokens)]++
			}
			square, degrees := 0., -1
			for response, p := range expected {
				e := p * seeds
				square += (counts[response] - e) * (counts[response] - e) / e
				degrees++
				delete(counts, response)
			}
			// The quantile of Wilson and Hilferty.
			d := float64(degrees)
			limit := d * math.Pow(1-2/(9*d)+3.09*math.Sqrt(2/(9*d)), 3)
			if square > limit || len(counts) > 0 {
				t.Errorf("%s, %+v: chi-square %.1f of %d degrees, want at most %.1f; impossible: %v", name, sampling, square, degrees, limit, counts)
			}
			if guessed < seeds/4 && !strings.Contains(name, "short") {
				t.Errorf("%s: %d guesses in %d responses test nothing", name, guessed, seeds)
			}
		}
	}
}

// exactly is the probability of each response of a length, END being left out of
// it, by the definition of the filters.
func exactly(net *chain, prompt []int, s Sampling, length int) map[string]float64 {
	const end = 3
	out := map[string]float64{}
	var follow func(tokens []int, p float64)
	follow = func(tokens []int, p float64) {
		if len(tokens) == length {
			out[fmt.Sprint(tokens)] = p
			return
		}
		net.cache, net.logits = append(append(net.cache[:0], prompt...), tokens...), net.logits[:0]
		net.row()
		var probs, drawn []float64
		var order []int
		sum := 0.
		for t, x := range net.logits {
			p := 0.
			if t != end {
				p = math.Exp(float64(x))
			}
			probs, order = append(probs, p), append(order, t)
			sum += p
		}
		drawn = make([]float64, len(probs))
		slices.SortFunc(order, func(a, b int) int { return -int(math.Copysign(1, probs[a]-probs[b])) })
		mass, total := 0., 0.
		for _, t := range order {
			if s.TopP == 0 || mass < float64(s.TopP)*sum {
				drawn[t] = math.Pow(probs[t], 1/float64(s.Temperature))
				total += drawn[t]
			}
			mass += probs[t]
		}
		for t, q := range drawn {
			if q > 0 {
				follow(append(slices.Clone(tokens), t), p*q/total)
			}
		}
	}
	follow(nil, 1)
	net.cache, net.logits = nil, nil
	return out
}

// Text that cannot be guessed costs little more than by ar, and text that can
// be guessed later is still found out.
func TestSpeculateTurnsItselfOff(t *testing.T) {
	cost := func(tokens int) float64 { return 0.5 + 0.5*float64(tokens) }
	for _, c := range []struct {
		name  string
		vocab int
		draft Draft
	}{{"n-grams of few tokens", 6, NGrams}, {"n-grams", 200, NGrams}, {"jacobi", 6, Jacobi}, {"another network", 50, Model}} {
		t.Run(c.name, func(t *testing.T) {
			net := newChain(c.vocab, 0.01) // nearly every token is as likely as any other
			net.context = 3000
			s := Speculation{Draft: c.draft, Cost: cost}
			if c.draft == Model {
				s.Model = &chain{vocab: c.vocab, context: 3000, sharp: 1}
			}
			m, err := NewSpeculate(net, []int{1, 2}, Options{Sampling: Sampling{Temperature: 1}, MaxLength: 2000, End: 0, Length: 2001}, s)
			if err != nil {
				t.Fatal(err)
			}
			total := 0.
			for step, err := range Steps(m) {
				if err != nil {
					t.Fatal(err)
				}
				total += cost(1 + step.Drafted)
				if c.draft == Model {
					total += float64(step.Drafted) * cost(1) / 4
				}
			}
			if total > 2000*1.03 {
				t.Errorf("guesses cost %.0f passes of one token, ar 2000", total)
			}
		})
	}
}

func TestSpeculateTurnsItselfOnAgain(t *testing.T) {
	net := &script{vocab: 50, turn: 500}
	m, err := NewSpeculate(net, []int{1}, Options{MaxLength: 1000}, Speculation{})
	if err != nil {
		t.Fatal(err)
	}
	before, after := 0, 0
	for step, err := range Steps(m) {
		if err != nil {
			t.Fatal(err)
		}
		if len(step.Tokens) <= net.turn {
			before++
		} else {
			after++
		}
	}
	if before < 450 || after > 80 {
		t.Errorf("%d passes for 500 random tokens, %d for 500 in a circle of 20", before, after)
	}
}

// script says random tokens up to a turn, and from there the same 20 ever again.
type script struct {
	vocab, turn int
	at          int
	logits      []float32
}

func (s *script) Vocab() int   { return s.vocab }
func (s *script) Context() int { return 2000 }
func (s *script) Rewind(n int) { s.at = n }

func (s *script) ExtendAll(tokens []int) ([]float32, error) {
	s.logits = s.logits[:0]
	for range tokens {
		s.at++
		next := 1 + newSource(uint64(s.at)).IntN(s.vocab-1)
		if s.at > s.turn {
			next = 1 + (s.at%20)*2
		}
		row := make([]float32, s.vocab)
		row[next] = 5
		s.logits = append(s.logits, row...)
	}
	return s.logits, nil
}

func (s *script) Extend(tokens []int) ([]float32, error) {
	all, err := s.ExtendAll(tokens)
	return all[len(all)-s.vocab:], err
}

func TestSpeculateAllocatesNothing(t *testing.T) {
	for name, s := range everySpeculation(newChain(8, 6)) {
		net := newChain(8, 6)
		net.context = 4000
		if chain, ok := s.Model.(*chain); ok && !strings.Contains(name, "short") {
			chain.context = 4000
		}
		net.cache, net.logits = make([]int, 0, 4000), make([]float32, 0, 100*8)
		m, err := NewSpeculate(net, []int{1, 2}, Options{Sampling: Sampling{Temperature: 1, TopK: 5}, End: 7, Length: 3900}, s.of(net))
		if err != nil {
			t.Fatal(err)
		}
		for range 100 { // the stand-ins for networks grow their caches
			if _, err := m.Next(); err != nil {
				t.Fatal(err)
			}
		}
		if allocations := testing.AllocsPerRun(100, func() {
			if step, err := m.Next(); err != nil || step.Done {
				t.Fatal(step, err)
			}
		}); allocations > 0 {
			t.Errorf("%s: %v allocations a step, want none", name, allocations)
		}
	}
}

func TestSpeculateErrors(t *testing.T) {
	net := newChain(6, 3)
	for _, c := range []struct {
		name string
		s    Speculation
	}{
		{"no model", Speculation{Draft: Model}},
		{"a model of another vocabulary", Speculation{Draft: Model, Model: newChain(7, 3)}},
		{"a model for n-grams", Speculation{Model: newChain(6, 3)}},
		{"fewer than no guesses", Speculation{Most: -1}},
		{"an unknown draft", Speculation{Draft: 9}},
		{"no head", Speculation{Draft: Ahead}},
		{"a head for n-grams", Speculation{Head: &chainHead{}}},
	} {
		var option *OptionError
		if _, err := NewSpeculate(net, []int{1}, Options{}, c.s); !errors.As(err, &option) {
			t.Errorf("%s: the error is %v, want an OptionError", c.name, err)
		}
	}
	var unsupported *UnsupportedError
	if _, err := NewSpeculate(net, []int{1}, Options{Length: Fixed}, Speculation{}); !errors.As(err, &unsupported) || unsupported.Strategy != "speculate" {
		t.Errorf("a fixed length: the error is %v, want an UnsupportedError of speculate", err)
	}
}

func TestSpeculateGoldenTrace(t *testing.T) {
	rhyme := map[string]float64{"row , row , row your boat / row , row , row your boat / gently down the stream / row , row , row your boat": 1}
	net := newTable(rhyme)
	var b strings.Builder
	for _, c := range []struct {
		name string
		s    Speculation
	}{{"n-grams", Speculation{}}, {"jacobi", Speculation{Draft: Jacobi}}, {"the same network", Speculation{Draft: Model, Model: newTable(rhyme)}}} {
		o := tableOptions(7)
		m, err := NewSpeculate(net, testPrompt, o, c.s)
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString(c.name + "\n")
		for _, step := range finish(t, m) {
			b.WriteString(step.String() + " | " + net.Text(step.Tokens) + "\n")
		}
	}
	golden.Compare(t, "row_speculate.txt", b.String())
}
