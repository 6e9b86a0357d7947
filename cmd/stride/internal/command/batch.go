package command

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"time"

	"github.com/stride-ml/stride"
)

// batchCommand is stride batch.
type batchCommand struct {
	Model  string `arg:"" help:"Name of a bundled model of text, the path of a .gguf file, or hf:OWNER/REPO/FILE of one that was pulled."`
	File   string `arg:"" help:"File of prompts: a line of text each, or of JSON with text and perhaps conditions; - is standard input."`
	Out    string `short:"o" help:"File for the answers, a line of JSON each as they are ready; one that is there is gone on with. Default: standard output." placeholder:"FILE"`
	AtOnce int    `help:"Prompts that are answered at a time." default:"8" placeholder:"N"`
	System string `help:"What the model is told before each prompt." placeholder:"TEXT"`
	Raw    bool   `help:"Give prompts to the model as they are, and not in its chat template."`

	chatSettings `embed:""`
}

// Help is shown below the flags' help.
func (batchCommand) Help() string {
	return `Passes over the model's weights are shared by the prompts that are answered at a time, so that eight together take a fraction of the time of one after another. Each prompt is a conversation of its own, by the model's chat template if it has one.

An answer is a line with index (of its prompt, from 0), prompt, response, stopped (end, stop, length or context), elements and seed (that of --seed and the index together, or drawn at random), or error if there is none. With --out the same command goes on where it was stopped: what the file already answers is left out.

Examples:

  stride batch model.gguf prompts.jsonl --out answers.jsonl --length 300
  stride batch model.gguf questions.txt --at-once 16 --temperature 0 --system "Answer in one word."
  stride batch stories openings.txt --length 100 --seed 1`
}

// Validate is called by kong.
func (b *batchCommand) Validate() error {
	if b.AtOnce < 1 || b.AtOnce > 256 {
		return fmt.Errorf("--at-once is %d, want 1 to 256", b.AtOnce)
	}
	if b.Raw && b.System != "" {
		return errors.New("--system is for conversations, --raw for none")
	}
	return b.chatSettings.Validate()
}

// answerLine is a line of answers.
type answerLine struct {
	Index    int    `json:"index"`
	Prompt   string `json:"prompt"`
	Response string `json:"response"`
	Stopped  string `json:"stopped,omitempty"`
	Elements int    `json:"elements"`
	Seed     uint64 `json:"seed"`
	Error    string `json:"error,omitempty"`
}

// Run is called by kong.
func (b *batchCommand) Run(ctx context.Context, c *console) (err error) {
	m, err := stride.Open(b.Model)
	if err != nil {
		return err
	}
	defer m.Close()
	if info := m.Info(); makes(info) != "text" {
		return usageError{fmt.Errorf("batch is for models of text; %s makes %s", b.Model, makes(info))}
	}
	prompts, err := readPrompts(b.File, m)
	if err != nil {
		return err
	}
	out, done := c.out, map[int]bool{}
	if b.Out != "" {
		f, err := os.OpenFile(b.Out, os.O_RDWR|os.O_CREATE, 0o644)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		if done, err = answered(f, b.Out, prompts); err != nil {
			return err
		}
		out = f
	}
	var chat *stride.ChatConfig
	if !b.Raw {
		chat = &stride.ChatConfig{System: b.System}
		if _, err := m.Chat(*chat); err != nil && b.System != "" {
			return err
		} else if err != nil {
			chat = nil
		}
	}
	if b.Seed == nil { // told with each answer
		seed := rand.Uint64() >> 1
		b.Seed = &seed
	}
	var left []int
	var questions []stride.Question
	for i, p := range prompts {
		if !done[i] {
			left = append(left, i)
			questions = append(questions, stride.Question{Prompt: p, Options: []stride.Option{stride.Seed(*b.Seed + uint64(i))}})
		}
	}
	answers, err := m.Answers(ctx, questions, b.AtOnce, chat, b.options()...)
	if err != nil {
		return err
	}
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	start, elements, failed, n := time.Now(), 0, 0, 0
	tell := func() string {
		return fmt.Sprintf("%d of %d answered, %d elements, %.0f a second", len(prompts)-len(left)+n, len(prompts), elements, float64(elements)/time.Since(start).Seconds())
	}
	for a := range answers {
		if ctx.Err() != nil {
			continue // begun and not ended: the next run answers it
		}
		i := left[a.Index]
		line := answerLine{Index: i, Prompt: prompts[i].Text, Response: a.Text, Stopped: a.Stats.Stopped, Elements: a.Stats.Elements, Seed: *b.Seed + uint64(i)}
		if a.Err != nil {
			line.Error = a.Err.Error()
			failed++
		}
		if err := lines.Encode(line); err != nil {
			return err
		}
		elements, n = elements+a.Stats.Elements, n+1
		if c.errTerminal {
			fmt.Fprint(c.err, "\r"+tell()+clearLine)
		}
	}
	switch {
	case c.errTerminal:
		fmt.Fprintln(c.err)
	case b.Out != "" && n > 0:
		fmt.Fprintln(c.err, tell())
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d prompts were not answered: see the key error", failed, len(prompts))
	}
	return nil
}

// answered reads which prompts a file of answers has answered, those with errors left
// out, and leaves the file where further lines go. Half a line at the end, of a command
// that was killed, is cut off.
func answered(f *os.File, path string, prompts []stride.Prompt) (map[int]bool, error) {
	done, in, n, end := map[int]bool{}, bufio.NewReader(f), 0, int64(0)
	for {
		data, err := in.ReadBytes('\n')
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		n++
		var line answerLine
		if err := json.Unmarshal(data, &line); err != nil {
			if _, last := in.Peek(1); last == io.EOF && n > 1 {
				break
			}
			return nil, fmt.Errorf("%s:%d: %w", path, n, err)
		}
		end += int64(len(data))
		if i := line.Index; i < 0 || i >= len(prompts) || line.Prompt != prompts[i].Text {
			return nil, fmt.Errorf("%s:%d answers another prompt than number %d of the file: %.40q", path, n, i, line.Prompt)
		}
		if line.Error == "" {
			done[line.Index] = true
		}
	}
	if err := f.Truncate(end); err != nil {
		return nil, err
	}
	_, err := f.Seek(end, io.SeekStart)
	return done, err
}
