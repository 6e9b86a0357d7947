package measure

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/stride-ml/stride"
)

// plan measures the gain, lays out the rows and predicts their times.
func (r *runner) plan(ctx context.Context, info stride.Info) error {
	length := r.expectedLength(info)
	gain, err := r.source.Gain(ctx, length)
	if err != nil {
		return fmt.Errorf("parallel gain: %w", err)
	}
	r.c.Gain = gain
	rows, err := r.asked(info)
	if err != nil {
		return err
	}
	if err := r.hold(ctx, rows); err != nil { // first: it leaves no buffers warm
		return err
	}
	var round time.Duration
	for _, row := range rows {
		first, trail, err := r.warmUp(ctx, row)
		var unsupported *stride.UnsupportedError
		if errors.As(err, &unsupported) {
			r.c.Notes = append(r.c.Notes, fmt.Sprintf("%s left out: %v", row.Name, err))
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w", row.Name, err)
		}
		row.Predicted = r.predict(row, info, first)
		flops, err := r.source.ElementFLOPs(row.Strategy)
		if err != nil {
			return fmt.Errorf("%s: %w", row.Name, err)
		}
		r.flops = append(r.flops, flops)
		r.c.Rows = append(r.c.Rows, row)
		r.c.trails = append(r.c.trails, trail)
		round += first.stats.Total
	}
	if len(r.c.Rows) == 0 {
		return fmt.Errorf("%w: the model supports %v, expected ar, nar, refine or speculate", errNothing, info.Strategies)
	}
	r.limit(round)
	if !public(info) { // what speculate takes depends on the text
		r.c.Predicted = r.c.outcome(func(r Row) float64 { return r.Predicted })
	}
	r.objects = make([][]object, len(r.c.Rows))
	return nil
}

// limit lets a row make fewer objects where all of them would take longer than
// asked for, given how long a round of one each took.
func (r *runner) limit(round time.Duration) {
	if r.o.Within > 0 && round > 0 {
		r.o.Objects = max(1, min(r.o.Objects, int(r.o.Within/round)))
		r.o.Runs = min(r.o.Runs, r.o.Objects)
	}
}

// asked are the rows of the strategies asked for.
func (r *runner) asked(info stride.Info) ([]Row, error) {
	for _, s := range r.o.Strategies {
		if !slices.Contains(info.Strategies, s) {
			return nil, &stride.UnsupportedError{Strategy: s, Want: "a comparison", Can: info.Strategies}
		}
	}
	return slices.DeleteFunc(r.layout(info), func(row Row) bool {
		return len(r.o.Strategies) > 0 && !slices.Contains(r.o.Strategies, row.Strategy)
	}), nil
}

// hold measures what a generation by each of the rows holds, on the first prompt.
// What a row cannot do is said later.
func (r *runner) hold(ctx context.Context, rows []Row) error {
	s, ok := r.source.(holder)
	if !ok {
		return nil
	}
	for i := range rows {
		row := &rows[i]
		held, err := s.held(ctx, r.o.Prompts[0], *row, r.o.Seed)
		var unsupported *stride.UnsupportedError
		if errors.As(err, &unsupported) {
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w", row.Name, err)
		}
		row.Memory = held
	}
	return nil
}

// layout returns the rows to compare, without any figures yet.
func (r *runner) layout(info stride.Info) []Row {
	var rows []Row
	add := func(name, strategy string, asked int) *Row {
		row := emptyRow(name)
		row.Strategy, row.Asked, row.Conditions = strategy, asked, 1
		rows = append(rows, row)
		return &rows[len(rows)-1]
	}
	for _, s := range []string{"ar", "nar", "refine"} {
		switch {
		case !slices.Contains(info.Strategies, s):
		case s == "ar" || s == "nar" && !sequence(info):
			row := add(s, s, 0)
			if s == "ar" && info.Picture != nil && guided(r.o.guidance(info, s)) {
				row.Conditions = 2
			}
			for i := 1; s == "ar" && i < len(r.last); i++ {
				add(s+" + "+r.last[i].strategy, s, 0).Last = r.last[i].strategy
			}
		case s == "nar":
			add("nar fixed", s, 0).Length = "fixed"
			add("nar predicted", s, 0).Length = "predicted"
		default:
			for _, n := range r.o.Passes {
				row := add(fmt.Sprintf("refine %d", n), s, n)
				if sequence(info) {
					row.Length = "predicted"
				} else if info.Picture != nil && guided(r.o.guidance(info, s)) {
					row.Conditions = 2
				}
			}
			if info.Picture != nil && info.Picture.Shortcut > 0 {
				for _, n := range shortcuts {
					add(fmt.Sprintf("shortcut %d", n), s, n).Shortcut = true
				}
			}
		}
	}
	if slices.Contains(info.Strategies, "speculate") {
		for _, s := range r.o.speculations(info) {
			add("speculate "+s.name, "speculate", s.most).Draft = s.draft
		}
	}
	return rows
}

// sequence says whether nar and refine have to find out how many elements there
// are. A picture has all of its pixels, and of speech that is a part of the model.
func sequence(info stride.Info) bool { return info.Picture == nil && info.Sound == nil }

// shortcuts are the passes of refine that are compared with shortcuts.
var shortcuts = [...]int{1, 2, 4, 8}

// guided says whether a guidance takes a second evaluation.
func guided(guidance float64) bool { return guidance != 0 && guidance != 1 }

// guidance is that of ar or refine for pictures.
func (o CompareOptions) guidance(info stride.Info, strategy string) float64 {
	switch {
	case o.Guidance != 0:
		return float64(o.Guidance)
	case strategy == "ar":
		return info.Picture.GuidanceAR
	}
	return info.Picture.Guidance
}

// usualLength is the length of a response, END counted, where no form tells it.
const usualLength = 32

// expectedLength is the mean length of the responses in elements: of texts
// newlines and END counted, of pictures all pixels, of speech all frames.
func (r *runner) expectedLength(info stride.Info) int {
	if info.Picture != nil {
		return info.Picture.Width * info.Picture.Height
	}
	if info.Sound != nil {
		return r.frames
	}
	sum := 0
	for _, p := range r.o.Prompts {
		n := usualLength
		if f := askedForm(p.Conditions["form"]); f != (Form{}) {
			n = f.Elements()
		}
		sum += n
	}
	length := (sum + len(r.o.Prompts)/2) / len(r.o.Prompts)
	if info.MaxLength > 0 {
		length = min(length, info.MaxLength)
	}
	return length
}

// predict says how long an object should take in seconds: by ar as long as its
// elements, by N passes as long as the positions of N full passes, for each
// condition, and after that as long as the last stage. The pass that predicts the length sees only the prompt and takes its
// share of a full one.
func (r *runner) predict(row Row, info stride.Info, first object) float64 {
	gain := r.c.Gain
	length := float64(gain.Length)
	if r.c.Kind == KindText && row.Strategy == "ar" {
		length = float64(first.stats.Drawn) // nothing else tells it
	}
	var after float64
	for i, last := range r.last {
		if i == 0 && row.Last == "" || last.strategy == row.Last {
			after = last.seconds
		}
	}
	if row.Strategy == "speculate" {
		return math.NaN() // it depends on the text
	}
	if row.Strategy == "ar" {
		return float64(row.Conditions)*length/positive(gain.Elements) + after
	}
	full := length / positive(gain.Positions)
	if !sequence(info) {
		return float64(max(1, row.Asked)*row.Conditions)*full + after
	}
	prompt := 0.
	for _, p := range r.o.Prompts {
		prompt += float64(utf8.RuneCountInString(p.Text)+len(info.Conditions)+2) / float64(len(r.o.Prompts))
	}
	switch {
	case row.Length == "fixed":
		return float64(info.MaxLength) / positive(gain.Positions)
	case row.Strategy == "refine":
		return (math.Min(float64(row.Asked), length) + prompt/(prompt+length)) * full
	}
	return (1 + prompt/(prompt+length)) * full
}
