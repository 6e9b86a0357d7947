package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"html/template"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/internal/page"
	"github.com/stride-ml/stride/measure"
)

// objects are those of one prompt, by row.
type objects struct {
	Prompt string
	Lang   string // of the prompt and of texts
	// Clock is the time in ms that the slowest row takes: all of a replay. It is 0
	// where there is nothing to replay.
	Clock    float64
	Texts    []text
	Pictures []picture
	Sounds   []sound
}

// replayed is what a replay has to know of an object.
type replayed struct {
	Row     string
	Passes  int
	Seconds float64
	MS      float64 // what it took
	Took    string
	Best    bool // on the frontier
}

// text is a text with the passes that made it.
type text struct {
	replayed
	Runs []run
}

// run is a piece of text that one pass committed, or that several changed.
type run struct {
	Text    string
	Pass    int // that committed it
	Shade   int // of the colour, 0 for the first pass to shades-1 for the last
	History string
}

// newObjects shows the trails of a comparison.
func newObjects(c *measure.Comparison, trails []measure.Trail, sounds soundFormat) (objects, error) {
	var out objects
	on := c.OnFrontier()
	for _, t := range trails {
		i := slices.IndexFunc(c.Rows, func(r measure.Row) bool { return r.Name == t.Row })
		if i < 0 || len(t.Text) == 0 && len(t.Views) == 0 && len(t.Sound.Samples) == 0 {
			continue
		}
		out.Prompt = prompt(t.Prompt)
		r := replayed{Row: t.Row, Passes: t.Passes, Best: on[i]}
		if s := c.Rows[i].Seconds.Median; s > 0 {
			r.MS, r.Took = 1e3*s, duration(s)
		}
		var err error
		switch {
		case len(t.Text) > 0:
			out.Texts = append(out.Texts, text{r, runs(t)})
		case len(t.Sound.Samples) > 0:
			err = out.addSound(r, t, sounds)
		case t.Views[0].Image != nil:
			err = out.addPicture(r, t)
		}
		if err != nil {
			return out, fmt.Errorf("%s: %w", t.Row, err)
		}
		if len(t.Sound.Samples) == 0 {
			out.Clock = math.Max(out.Clock, r.MS)
		}
	}
	out.Lang = language(out)
	return out, nil
}

// prompt says what was asked for.
func prompt(p stride.Prompt) string {
	parts := []string{strings.TrimSpace(p.Text)}
	for _, name := range slices.Sorted(maps.Keys(p.Conditions)) {
		parts = append(parts, p.Conditions[name])
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " · ")
}

// language is that of texts as HTML names it, "" where it is not Chinese.
func language(o objects) string {
	all := o.Prompt
	if len(o.Texts) > 0 {
		for _, r := range o.Texts[0].Runs {
			all += r.Text
		}
	}
	if strings.ContainsFunc(all, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		return "zh-Hant"
	}
	return ""
}

// shades is how many colours of passes there are.
const shades = 10

// mostElements bounds a text; longer ones are cut.
const mostElements = 600

// runs are the elements of a text, neighbours of one pass joined, and bytes that
// only together make a character.
func runs(t measure.Trail) []run {
	var out []run
	elements := t.Text[:min(len(t.Text), mostElements)]
	for i := 0; i < len(elements); i++ {
		changes := elements[i]
		if len(changes) == 0 {
			continue
		}
		last := changes[len(changes)-1]
		piece, pass := last.Piece, last.Pass
		for !utf8.ValidString(piece) && len(piece) < utf8.UTFMax && i+1 < len(elements) && len(elements[i+1]) > 0 {
			i++
			next := elements[i][len(elements[i])-1]
			piece, pass, changes = piece+next.Piece, max(pass, next.Pass), nil
		}
		r := run{Text: strings.ToValidUTF8(piece, "\uFFFD"), Pass: pass, Shade: page.Shade(pass, t.Passes, shades)}
		if len(changes) > 1 {
			r.History = history(changes)
		}
		if n := len(out) - 1; n >= 0 && out[n].Pass == pass && out[n].History == "" && r.History == "" {
			out[n].Text += r.Text
			continue
		}
		out = append(out, r)
	}
	return out
}

// history is [[pass, piece], ...] in JSON.
func history(changes measure.TrailElement) string {
	var list [][2]any
	for _, c := range changes {
		list = append(list, [2]any{c.Pass, strings.ToValidUTF8(c.Piece, "\uFFFD")})
	}
	out, err := json.Marshal(list)
	if err != nil {
		return "" // numbers and valid texts always can be written
	}
	return string(out)
}

// picture is a picture with what it was on the way.
type picture struct {
	replayed
	Width, Height int
	Data          template.URL
	Alt           string
	Way           []stop
}

// stop is a view on the way.
type stop struct {
	Pass  int
	Label string // "4" or "25 %"
	Alt   string
	Data  template.URL
}

// mostStops is how many views on the way are shown.
const mostStops = 5

// addPicture adds a picture.
func (o *objects) addPicture(r replayed, t measure.Trail) error {
	last := t.Views[len(t.Views)-1]
	data, err := page.PNG(last.Image)
	if err != nil {
		return err
	}
	p := picture{replayed: r, Width: last.Image.Rect.Dx(), Height: last.Image.Rect.Dy(), Data: data}
	p.Alt = fmt.Sprintf("%s, by %s", cmp.Or(o.Prompt, "a picture"), r.Row)
	for _, v := range stops(t.Views) {
		s := stop{Pass: v.Pass, Label: fmt.Sprint(v.Pass), Alt: fmt.Sprintf("after pass %d of %d", v.Pass, last.Pass)}
		if v.Known < 1 {
			s.Label = fmt.Sprintf("%.0f %%", 100*v.Known)
		}
		if s.Data, err = page.PNG(v.Image); err != nil {
			return err
		}
		p.Way = append(p.Way, s)
	}
	o.Pictures = append(o.Pictures, p)
	return nil
}

// stops chooses views on the way to the last one: where passes add to the object,
// evenly spaced ones; where each makes all of it anew, those of passes 1, 2, 4, ...
func stops(views []measure.View) []measure.View {
	way := views[:len(views)-1]
	var out []measure.View
	if len(way) > 0 && way[0].Known < 1 {
		for k := 1; k <= mostStops; k++ {
			out = append(out, way[k*(len(way)-1)/(mostStops+1)])
		}
		return slices.CompactFunc(out, func(a, b measure.View) bool { return a.Pass == b.Pass })
	}
	next := 1
	for _, v := range way {
		if v.Pass >= next && len(out) < mostStops {
			out = append(out, v)
			next = 2 * v.Pass
		}
	}
	return out
}
