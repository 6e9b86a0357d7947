package command

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/stride-ml/stride"
)

// presenter shows one object as it appears. Its last step has Done set.
type presenter interface {
	show(step stride.Step) error
}

// view draws a step as lines for a terminal of that size.
type view interface {
	frame(step stride.Step, width, height int) []string
}

// live redraws the object in place.
type live struct {
	view
	out   io.Writer // styled
	size  func() (width, height int)
	pace  time.Duration   // least time a step is seen
	skip  time.Duration   // steps that come sooner after the last one shown are not, where there is no pace
	hurry <-chan struct{} // closed: show the rest at once
	lines []string        // on the screen
	stale bool            // lines that scrolled out of the screen are wrong
	last  time.Time
}

func (l *live) show(step stride.Step) error {
	if l.pace == 0 && !step.Done && time.Since(l.last) < l.skip {
		return nil
	}
	if !l.last.IsZero() {
		select {
		case <-time.After(l.pace - time.Since(l.last)):
		case <-l.hurry:
		}
	}
	l.last = time.Now()
	width, height := l.size()
	next := l.frame(step, width, height)
	text, stale := redraw(l.lines, next, height)
	l.lines, l.stale = next, l.stale || stale
	if step.Done && l.stale { // once more and whole, below
		text += strings.Join(next, "\n") + "\n"
	}
	return writeAll(l.out, text)
}

// stream writes the object as plain text: at once what is certain to stay, the
// rest when it is finished.
type stream struct {
	out     io.Writer
	lead    string
	grows   bool   // elements are only appended
	taken   int    // elements taken from the object
	pending string // of their text, the end that is not written yet
	begun   bool
}

func (s *stream) show(step stride.Step) error {
	if !s.grows && !step.Done {
		return nil
	}
	if t, ok := step.Object.(stride.Text); ok && s.grows {
		s.pending += strings.Join(t.Pieces[s.taken:], "")
		s.taken = len(t.Pieces)
	} else {
		s.pending = step.Object.String()
	}
	ready := len(s.pending)
	if !step.Done {
		ready -= incomplete(s.pending)
	}
	text := strings.ToValidUTF8(s.pending[:ready], string(utf8.RuneError))
	s.pending = s.pending[ready:]
	if !s.begun {
		s.begun = true
		text = s.lead + text
	}
	if step.Done {
		text += "\n"
	}
	return writeAll(s.out, text)
}

// incomplete is the number of bytes at the end of s that are no characters, or
// not yet: what follows decides what they are shown as.
func incomplete(s string) int {
	n := 0
	for n < len(s) {
		r, size := utf8.DecodeLastRuneInString(s[:len(s)-n])
		if r != utf8.RuneError || size > 1 {
			break
		}
		n++
	}
	return n
}

// passLog writes a line for each pass, for strategies whose passes are worth
// one.
type passLog struct{ out io.Writer }

func (p passLog) show(step stride.Step) error {
	if onlyAppends(step.Stats.Strategy) || step.Pass == 0 {
		return nil
	}
	line := passLine(step)
	if t, ok := step.Object.(stride.Text); ok {
		line += "  " + strings.ReplaceAll(t.String(), "\n", "/")
	}
	return writeAll(p.out, line+"\n")
}

// both shows on two presenters.
type both [2]presenter

func (b both) show(step stride.Step) error {
	if err := b[0].show(step); err != nil {
		return err
	}
	return b[1].show(step)
}

// jsonLines writes a JSON object for each step.
type jsonLines struct {
	out      io.Writer
	index    int
	prompt   stride.Prompt
	doneOnly bool
	choice   *budgetJSON // by --budget or --quality, else nil
	// Of pictures: how many pixels wide and high each pixel becomes, and what
	// encodes a finished one.
	scale   int
	encoded func(step stride.Step) ([]byte, error)
}

// jsonStep is a line of --json. Its field names do not change.
type jsonStep struct {
	Object     int            `json:"object"`     // which of --count objects, from 1
	Pass       int            `json:"pass"`       // from 1
	Passes     int            `json:"passes"`     // planned; 0 if not known beforehand
	Text       string         `json:"text"`       // the object so far, ＿ for what is not known
	Pieces     []string       `json:"pieces"`     // its elements, "" for what is not known
	Fresh      []int          `json:"fresh"`      // indices of the elements committed by this pass
	Remasked   []int          `json:"remasked"`   // and of those taken back
	Confidence float64        `json:"confidence"` // mean probability of the fresh elements
	Logprobs   []jsonLogprobs `json:"logprobs,omitempty"`
	Width      int            `json:"width,omitempty"` // of a picture, as in png
	Height     int            `json:"height,omitempty"`
	Time       *float64       `json:"time,omitempty"`   // of a picture by nar and refine: 0 is noise, 1 the finished picture
	Change     *float64       `json:"change,omitempty"` // and how much the pass changed it, of a range of 2
	Done       bool           `json:"done"`             // no step of this object follows
	PNG        []byte         `json:"png,omitempty"`    // in the last step, in base64
	Prompt     *string        `json:"prompt,omitempty"` // in the last step
	Stats      *jsonStats     `json:"stats,omitempty"`  // in the last step
	Choice     *budgetJSON    `json:"choice,omitempty"` // and with --budget or --quality
}

// jsonStats are the figures of the summary line.
type jsonStats struct {
	Strategy  string  `json:"strategy"`
	Model     string  `json:"model"` // the checkpoint that ran
	Passes    int     `json:"passes"`
	Elements  int     `json:"elements"`
	Drawn     int     `json:"drawn"` // with elements after END that were dropped
	Stride    float64 `json:"stride"`
	FirstStep float64 `json:"first_step_ms"`
	Total     float64 `json:"total_ms"`
	Rate      float64 `json:"elements_per_second"`
	Seed      uint64  `json:"seed"`
	Drafted   int     `json:"drafted,omitempty"`  // elements that speculate guessed
	Accepted  int     `json:"accepted,omitempty"` // and of them, those that were right
	Stopped   string  `json:"stopped"`            // end, stop, length, context or cancelled
}

func (j *jsonLines) show(step stride.Step) error {
	if j.doneOnly && !step.Done {
		return nil
	}
	line := jsonStep{
		Object: j.index, Pass: step.Pass, Passes: step.Passes, Pieces: []string{},
		Fresh: append([]int{}, step.Fresh...), Remasked: append([]int{}, step.Remasked...),
		Confidence: step.Confidence, Done: step.Done, Logprobs: logprobsJSON(step.Logprobs),
	}
	switch o := step.Object.(type) {
	case stride.Text:
		line.Text, line.Pieces = o.String(), append(line.Pieces, o.Pieces...)
	case stride.Picture:
		if err := j.picture(&line, step, o); err != nil {
			return err
		}
	}
	if step.Done {
		s := step.Stats
		line.Prompt, line.Choice = &j.prompt.Text, j.choice
		line.Stats = &jsonStats{
			Strategy: s.Strategy, Model: s.Model, Passes: s.Passes, Elements: s.Elements, Drawn: s.Drawn,
			Stride: s.Stride(), FirstStep: milliseconds(s.FirstStep), Total: milliseconds(s.Total),
			Rate: s.Rate(), Seed: s.Seed, Drafted: s.Drafted, Accepted: s.Accepted, Stopped: s.Stopped,
		}
	}
	data, err := json.Marshal(line)
	if err != nil {
		return fmt.Errorf("step %d as json: %w", step.Pass, err)
	}
	return writeAll(j.out, string(data)+"\n")
}

// picture completes the line of a step of a picture.
func (j *jsonLines) picture(line *jsonStep, step stride.Step, p stride.Picture) (err error) {
	line.Width, line.Height = j.scale*p.Image.Rect.Dx(), j.scale*p.Image.Rect.Dy()
	if step.Stats.Strategy != "ar" {
		line.Time, line.Change = &step.Time, &step.Change
	}
	if step.Done {
		line.PNG, err = j.encoded(step)
	}
	return err
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
