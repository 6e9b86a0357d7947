package report

import (
	"cmp"
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/stride-ml/stride/internal/page"
	"github.com/stride-ml/stride/measure"
)

// view is a page as its template sees it.
type view struct {
	Style    template.CSS
	Script   template.JS
	Title    string
	Several  bool
	Sections []section
	Command  string
	Started  string
	Took     string
	Machine  *measure.Machine // nil where nothing was measured
	Busy     string           // what else the machine did; "" where it did nothing
	Seed     uint64
}

// section is one of its sections.
type section struct {
	ID, Model, Title string
	Err              string
	Advice           string
	Kind             string
	Facts            []string
	Frontiers        []frontier
	NoData           bool
	Objects          objects
	Tables           []table
	Forecast         []string
	Times            []times
	Metrics          []metric
	Notes            []string
	Files            []string
	Measured         bool
}

// frontier is a plot in two sizes.
type frontier struct{ Wide, Narrow template.HTML }

// times are what a row was expected to take and what it took.
type times struct {
	Name               string
	Expected, Measured string
	// Shares of the longest time, in percent.
	ExpectedShare, MeasuredShare float64
	Ratio                        string
}

func (p Page) view() (*view, error) {
	v := &view{Title: "What each strategy costs, and what it buys", Several: len(p.Sections) > 1, Command: Quote(p.Command)}
	if !p.Started.IsZero() {
		v.Started = p.Started.Format("2 January 2006, 15:04 MST")
	}
	if p.Took > 0 {
		v.Took = p.Took.Round(time.Second).String()
	}
	used, sounds := map[string]bool{}, p.soundFormat()
	for _, s := range p.Sections {
		one, err := s.view(sounds)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.Model, err)
		}
		one.ID = unused(slug(s.Model), used)
		v.Sections = append(v.Sections, one)
		if c := s.Comparison; c != nil {
			if v.Machine == nil {
				v.Machine, v.Seed = &c.Machine, c.Seed
			}
			if load := c.Machine.Load; load.Busy && v.Busy == "" {
				v.Busy = sentence(cmp.Or(load.Notice, "the machine was busy: times are not to be trusted"))
			}
		}
	}
	if !v.Several && len(v.Sections) > 0 {
		v.Title = v.Sections[0].Model + ": what each strategy costs, and what it buys"
	}
	return v, nil
}

func (s Section) view(sounds soundFormat) (section, error) {
	v := section{Model: s.Model, Title: s.Title}
	if s.Err != nil {
		v.Err = s.Err.Error()
	}
	c := s.Comparison
	if c == nil {
		return v, nil
	}
	v.Measured, v.Kind, v.Advice, v.Notes = true, string(c.Kind), sentence(c.Advice()), c.Notes
	v.Facts, v.NoData = facts(c), s.NoData && c.Kind != measure.KindText
	var err error
	if v.Frontiers, err = frontiers(c); err != nil {
		return v, err
	}
	if v.Objects, err = newObjects(c, s.Trails, sounds); err != nil {
		return v, err
	}
	v.Tables = tables(c)
	for line := range strings.Lines(c.Forecast()) {
		v.Forecast = append(v.Forecast, sentence(line))
	}
	v.Times = bothTimes(c)
	v.Metrics = metrics(c)
	for _, name := range fileNames(c) {
		v.Files = append(v.Files, strings.TrimPrefix(s.Folder+"/"+name, "/"))
	}
	return v, nil
}

// facts are what was made, in some words each.
func facts(c *measure.Comparison) []string {
	most := 0
	for _, r := range c.Rows {
		most = max(most, r.Objects)
	}
	out := []string{fmt.Sprintf("%d ways", len(c.Rows)), fmt.Sprintf("%s by each, the same prompts and seeds for all", counted(most, string(c.Kind)))}
	if c.Gain.P > 0 {
		out = append(out, fmt.Sprintf("parallel gain P = %.2f", c.Gain.P))
	}
	return append(out, fmt.Sprintf("seed %d", c.Seed))
}

func counted(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

// Sizes of plots in pixels: where there is room, and on a telephone.
const (
	wideWidth, wideHeight     = 720, 400
	narrowWidth, narrowHeight = 320, 360
)

func frontiers(c *measure.Comparison) ([]frontier, error) {
	var out []frontier
	for _, f := range c.Frontiers() {
		wide, err := f.Inline(wideWidth, wideHeight)
		if err != nil {
			return nil, err
		}
		narrow, err := f.Inline(narrowWidth, narrowHeight)
		if err != nil {
			return nil, err
		}
		out = append(out, frontier{template.HTML(wide), template.HTML(narrow)}) // Inline escapes what it writes
	}
	return out, nil
}

// bothTimes puts what was expected beside what happened; nil where nothing was
// expected.
func bothTimes(c *measure.Comparison) []times {
	longest, any := 0., false
	for _, r := range c.Rows {
		for _, v := range []float64{r.Predicted, r.Seconds.Median} {
			if !math.IsNaN(v) {
				longest = math.Max(longest, v)
			}
		}
		any = any || r.Predicted > 0
	}
	if !any {
		return nil
	}
	var out []times
	for _, r := range c.Rows {
		t := times{Name: r.Name, Expected: "–", Measured: "–"}
		if r.Predicted > 0 {
			t.Expected, t.ExpectedShare = duration(r.Predicted), 100*r.Predicted/longest
		}
		if r.Seconds.Median > 0 {
			t.Measured, t.MeasuredShare = duration(r.Seconds.Median), 100*r.Seconds.Median/longest
		}
		if ratio := r.Seconds.Median / r.Predicted; ratio > 0 && !math.IsInf(ratio, 0) {
			t.Ratio = fmt.Sprintf("× %.2f", ratio)
		}
		out = append(out, t)
	}
	return out
}

// duration is a time in the unit that people would say it in.
func duration(s float64) string {
	switch {
	case s < 0.0995:
		return fmt.Sprintf("%.1f ms", 1e3*s)
	case s < 0.9995:
		return fmt.Sprintf("%.0f ms", 1e3*s)
	}
	return fmt.Sprintf("%.2f s", s)
}

// sentence makes a text one that begins with a capital and ends with a stop; an
// empty one stays so.
func sentence(s string) string {
	if s = strings.TrimRight(strings.TrimSpace(s), "."); s == "" {
		return ""
	}
	return page.Capital(s) + "."
}

// Quote writes a command as a shell of Unix takes it.
func Quote(command []string) string {
	plain := func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_./,:=+@%~", r)
	}
	out := slices.Clone(command)
	for i, word := range out {
		if word == "" || strings.ContainsFunc(word, func(r rune) bool { return !plain(r) }) {
			out[i] = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		}
	}
	return strings.Join(out, " ")
}

// slug is a name as an id: small letters, digits and hyphens.
func slug(name string) string {
	out := strings.Map(func(r rune) rune {
		switch r = unicode.ToLower(r); {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			return r
		}
		return '-'
	}, name)
	return cmp.Or(strings.Trim(out, "-"), "model")
}

// unused makes an id one that was not used before.
func unused(id string, used map[string]bool) string {
	for n := 2; used[id]; n++ {
		if next := fmt.Sprintf("%s-%d", id, n); !used[next] {
			id = next
		}
	}
	used[id] = true
	return id
}
