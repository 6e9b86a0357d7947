package strategy

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// form is the quatrain of five characters a line.
func form(starts ...int) Constraint {
	return Constraint{Newline: nlToken, Lines: []int{5, 5, 5, 5}, LineStarts: starts}
}

func TestLinesGiveTheForm(t *testing.T) {
	for _, name := range []string{"ar", "nar", "refine"} {
		for seed := range uint64(20) {
			net := spring()
			o := tableOptions(seed)
			o.Sampling.Temperature = 20 // nearly any token is drawn
			o.Constraint = form(net.Token("春"), -1, net.Token("日"), net.Token("月"))
			o.Constraint.Banned = []int{maskToken, bosToken}
			if name == "refine" {
				o.Passes = 5
			}
			steps := finish(t, open(t, name, net, o))
			last := steps[len(steps)-1]
			lines := strings.Split(net.Text(last.Tokens), "/")
			if len(lines) != 4 || last.Stopped != "end" || last.Length != 24 || last.Drawn != 17 {
				t.Fatalf("%s: %q, last step %+v", name, lines, last)
			}
			for i, line := range lines {
				if n := len([]rune(line)); n != 5 {
					t.Errorf("%s: line %d is %q, want 5 characters", name, i+1, line)
				}
				if want := []string{"春", "", "日", "月"}[i]; !strings.HasPrefix(line, want) {
					t.Errorf("%s: line %d is %q, want it to begin with %s", name, i+1, line, want)
				}
			}
			if net.Calls != len(steps) {
				t.Errorf("%s: %d calls in %d steps", name, net.Calls, len(steps))
			}
		}
	}
}

// Without a form, ar begins a given line wherever it broke the one before, and
// does not end before the last.
func TestLineStartsFollowNewlines(t *testing.T) {
	net := spring()
	net.Texts = append(net.Texts, append(slices.Clone(net.Texts[0][:3]), endToken)) // would end early
	net.Weights = append(net.Weights, 50)
	want := []string{"春", "江", "花", "月"}
	var starts []int
	for _, s := range want {
		starts = append(starts, net.Token(s))
	}
	for seed := range uint64(50) {
		o := tableOptions(seed)
		o.Sampling.Temperature = 1.5
		o.Constraint.LineStarts = starts
		steps := finish(t, open(t, "ar", net, o))
		last := steps[len(steps)-1]
		lines := strings.Split(net.Text(last.Tokens), "/")
		for i, line := range lines {
			if i < len(want) && !strings.HasPrefix(line, want[i]) {
				t.Fatalf("seed %d: line %d is %q, want it to begin with %s", seed, i+1, line, want[i])
			}
		}
		if last.Stopped == "end" && len(lines) < len(want) {
			t.Fatalf("seed %d: ended after %d lines: %q", seed, len(lines), lines)
		}
	}
}

func TestFillIn(t *testing.T) {
	net := spring()
	var fixed = map[int]int{}
	for slot, s := range strings.Split("＿眠不覺曉/處處＿＿鳥/夜＿＿＿聲/＿＿知多＿", "") {
		if s != "＿" {
			fixed[slot] = net.Token(s)
		}
	}
	for _, o := range []Options{{Length: Predicted}, {Length: Fixed}, {Length: 24}} {
		for _, name := range []string{"nar", "refine"} {
			all := tableOptions(4)
			all.Length, all.Constraint.Fixed = o.Length, fixed
			if name == "refine" {
				all.Passes = 3
			}
			got := result(t, net, open(t, name, net, all))
			if want := "春眠不覺曉/處處聞啼鳥/夜來風雨聲/花落知多少"; got != want {
				t.Errorf("%s, length %d: %s, want %s", name, o.Length, got, want)
			}
		}
	}
}

// ar keeps to what is given at the beginning, and to what needs no foresight.
func TestARKeepsGivenBeginning(t *testing.T) {
	net := spring()
	o := tableOptions(1)
	o.Constraint.Fixed = map[int]int{0: net.Token("床"), 1: net.Token("前")}
	steps := finish(t, open(t, "ar", net, o))
	if got, want := net.Text(steps[len(steps)-1].Tokens), "床前明月光/疑是地上霜/舉頭望明月/低頭思故鄉"; got != want {
		t.Errorf("response is %s, want %s", got, want)
	}
	if !slices.Equal(steps[0].Fresh, []int{2}) || net.Calls != len(steps) || len(steps) != 22 {
		t.Errorf("%d calls in %d steps, of which the first is %+v", net.Calls, len(steps), steps[0])
	}
	o.Constraint = form()
	o.Constraint.Fixed = map[int]int{5: nlToken, 23: endToken}
	finish(t, open(t, "ar", net, o)) // the form puts both there anyway
	o.Constraint = Constraint{LineStarts: []int{net.Token("床")}, Newline: nlToken, Fixed: map[int]int{1: net.Token("前")}}
	if got := result(t, net, open(t, "ar", net, o)); !strings.HasPrefix(got, "床前") {
		t.Errorf("response is %s, want it to begin with 床前", got)
	}
}

func TestGivenEndIsTheLength(t *testing.T) {
	for _, name := range []string{"ar", "nar", "refine"} {
		net := spring()
		o := tableOptions(1)
		o.Constraint.Fixed = map[int]int{7: endToken}
		if name == "refine" {
			o.Passes = 3
		}
		steps := finish(t, open(t, name, net, o))
		last := steps[len(steps)-1]
		if len(last.Tokens) != 7 || last.Length != 8 || last.Stopped != "end" || net.Calls != len(steps) {
			t.Errorf("%s: last step %+v", name, last)
		}
	}
}

// A response that is given whole needs no pass, only a step to say so.
func TestEverythingGiven(t *testing.T) {
	for _, name := range []string{"ar", "nar", "refine"} {
		net := spring()
		o := tableOptions(1)
		o.Constraint.Fixed = map[int]int{0: net.Token("春"), 1: net.Token("眠"), 2: endToken}
		if name == "refine" {
			o.Passes = 3
		}
		steps := finish(t, open(t, name, net, o))
		if len(steps) != 1 || steps[0].Pass != 0 || net.Text(steps[0].Tokens) != "春眠" || net.Calls != 0 {
			t.Errorf("%s: steps are %+v", name, steps)
		}
	}
}

func TestUnsupported(t *testing.T) {
	net := spring()
	base := tableOptions(1)
	gap := map[int]int{2: net.Token("明")}
	for _, c := range []struct {
		strategy string
		change   func(*Options)
		want     string
		can      []string
	}{
		{"ar", func(o *Options) { o.Constraint.Fixed = gap }, "fill-in", []string{"nar", "refine"}},
		{"ar", func(o *Options) { o.Constraint = form(); o.Constraint.Fixed = gap }, "fill-in", []string{"nar", "refine"}},
		{"ar", func(o *Options) { o.Length = Fixed }, "a fixed number of slots", []string{"nar", "refine"}},
		{"ar", func(o *Options) { o.Passes = 4 }, "more than one pass an element", []string{"refine"}},
		{"nar", func(o *Options) { o.Block = 4 }, "blocks", []string{"refine"}},
		{"nar", func(o *Options) { o.Remask = true }, "remasking", []string{"refine"}},
		{"nar", func(o *Options) { o.Schedule = Linear }, "a schedule", []string{"refine"}},
		{"nar", func(o *Options) { o.ConfidenceTemperature = 1 }, "a confidence temperature", []string{"refine"}},
		{"nar", func(o *Options) { o.Constraint.LineStarts = []int{4} }, "an acrostic without the lengths of the lines", []string{"ar"}},
		{"refine", func(o *Options) { o.Passes = 2; o.Constraint.LineStarts = []int{4} }, "an acrostic without the lengths of the lines", []string{"ar"}},
	} {
		o := base
		c.change(&o)
		err := newError(c.strategy, net, testPrompt, o)
		var unsupported *UnsupportedError
		if !errors.As(err, &unsupported) || unsupported.Strategy != c.strategy || unsupported.Want != c.want || !slices.Equal(unsupported.Can, c.can) {
			t.Errorf("%s: error is %v, want %s to be supported by %v", c.strategy, err, c.want, c.can)
		}
	}
}

func newError(strategy string, net *table, prompt []int, o Options) (err error) {
	switch strategy {
	case "ar":
		_, err = NewAR(net, prompt, o)
	case "nar":
		_, err = NewNAR(net, prompt, o)
	case "refine":
		_, err = NewRefine(net, prompt, o)
	}
	return err
}

func TestOptionErrors(t *testing.T) {
	net := spring()
	for _, c := range []struct {
		strategies string
		change     func(o *Options)
		option     string
	}{
		{"ar nar refine", func(o *Options) { o.End = -1 }, "end"},
		{"ar nar refine", func(o *Options) { o.End = 1000 }, "end"},
		{"nar refine", func(o *Options) { o.Mask = 1000 }, "mask"},
		{"nar refine", func(o *Options) { o.Mask = endToken }, "mask"},
		{"ar nar refine", func(o *Options) { o.Sampling.TopP = 2 }, "top-p"},
		{"ar nar refine", func(o *Options) { o.MaxLength = -1 }, "max-length"},
		{"nar refine", func(o *Options) { o.MaxLength = 25 }, "max-length"},
		{"ar nar refine", func(o *Options) { o.Length = -2 }, "length"},
		{"nar refine", func(o *Options) { o.Length = 25 }, "length"},
		{"ar", func(o *Options) { o.Length = 202 }, "length"},
		{"refine", func(o *Options) { o.Passes = 0 }, "passes"},
		{"refine", func(o *Options) { o.Block = -1 }, "block"},
		{"refine", func(o *Options) { o.Schedule = 2 }, "schedule"},
		{"refine", func(o *Options) { o.ConfidenceTemperature = -1 }, "confidence-temperature"},
		{"ar nar refine", func(o *Options) { o.Constraint.Banned = []int{endToken} }, "banned"},
		{"ar nar refine", func(o *Options) { o.Constraint.Banned = []int{-1} }, "banned"},
		{"ar nar refine", func(o *Options) { o.Constraint.Fixed = map[int]int{-1: 5} }, "fixed"},
		{"ar nar refine", func(o *Options) { o.Constraint.Fixed = map[int]int{0: 1000} }, "fixed[0]"},
		{"ar nar refine", func(o *Options) { o.Constraint.Fixed = map[int]int{1 << 50: 5} }, "fixed"},
		{"nar refine", func(o *Options) { o.Constraint.Fixed = map[int]int{23: 5} }, "fixed"}, // no room for END
		{"nar refine", func(o *Options) { o.Constraint.Fixed = map[int]int{0: maskToken} }, "fixed[0]"},
		{"ar nar refine", func(o *Options) { o.Constraint = form(-2) }, "line-starts[0]"},
		{"ar nar refine", func(o *Options) { o.Constraint = form(4, 4, 4, 4, 4) }, "line-starts"},
		{"ar nar refine", func(o *Options) { o.Constraint = form(); o.Constraint.Newline = -1 }, "newline"},
		{"ar nar refine", func(o *Options) { o.Constraint = form(); o.Constraint.Newline = endToken }, "newline"},
		{"ar nar refine", func(o *Options) { o.Constraint = form(); o.Constraint.Lines[2] = 0 }, "lines[2]"},
		{"ar nar refine", func(o *Options) { o.Constraint = form(); o.Length = 20 }, "length"},
		{"nar refine", func(o *Options) { o.Constraint = form(); o.MaxLength = 20 }, "length"},
		{"ar nar refine", func(o *Options) { o.Constraint = form(); o.Constraint.Fixed = map[int]int{5: 7} }, "fixed[5]"},
		{"ar nar refine", func(o *Options) { o.Constraint = form(); o.Constraint.Fixed = map[int]int{0: nlToken} }, "fixed[0]"},
		{"ar nar refine", func(o *Options) { o.Constraint = form(5); o.Constraint.Fixed = map[int]int{0: 7} }, "fixed[0]"},
		{"ar nar refine", func(o *Options) { o.Length = 6; o.Constraint.Fixed = map[int]int{5: 7} }, "fixed[5]"},
		{"ar nar refine", func(o *Options) { o.Length = 6; o.Constraint.Fixed = map[int]int{6: 7} }, "fixed"},
		{"ar nar refine", func(o *Options) { o.Constraint.Fixed = map[int]int{2: endToken, 3: 7} }, "fixed"},
	} {
		for _, name := range strings.Fields(c.strategies) {
			o := tableOptions(1)
			if name == "refine" {
				o.Passes = 2
			}
			c.change(&o)
			var option *OptionError
			if err := newError(name, net, testPrompt, o); !errors.As(err, &option) || option.Option != c.option {
				t.Errorf("%s: error is %v, want one of option %s", name, err, c.option)
			}
		}
	}
	for _, name := range []string{"ar", "nar"} {
		for _, prompt := range [][]int{nil, {-1}, {5, 1000}, make([]int, 201)} {
			var option *OptionError
			if err := newError(name, net, prompt, tableOptions(1)); !errors.As(err, &option) || !strings.HasPrefix(option.Option, "prompt") {
				t.Errorf("%s with a prompt of %d: error is %v", name, len(prompt), err)
			}
		}
	}
}
