package calibrate

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stride-ml/stride"
)

const ms = time.Millisecond

// example is a calibration of poems: costs in ms an element, spread 1.2.
func example() *Calibration {
	c := &Calibration{
		Format: Format, Model: "tang", Unit: Elements, Lengths: Lengths{Median: 30, Most: 64}, Probe: Probe{Seconds: 0.01},
		Quality: Quality{Format: Format, From: FromData},
	}
	add := func(s Setting, fixed, perElement, score float64) {
		c.Entries = append(c.Entries, Entry{s, Cost{Fixed: fixed / 1000, PerElement: perElement / 1000, P95: 1.2, Runs: 9}, score})
	}
	add(Setting{Name: "ar", Strategy: ar}, 1, 0.5, 0.95)
	add(Setting{Name: "nar fixed", Strategy: nar, Length: "fixed"}, 14, 0, 0.20)
	add(Setting{Name: "nar predicted", Strategy: nar, Length: "predicted"}, 1, 0.3, 0.20)
	for _, n := range []int{1, 4, 8, 16} {
		add(Setting{Name: "refine " + string(rune('0'+n)), Strategy: refine, Passes: n, Length: "predicted"}, 1, 0.3*float64(n), 0.2+0.7*float64(n)/16)
	}
	c.Entries[len(c.Entries)-1].Name = "refine 16"
	return c
}

var quatrain = Work{Length: 24, Most: 24}

func TestChoose(t *testing.T) {
	for _, c := range []struct {
		name string
		need Need
		work Work
		want string
	}{
		{"all fits: the best", Need{Budget: time.Second}, quatrain, "ar"},
		{"the best that fits", Need{Budget: 15 * ms}, quatrain, "refine 1"}, // ar may take 15.6
		{"the 95th of 100 counts", Need{Budget: 16 * ms}, quatrain, "ar"},
		{"a slower machine", Need{Budget: 16 * ms}, Work{Length: 24, Most: 24, Slowdown: 1.5}, "refine 1"},
		{"a longer poem", Need{Budget: 30 * ms}, Work{Length: 64, Most: 64}, "refine 1"},
		{"the length is not known: the longest counts", Need{Budget: 30 * ms}, Work{Length: 24, Most: 64}, "refine 1"},
		{"quality: the fastest", Need{Quality: 0.2}, quatrain, "nar predicted"},
		{"quality: of passes", Need{Quality: 0.5, Strategy: refine}, quatrain, "refine 8"},
		{"quality is compared at two decimals", Need{Quality: 0.549, Strategy: refine}, quatrain, "refine 8"},
		{"both: the best within", Need{Budget: 100 * ms, Quality: 0.5, Strategy: refine}, quatrain, "refine 8"},
		{"passes between two", Need{Budget: time.Second, Passes: 6}, quatrain, "refine 6"},
		{"a kind of length", Need{Budget: 20 * ms, Length: "fixed", Strategy: nar}, quatrain, "nar fixed"},
	} {
		got, err := example().Choose(c.need, c.work)
		if err != nil || got.Name != c.want {
			t.Errorf("%s: got %s, %v, want %s", c.name, got.Name, err, c.want)
		}
	}
}

// Of what is about equally good the faster is taken.
func TestChooseTies(t *testing.T) {
	c := example()
	for i := range c.Entries {
		c.Entries[i].Score = 0.5 + float64(i)/10000
	}
	got, err := c.Choose(Need{Budget: time.Second}, quatrain)
	if err != nil || got.Strategy != nar || got.Expected > 9*ms {
		t.Errorf("got %s in %v, %v, want the fastest", got.Name, got.Expected, err)
	}
	for refined, want := range map[float64]string{0.97: "ar", 0.98: "refine 16"} {
		c := example() // where ar has 0.95
		c.Entries[len(c.Entries)-1].Score = refined
		if got, err := c.Choose(Need{Budget: time.Second}, quatrain); err != nil || got.Name != want {
			t.Errorf("with %v beside 0.95: got %s, %v, want %s", refined, got.Name, err, want)
		}
	}
}

func TestChooseEstimates(t *testing.T) {
	got, err := example().Choose(Need{Budget: 40 * ms}, Work{Length: 24, Most: 32, Slowdown: 2})
	if err != nil {
		t.Fatal(err)
	}
	// ar: (1 + 0.5·24)·2 and (1 + 0.5·32)·2·1.2, which is over the budget
	if got.Name != "refine 1" || got.Better == nil || got.Better.Name != "ar" || got.Better.High.Round(ms/10) != 408*ms/10 {
		t.Errorf("got %s, better %+v, want refine 1 and ar in 40.8 ms", got.Name, got.Better)
	}
	if got.Expected.Round(ms/10) != 164*ms/10 || got.High.Round(ms/100) != 2544*ms/100 {
		t.Errorf("got %v, %v, want 16.4 and 25.44 ms", got.Expected, got.High)
	}
	want := "refine 1: expected 16 ms of 40ms (95 of 100 runs below 25 ms), quality 0.24; ar would take up to 41 ms; the machine is 2.0 times slower than when it was calibrated"
	if got.String() != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// What cannot be had is an error that says what could.
func TestChooseErrors(t *testing.T) {
	data, order, one := FromData, FromOrder, FromOneText
	for _, c := range []struct {
		name string
		from Source
		need Need
		want string
	}{
		{"no time", data, Need{Budget: ms}, "budget: got 1ms, want at least 9.9 ms: the fastest here, nar predicted, takes 8.2 ms, in 95 of 100 runs less than that"},
		{"no such quality", data, Need{Quality: 0.99}, "quality: got 0.99, want at most 0.95, what ar has in 13 ms"},
		{"both", data, Need{Budget: 12 * ms, Quality: 0.9}, "quality: got 0.9, want at most 0.24 within 12ms, what refine 1 has; 0.95 would take a budget of 16 ms, by ar"},
		{"negative", data, Need{Budget: -ms}, "budget: got -1ms, want more than 0"},
		{"above 1", data, Need{Quality: 1.5}, "quality: got 1.5, want 0 to 1"},
		{"not a number", data, Need{Quality: math.NaN()}, "quality: got NaN, want 0 to 1"},
		{"not measured", order, Need{Quality: 0.5}, "quality: got 0.5, want a quality that was measured: stride calibrate tang --data DIR does that"},
		{"one text", one, Need{Quality: 0.5}, "quality: got 0.5, want none: all settings of tang give the same text"},
		{"passes", data, Need{Budget: ms, Passes: 99}, "passes: got 99, want 1 to 16, which are calibrated"},
		{"passes of ar", data, Need{Budget: ms, Passes: 2, Strategy: ar}, "strategy ar does not support a number of passes"},
		{"strategy", data, Need{Budget: ms, Strategy: speculate}, "strategy: got speculate, want ar or nar or refine, which are calibrated"},
		{"length", data, Need{Budget: ms, Length: "fixed", Strategy: refine}, "length: got fixed, want predicted"},
	} {
		cal := example()
		cal.Quality.From = c.from
		_, err := cal.Choose(c.need, quatrain)
		var option *stride.OptionError
		var unsupported *stride.UnsupportedError
		if err == nil || err.Error() != c.want || !errors.As(err, &option) && !errors.As(err, &unsupported) {
			t.Errorf("%s:\ngot  %v\nwant %s", c.name, err, c.want)
		}
	}
	busy := example()
	busy.Machine.Load.Busy = true
	if _, err := busy.Choose(Need{Budget: ms}, quatrain); err == nil || !strings.Contains(err.Error(), "calibrated on a busy machine") {
		t.Errorf("got %v, want the busy machine told", err)
	}
}

// Without scores more passes are taken to be better, and one at a time best.
func TestChooseByOrder(t *testing.T) {
	c := example()
	c.SetQuality(Quality{Model: "tang", From: FromOrder})
	for _, x := range []struct {
		need Need
		want string
	}{{Need{Budget: time.Second}, "ar"}, {Need{Budget: 75 * ms, Strategy: refine}, "refine 8"}} {
		got, err := c.Choose(x.need, quatrain)
		if err != nil || got.Name != x.want {
			t.Errorf("%+v: got %s, %v, want %s", x.need, got.Name, err, x.want)
		}
		if !strings.Contains(got.String(), "quality not measured") {
			t.Errorf("the line does not say that quality was not measured: %s", got)
		}
	}
}

// A text that ends where it does is limited to what fits, by what allows most.
func TestChooseLimit(t *testing.T) {
	c := &Calibration{Model: "stories", Quality: Quality{From: FromOneText}, Entries: []Entry{
		{Setting{Name: "ar", Strategy: ar}, Cost{Fixed: 0.002, PerPrompt: 0.0001, PerElement: 0.0005, P95: 1.25}, math.NaN()},
		{Setting{Name: speculate, Strategy: speculate}, Cost{Fixed: 0.002, PerPrompt: 0.0001, PerElement: 0.0004, P95: 1.25}, math.NaN()},
	}}
	work := Work{Prompt: 10, Length: 150, Most: 254, Open: true}
	for _, x := range []struct {
		budget time.Duration
		capped bool
		name   string
		limit  int
	}{
		{time.Second, false, speculate, 0}, // both fit: the faster
		{150 * ms, false, speculate, 0},    // (2 + 1 + 0.4·254)·1.25 = 130.75
		{63 * ms, false, speculate, 118},   // 63/1.25 = 50.4 ms, less 3, by 0.4: 118.5
		{time.Second, true, speculate, 254},
	} {
		work.Capped = x.capped
		got, err := c.Choose(Need{Budget: x.budget}, work)
		if err != nil || got.Name != x.name || got.Limit != x.limit || got.High > x.budget {
			t.Errorf("%v: got %s, limit %d, high %v, %v, want %s, %d", x.budget, got.Name, got.Limit, got.High, err, x.name, x.limit)
		}
	}
	if _, err := c.Choose(Need{Budget: 5 * ms}, work); err == nil || !strings.Contains(err.Error(), "at least 7.8 ms: the fastest here, speculate of at most 8 elements, takes 6.2 ms, in 95 of 100 runs less than that") {
		t.Errorf("got %v, want the least budget of 8 elements", err)
	}
	work.Open = false
	if got, err := c.Choose(Need{Budget: 63 * ms}, work); err == nil {
		t.Errorf("a length that was asked for was limited: %+v", got)
	}
}

func TestFrontier(t *testing.T) {
	c := example()
	var on []string
	for i, yes := range c.Frontier(quatrain) {
		if yes {
			on = append(on, c.Entries[i].Name)
		}
	}
	// refine 1 is as fast as nar predicted and better; ar is faster than refine 4
	if got := strings.Join(on, ", "); got != "ar, refine 1" {
		t.Errorf("got %s, want ar, refine 1", got)
	}
}
