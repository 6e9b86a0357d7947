package stride

import (
	"fmt"
	"image"
	"strconv"
	"strings"
	"time"

	"github.com/stride-ml/stride/strategy"
)

// Prompt is what a generation starts from. Which fields a model understands is
// listed in its [Info].
type Prompt struct {
	// Text is the prompt proper: a poem's title, the beginning of a story, the
	// caption of a picture.
	Text string
	// Conditions are the model's further conditions by name, for example
	// "form": "五言絕句" and "dynasty": "唐", or "category": "monster". Names and
	// values that a model knows are in Info.Conditions; a missing one is left to
	// the model.
	Conditions map[string]string
	// Acrostic gives the first character of each line (藏頭詩).
	Acrostic string
	// Fill is a text with blanks: each ＿ or _ is one element to be filled in,
	// everything else is kept as given. Punctuation between lines stands for
	// the line break.
	Fill string

	// Negative is what a picture is not to show: with guidance it moves away
	// from it.
	Negative string
	// Toward is another caption: the picture lies between the two, by half or
	// as [MixCaptions] says. nar and refine only.
	Toward string
	// Picture is what a picture starts from: the part of it that [Keep] says is
	// continued by ar; it is changed by as much as [Strength] says, or kept
	// outside Mask, by nar and refine. Another size is fitted to the model's.
	Picture *image.NRGBA
	// Mask says which pixels of Picture are made anew: those where it is more
	// white than black and not transparent. Its size is that of Picture.
	Mask *image.NRGBA

	// Sound is what a vocoder speaks again: its Frames or, where there are none,
	// those of its Samples, which may have any rate.
	Sound *Sound
	// Lexicon says how words are pronounced, before all that a speaking model
	// knows: phones or syllables by word, in the symbols of its language
	// ("stride": "S", "T", "R", "AY1", "D"; "銀行": "yin2", "hang2").
	Lexicon map[string][]string

	tokens []int // of a conversation: all of the prompt, laid out already
}

// Object is what a step shows: the object so far.
type Object interface {
	// String gives the object so far, elements not yet known shown as ＿.
	String() string
	// Elements is the number of elements, known or not.
	Elements() int
}

// Text is an [Object] of text elements.
type Text struct {
	// Pieces are the elements' text in order; "" where not yet known.
	Pieces []string
}

// Elements returns the number of elements, known or not.
func (t Text) Elements() int { return len(t.Pieces) }

// String joins the pieces; elements not yet known are shown as ＿.
func (t Text) String() string {
	var b strings.Builder
	for _, p := range t.Pieces {
		if p == "" {
			p = "＿"
		}
		b.WriteString(p)
	}
	return strings.ToValidUTF8(b.String(), "\uFFFD")
}

// Picture is an [Object] of pixels.
type Picture struct {
	// Image is the picture so far. For ar the pixels not yet known are
	// transparent; for nar and refine it is what the picture is expected to
	// become.
	Image *image.NRGBA
	// Known is the number of pixels known, in raster order from the top left.
	Known int
}

// Elements returns the number of pixels, known or not.
func (p Picture) Elements() int { return p.Image.Rect.Dx() * p.Image.Rect.Dy() }

// String names the size and how much of the picture is known.
func (p Picture) String() string {
	s := fmt.Sprintf("picture of %dx%d pixels", p.Image.Rect.Dx(), p.Image.Rect.Dy())
	if n := p.Elements(); p.Known < n {
		s += fmt.Sprintf(", %d of %d known", p.Known, n)
	}
	return s
}

// Step is one pass of a generation: the object so far and what the pass did.
type Step struct {
	Pass       int        // 1 for the first pass
	Passes     int        // passes planned, 0 if not known beforehand (AR)
	Object     Object     // the object so far
	Fresh      []int      // indices of the elements committed by this pass; nil for sounds: the first Stats.Elements are known
	Remasked   []int      // indices of the elements taken back by this pass
	Confidence float64    // mean probability of the fresh elements when drawn; 0 where pixels are not drawn from a list
	Time       float64    // of nar and refine on pictures: 0 is noise, 1 the finished picture
	Change     float64    // of the same: mean absolute change of the picture's values (of a range of 2) by this pass
	Done       bool       // no pass follows; Stats is complete
	Logprobs   []Logprobs // of the fresh elements, where [WithLogprobs] asked for them
	Stats      Stats      // so far

	// Stage is the stage of a pipeline whose pass it was, 1 for the first, and
	// Stages how many there are: both are 0 for a model by itself. Pass, Passes
	// and Object are those of the stage, and Stats.Stages[Stage-1] says which
	// model it is and what strategy it goes by.
	Stage, Stages int
}

// Stats says what a generation cost.
type Stats struct {
	Strategy  string        // "ar", "nar", "refine", "speculate"
	Model     string        // name of the checkpoint that ran
	Passes    int           // passes of the network
	Elements  int           // elements committed, END not counted
	Drawn     int           // elements drawn, with those after END that were dropped
	Drafted   int           // elements that speculate guessed and verified
	Accepted  int           // of them, those that were right, and so committed
	FirstStep time.Duration // from the call to the first step
	Total     time.Duration // from the call to the last step so far
	Seed      uint64
	Stopped   string // why it ended: "end", "stop", "length", "context", "cancelled"

	// Prompt is how many tokens of a conversation came before the answer, and
	// LeftOut how many of its oldest messages did not fit ([Conversation.Send]).
	Prompt, LeftOut int

	// Stages is what each stage of a pipeline cost, nil for a model by itself.
	// Strategy then lists theirs ("ar + nar"), Model is the pipeline's name,
	// Passes counts those of all stages, and elements are those of the last: of
	// speech, a second takes about 100 passes and one for 16,000 samples.
	Stages []StageStats
}

// StageStats is what one stage of a pipeline cost. Its fields mean what those of
// [Stats] do; FirstStep and Total are from the call, too.
type StageStats struct {
	Strategy, Model         string
	Passes, Elements, Drawn int
	FirstStep, Total        time.Duration
	// Busy is the time that its passes took. Of a stage that runs while the one
	// before goes on it is less than what lies between its first and last step.
	Busy    time.Duration
	Stopped string // "" while it runs
}

// Stride is the number of elements committed per pass.
func (s Stats) Stride() float64 {
	if s.Passes == 0 {
		return 0
	}
	return float64(s.Elements) / float64(s.Passes)
}

// Rate is the number of elements per second.
func (s Stats) Rate() float64 {
	if s.Total <= 0 {
		return 0
	}
	return float64(s.Elements) / s.Total.Seconds()
}

// String is the one-line summary that the command prints.
func (s Stats) String() string {
	passes := count(s.Passes, "pass", "passes")
	if len(s.Stages) > 0 {
		var each []string
		for _, stage := range s.Stages {
			each = append(each, strconv.Itoa(stage.Passes))
		}
		passes = strings.Join(each, " + ") + " passes"
	}
	guesses := ""
	if s.Drafted > 0 {
		guesses = fmt.Sprintf(" · %d of %d guesses right", s.Accepted, s.Drafted)
	}
	return fmt.Sprintf("%s · %s · %s · stride %.1f%s · first step %.1f ms · %.0f elements/s · seed %d",
		s.Strategy, passes, count(s.Elements, "element", "elements"), s.Stride(), guesses, float64(s.FirstStep.Microseconds())/1000, s.Rate(), s.Seed)
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// Info describes a model; [Model.Info] returns it without touching weights.
type Info struct {
	Name         string              // "tang"
	Title        string              // one line for people
	Architecture string              // "llama", "llada", "stride.pixel", "stride.flow"
	Strategies   []string            // what it and its companions can do
	Default      string              // the strategy used when none is asked
	Companions   []string            // models that serve the other strategies under the same name
	Conditions   map[string][]string // names and values of conditions it knows
	Context      int                 // most positions, prompt included; for pictures those of the caption alone
	MaxLength    int                 // most elements of a response
	Parameters   int64
	Bytes        int64
	Licence      string
	Credits      string
	Recipe       string             // the recipe it was trained by, as YAML
	Results      map[string]float64 // measured results by name, with the unit in the name
	Acrostic     bool               // Prompt.Acrostic is understood
	Fill         bool               // Prompt.Fill is understood by some strategy
	Draft        string             // the bundled draft head that speculate guesses with, if there is one
	Picture      *PictureInfo       // nil if the model does not make pictures
	Sound        *SoundInfo         // nil if the model does not make sounds
	Stages       []StageInfo        // of a pipeline, nil for a model by itself
}

// StageInfo describes a stage of a pipeline.
type StageInfo struct {
	Model        string // name
	Strategy     string // where none is asked for
	Architecture string
}

// PictureInfo describes a model's pictures.
type PictureInfo struct {
	Width, Height int
	Colours       int     // of the palette that ar draws from, transparent among them; 0 without ar
	Guidance      float64 // of nar and refine, used where none is asked for
	GuidanceAR    float64 // of ar
	// Shortcut is up to how many passes refine tells the network the length of
	// its steps where nothing else is asked for ([Shortcut]); 0 if it never
	// learned that.
	Shortcut int
}

// UnsupportedError says that a strategy or model cannot do what was asked, and
// which strategies can.
type UnsupportedError = strategy.UnsupportedError

// OptionError says that an option's value is out of range.
type OptionError = strategy.OptionError

// NotFoundError says that no model of that name or path exists.
type NotFoundError struct {
	Name  string
	Near  []string // bundled names most like it
	Known []string // all bundled names
}

// Error names the nearest bundled models.
func (e *NotFoundError) Error() string {
	s := fmt.Sprintf("no model %q", e.Name)
	if len(e.Near) > 0 {
		s += fmt.Sprintf("; did you mean %s?", strings.Join(e.Near, " or "))
	}
	if len(e.Known) > 0 {
		s += fmt.Sprintf(" (bundled: %s; or the path of a .gguf or .yaml file)", strings.Join(e.Known, ", "))
	}
	return s
}
