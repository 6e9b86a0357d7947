package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"charm.land/lipgloss/v2"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/checkpoint"
)

// generateCommand is stride generate.
type generateCommand struct {
	Model  string   `arg:"" help:"Name of a bundled model, or the path of a .gguf file."`
	Prompt []string `arg:"" optional:"" help:"What to start from: the title of a poem, the beginning of a story, the caption of a picture, what to speak; of a vocoder the file of a sound."`

	Strategy strategyFlag `short:"s" help:"ar (one element at a time), nar (all in one pass), refine (in --passes passes) or speculate (as ar, in fewer passes where it guesses right); default: the model's." placeholder:"NAME"`
	Passes   *int         `short:"n" help:"Passes of refine." placeholder:"N"`
	Length   lengthFlag   `help:"How nar and refine know the number of elements: predicted (default), fixed (draw the most there can be and cut at END) or the number. For ar, the most elements." placeholder:"fixed|predicted|L"`
	Block    *int         `help:"Let refine work from left to right in blocks of N elements; 1 comes down to one at a time." placeholder:"N"`
	Remask   bool         `help:"Let refine take back elements that it is no longer sure of."`

	budgetFlags `embed:""`

	ConfidenceTemperature *float32 `help:"Let refine commit by less than strict confidence: noise of this scale, falling to 0 over the passes." placeholder:"T"`

	speculateFlags `embed:""`
	cacheFlags     `embed:""`
	conditionFlags `embed:""`
	Acrostic       string `help:"First character of each line (藏頭詩), as in 生成學習." placeholder:"TEXT"`
	Fill           string `help:"A text with blanks to fill in, as in 春眠不覺曉，＿＿聞啼鳥. A blank is ＿ or _; punctuation ends a line." placeholder:"TEXT"`

	sampling `embed:""`
	Logprobs *int    `group:"Text" help:"Tell of each element of a text how likely it was, and the N likeliest in its place." placeholder:"N"`
	Seed     *uint64 `help:"Seed of all that is random; object K of --count takes SEED+K-1." placeholder:"SEED"`
	Count    int     `short:"c" default:"1" help:"Number of objects."`

	pictureFlags `embed:"" group:"Pictures"`
	soundFlags   `embed:"" group:"Sound"`

	Out   string        `short:"o" help:"Write the objects to a file, all or nothing; - is standard output." placeholder:"FILE"`
	JSON  bool          `name:"json" help:"Write a JSON object a line for each step; the fields are described below."`
	Quiet bool          `short:"q" help:"Only the object: no passes, no summary. With --json only the last step."`
	Pace  time.Duration `help:"In a terminal, show each step for at least that long, as in 80ms. The figures are of the unslowed run." placeholder:"TIME"`

	choice *budgetJSON // by --budget or --quality
}

// Help is shown below the flags' help.
func (generateCommand) Help() string {
	return `In a terminal the object appears as its elements are committed, fresh ones highlighted. Elsewhere it is plain text on standard output, and what the passes did on standard error. A summary follows: strategy, passes, elements, stride (elements a pass), time to the first step, elements a second, seed.

A picture appears in a terminal as half blocks, and is written only where --out says so; elsewhere it is a PNG on standard output, unless only its --steps-out are asked for. Several are written to FILE-1.png, FILE-2.png and so on, or on one --sheet. The caption, and all that the picture was made with, stand in the file's texts: see stride show FILE.png. Ctrl-C keeps the pictures that are finished.

With --budget or --quality the strategy, its passes and of a text that may go on, its longest length are chosen by what was measured on this machine, and a line says what and why; it is what --json has as choice in the last step. The budget is one object's, from the call to its last step with the weights loaded. See stride calibrate.

A voice speaks the prompt as stride speak does, whose --help tells of its flags, and of the one JSON document that --json then is. A vocoder speaks a sound again.

Examples:

  stride generate tang 春曉
  stride generate tang 春曉 --strategy refine --passes 8 --pace 150ms
  stride generate tang 登高 --form 七律 --strategy nar --length fixed
  stride generate tang 學 --acrostic 生成學習
  stride generate tang 望月 --budget 50ms
  stride generate tiles "a red dragon" --quality 0.9 --out dragon.png
  stride generate tang --strategy refine --fill "春眠不覺曉，＿＿聞啼鳥"
  stride generate stories "Once upon a time" --temperature 0.5
  stride generate stories "Once upon a time" --strategy speculate
  stride generate tang 望月 --count 20 --quiet --out poems.txt
  stride generate tang 望月 --json | jq -r 'select(.done).text'
  stride generate tiles "a red dragon"
  stride generate tiles "a red dragon" -s refine -n 16 --guidance 4 --out dragon.png --size 256
  stride generate tiles "a red dragon" -s refine --steps-out dragon.gif --size 8x
  stride generate tiles -s refine --prompts monsters.txt --sheet=8 --gap 0 --out monsters.png --atlas monsters.json
  stride generate tiles "a knight" -s refine --toward "a wizard" --frames 24 --out turn.gif
  stride generate tiles "a green dragon" -s refine --init dragon.png --strength 0.5 --out green.png
  stride generate tiles "a red dragon" --complete dragon.png --keep 0.5 --out other.png
  stride generate english "Good morning." --out hello.wav
  stride generate vocoder hello.wav --out again.wav

Each line of --json has: object (from 1), pass, passes (0 if not known beforehand), text (＿ for unknown elements), pieces (the elements, "" if unknown), fresh and remasked (indices of pieces), confidence, done. Of a picture text is "" and pieces []; there are width and height in addition, and with nar and refine time (0 noise, 1 finished) and change. The last of an object also has prompt, of a picture png (base64) and stats: strategy, model, passes, elements, drawn, stride, first_step_ms, total_ms, elements_per_second, seed, of speculate drafted and accepted (guesses, and those that were right), stopped (end, stop, length, context or cancelled). With --logprobs there is logprobs, of each of fresh: index, token, text, logprob (natural, before all that changes or limits it), and top with such entries of the likeliest.`
}

// Validate is called by kong.
func (g *generateCommand) Validate() error {
	for _, f := range []struct {
		name  string
		value *int
	}{{"count", &g.Count}, {"passes", g.Passes}, {"block", g.Block}, {"logprobs", g.Logprobs}} {
		if f.value != nil && *f.value < 1 {
			return fmt.Errorf("--%s is %d, want 1 or more", f.name, *f.value)
		}
	}
	if g.Pace < 0 {
		return fmt.Errorf("--pace is %s, want 0 or more", g.Pace)
	}
	return g.pictureFlags.validate()
}

// Run is called by kong.
func (g *generateCommand) Run(ctx context.Context, c *console) error {
	if err := checkOut(g.Out); err != nil {
		return err
	}
	m, err := stride.Open(g.Model)
	if err != nil {
		return err
	}
	defer m.Close()
	if err := g.misused(m.Info()); err != nil {
		return err
	}
	prompt := stride.Prompt{Text: strings.Join(g.Prompt, " "), Acrostic: g.Acrostic, Fill: g.Fill, Negative: g.Negative, Toward: g.Toward}
	if prompt.Conditions, err = g.resolve(m); err != nil {
		return err
	}
	if err := g.read(&prompt); err != nil {
		return err
	}
	if m.Info().Picture != nil {
		return g.pictures(ctx, c, m, prompt)
	}
	if err := g.choose(ctx, c, m, prompt); err != nil {
		return err
	}
	if m.Info().Sound != nil {
		return g.sound(ctx, c, m, prompt)
	}
	var file bytes.Buffer // what goes to --out
	for i := range g.Count {
		if err = g.object(ctx, c, m, prompt, i, &file); err != nil {
			break
		}
		if ctx.Err() != nil && i+1 < g.Count { // while the last one was shown
			err = shownError{ctx.Err()}
			break
		}
	}
	if toFile(g.Out) && file.Len() > 0 {
		if saveErr := save(g.Out, file.Bytes()); saveErr != nil {
			return errors.Join(saveErr, err)
		}
	}
	return err
}

// sound makes the sound that was asked for: of a text, or for a vocoder of
// another sound.
func (g *generateCommand) sound(ctx context.Context, c *console, m *stride.Model, prompt stride.Prompt) (err error) {
	info := m.Info().Sound
	if g.Count > 1 {
		return usageError{fmt.Errorf("--count is %d, want 1: %s makes one sound at a time", g.Count, g.Model)}
	}
	if info.Language == "" {
		if prompt.Text == "" {
			return usageError{fmt.Errorf("%s speaks a sound again, want a file of sound: .wav, .flac or .mp3", g.Model)}
		}
		if prompt.Sound, err = readSound(prompt.Text); err != nil {
			return err
		}
		prompt.Text = ""
	}
	if prompt.Lexicon, err = g.readLexicon(info.Language); err != nil {
		return err
	}
	r := &soundRun{soundFlags: &g.soundFlags, choice: g.choice, c: c, prompt: prompt, options: g.options(0), out: g.Out, json: g.JSON, quiet: g.Quiet, pace: g.Pace}
	return r.make(ctx, m)
}

// object generates and shows one object. Like what is shown, what it adds to
// file ends where the generation was cancelled.
func (g *generateCommand) object(ctx context.Context, c *console, m *stride.Model, prompt stride.Prompt, i int, file *bytes.Buffer) error {
	last, err := watch(ctx, m, prompt, g.options(i), g.presenter(ctx, c, m, prompt, i, file))
	if last.Object != nil && !g.Quiet && !g.JSON {
		if err := summarize(c, last.Stats); err != nil {
			return err
		}
	}
	return err
}

// watch generates one object and shows its steps, to nobody if view is nil. It
// returns the last of them, also of an object that was cancelled or failed, but
// none where the object did not begin or could not be shown.
func watch(ctx context.Context, m *stride.Model, prompt stride.Prompt, options []stride.Option, view presenter) (stride.Step, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var last stride.Step
	var showErr, err error
	for at := range steps(ctx, m, prompt, options) {
		last, err = at.step, at.err
		if last.Object == nil || view == nil || showErr != nil { // it did not begin, or nobody sees it
			continue
		}
		last.Done = last.Done || err != nil
		if showErr = view.show(last); showErr != nil {
			cancel()
		}
	}
	if showErr != nil {
		return stride.Step{}, showErr
	}
	if errors.Is(err, context.Canceled) {
		err = shownError{err}
	}
	return last, err
}

const stoppedCancelled = "cancelled" // of [stride.Stats]

// summarize writes the summary line.
func summarize(c *console, s stride.Stats) error {
	return summaryLine(c, s.String(), s.Stopped)
}

// summaryLine writes a summary, and why it ended if that is not as usual.
func summaryLine(c *console, line, stopped string) error {
	switch stopped {
	case stoppedCancelled:
		line += separator + "cancelled"
	case "length":
		line += separator + "stopped at the length asked for"
	case "context":
		line += separator + "stopped where the model's context ends"
	}
	if !c.errTerminal {
		return writeAll(c.err, line+"\n")
	}
	width, _ := c.size()
	indent := strings.Repeat(" ", margin)
	var b strings.Builder
	for _, part := range fold(line, width-margin-1) {
		b.WriteString("\n" + indent + dim.Render(part))
	}
	return writeAll(c.styledErr, b.String()+"\n")
}

// fold breaks a line at its separators where it is wider than the terminal.
func fold(line string, width int) []string {
	var out []string
	for part := range strings.SplitSeq(line, separator) {
		if n := len(out) - 1; n >= 0 && lipgloss.Width(out[n]+separator+part) <= width {
			out[n] += separator + part
		} else {
			out = append(out, part)
		}
	}
	return out
}

func (g *generateCommand) options(i int) []stride.Option {
	out := slices.Concat(g.sampling.options(), g.pictureFlags.options(), g.soundFlags.options(), g.speculateFlags.options(), g.cacheFlags.options())
	if g.Strategy != "" {
		out = append(out, stride.Strategy(string(g.Strategy)))
	}
	if g.Passes != nil {
		out = append(out, stride.Passes(*g.Passes))
	}
	if g.Length != 0 {
		out = append(out, stride.Length(int(g.Length)))
	}
	if g.Block != nil {
		out = append(out, stride.Block(*g.Block))
	}
	if g.ConfidenceTemperature != nil {
		out = append(out, stride.ConfidenceTemperature(*g.ConfidenceTemperature))
	}
	if g.Logprobs != nil {
		out = append(out, stride.WithLogprobs(*g.Logprobs))
	}
	if g.Remask {
		out = append(out, stride.Remask())
	}
	if g.Seed != nil {
		out = append(out, stride.Seed(*g.Seed+uint64(i)))
	}
	return out
}

// presenter chooses how object i is shown.
func (g *generateCommand) presenter(ctx context.Context, c *console, m *stride.Model, prompt stride.Prompt, i int, file *bytes.Buffer) presenter {
	info := m.Info()
	strategy := string(g.Strategy)
	if strategy == "" {
		strategy = info.Default
	}
	// A model without conditions continues its prompt, and an object of it
	// begins there; for others the prompt is the title.
	title, lead := prompt.Text, ""
	if len(info.Conditions) == 0 {
		title, lead = "", prompt.Text
	}
	plain := func(w io.Writer) presenter {
		if g.JSON {
			return &jsonLines{out: w, index: i + 1, prompt: prompt, doneOnly: g.Quiet, choice: g.choice}
		}
		if i > 0 {
			lead = "\n" + lead
		}
		return &stream{out: w, lead: lead, grows: onlyAppends(strategy)}
	}
	var shown, kept presenter
	if toFile(g.Out) {
		kept = plain(file)
	}
	switch {
	case c.outIsTerminal && !g.Quiet && g.Out != "-" && (!g.JSON || kept != nil):
		shown = &live{view: scene{title: title, lead: lead}, out: c.styledOut, size: c.size, pace: g.Pace, hurry: ctx.Done()}
	case kept == nil:
		shown = plain(c.out)
	}
	if _, is := shown.(*live); !is && !g.Quiet && !g.JSON {
		shown = join(shown, passLog{c.err})
	}
	if g.Logprobs != nil && !g.JSON {
		kept = join(kept, &logprobTable{out: c.err, seen: map[int]stride.Logprobs{}})
	}
	return join(shown, kept)
}

func join(a, b presenter) presenter {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return both{a, b}
}

// stepOrError is what a generation yields.
type stepOrError struct {
	step stride.Step
	err  error
}

// waiting is how many steps may be generated and not yet shown. It is more than
// most objects have, so that a slow terminal does not slow the generation, whose
// speed is measured.
const waiting = 4096

// steps generates an object in the background. The channel is to be read to its
// end.
func steps(ctx context.Context, m *stride.Model, p stride.Prompt, opts []stride.Option) <-chan stepOrError {
	out := make(chan stepOrError, waiting)
	go func() {
		defer close(out)
		for step, err := range m.Generate(ctx, p, opts...) {
			out <- stepOrError{step, err}
		}
	}()
	return out
}

// toFile tells whether --out names a file.
func toFile(out string) bool { return out != "" && out != "-" }

// checkOut finds out before the work that a file could not be written after it.
func checkOut(out string) error {
	if !toFile(out) {
		return nil
	}
	if info, err := os.Stat(filepath.Dir(out)); err != nil {
		return fmt.Errorf("write %s: its folder cannot be used: %w", out, err)
	} else if !info.IsDir() {
		return fmt.Errorf("write %s: %s is not a folder", out, filepath.Dir(out))
	}
	if info, err := os.Stat(out); err == nil && info.IsDir() {
		return fmt.Errorf("write %s: it is a folder, want a file", out)
	}
	return nil
}

// save writes a file, all or nothing. What is no regular file, such as a pipe,
// is written to as it is.
func save(path string, data []byte) error {
	if info, err := os.Stat(path); err == nil && info.Mode()&fs.ModeType != 0 {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		_, err = f.Write(data)
		return errors.Join(err, f.Close())
	}
	return checkpoint.WriteFileAtomic(path, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}
