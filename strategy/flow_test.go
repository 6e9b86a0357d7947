package strategy

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// One pass goes to the mean of the pictures, whatever the noise.
func TestFlowOfOnePassIsTheMean(t *testing.T) {
	f := drawings(ring, cross)
	for seed := range uint64(20) {
		steps := finish(t, openFlow(t, "nar", f, FlowOptions{Seed: seed, Guidance: 1}))
		if len(steps) != 1 {
			t.Fatalf("%d steps, want 1", len(steps))
		}
		if d := distance(steps[0].Values, f.Mean(0, 1)); d > 1e-6 {
			t.Errorf("seed %d: %s is %v away from the mean", seed, draw(steps[0].Values), d)
		}
		if again := values(t, f, flowOptions(seed, 1)); !slices.Equal(again, steps[0].Values) {
			t.Errorf("seed %d: refine of one pass gives %s, nar %s", seed, draw(again), draw(steps[0].Values))
		}
	}
}

// More passes leave less of the mixture, and in the end one of the pictures.
func TestMorePassesDecide(t *testing.T) {
	f := twins()
	const seeds = 100
	last := math.Inf(1)
	for _, passes := range []int{1, 2, 4, 8, 16, 32} {
		sum, counts := 0.0, [2]int{}
		for seed := range uint64(seeds) {
			k, d := f.Nearest(values(t, f, flowOptions(seed, passes)))
			sum += d / seeds
			counts[k]++
		}
		t.Logf("%2d passes: %.2g away from the nearest picture", passes, sum)
		if sum >= last {
			t.Errorf("%d passes end %v away from the nearest picture, fewer %v", passes, sum, last)
		}
		if last = sum; passes == 32 && (sum > 1e-3 || min(counts[0], counts[1]) < seeds/3) {
			t.Errorf("32 passes end %v away from the nearest picture, %v of each", sum, counts)
		}
	}
}

// The flow of a Gaussian is known: it takes noise z to a + spread·z.
func TestHeunBeatsEuler(t *testing.T) {
	f := drawings(ring)
	f.Spread = 1
	after := func(solver Solver, passes int) (d float64) {
		for seed := range uint64(10) {
			o := flowOptions(seed, passes)
			o.Solver = solver
			f.Passes = nil
			got := values(t, f, o)
			want := slices.Clone(f.Pictures[0])
			for i, z := range f.Passes[0].X {
				want[i] += float32(f.Spread) * z
			}
			d += distance(got, want) / 10
		}
		return d
	}
	for passes := 3; passes < 40; passes++ {
		if e, h := after(Euler, passes), after(Heun, passes); h >= e {
			t.Errorf("after %d passes Heun is %.2g off, Euler %.2g", passes, h, e)
		}
	}
	for _, c := range []struct {
		solver Solver
		order  float64
	}{{Euler, 1}, {Heun, 2}} {
		for _, odd := range []int{0, 1} {
			if order := math.Log2(after(c.solver, 64+odd) / after(c.solver, 128+odd)); math.Abs(order-c.order) > 0.25 {
				t.Errorf("solver %d: the error falls with the power %.2f of the passes, want %v", c.solver, order, c.order)
			}
		}
	}
	if e, h := after(Euler, 2), after(Heun, 2); e != h {
		t.Errorf("in two passes Heun is %v off, Euler %v, want the same", h, e)
	}
}

func TestSolverLegs(t *testing.T) {
	for _, c := range []struct {
		solver Solver
		passes int
		want   string
	}{
		{Euler, 3, "0-1 1-2 2-3"},
		{Heun, 1, "0-1"},
		{Heun, 2, "0-1 1-2"},
		{Heun, 3, "0-2 (0-2) 2-3"},
		{Heun, 4, "0-1 1-3 (1-3) 3-4"},
		{Heun, 5, "0-2 (0-2) 2-4 (2-4) 4-5"},
		{Heun, 6, "0-1 1-3 (1-3) 3-5 (3-5) 5-6"},
	} {
		var legs []string
		for pass := 1; pass <= c.passes; pass++ {
			from, to, corrects := c.solver.leg(pass, c.passes)
			leg := fmt.Sprintf("%d-%d", from, to)
			if corrects {
				leg = "(" + leg + ")"
			}
			legs = append(legs, leg)
		}
		if got := strings.Join(legs, " "); got != c.want {
			t.Errorf("solver %d, %d passes: %s, want %s", c.solver, c.passes, got, c.want)
		}
	}
}

// After one pass the guided object is exactly vn + g·(vc - vn) away.
func TestGuidanceOfOnePass(t *testing.T) {
	f := drawings(ring, cross, "·····/·····/█████/·····/·····")
	all, two, one := f.Mean(0, 1, 2), f.Mean(1, 2), f.Mean(0)
	for _, c := range []struct {
		name                string
		guidance            float32
		condition, negative []int
		away, to            []float32
		evaluations         int
	}{
		{"negative alone", 0, []int{0}, nil, all, one, 1},
		{"half", 0.5, []int{0}, nil, all, one, 2},
		{"condition alone", 1, []int{0}, nil, all, one, 1},
		{"beyond", 3, []int{0}, nil, all, one, 2},
		{"the most", 100, []int{0}, nil, all, one, 2},
		{"away from others", 2, []int{0}, []int{1, 2}, two, one, 2},
		{"away from nothing", 7, nil, nil, all, all, 1},
		{"away from itself", 7, []int{1, 2}, []int{1, 2}, two, two, 1},
	} {
		f.Passes = nil
		o := FlowOptions{Guidance: c.guidance, Condition: Condition{Tokens: c.condition}, Negative: Condition{Tokens: c.negative}}
		steps := finish(t, openFlow(t, "nar", f, o))
		want := make([]float32, f.Size())
		for i := range want {
			want[i] = c.away[i] + c.guidance*(c.to[i]-c.away[i])
		}
		if d := distance(steps[0].Values, want); d > 1e-6*float64(1+c.guidance) {
			t.Errorf("%s: %v away from what was expected", c.name, d)
		}
		if n := len(f.Passes[0].Conditions); n != c.evaluations {
			t.Errorf("%s: %d conditions were evaluated, want %d", c.name, n, c.evaluations)
		}
	}
}

// Guidance away from one picture leads to the other more often.
func TestGuidancePushesTowardsTheCondition(t *testing.T) {
	f := twins()
	last := -1
	for _, guidance := range []float32{0, 0.1, 0.3, 1} {
		count := 0
		for seed := range uint64(60) {
			o := flowOptions(seed, 8)
			o.Condition.Tokens, o.Guidance = []int{1}, guidance
			if k, _ := f.Nearest(values(t, f, o)); k == 1 {
				count++
			}
		}
		t.Logf("guidance %v: %d of 60", guidance, count)
		if count <= last {
			t.Errorf("guidance %v gives the condition %d times, less guidance %d times", guidance, count, last)
		}
		last = count
	}
	if last != 60 {
		t.Errorf("guidance 1 gives the condition %d times of 60", last)
	}
}

// Conditions are encoded in the simplest words, and mixed where they lie between
// two.
func TestMixedConditions(t *testing.T) {
	f := drawings(ring, cross)
	for _, c := range []struct {
		in   Condition
		want Condition
	}{
		{Condition{Tokens: []int{0}, Toward: []int{1}}, Condition{Tokens: []int{0}}},
		{Condition{Tokens: []int{0}, Toward: []int{1}, Mix: 1}, Condition{Tokens: []int{1}}},
		{Condition{Tokens: []int{1}, Toward: []int{1}, Mix: 0.3}, Condition{Tokens: []int{1}}},
		{Condition{Tokens: []int{0}, Toward: []int{1}, Mix: 0.25}, Condition{Tokens: []int{0}, Toward: []int{1}, Mix: 0.25}},
	} {
		f.Passes, f.Encoded = nil, nil
		o := flowOptions(1, 2)
		o.Condition = c.in
		m := openFlow(t, "refine", f, o)
		words := [][]int{c.want.Tokens}
		if c.want.Toward != nil {
			words = append(words, c.want.Toward)
		}
		w := float32(c.want.Tokens[0]) + c.want.Mix // share of the cross
		step, err := m.Next()
		if err != nil {
			t.Fatal(err)
		}
		got := slices.Clone(step.Values)
		finish(t, m)
		if !reflect.DeepEqual(f.Encoded, words) {
			t.Errorf("%+v: the network encoded %v, want %v", c.in, f.Encoded, words)
		}
		for n, p := range f.Passes {
			if len(p.Conditions) != 1 || !slices.Equal(p.Conditions[0], []float32{1 - w, w}) {
				t.Errorf("%+v: pass %d is asked for %v, want the share %v of the cross", c.in, n+1, p.Conditions, w)
			}
		}
		for i := range got {
			if want := f.Pictures[0][i] + w*(f.Pictures[1][i]-f.Pictures[0][i]); math.Abs(float64(got[i]-want)) > 1e-5 {
				t.Fatalf("%+v: value %d is %v, want %v", c.in, i, got[i], want)
			}
		}
	}
}

// The spans told are those of the steps, and add up to the time that is left.
func TestShortcutSpans(t *testing.T) {
	f := drawings(ring, cross)
	for _, strength := range []float32{0, 0.3, 1} {
		for _, passes := range []int{1, 2, 3, 7, 64} {
			f.Passes = nil
			o := flowOptions(1, passes)
			if o.Shortcut = true; strength > 0 {
				o.Init, o.Strength = f.Pictures[0], strength
			}
			values(t, f, o)
			at := f.Passes[0].T
			for i, p := range f.Passes {
				if p.T != at {
					t.Fatalf("pass %d of %d is at %v, and the one before led to %v", i+1, passes, p.T, at)
				}
				at += p.Span
			}
			if at != 1 || strength > 0 && math.Abs(float64(f.Passes[0].T-(1-strength))) > 1e-7 {
				t.Errorf("strength %v, %d passes: from %v to %v", strength, passes, f.Passes[0].T, at)
			}
		}
	}
	f.Passes = nil
	values(t, f, flowOptions(1, 4))
	for i, p := range f.Passes {
		if p.Span != 0 {
			t.Errorf("pass %d told the span %v, and was not to", i+1, p.Span)
		}
	}
}

func TestFlowSteps(t *testing.T) {
	f := twins()
	for _, solver := range []Solver{Euler, Heun} {
		for passes := 1; passes < 12; passes++ {
			f.Passes = nil
			o := flowOptions(1, passes)
			o.Solver = solver
			steps := finish(t, openFlow(t, "refine", f, o))
			if len(steps) != passes || len(f.Passes) != passes {
				t.Fatalf("solver %d: %d steps and %d calls, want %d", solver, len(steps), len(f.Passes), passes)
			}
			for i, s := range steps {
				last := i == passes-1
				if s.Pass != i+1 || s.Passes != passes || s.Drawn != 8 || s.Length != 8 || s.Known() != 8 || len(s.Values) != 16 ||
					len(s.Tokens) > 0 || len(s.Fresh) > 0 || s.Confidence != 0 ||
					s.From != f.Passes[i].T || s.Done != last || (s.Stopped == "end") != last || (s.Time == 1) != last {
					t.Errorf("solver %d: step %d of %d is %+v", solver, i+1, passes, s)
				}
				var change float64
				for j, v := range s.Values {
					if i > 0 {
						change += math.Abs(float64(v-steps[i-1].Values[j])) / 16
					}
				}
				if math.Abs(change-float64(s.Change)) > 1e-6 {
					t.Errorf("solver %d: step %d of %d says it changed by %v, want %v", solver, i+1, passes, s.Change, change)
				}
			}
		}
	}
}

func TestFlowSameSeedSameValues(t *testing.T) {
	f := twins()
	o := flowOptions(3, 6)
	o.Solver, o.Guidance, o.Condition.Tokens = Heun, 1.5, []int{1}
	o.Toward, o.Mix = 9, 0.5
	o.Wrap = &Grid{4, 2, 2}
	want := values(t, f, o)
	for range 5 {
		if got := values(t, f, o); !slices.Equal(got, want) {
			t.Fatalf("the same seed gives %v and %v", got, want)
		}
	}
	f.Spread = 0.1
	other := map[string]bool{}
	for o.Seed = range 10 {
		other[fmt.Sprint(values(t, f, o))] = true
	}
	if len(other) != 10 {
		t.Errorf("10 seeds give %d results", len(other))
	}
}

func TestFlowAllocatesNothing(t *testing.T) {
	for _, solver := range []Solver{Euler, Heun} {
		net := newBlur(8, 8)
		o := FlowOptions{
			Passes: 1000, Guidance: 3, Solver: solver, Condition: Condition{Tokens: []int{1}},
			Init: make([]float32, 64), Strength: 0.9,
			Known: make([]float32, 64), Mask: slices.Repeat([]bool{true, false}, 32),
			Toward: 1, Mix: 0.5, Wrap: &Grid{8, 8, 1},
		}
		m := openFlow(t, "refine", net, o)
		if allocations := testing.AllocsPerRun(500, func() {
			if step, err := m.Next(); err != nil || step.Done {
				t.Fatal(step, err)
			}
		}); allocations > 0 {
			t.Errorf("solver %d: %v allocations a step, want none", solver, allocations)
		}
	}
}

// Whatever is asked, a flow ends in as many passes as were asked for, with
// finite values, what is known in place, and without a look at t = 1.
func TestFlowsEnd(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 1000 {
		f := twins()
		f.Spread = []float64{0, 0.5}[r.IntN(2)]
		o := flowOptions(r.Uint64(), 1+r.IntN(20))
		o.Guidance = []float32{0, 1, 4, 100}[r.IntN(4)]
		o.Solver = Solver(r.IntN(2))
		o.Shortcut = o.Solver == Euler && r.IntN(2) == 0
		o.Condition = Condition{Tokens: []int{r.IntN(2)}, Toward: []int{r.IntN(2)}, Mix: float32(r.IntN(3)) / 2}
		o.Toward, o.Mix = r.Uint64N(3), float32(r.IntN(5))/4
		if r.IntN(2) == 0 {
			o.Init, o.Strength = f.Pictures[0], []float32{1, 0.5, 1e-4, 1e-30}[r.IntN(4)]
		}
		if r.IntN(2) == 0 {
			o.Known, o.Mask = f.Pictures[1], make([]bool, 8)
			for i := range o.Mask {
				o.Mask[i] = r.IntN(2) == 0
			}
		}
		if r.IntN(2) == 0 {
			o.Wrap = &Grid{4, 2, 2}
		}
		steps := finish(t, openFlow(t, "refine", f, o))
		if len(steps) != o.Passes || len(f.Passes) != o.Passes {
			t.Fatalf("%+v: %d steps, %d calls", o, len(steps), len(f.Passes))
		}
		for _, step := range steps {
			if i := slices.IndexFunc(step.Values, notFinite); i >= 0 {
				t.Fatalf("%+v: %s: value %d is %v", o, step, i, step.Values[i])
			}
			for i, known := range o.Known {
				if !o.Mask[i/2] && step.Values[i] != known {
					t.Fatalf("%+v: %s: value %d is %v, want the known %v", o, step, i, step.Values[i], known)
				}
			}
		}
	}
}
