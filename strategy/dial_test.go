package strategy

import (
	"math"
	"slices"
	"testing"
)

// share is the part of so many seeds whose response is not one of the texts.
func mixedShare(t *testing.T, strategy string, net *table, seeds int, o Options) float64 {
	t.Helper()
	mixed := 0
	for seed := range seeds {
		o.Seed = uint64(seed)
		steps := finish(t, open(t, strategy, net, o))
		if !net.Knows(steps[len(steps)-1].Tokens) {
			mixed++
		}
	}
	return float64(mixed) / float64(seeds)
}

// The lecture's example. nar draws both halves blindly, so that half of what
// it says is "▁teactor" or "▁acher"; one more pass, or ar, says neither.
func TestTeactor(t *testing.T) {
	net := teactor()
	net.Noise = 0
	const seeds = 1000
	o := tableOptions(0)
	nar := mixedShare(t, "nar", net, seeds, o)
	if math.Abs(nar-0.5) > 0.08 { // five standard deviations
		t.Errorf("nar mixes %.3f of its answers, want about 0.5", nar)
	}
	if ar := mixedShare(t, "ar", net, seeds, o); ar > 0 {
		t.Errorf("ar mixes %.3f of its answers, want none", ar)
	}
	for _, passes := range []int{2, 3} {
		o.Passes = passes
		if refine := mixedShare(t, "refine", net, seeds, o); refine > 0.01 {
			t.Errorf("refine of %d passes mixes %.3f of its answers, want at most 0.01", passes, refine)
		}
	}
}

// More passes mix less: the dial between nar and ar. The poems share only
// their newlines, so a draw that has not seen the others tells nothing of them.
func TestPassesAreTheDial(t *testing.T) {
	net := spring()
	net.Noise = 0
	o := tableOptions(0)
	o.ConfidenceTemperature = 1 // else the newlines, which all share, come first
	previous := 1.0
	for _, c := range []struct {
		passes      int
		least, most float64
	}{{1, 0.8, 1}, {2, 0.7, 0.9}, {4, 0.3, 0.6}, {8, 0, 0.1}, {23, 0, 0.05}} {
		o.Passes = c.passes
		share := mixedShare(t, "refine", net, 200, o)
		t.Logf("%2d passes mix %.3f", c.passes, share)
		if share > previous || share < c.least || share > c.most {
			t.Errorf("%d passes mix %.3f, want %.2f to %.2f and no more than fewer passes do (%.3f)", c.passes, share, c.least, c.most, previous)
		}
		previous = share
	}
}

// flooded is a network that cannot tell a couplet from the quatrain that goes
// on from it: END is the likelier token of all slots after the couplet.
func flooded() *table {
	net := newTable(map[string]float64{
		"白日依山盡/黃河入海流":             0.6,
		"白日依山盡/黃河入海流/欲窮千里目/更上一層樓": 0.4,
	})
	net.Longest = 64
	return net
}

// plainRefine is refine of fixed length without anything done about END: it
// commits the surest slots of the draft, whatever they hold.
func plainRefine(t *testing.T, net *table, passes int, seed uint64) []int {
	t.Helper()
	o := tableOptions(seed)
	s, err := NewSampler(o.Sampling, newSource(seed))
	if err != nil {
		t.Fatal(err)
	}
	tokens := append(slices.Clone(testPrompt), slices.Repeat([]int{maskToken}, net.Longest)...)
	type drawn struct {
		position, token int
		p               float32
	}
	for pass := 1; pass <= passes; pass++ {
		var positions []int
		for i, token := range tokens {
			if token == maskToken {
				positions = append(positions, i)
			}
		}
		logits, err := net.Logits(tokens, positions)
		if err != nil {
			t.Fatal(err)
		}
		var draft []drawn
		for i, position := range positions {
			token, p, err := s.Sample(logits[i*net.Vocab():(i+1)*net.Vocab()], []int{maskToken}, nil)
			if err != nil {
				t.Fatal(err)
			}
			draft = append(draft, drawn{position, token, p})
		}
		slices.SortStableFunc(draft, func(a, b drawn) int {
			if a.p > b.p {
				return -1
			}
			return 1
		})
		for _, d := range draft[:len(draft)-Cosine.left(net.Longest, len(draft), pass, passes)] {
			tokens[d.position] = d.token
		}
	}
	response := tokens[len(testPrompt):]
	return response[:slices.Index(append(slices.Clone(response), endToken), endToken)]
}

func TestEndDoesNotFlood(t *testing.T) {
	net := flooded()
	const seeds = 150
	var plain, long, texts int
	for seed := range uint64(seeds) {
		if len(plainRefine(t, net, 16, seed)) > 11 {
			plain++
		}
		o := tableOptions(seed)
		o.Length, o.Passes = Fixed, 16
		steps := finish(t, open(t, "refine", net, o))
		last := steps[len(steps)-1]
		if len(last.Tokens) > 11 {
			long++
		}
		if net.Knows(last.Tokens) {
			texts++
		}
		for _, step := range steps[:len(steps)-1] {
			if slices.Contains(step.Tokens, endToken) || len(step.Tokens) != net.Longest {
				t.Fatalf("seed %d: END before the last pass: %v", seed, step.Tokens)
			}
		}
	}
	t.Logf("of %d, long: %d by plain ranking, %d with END last; %d are one of the texts", seeds, plain, long, texts)
	if plain > seeds/10 {
		t.Errorf("plain ranking gives the long text in %d of %d; the example shows nothing", plain, seeds)
	}
	if share := float64(long) / seeds; share < 0.3 || share > 0.7 {
		t.Errorf("the long text comes in %.2f of the seeds, want about the network's 0.4", share)
	}
	if texts < seeds*95/100 {
		t.Errorf("%d of %d are one of the texts", texts, seeds)
	}
}
