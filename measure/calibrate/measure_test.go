package calibrate

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stride-ml/stride"
)

// machine is a bench whose objects take what a formula says. Its clock goes by that.
type machine struct {
	info    stride.Info
	seconds func(s Setting, prompt, length float64, n int) (first, total float64)
	lacks   string // a setting that it cannot do
	slow    float64
	n       int
	now     time.Time
}

func (m *machine) Info() stride.Info { return m.info }

func (m *machine) Tokens(s string) []stride.Token { return make([]stride.Token, len([]rune(s))) }

func (m *machine) make(_ context.Context, s Setting, p stride.Prompt, limit int, seed uint64) (stride.Stats, error) {
	if s.Name == m.lacks {
		return stride.Stats{}, &stride.UnsupportedError{Strategy: s.Strategy, Want: "this"}
	}
	length := 24.0
	switch {
	case len(m.info.Conditions["form"]) == 0:
		length = 100 + float64(seed)
		if limit > 0 {
			length = math.Min(length, float64(limit))
		}
	case strings.HasPrefix(p.Conditions["form"], "七言"):
		length = 32
	}
	m.n++
	first, total := m.seconds(s, float64(len([]rune(p.Text))), length, m.n)
	m.now = m.now.Add(duration(total * m.slow))
	return stride.Stats{FirstStep: duration(first * m.slow), Total: duration(total * m.slow), Drawn: int(length)}, nil
}

var poems = stride.Info{Name: "tang", Strategies: []string{"ar", "speculate", "refine", "nar"}, MaxLength: 64,
	Conditions: map[string][]string{"form": {"五言絕句", "七言絕句"}}}

// steady are poems of which every twentieth takes half as long again.
func steady(s Setting, prompt, length float64, n int) (first, total float64) {
	first, total = 0.001+0.0001*prompt, 0.001+0.0001*prompt+0.0005*length
	if !s.leftToRight() {
		total = 0.002 + 0.0003*length*float64(max(1, s.Passes))
		first = total / float64(max(1, s.Passes))
	}
	if n%20 == 0 {
		total *= 1.5
	}
	return first, total
}

func TestMeasure(t *testing.T) {
	m := &machine{info: poems, seconds: steady, slow: 1, lacks: "nar fixed"}
	var told []float64
	c, err := measureBy(context.Background(), m, Options{Time: 30 * time.Second, Progress: func(done float64, _ string) { told = append(told, done) }}, func() time.Time { return m.now })
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, e := range c.Entries {
		names = append(names, e.Name)
		_, want := steady(e.Setting, 0, 0, 1)
		_, longer := steady(e.Setting, 0, 1, 1)
		if math.Abs(e.Cost.Fixed-want) > 0.0003 ||
			math.Abs(e.Cost.PerElement-(longer-want)) > 0.02*(longer-want) {
			t.Errorf("%s: fixed %v, each %v, want %v, %v", e.Name, e.Cost.Fixed, e.Cost.PerElement, want, longer-want)
		}
		if e.Cost.P95 < leastFactor || e.Cost.P95 > 1.55 || e.Cost.Runs < 10 {
			t.Errorf("%s: factor %v of %d runs, want 1.1 to 1.55", e.Name, e.Cost.P95, e.Cost.Runs)
		}
	}
	if got := strings.Join(names, ", "); got != "ar, nar predicted, refine 1, refine 2, refine 4, refine 8, refine 16, refine 32, speculate" {
		t.Errorf("settings: %s", got)
	}
	if c.Lengths != (Lengths{Median: 28, Most: 32}) || c.Unit != Elements || c.Probe.Setting.Name != "nar predicted" {
		t.Errorf("lengths %+v of %s, probe %+v", c.Lengths, c.Unit, c.Probe)
	}
	if err := c.check(); err != nil {
		t.Errorf("what was measured could not be read again: %v", err)
	}
	if told[len(told)-1] != 1 || !slices.IsSorted(told) {
		t.Errorf("progress went %v", told)
	}

	// A machine that is slower now is noticed, one that is faster not believed.
	for slow, want := range map[float64]float64{1: 1, 3: 3, 0.5: 1} {
		m.slow = slow
		got, err := c.slowdown(context.Background(), m, func() time.Time { return m.now })
		if err != nil || math.Abs(got-want) > 0.3 {
			t.Errorf("%v times slower: got %v, %v, want %v", slow, got, err, want)
		}
	}
}

// Texts without a form end where they do: they are measured at several lengths, and
// their own is kept.
func TestMeasureOpen(t *testing.T) {
	m := &machine{info: stride.Info{Name: "stories", Strategies: []string{"ar", "speculate"}, MaxLength: 255, Recipe: "ours"}, seconds: steady, slow: 1}
	c, err := measureBy(context.Background(), m, Options{Time: 5 * time.Second}, func() time.Time { return m.now })
	if err != nil {
		t.Fatal(err)
	}
	if l := c.Lengths; !l.Open || l.Capped || l.Most != 254 || l.Median < 100 || l.Median > 140 {
		t.Errorf("lengths %+v, want 100 to 140 of 254, open", c.Lengths)
	}
	if e := c.Entries[0].Cost; math.Abs(e.PerElement-0.0005) > 0.00002 {
		t.Errorf("an element takes %v, want 0.0005", e.PerElement)
	}
	public := newCalibration(stride.Info{Name: "smollm2", Strategies: []string{"ar", "speculate"}, MaxLength: 8192})
	if l := public.Lengths; !l.Open || !l.Capped || l.Most != mostOpen {
		t.Errorf("lengths of a public model: %+v, want at most %d", l, mostOpen)
	}
}

func TestMeasureErrors(t *testing.T) {
	broken := errors.New("broken")
	m := &machine{info: stride.Info{Name: "mute", Strategies: []string{"nar"}, Sound: &stride.SoundInfo{}}, seconds: steady, slow: 1}
	clock := func() time.Time { return m.now }
	if _, err := measureBy(context.Background(), m, Options{}, clock); err == nil || !strings.Contains(err.Error(), "no prompt") {
		t.Errorf("a model without prompts: %v", err)
	}
	failing := failingBench{&machine{info: poems, seconds: steady, slow: 1}, broken}
	if _, err := measureBy(context.Background(), failing, Options{}, clock); !errors.Is(err, broken) {
		t.Errorf("got %v, want the error of the model", err)
	}
}

type failingBench struct {
	*machine
	err error
}

func (f failingBench) make(context.Context, Setting, stride.Prompt, int, uint64) (stride.Stats, error) {
	return stride.Stats{}, f.err
}

// A few runs that others disturbed do not move the line.
func TestFit(t *testing.T) {
	var runs []run
	for i := range 20 {
		length := float64(20 + 10*(i%4))
		total := 0.005 + 0.001*length
		if i%7 == 0 {
			total *= 4
		}
		runs = append(runs, run{length: length, total: total, first: total / 2})
	}
	if c := fit(runs, false, 0); math.Abs(c.Fixed-0.005) > 1e-9 || math.Abs(c.PerElement-0.001) > 1e-9 {
		t.Errorf("got %+v, want 0.005 and 0.001 each", c)
	}
	// one length: all is fixed; a line that would begin below 0 begins there
	if c := fit([]run{{length: 5, total: 3}, {length: 5, total: 2}, {length: 5, total: 9}}, false, 0); c.Fixed != 3 || c.PerElement != 0 {
		t.Errorf("one length: %+v, want 3 fixed", c)
	}
	if c := fit([]run{{length: 1, total: 0.5}, {length: 2, total: 2}, {length: 4, total: 5}}, false, 0); c.Fixed != 0 || c.PerElement != 1 {
		t.Errorf("got %+v, want 1 each", c)
	}
}

// A flat line through runs of several lengths is not believed.
func TestFitGrows(t *testing.T) {
	runs := []run{{length: 10, total: 1}, {length: 20, total: 1}, {length: 30, total: 1}}
	if c := fit(runs, false, grows); c.PerElement != 0.025 || c.Fixed != 0.5 {
		t.Errorf("got %+v, want half of 1 s for 20 elements", c)
	}
}

// What is asked for, as far as its time depends on it.
func TestWork(t *testing.T) {
	known := Calibration{Unit: Elements, Lengths: Lengths{Median: 42, Most: 64}}
	open := Calibration{Unit: Elements, Lengths: Lengths{Median: 150, Most: 254, Open: true}}
	for _, x := range []struct {
		name   string
		c      Calibration
		prompt stride.Prompt
		length int
		want   Work
	}{
		{"a form", known, stride.Prompt{Text: "abc", Conditions: map[string]string{"form": "七言律詩"}}, 0, Work{Prompt: 3, Length: 64, Most: 64}},
		{"no form", known, stride.Prompt{}, 0, Work{Length: 42, Most: 64}},
		{"blanks", known, stride.Prompt{Fill: "春眠＿＿"}, 0, Work{Length: 5, Most: 5}},
		{"a number", known, stride.Prompt{}, 10, Work{Length: 10, Most: 10}},
		{"open", open, stride.Prompt{}, 0, Work{Length: 150, Most: 254, Open: true}},
		{"open, a number", open, stride.Prompt{}, 200, Work{Length: 150, Most: 200}},
		{"a picture", Calibration{Unit: Pictures, Lengths: Lengths{Median: 1, Most: 1}}, stride.Prompt{Text: "a dog"}, 0, Work{Length: 1, Most: 1}},
		{"speech", Calibration{Unit: Characters}, stride.Prompt{Text: "你 好 ok"}, 0, Work{Length: 4, Most: 4}},
	} {
		if got := x.c.work(x.prompt, x.length, func(s string) int { return len(s) }); got != x.want {
			t.Errorf("%s: got %+v, want %+v", x.name, got, x.want)
		}
	}
}

func TestCheckText(t *testing.T) {
	var k Check
	for i := range 100 {
		took := 80 * ms
		if i >= 94 {
			took = time.Duration(115+i-94) * ms // 115 to 120: within
		}
		k.Runs = append(k.Runs, CheckRun{"refine 8", 80 * ms, took, 100 * ms})
	}
	if !k.Held() || !strings.Contains(k.String(), "0 of 100 runs over 100ms by more than 20 %: held") {
		t.Errorf("held %v:\n%s", k.Held(), k)
	}
	for i := range 6 {
		if k.Runs[i].Took = 121 * ms; k.Held() != (i < 5) {
			t.Errorf("%d over: held is %v", i+1, k.Held())
		}
	}
	want := "chosen: refine 8 (100)\ntime / budget      least 0.80  median 0.80  90th 1.16"
	if !strings.HasPrefix(k.String(), want) || !strings.Contains(k.String(), "6 of 100 runs over 100ms by more than 20 %: not held") {
		t.Errorf("got\n%s", k)
	}
	refused := Check{Runs: k.Runs[10:], Refused: 5} // 95 and 5
	refused.Runs = append(refused.Runs, k.Runs[50:55]...)
	if !refused.Held() || !strings.Contains(refused.String(), "0 of 100 runs over 100ms by more than 20 %, 5 refused") {
		t.Errorf("5 of 100 refused: held %v\n%s", refused.Held(), refused)
	}
	if refused.Refused++; refused.Held() {
		t.Error("6 of 101 refused, and held")
	}
	if got := (Check{}).String(); got != "no runs\n" {
		t.Errorf("got %q of nothing", got)
	}
}
