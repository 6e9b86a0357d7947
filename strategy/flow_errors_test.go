package strategy

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

func TestFlowOptionErrors(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	object := func(x float32) []float32 { return slices.Repeat([]float32{x}, 16) }
	for _, c := range []struct {
		name, strategy string
		change         func(*FlowOptions)
		want           string
	}{
		{"no passes", "refine", func(o *FlowOptions) { o.Passes = 0 }, "passes: got 0, want 1 to 1024"},
		{"too many passes", "refine", func(o *FlowOptions) { o.Passes = 1025 }, "passes: got 1025, want 1 to 1024"},
		{"negative passes", "nar", func(o *FlowOptions) { o.Passes = -1 }, "passes: got -1, want 0 to 1"},
		{"guidance below", "refine", func(o *FlowOptions) { o.Guidance = -0.5 }, "guidance: got -0.5, want 0 to 100"},
		{"guidance above", "refine", func(o *FlowOptions) { o.Guidance = 100.5 }, "guidance: got 100.5, want 0 to 100"},
		{"guidance NaN", "refine", func(o *FlowOptions) { o.Guidance = nan }, "guidance: got NaN, want 0 to 100"},
		{"guidance Inf", "refine", func(o *FlowOptions) { o.Guidance = inf }, "guidance: got +Inf, want 0 to 100"},
		{"solver", "refine", func(o *FlowOptions) { o.Solver = 7 }, "solver: got 7, want Euler or Heun"},
		{"shortcut", "refine", func(o *FlowOptions) { o.Solver, o.Shortcut = Heun, true },
			"solver: got Heun, want Euler for shortcut steps, whose mean velocity needs no correction"},
		{"temperature", "refine", func(o *FlowOptions) { o.Temperature = 2.5 }, "temperature: got 2.5, want above 0 to 2"},
		{"mix", "refine", func(o *FlowOptions) { o.Mix = 1.5 }, "mix: got 1.5, want 0 to 1"},
		{"mix NaN", "refine", func(o *FlowOptions) { o.Mix = nan }, "mix: got NaN, want 0 to 1"},
		{"mix of the condition", "refine", func(o *FlowOptions) { o.Condition.Mix = -1 }, "mix: got -1, want 0 to 1 for the condition"},
		{"mix of the negative", "refine", func(o *FlowOptions) { o.Negative.Mix = nan }, "mix: got NaN, want 0 to 1 for the negative condition"},
		{"strength alone", "refine", func(o *FlowOptions) { o.Strength = 0.5 }, "strength: got 0.5, want 0 or 1 without an object to begin from"},
		{"strength NaN", "refine", func(o *FlowOptions) { o.Strength = nan }, "strength: got NaN, want 0 or 1 without an object to begin from"},
		{"strength 0", "refine", func(o *FlowOptions) { o.Init = object(0) }, "strength: got 0, want above 0 to 1"},
		{"strength 2", "refine", func(o *FlowOptions) { o.Init, o.Strength = object(0), 2 }, "strength: got 2, want above 0 to 1"},
		{"init", "refine", func(o *FlowOptions) { o.Init, o.Strength = object(0)[:15], 1 }, "init: got 15 values, want 16"},
		{"empty init", "refine", func(o *FlowOptions) { o.Init, o.Strength = object(0)[:0], 1 }, "init: got 0 values, want 16"},
		{"init Inf", "refine", func(o *FlowOptions) { o.Init, o.Strength = object(inf), 1 }, "init: got +Inf at 0, want finite values"},
		{"mask", "refine", func(o *FlowOptions) { o.Known, o.Mask = object(0), make([]bool, 16) }, "mask: got 16 elements, want 8"},
		{"no mask", "refine", func(o *FlowOptions) { o.Known = object(0) }, "mask: got 0 elements, want 8"},
		{"nothing known", "refine", func(o *FlowOptions) { o.Mask = make([]bool, 8) }, "mask: got a known object of 0 values, want one of 16"},
		{"known NaN", "refine", func(o *FlowOptions) {
			o.Known, o.Mask = object(0), []bool{true, false, false, false, false, false, false, false}
			o.Known[1], o.Known[2] = nan, nan
		}, "mask: got a known object with NaN at 2, want finite values where it stays"},
		{"wrap", "refine", func(o *FlowOptions) { o.Wrap = &Grid{3, 3, 2} }, "wrap: got 3x3 of 2 channels, want a grid of 8 elements of 2 channels"},
		{"wrap of nothing", "refine", func(o *FlowOptions) { o.Wrap = &Grid{} }, "wrap: got 0x0 of 0 channels, want a grid of 8 elements of 2 channels"},
		{"wrap channels", "refine", func(o *FlowOptions) { o.Wrap = &Grid{4, 2, 1} }, "wrap: got 4x2 of 1 channels, want a grid of 8 elements of 2 channels"},
	} {
		o := flowOptions(1, 1)
		c.change(&o)
		_, err := NewFlow(c.strategy, twins(), o)
		var option *OptionError
		if !errors.As(err, &option) || err.Error() != c.want {
			t.Errorf("%s: error is %v, want %s", c.name, err, c.want)
		}
	}
}

func TestFlowUnsupported(t *testing.T) {
	for _, c := range []struct {
		strategy string
		change   func(*FlowOptions)
		want     string
	}{
		{"nar", func(o *FlowOptions) { o.Passes = 2 }, "strategy nar does not support more than one pass; supported by: refine"},
		{"nar", func(o *FlowOptions) { o.Passes = 5000 }, "strategy nar does not support more than one pass; supported by: refine"},
		{"nar", func(o *FlowOptions) { o.Solver = Heun }, "strategy nar does not support Heun's method; supported by: refine"},
		{"ar", func(*FlowOptions) {}, "strategy ar does not support continuous elements; supported by: nar, refine"},
	} {
		o := flowOptions(1, 1)
		c.change(&o)
		_, err := NewFlow(c.strategy, twins(), o)
		var unsupported *UnsupportedError
		if !errors.As(err, &unsupported) || err.Error() != c.want {
			t.Errorf("error is %v, want %s", err, c.want)
		}
	}
}

// A network that gives a bad number makes an error that says where.
func TestBadVelocitiesNameTheValue(t *testing.T) {
	for _, c := range []struct {
		name string
		bad  float64
		at   int
		want string
		o    func(*FlowOptions)
	}{
		{"nan", math.NaN(), 5, "refine: pass 3: velocity of value 5 of 16 is NaN, want at most 1e+30 in size", func(*FlowOptions) {}},
		{"inf", math.Inf(-1), 0, "refine: pass 3: velocity of value 0 of 16 is -Inf, want at most 1e+30 in size", func(*FlowOptions) {}},
		{"large", 1e35, 15, "refine: pass 3: velocity of value 15 of 16 is 1e+35, want at most 1e+30 in size", func(*FlowOptions) {}},
		{"negative", math.NaN(), 18, "refine: pass 3: velocity of value 2 of 16 is NaN, want at most 1e+30 in size", func(o *FlowOptions) {
			o.Guidance, o.Condition.Tokens = 2, []int{1}
		}},
		{"corrected", math.NaN(), 5, "refine: pass 4: velocity of value 5 of 16 is NaN, want at most 1e+30 in size", func(o *FlowOptions) {
			o.Solver = Heun
		}},
	} {
		f := twins()
		f.Spoil = func(pass int, v []float32) {
			if strings.Contains(c.want, fmt.Sprintf("pass %d:", pass)) {
				v[c.at] = float32(c.bad)
			}
		}
		o := flowOptions(1, 5)
		c.o(&o)
		m := openFlow(t, "refine", f, o)
		var err error
		for _, err = range Steps(m) {
		}
		if err == nil || err.Error() != c.want {
			t.Errorf("%s: error is %v, want %s", c.name, err, c.want)
		}
		if _, again := m.Next(); again != err {
			t.Errorf("%s: Next after the error returns %v", c.name, again)
		}
	}
}

type brokenFlow struct{ *field }

func (brokenFlow) Velocity([]float32, float32, float32, [][]float32) ([]float32, error) {
	return nil, errNetwork
}

type shortFlow struct{ *field }

func (shortFlow) Velocity([]float32, float32, float32, [][]float32) ([]float32, error) {
	return make([]float32, 3), nil
}

// deafFlow encodes no caption but that of token 0.
type deafFlow struct{ *field }

func (deafFlow) Encode(tokens []int) ([]float32, error) {
	if len(tokens) == 1 && tokens[0] == 0 {
		return make([]float32, 2), nil
	}
	return nil, errNetwork
}

// unevenFlow encodes a caption as many values as it has tokens.
type unevenFlow struct{ *field }

func (unevenFlow) Encode(tokens []int) ([]float32, error) { return make([]float32, len(tokens)), nil }

type oddFlow struct{ *field }

func (oddFlow) Elements() int { return 7 }

func TestFlowNetworkErrors(t *testing.T) {
	_, err := openFlow(t, "nar", brokenFlow{twins()}, FlowOptions{Guidance: 1}).Next()
	if !errors.Is(err, errNetwork) || err.Error() != "nar: pass 1: network is down" {
		t.Errorf("error is %v", err)
	}
	_, err = openFlow(t, "nar", shortFlow{twins()}, FlowOptions{Guidance: 1}).Next()
	if want := "nar: pass 1: the network returned 3 values, want 16 for 1 conditions"; err == nil || err.Error() != want {
		t.Errorf("error is %v, want %s", err, want)
	}
	_, err = NewFlow("nar", oddFlow{twins()}, FlowOptions{Guidance: 1})
	if want := "nar: the network makes 16 values in 7 elements, want as many values in each"; err == nil || err.Error() != want {
		t.Errorf("error is %v, want %s", err, want)
	}
	for _, o := range []FlowOptions{
		{Guidance: 1, Condition: Condition{Tokens: []int{1}}},
		{Guidance: 1, Condition: Condition{Tokens: []int{0}, Toward: []int{1}, Mix: 0.5}},
		{Guidance: 2, Condition: Condition{Tokens: []int{0}}, Negative: Condition{Tokens: []int{1}}},
	} {
		_, err := NewFlow("nar", deafFlow{twins()}, o)
		if !errors.Is(err, errNetwork) || err.Error() != "nar: condition: network is down" {
			t.Errorf("%+v: error is %v", o, err)
		}
	}
	_, err = NewFlow("nar", unevenFlow{twins()}, FlowOptions{Guidance: 1, Condition: Condition{Tokens: []int{0}, Toward: []int{0, 1}, Mix: 0.5}})
	if want := "nar: condition: the network encodes one caption as 1 values and another as 2, want as many"; err == nil || err.Error() != want {
		t.Errorf("error is %v, want %s", err, want)
	}
}
