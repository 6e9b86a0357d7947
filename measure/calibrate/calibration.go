package calibrate

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/measure"
)

// Calibration is what the settings of a model take on a machine and how good they
// are.
type Calibration struct {
	Format      int             `json:"format"` // of the file: [Format]
	Model       string          `json:"model"`
	Fingerprint string          `json:"fingerprint"` // of the model's files
	Machine     measure.Machine `json:"machine"`
	Measured    time.Time       `json:"measured"`
	Unit        Unit            `json:"unit"`
	Lengths     Lengths         `json:"lengths"`
	Probe       Probe           `json:"probe"`
	Entries     []Entry         `json:"settings"`

	Quality Quality `json:"-"` // kept in a file of its own: it is that of any machine
}

// Unit is what the length of an object is counted in, as far as the prompt tells it.
type Unit string

// The units there are. Of a picture there is one length.
const (
	Elements   Unit = "elements"               // of a text, END counted
	Pictures   Unit = "picture"                // all of its pixels
	Characters Unit = "characters of the text" // that is spoken
)

// Lengths are those of objects whose prompt does not tell it.
type Lengths struct {
	Median float64 `json:"median"`
	Most   float64 `json:"most"`
	// Open says that the text ends where it does: a limit may make it shorter.
	// Capped says that it may be longer than Most, so that a budget always limits it.
	Open   bool `json:"open,omitempty"`
	Capped bool `json:"capped,omitempty"`
}

// Probe is a small piece of work and what it took while the rest was measured, so
// that it tells later how much slower the machine is than then.
type Probe struct {
	Setting Setting `json:"setting"`
	Seconds float64 `json:"seconds"`
}

// Entry is a setting, what it takes and how good it is.
type Entry struct {
	Setting
	Cost Cost `json:"cost"`
	// Score is from 0 to 1 as [Quality] says, NaN where it is not known.
	Score float64 `json:"-"`
}

// SetQuality gives the settings their scores.
func (c *Calibration) SetQuality(q Quality) {
	c.Quality = q
	for i := range c.Entries {
		c.Entries[i].Score = q.score(c.Entries[i].Setting)
	}
}

// Work is what a prompt asks of a model, and an option of a length (0 for none; of ar
// the most elements), without the machine's slowdown.
func (c *Calibration) Work(m *stride.Model, p stride.Prompt, length int) Work {
	return c.work(p, length, func(s string) int { return len(m.Tokens(s)) })
}

func (c *Calibration) work(p stride.Prompt, length int, tokens func(string) int) Work {
	w := Work{Length: c.Lengths.Median, Most: c.Lengths.Most}
	switch c.Unit {
	case Pictures:
	case Characters:
		w.Length = 0
		for _, r := range p.Text {
			if !unicode.IsSpace(r) {
				w.Length++
			}
		}
		w.Most = w.Length
	default:
		w.Prompt = float64(tokens(p.Text))
		form, err := measure.ParseForm(p.Conditions["form"])
		switch {
		case length > 0:
			w.Length, w.Most = float64(length), float64(length)
			if c.Lengths.Open {
				w.Length = math.Min(w.Length, c.Lengths.Median)
			}
		case p.Fill != "":
			w.Length = float64(utf8.RuneCountInString(p.Fill) + 1)
			w.Most = w.Length
		case p.Conditions["form"] != "" && err == nil:
			w.Length = float64(form.Elements())
			w.Most = w.Length
		default:
			w.Open, w.Capped = c.Lengths.Open, c.Lengths.Capped
		}
	}
	return w
}

// Work is what a prompt asks for, as far as its time depends on it.
type Work struct {
	Prompt float64 // tokens of the prompt
	Length float64 // of the object, as is to be expected
	Most   float64 // the greatest that is to be reckoned with
	Open   bool    // the length is not known, and may be limited
	Capped bool    // and greater than Most where it is not
	// Slowdown is how many times slower the machine is than when it was calibrated;
	// 0 is 1.
	Slowdown float64
}

// slowdown is the factor of all times.
func (w Work) slowdown() float64 {
	if w.Slowdown == 0 {
		return 1
	}
	return w.Slowdown
}

// Estimate is what a setting would take for a piece of work.
type Estimate struct {
	Entry
	Expected time.Duration // the median
	High     time.Duration // what 95 of 100 runs stay below, at the greatest length
	Limit    int           // most elements, so that it fits a budget; 0 is no limit
}

// estimate is that of an entry. With a budget, an open length is limited to what
// fits it.
func (e Entry) estimate(w Work, budget time.Duration) Estimate {
	out := Estimate{Entry: e}
	length, most := w.Length, w.Most
	factor := w.slowdown() * e.Cost.P95
	high := func() time.Duration { return duration(e.Cost.seconds(w.Prompt, most) * factor) }
	if out.High = high(); w.Open && e.leftToRight() && budget > 0 && (out.High > budget || w.Capped) && e.Cost.PerElement > 0 {
		left := budget.Seconds()/factor - e.Cost.seconds(w.Prompt, 0)
		out.Limit = max(leastText, int(math.Min(left/e.Cost.PerElement, most)))
		most = float64(out.Limit)
		length, out.High = math.Min(length, most), high()
	}
	out.Expected = duration(e.Cost.seconds(w.Prompt, length) * w.slowdown())
	return out
}

// leastText is the least limit of elements: fewer are no text.
const leastText = 8

// Frontier tells for each entry whether no other beats it, in time and quality, for
// a piece of work. Where quality is not known it is the order that [Quality] has.
func (c *Calibration) Frontier(w Work) []bool {
	on := make([]bool, len(c.Entries))
	for i, e := range c.Entries {
		on[i] = !slices.ContainsFunc(c.Entries, func(o Entry) bool {
			a, b := e.estimate(w, 0).Expected, o.estimate(w, 0).Expected
			return b < a && c.compare(o, e) >= 0 || b == a && c.compare(o, e) > 0
		})
	}
	return on
}

// hundredths are what scores are compared by: as they are shown.
func hundredths(score float64) float64 { return math.Round(100 * score) }

// compare says which of two entries is better: above 0 the first.
func (c *Calibration) compare(a, b Entry) int {
	if math.IsNaN(a.Score) || math.IsNaN(b.Score) {
		return rank(a.Setting) - rank(b.Setting)
	}
	return cmp.Compare(hundredths(a.Score), hundredths(b.Score))
}

// rank orders settings whose quality was not measured: more passes are taken to be
// better, and one element at a time to be best.
func rank(s Setting) int {
	switch s.Strategy {
	case ar, speculate:
		return math.MaxInt32
	case refine:
		return s.Passes
	}
	return 1
}

// check finds what a file of another make, or a damaged one, would have.
func (c *Calibration) check() error {
	switch {
	case c.Format != Format:
		return fmt.Errorf("format %d, want %d", c.Format, Format)
	case len(c.Entries) == 0:
		return errors.New("no settings")
	case !(c.Probe.Seconds > 0) || !(c.Lengths.Median > 0) || !(c.Lengths.Most >= c.Lengths.Median):
		return fmt.Errorf("a probe of %v s and lengths of %v to %v, want more than 0", c.Probe.Seconds, c.Lengths.Median, c.Lengths.Most)
	}
	for _, e := range c.Entries {
		if t := e.Cost; t.Fixed < 0 || t.PerPrompt < 0 || t.PerElement < 0 || !(t.seconds(0, 1) > 0) || t.P95 < 1 {
			return fmt.Errorf("setting %q has no possible cost", e.Name)
		}
	}
	return nil
}
