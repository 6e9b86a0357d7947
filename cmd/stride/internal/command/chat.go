package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"unicode"

	"github.com/stride-ml/stride"
)

// chatCommand is stride chat.
type chatCommand struct {
	Model  string `arg:"" help:"Path of a .gguf file, or hf:OWNER/REPO/FILE of one that was pulled."`
	System string `help:"What the model is told before all messages." placeholder:"TEXT"`
	Load   string `help:"Go on with a conversation that /save has written." placeholder:"FILE"`
	Strict bool   `help:"Refuse a message when the conversation outgrows the context, instead of leaving its oldest messages out."`

	TemplateVar []templateVarFlag `sep:"none" help:"Give the chat template a variable, as enable_thinking=false for Qwen3. VALUE is JSON, or else a text. May be repeated." placeholder:"NAME=VALUE"`

	chatSettings `embed:""`

	Quiet bool `short:"q" help:"Only the answers: no line of figures behind each."`
}

// chatSettings are what /set changes.
type chatSettings struct {
	Strategy strategyFlag `short:"s" help:"How the answer is generated; default: the model's." placeholder:"NAME"`
	Length   *int         `help:"Most tokens of an answer." placeholder:"N"`
	sampling `embed:""`

	speculateFlags `embed:""`
	cacheFlags     `embed:""`
	Seed           *uint64 `help:"Seed of all that is random in an answer; by default each has its own." placeholder:"SEED"`
}

// Validate is called by kong.
func (s *chatSettings) Validate() error {
	if s.Length != nil && *s.Length < 1 {
		return fmt.Errorf("--length is %d, want 1 or more", *s.Length)
	}
	return nil
}

func (s *chatSettings) options() []stride.Option {
	out := slices.Concat(s.sampling.options(), s.speculateFlags.options(), s.cacheFlags.options())
	if s.Strategy != "" {
		out = append(out, stride.Strategy(string(s.Strategy)))
	}
	if s.Length != nil {
		out = append(out, stride.Length(*s.Length))
	}
	if s.Seed != nil {
		out = append(out, stride.Seed(*s.Seed))
	}
	return out
}

// Help is shown below the flags' help.
func (chatCommand) Help() string {
	return `The conversation is laid out by the model's own chat template. Ctrl-C stops an answer and keeps what there is of it; at the prompt it leaves, as Ctrl-D and /exit do. The arrows bring earlier messages back; Alt-Enter or Ctrl-J begins a new line, and text of several lines can be pasted. What does not come from a terminal is a message a line.

Commands, at the prompt:

` + chatHelp + `
Examples:

  stride chat model.gguf
  stride chat hf:OWNER/REPO/FILE.gguf --system "Answer in one sentence." --temperature 0.7
  stride chat qwen3.gguf --template-var enable_thinking=false
  echo "What is the capital of France?" | stride chat model.gguf --quiet --seed 1`
}

// Run is called by kong.
func (g *chatCommand) Run(ctx context.Context, c *console) error {
	m, err := stride.Open(g.Model)
	if err != nil {
		return err
	}
	defer m.Close()
	s := &chatSession{c: c, model: m, name: g.Model, quiet: g.Quiet, config: stride.ChatConfig{System: g.System, Strict: g.Strict, Variables: templateVars(g.TemplateVar)}, options: g.options()}
	if g.Load != "" {
		if s.config.Messages, err = readMessages(g.Load); err != nil {
			return err
		}
	}
	if s.talk, err = m.Chat(s.config); err != nil {
		return err
	}
	if len(s.talk.Messages()) > 0 && g.System != "" {
		s.talk.SetSystem(g.System)
	}
	// Ctrl-C is for an answer, not for the command. Signals that this has asked for do not end it.
	s.signals = make(chan os.Signal, 4)
	signal.Notify(s.signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(s.signals)
	if s.interactive = c.inIsTerminal && c.outIsTerminal; s.interactive {
		s.in = newEditor(c, s.signals)
		fmt.Fprintln(c.styledErr, dim.Render(fmt.Sprintf("%s. /help lists commands, Ctrl-D leaves.", g.Model)))
	} else {
		s.in = newLineReader(c, s.signals)
	}
	return s.run(context.WithoutCancel(ctx))
}

// messageReader reads what a person says. It returns io.EOF when they leave.
type messageReader interface{ read() (string, error) }

// chatSession is a conversation at the command line.
type chatSession struct {
	c           *console
	model       *stride.Model
	name        string // of the model
	config      stride.ChatConfig
	talk        *stride.Conversation
	options     []stride.Option
	in          messageReader
	signals     chan os.Signal
	interactive bool
	quiet       bool
	leave       bool
	last        stride.Stats // of the last answer
	answers     int
	tokens      int // of all answers
}

func (s *chatSession) run(ctx context.Context) error {
	for !s.leave {
		text, err := s.in.read()
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = s.take(ctx, strings.TrimSpace(text))
		}
		switch {
		case err == nil:
		case !s.interactive:
			return err
		default:
			fmt.Fprintf(s.c.err, "stride: %s\n", message(err))
		}
	}
	return nil
}

// take does what a line says.
func (s *chatSession) take(ctx context.Context, text string) error {
	switch {
	case text == "":
		return nil
	case strings.HasPrefix(text, "/"):
		return s.command(ctx, text)
	}
	return s.answer(ctx, s.talk.Send, text)
}

// answer shows an answer while it comes. A signal stops it.
func (s *chatSession) answer(ctx context.Context, ask func(context.Context, string, ...stride.Option) iter.Seq2[stride.Step, error], text string, more ...stride.Option) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer s.stopBySignal(cancel)()
	shown := &answerWriter{out: s.c.out, terminal: s.c.outIsTerminal || s.c.dumbOut}
	view := &stream{out: shown}
	var last stride.Step
	var err, showErr error
	for step, stepErr := range ask(ctx, text, append(s.options[:len(s.options):len(s.options)], more...)...) {
		if err = stepErr; step.Object == nil {
			continue
		}
		last, view.grows = step, onlyAppends(step.Stats.Strategy)
		step.Done = step.Done || err != nil
		if showErr = view.show(step); showErr != nil {
			break
		}
	}
	if showErr != nil {
		return showErr
	}
	if last.Object == nil && err != nil {
		if errors.Is(err, context.Canceled) {
			return nil
		}
		return err
	}
	if !shown.begun { // an empty answer is a line, too
		if err := writeAll(s.c.out, "\n"); err != nil {
			return err
		}
	}
	s.last, s.answers, s.tokens = last.Stats, s.answers+1, s.tokens+last.Stats.Elements
	if err := s.figures(last.Stats); err != nil {
		return err
	}
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// stopBySignal lets Ctrl-C stop an answer, until the function that it returns is
// called. A request to end the program ends the chat, too.
func (s *chatSession) stopBySignal(cancel context.CancelFunc) (end func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case sig := <-s.signals:
			s.leave = sig != os.Interrupt
			cancel()
		case <-done:
		}
	}()
	return func() { close(done); <-ended }
}

// figures writes what an answer has cost.
func (s *chatSession) figures(stats stride.Stats) error {
	if s.quiet {
		return nil
	}
	line := fmt.Sprintf("%s · %.1f tokens/s · first token %.0f ms · seed %d", tokens(stats.Elements), stats.Rate(), float64(stats.FirstStep.Microseconds())/1000, stats.Seed)
	if n := stats.LeftOut; n > 0 {
		line += fmt.Sprintf("%sthe oldest %d messages are left out", separator, n)
	}
	return summaryLine(s.c, line, stats.Stopped)
}

func tokens(n int) string {
	if n == 1 {
		return "1 token"
	}
	return fmt.Sprintf("%d tokens", n)
}

// answerWriter writes an answer without the white space before it, and to a
// terminal without characters that could command it.
type answerWriter struct {
	out      io.Writer
	terminal bool
	begun    bool
}

func (w *answerWriter) Write(p []byte) (int, error) {
	text := string(p)
	if !w.begun {
		text = strings.TrimLeftFunc(text, unicode.IsSpace)
		w.begun = text != ""
	}
	if w.terminal {
		text = strings.Map(func(r rune) rune {
			if unicode.IsControl(r) && r != '\n' && r != '\t' {
				return unicode.ReplacementChar
			}
			return r
		}, text)
	}
	return len(p), writeAll(w.out, text)
}
