package strategy

import (
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// everyRefine returns a variety of refines.
func everyRefine(length int) []Options {
	var all []Options
	for _, passes := range []int{1, 2, 3, 8, length - 1, length + 5} {
		for _, block := range []int{0, 1, 5, 100} {
			for _, schedule := range []Schedule{Cosine, Linear} {
				for _, noise := range []float32{0, 2} {
					o := tableOptions(uint64(passes))
					o.Passes, o.Block, o.Schedule, o.ConfidenceTemperature = passes, block, schedule, noise
					all = append(all, o)
				}
			}
		}
	}
	return all
}

// Every open slot is committed exactly once, no given one ever, in as many
// passes as were planned, each with something to do.
func TestRefineCommitsEverySlotOnce(t *testing.T) {
	net := spring()
	const length = 24
	for _, o := range everyRefine(length) {
		o.Length = length
		o.Constraint.Fixed = map[int]int{3: net.Token("覺"), 17: nlToken}
		net.Calls = 0
		steps := finish(t, open(t, "refine", net, o))
		name := fmt.Sprintf("passes %d, block %d, schedule %d", o.Passes, o.Block, o.Schedule)
		seen := map[int]bool{3: true, 17: true}
		for i, step := range steps {
			if step.Pass != i+1 || step.Passes != len(steps) || len(step.Fresh) == 0 || len(step.Remasked) > 0 || step.Length != length {
				t.Fatalf("%s: step %d of %d is %+v", name, i+1, len(steps), step)
			}
			if !slices.IsSorted(step.Fresh) {
				t.Fatalf("%s: fresh slots %v do not ascend", name, step.Fresh)
			}
			for _, slot := range step.Fresh {
				if seen[slot] {
					t.Fatalf("%s: slot %d is committed twice or was given", name, slot)
				}
				seen[slot] = true
			}
			if known := step.Known(); known != len(seen) || step.Drawn != known-2 {
				t.Fatalf("%s: %d slots are known and %d drawn, want %d and %d", name, known, step.Drawn, len(seen), len(seen)-2)
			}
			if step.Tokens[3] != net.Token("覺") || step.Tokens[17] != nlToken {
				t.Fatalf("%s: a given slot changed: %s", name, net.Text(step.Tokens))
			}
		}
		if len(seen) != length-1 || net.Calls != len(steps) {
			t.Fatalf("%s: %d of %d slots, %d calls in %d steps", name, len(seen), length-1, net.Calls, len(steps))
		}
		blocks := 1
		if o.Block > 0 {
			blocks = (length - 1 + o.Block - 1) / o.Block
		}
		if want := min(max(o.Passes, blocks), length-1-2); len(steps) != want && o.Block != 1 {
			t.Fatalf("%s: %d passes, want %d", name, len(steps), want)
		}
	}
}

func TestScheduleSumsToSlots(t *testing.T) {
	for _, schedule := range []Schedule{Cosine, Linear} {
		for n := 1; n < 70; n++ {
			for passes := 1; passes <= n; passes++ {
				open := n
				for p := 1; p <= passes; p++ {
					left := schedule.left(n, open, p, passes)
					if left >= open || left < passes-p {
						t.Fatalf("schedule %d: pass %d of %d leaves %d of %d slots, %d were open", schedule, p, passes, left, n, open)
					}
					open = left
				}
				if open != 0 {
					t.Fatalf("schedule %d: %d of %d slots are left after %d passes", schedule, open, n, passes)
				}
			}
		}
	}
	// By hand: ceil(32 cos(π/2·p/4)) is 30, 23, 13, 0.
	var got []int
	for open, p := 32, 1; p <= 4; p++ {
		open = Cosine.left(32, open, p, 4)
		got = append(got, open)
	}
	if want := []int{30, 23, 13, 0}; !slices.Equal(got, want) {
		t.Errorf("cosine schedule leaves %v, want %v", got, want)
	}
}

func TestSharePasses(t *testing.T) {
	for _, c := range []struct {
		open   []int
		passes int
		want   []int
	}{
		{[]int{8}, 3, []int{3}},
		{[]int{8}, 30, []int{8}},
		{[]int{4, 4, 4}, 6, []int{2, 2, 2}},
		{[]int{4, 0, 4}, 1, []int{1, 0, 1}},
		{[]int{6, 2, 1}, 5, []int{3, 1, 1}},
		{[]int{1, 1, 1}, 9, []int{1, 1, 1}},
		{[]int{0, 0}, 9, []int{0, 0}},
	} {
		if got := sharePasses(c.open, c.passes); !slices.Equal(got, c.want) {
			t.Errorf("sharePasses(%v, %d) is %v, want %v", c.open, c.passes, got, c.want)
		}
	}
}

func TestBlockOfOneGoesLeftToRight(t *testing.T) {
	net := spring()
	for _, mode := range []LengthMode{24, Fixed} {
		o := tableOptions(3)
		o.Length, o.Passes, o.Block = mode, 1, 1
		for i, step := range finish(t, open(t, "refine", net, o)) {
			if len(step.Fresh) > 0 && !slices.Equal(step.Fresh, []int{i}) {
				t.Fatalf("length %d: pass %d committed %v, want [%d]", mode, i+1, step.Fresh, i)
			}
		}
	}
}

// In blocks, and with passes to spare in each, a block is complete before the
// next one begins.
func TestBlocksFollowEachOther(t *testing.T) {
	net := spring()
	o := tableOptions(3)
	o.Length, o.Passes, o.Block = 24, 12, 6
	for _, step := range finish(t, open(t, "refine", net, o)) {
		for i, token := range step.Tokens {
			if last := step.Fresh[len(step.Fresh)-1]; token < 0 && i < last/6*6 {
				t.Fatalf("slot %d is open while slot %d of a later block is committed", i, last)
			}
		}
	}
}

// One pass of refine is nar, to the token.
func TestRefineOfOnePassIsNAR(t *testing.T) {
	for seed := range uint64(20) {
		for _, mode := range []LengthMode{Predicted, Fixed, 24} {
			o := tableOptions(seed)
			o.Length = mode
			want := finish(t, open(t, "nar", spring(), o))
			o.Passes, o.ConfidenceTemperature = 1, 3
			got := finish(t, open(t, "refine", spring(), o))
			if a, b := fmt.Sprint(got), fmt.Sprint(want); a != b {
				t.Fatalf("seed %d, length %d:\nrefine %s\nnar    %s", seed, mode, a, b)
			}
		}
	}
}

// Greedy, with one slot a block, refine sees what ar sees and does the same.
func TestRefineOfBlockOneIsGreedyAR(t *testing.T) {
	o := tableOptions(1)
	o.Sampling = Sampling{}
	want := result(t, spring(), open(t, "ar", spring(), o))
	o.Passes, o.Block, o.Length = 1, 1, Fixed
	if got := result(t, spring(), open(t, "refine", spring(), o)); got != want {
		t.Errorf("refine gives %s, ar %s", got, want)
	}
}

func TestSameSeedSameTokens(t *testing.T) {
	for _, name := range []string{"ar", "nar", "refine"} {
		o := tableOptions(5)
		o.Constraint.Fixed = map[int]int{0: spring().Token("春"), 1: spring().Token("眠")}
		o.Constraint.Banned = []int{bosToken}
		if name == "refine" {
			o.Passes, o.Remask, o.ConfidenceTemperature = 5, true, 1
			for i := range 9 {
				o.Constraint.Fixed[2*i+4] = spring().Texts[2][2*i+4]
			}
		}
		want := fmt.Sprint(finish(t, open(t, name, spring(), o)))
		for range 20 {
			if got := fmt.Sprint(finish(t, open(t, name, spring(), o))); got != want {
				t.Fatalf("%s: the same seed gives\n%s\nand\n%s", name, got, want)
			}
		}
		o.Constraint.Fixed = nil
		results := map[string]bool{}
		for o.Seed = range 20 {
			results[result(t, spring(), open(t, name, spring(), o))] = true
		}
		if len(results) < 4 {
			t.Errorf("%s: 20 seeds give only %d results", name, len(results))
		}
	}
}

func TestBannedTokensAreNeverProduced(t *testing.T) {
	net := spring()
	banned := []int{net.Token("不"), net.Token("床"), nlToken, bosToken}
	for _, name := range []string{"ar", "nar", "refine"} {
		for seed := range uint64(30) {
			o := tableOptions(seed)
			o.Sampling.Temperature = 50 // nearly any token is drawn
			o.MaxLength = 20
			o.Constraint.Banned = banned
			if name == "refine" {
				o.Passes = 4
			}
			if name == "ar" {
				o.Constraint.Banned = append(slices.Clone(banned), maskToken) // of no meaning to ar
			}
			if name != "ar" {
				o.Length = Fixed
			}
			steps := finish(t, open(t, name, net, o))
			for _, token := range steps[len(steps)-1].Tokens {
				if slices.Contains(banned, token) || token == maskToken || token == endToken {
					t.Fatalf("%s: seed %d produced %s", name, seed, net.Pieces[token])
				}
			}
		}
	}
}

func TestAllowIsObeyed(t *testing.T) {
	net := spring()
	sun, moon := net.Token("日"), net.Token("月")
	for _, name := range []string{"ar", "nar", "refine"} {
		o := tableOptions(1)
		o.Length = 9
		if name == "refine" {
			o.Passes = 3
		}
		o.Constraint.Allow = func(slot int, sofar []int) []int {
			if slot < len(sofar) && sofar[slot] >= 0 {
				t.Errorf("%s: asked about slot %d, which is known", name, slot)
			}
			if slot%2 == 0 {
				return []int{sun, moon}
			}
			return nil
		}
		steps := finish(t, open(t, name, net, o))
		for slot, token := range steps[len(steps)-1].Tokens {
			if slot%2 == 0 && token != sun && token != moon {
				t.Errorf("%s: slot %d holds %s", name, slot, net.Pieces[token])
			}
		}
		if n := len(steps[len(steps)-1].Tokens); n != 8 {
			t.Errorf("%s: %d elements, want 8", name, n)
		}
	}
}

// A network that gives a bad number makes an error that says where.
func TestBadLogitsNameTheSlot(t *testing.T) {
	for _, c := range []struct {
		strategy string
		bad      float64
		slot     int
		want     string
	}{
		{"ar", math.NaN(), 3, "ar: pass 4: slot 3: logit of token 5 of 59 is NaN"},
		{"nar", math.Inf(1), 3, "nar: pass 2: slot 3: logit of token 5 of 59 is +Inf"},
		{"refine", math.NaN(), 22, "refine: pass 2: slot 22: logit of token 5 of 59 is NaN"},
		{"refine", math.NaN(), -1, "refine: pass 1: length: logit of token 5 of 25 is NaN"},
	} {
		net := spring()
		net.Spoil = func(slot int, logits []float32) {
			if slot == c.slot {
				logits[5] = float32(c.bad)
			}
		}
		o := tableOptions(2)
		if c.strategy == "refine" {
			o.Passes = 4
		}
		m := open(t, c.strategy, net, o)
		var err error
		for _, err = range Steps(m) {
		}
		want := strings.Replace(c.want, "of 59", fmt.Sprintf("of %d", net.Vocab()), 1)
		if err == nil || err.Error() != want {
			t.Errorf("%s: error is %v, want %s", c.strategy, err, want)
		}
		if _, again := m.Next(); again != err {
			t.Errorf("%s: Next after the error returns %v", c.strategy, again)
		}
	}
}

var errNetwork = errors.New("network is down")

type broken struct{ *table }

func (b broken) Extend([]int) ([]float32, error)       { return nil, errNetwork }
func (b broken) LengthLogits([]int) ([]float32, error) { return nil, errNetwork }
func (b broken) Logits([]int, []int) ([]float32, error) {
	return nil, errNetwork
}

type short struct{ *table }

func (s short) LengthLogits([]int) ([]float32, error)  { return make([]float32, 3), nil }
func (s short) Logits([]int, []int) ([]float32, error) { return make([]float32, 3), nil }

func TestNetworkErrors(t *testing.T) {
	for name, c := range map[string]struct {
		net  Masked
		mode LengthMode
		want string
	}{
		"broken length": {broken{spring()}, Predicted, "nar: pass 1: network is down"},
		"broken":        {broken{spring()}, 24, "nar: pass 1: network is down"},
		"short length":  {short{spring()}, Predicted, "nar: pass 1: the network returned 3 logits for the length, want 25"},
		"short":         {short{spring()}, 24, "nar: pass 1: the network returned 3 logits, want"},
	} {
		o := tableOptions(1)
		o.Length = c.mode
		m, err := NewNAR(c.net, testPrompt, o)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = m.Next(); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: error is %v, want %s", name, err, c.want)
		}
	}
	m, err := NewAR(broken{spring()}, testPrompt, tableOptions(1))
	if err != nil {
		t.Fatal(err)
	}
	if _, err = m.Next(); !errors.Is(err, errNetwork) || errors.Is(err, io.EOF) {
		t.Errorf("error is %v", err)
	}
}

// Whatever is asked, a machine ends, in passes that are counted, with a
// response within the limits.
func TestMachinesEnd(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		net := spring()
		name := []string{"ar", "nar", "refine"}[r.IntN(3)]
		o := tableOptions(r.Uint64())
		o.Sampling.Temperature = []float32{0, 1, 3, 30}[r.IntN(4)]
		o.MaxLength = r.IntN(net.Longest + 1)
		if name != "ar" {
			o.Length = []LengthMode{Predicted, Fixed, 24, 5}[r.IntN(4)]
		}
		if name == "refine" {
			o.Passes, o.Block, o.Remask = 1+r.IntN(30), r.IntN(9), r.IntN(2) == 0
			o.Schedule, o.ConfidenceTemperature = Schedule(r.IntN(2)), float32(r.IntN(3))
			for range r.IntN(3) {
				if o.Constraint.Fixed == nil {
					o.Constraint.Fixed = map[int]int{}
				}
				o.Constraint.Fixed[r.IntN(24)] = 4 + r.IntN(net.Vocab()-4)
			}
		}
		var m Machine
		var err error
		switch name {
		case "ar":
			m, err = NewAR(net, testPrompt, o)
		case "nar":
			m, err = NewNAR(net, testPrompt, o)
		case "refine":
			m, err = NewRefine(net, testPrompt, o)
		}
		var option *OptionError
		if errors.As(err, &option) {
			continue // the length or a given slot is beyond MaxLength
		}
		if err != nil {
			t.Fatal(err)
		}
		steps := finish(t, m)
		last := steps[len(steps)-1]
		if last.Passes > 0 && last.Pass > last.Passes || net.Calls != last.Pass {
			t.Fatalf("%s %+v: %d calls, last step %+v", name, o, net.Calls, last)
		}
		if n := len(last.Tokens); o.MaxLength > 0 && n > o.MaxLength || slices.Contains(last.Tokens, -1) {
			t.Fatalf("%s %+v: response is %v", name, o, last.Tokens)
		}
		for slot, token := range o.Constraint.Fixed {
			if last.Tokens[slot] != token {
				t.Fatalf("%s %+v: slot %d holds %d, want the given %d", name, o, slot, last.Tokens[slot], token)
			}
		}
		if slices.Contains(last.Tokens, maskToken) && name != "ar" {
			t.Fatalf("%s produced MASK", name)
		}
	}
}
