package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/measure"
	"github.com/stride-ml/stride/measure/report"
)

// compareCommand is stride compare.
type compareCommand struct {
	Model      string   `arg:"" help:"Name of a bundled model, the path of a .gguf file, or all: every bundled model that makes objects."`
	Prompt     []string `arg:"" optional:"" help:"Prompts, each an argument of its own; default: those of --prompts, built in, or from the test data."`
	Prompts    string   `help:"File of prompts, one a line, beside those of the command line." placeholder:"FILE"`
	Strategy   []string `short:"s" help:"Strategies to compare: ar, nar, refine, speculate; default: all that the model has." placeholder:"NAME,..."`
	Objects    int      `help:"Objects of each strategy, all prompts and runs together; default: 200 pictures, 20 sentences, of texts as --count and --runs say." placeholder:"N"`
	Count      int      `default:"1" help:"Objects a prompt: of texts in each run, of pictures and speech in all."`
	Passes     []int    `help:"Passes of refine to compare; default: 1,2,4,8,16,32, of speech up to 16." placeholder:"N,..."`
	Runs       int      `default:"5" help:"Timed repetitions, or parts of the pictures or sentences; times are their median and spread."`
	Seed       uint64   `default:"1" help:"Seed of all that is random."`
	Data       string   `env:"STRIDE_DATA" help:"Folder of the training and test data, for the judge of poems and for real objects beside those made." placeholder:"DIR"`
	Classifier string   `help:"Pictures: a classifier as their judge, bundled or a .gguf file; default: that of the model's data, if bundled." placeholder:"FILE"`
	Vocoder    string   `help:"Speech: a vocoder for a voice that makes frames alone, bundled or a .gguf file; a pipeline has its own." placeholder:"FILE"`
	Recogniser string   `help:"Speech: a recogniser that listens, bundled or a .gguf file; default: that of the language, if bundled." placeholder:"FILE"`
	Draft      string   `help:"Public language models: a smaller model or a draft head for speculate to guess with, bundled or a .gguf file." placeholder:"MODEL"`
	Guidance   *float32 `help:"Pictures: guidance of ar and refine; default: the model's." placeholder:"G"`
	Against    string   `help:"A compare.json of the same comparison, to see whether times agree." placeholder:"FILE"`

	reportFlags    `embed:""`
	sampling       `embed:""`
	conditionFlags `embed:"" group:"Conditions of prompts on the command line"`
}

// Help is shown below the flags' help.
func (compareCommand) Help() string {
	return `The parallel gain P of the machine is measured first: a refine of N passes can be faster than ar only if N < P. The expected winner is shown before the run, the measured one after it, and below the table what to choose when. A star marks strategies that no other beats in both time and quality. If the machine is busy with other things, that is said.

A line of --prompts is a prompt, or a JSON object with conditions: {"text": "春曉", "conditions": {"form": "五言絕句"}}.

With --data pictures are compared with real ones, of which the folder holds those that the model's recipe names. --out adds sheet.png (a line a caption: the real picture, then one by each strategy), nearest.png (pictures, each with the training picture nearest to it) and, with a classifier, frontier-2.svg and frontier-3.svg by other measures.

A voice speaks sentences of the test split, beside the recordings of them in the folder that its recipe names. --out adds the first sentences by each row as .wav, and spectrograms.png: a line a row of the table, a column a sentence.

A public language model has ar beside speculate at several settings, after built-in prompts: editing, summarising with quotes, code and open chat, each answered by at most 128 elements. Every row has the same seeds, so that "as ar" says whether speculate gave the same answers.

--report writes a page that needs no network: the frontier, the objects themselves with the passes that made them, sounds to hear, all figures and what they mean. all compares every bundled model that makes objects and shares --within among them; what goes wrong with one is told on the page.

Examples:

  stride compare tang
  stride compare tang --report report
  stride compare all --data ~/data --report report --within 5m
  stride compare tang 春曉 登高 --form 七律 --strategy ar,refine --passes 4,8
  stride compare tang --out first; stride compare tang --against first/compare.json
  stride compare smollm2.gguf --temperature 0 --runs 3
  stride compare tang --data ~/data --count 4 --out comparison
  stride compare tang --passes 4,16 --runs 9 --temperature 0.8
  stride compare tiles --data ~/data --objects 400 --out comparison
  stride compare english --data ~/data --out comparison
  stride compare english-voice.gguf --vocoder vocoder.gguf --recogniser recogniser.gguf --data ~/data`
}

// Validate is called by kong.
func (p *compareCommand) Validate() error {
	for _, n := range append([]int{p.Count, p.Runs}, p.Passes...) {
		if n < 1 {
			return fmt.Errorf("--count, --runs and --passes want 1 or more, not %d", n)
		}
	}
	switch {
	case p.Within < 0:
		return fmt.Errorf("--within is %v, want more than 0", p.Within)
	case p.Objects < 0:
		return fmt.Errorf("--objects is %d, want 1 or more", p.Objects)
	case p.Guidance != nil && *p.Guidance == 0:
		return errors.New("--guidance 0 is a picture of anything, whatever the caption; want 1 or more")
	}
	return nil
}

// Run is called by kong.
func (p *compareCommand) Run(ctx context.Context, c *console, line *kong.Context) error {
	command := append([]string{"stride"}, line.Args...)
	if p.Model == everyModel {
		return p.all(ctx, c, command)
	}
	earlier, err := readComparison(p.Against)
	if err != nil {
		return err
	}
	m, err := p.open()
	if err != nil {
		return err
	}
	defer m.Close()
	page := report.Page{Started: time.Now(), Command: command}
	result, err := p.compare(ctx, c, m, command)
	if result == nil {
		return err
	}
	text := result.Table()
	if earlier != nil {
		text += "\n" + result.Against(earlier)
	}
	page.Sections = []report.Section{p.section(result, m, err)}
	return errors.Join(err, writeAll(c.out, text), p.write(c, page))
}

// compare compares the strategies of a model, and shows how far it is.
func (p *compareCommand) compare(ctx context.Context, c *console, m *stride.Model, command []string) (*measure.Comparison, error) {
	o := measure.CompareOptions{Objects: p.Objects, Passes: p.Passes, Count: p.Count, Runs: p.Runs, Seed: p.Seed, Within: p.Within,
		Data: p.Data, Classifier: p.Classifier, Recogniser: p.Recogniser, Draft: p.Draft, Options: p.options(), Strategies: p.Strategy, Command: command}
	if p.Guidance != nil {
		o.Guidance = *p.Guidance
	}
	var err error
	if o.Prompts, err = p.prompts(m); err != nil {
		return nil, err
	}
	if err := p.makeFolders(); err != nil {
		return nil, err
	}
	o.Planned = func(plan *measure.Comparison) { fmt.Fprint(c.err, plan.Forecast()) }
	if c.errTerminal {
		fmt.Fprint(c.err, "measuring the parallel gain ...")
		o.Planned = func(plan *measure.Comparison) { fmt.Fprint(c.err, "\r"+clearLine+plan.Forecast()) }
		o.Progress = func(done, total int, next string) {
			if next == "" {
				fmt.Fprint(c.err, "\r"+clearLine)
				return
			}
			fmt.Fprintf(c.err, "\r%d of %d objects  %s"+clearLine, done, total, next)
		}
	}
	result, err := measure.Compare(ctx, m, o)
	if err != nil && c.errTerminal {
		fmt.Fprintln(c.err)
	}
	return result, err
}

// prompts are those of the command line and of the file, none where the default is to
// be used.
func (p *compareCommand) prompts(m *stride.Model) ([]stride.Prompt, error) {
	conditions, err := p.resolve(m)
	if err != nil {
		return nil, err
	}
	if len(conditions) > 0 && len(p.Prompt) == 0 {
		return nil, usageError{errors.New("conditions are those of prompts on the command line, and there are none; a file of --prompts has its own")}
	}
	var out []stride.Prompt
	for _, text := range p.Prompt {
		out = append(out, stride.Prompt{Text: text, Conditions: conditions})
	}
	if p.Prompts == "" {
		return out, nil
	}
	from, err := readPrompts(p.Prompts, m)
	return append(out, from...), err
}

// readComparison reads the file of --against, if there is one.
func readComparison(path string) (*measure.Comparison, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("against: %w", err)
	}
	defer f.Close()
	c, err := measure.ReadJSON(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// open opens the model, with a vocoder behind it if one is given.
func (p *compareCommand) open() (*stride.Model, error) {
	if p.Vocoder == "" {
		return stride.Open(p.Model)
	}
	return stride.OpenStages(p.Model, p.Vocoder)
}

// promptLine is a line of --prompts in JSON.
type promptLine struct {
	Text       string            `json:"text"`
	Conditions map[string]string `json:"conditions"`
}

// readPrompts reads a file of prompts.
func readPrompts(path string, m *stride.Model) ([]stride.Prompt, error) {
	data, err := readText(path)
	if err != nil {
		return nil, fmt.Errorf("prompts: %w", err)
	}
	var out []stride.Prompt
	n := 0
	for line := range strings.Lines(string(data)) {
		n++
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		prompt := promptLine{Text: line}
		if strings.HasPrefix(line, "{") {
			prompt = promptLine{}
			decoder := json.NewDecoder(strings.NewReader(line))
			decoder.DisallowUnknownFields()
			if err := decoder.Decode(&prompt); err != nil {
				return nil, fmt.Errorf(`%s:%d: %w, want a prompt or {"text": ..., "conditions": {...}}`, path, n, err)
			}
		}
		conditions, err := conditionFlags{Condition: prompt.Conditions}.resolve(m)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, n, err)
		}
		out = append(out, stride.Prompt{Text: prompt.Text, Conditions: conditions})
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: no prompts, want one a line", path)
	}
	return out, nil
}
