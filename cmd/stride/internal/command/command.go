// Package command is Stride's command line: one file a subcommand, each of
// which only presents what the packages below it do. Objects go to standard
// output, everything about them to standard error.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/train"
)

// Exit codes of the command.
const (
	exitError       = 1
	exitUsage       = 2
	exitInterrupted = 130
)

const description = `Generate text, pictures and speech one element at a time, all at once, or in N passes, and see what each choice costs.

Begin with:

  stride generate tang 春曉
  stride generate tang 春曉 --strategy refine --passes 8
  stride generate stories "Once upon a time"
  stride generate tiles "a red dragon"
  stride generate tiles "a red dragon" --strategy refine --passes 16
  stride speak "Good morning, the dragon is awake."
  stride compare tang
  stride explain nar
  stride chat model.gguf

Exit codes: 0 done, 1 failed, 2 wrong use (an unknown flag, a value out of range, a strategy that the model lacks), 130 stopped by Ctrl-C.`

// commands is the command line.
type commands struct {
	Generate   generateCommand   `cmd:"" help:"Generate objects: a poem, a story, a picture, speech."`
	Chat       chatCommand       `cmd:"" help:"Converse with a language model."`
	Batch      batchCommand      `cmd:"" help:"Answer a file of prompts with a model of text, several at a time."`
	Speak      speakCommand      `cmd:"" help:"Speak a text: to a file, or to the loudspeaker while it is made."`
	Compare    compareCommand    `cmd:"" help:"Compare the strategies of a model: passes, time, quality."`
	Explain    explainCommand    `cmd:"" help:"Explain a strategy in a screen, by running it on an example small enough to see."`
	Demo       demoCommand       `cmd:"" help:"Take a tour of everything bundled, of a minute: files in ./stride-demo, a creature that talks among them."`
	Calibrate  calibrateCommand  `cmd:"" help:"Measure what the strategies of a model take on this machine, for --budget and --quality."`
	Train      trainCommand      `cmd:"" help:"Train a model from a recipe; the same command goes on where it stopped."`
	Quantize   quantizeCommand   `cmd:"" help:"Write a copy of a model whose matrices have fewer bits."`
	Show       showCommand       `cmd:"" help:"Show what a model is, can do and was measured to reach, or how a picture was made."`
	Pull       pullCommand       `cmd:"" help:"Bring a model from the Hugging Face hub into the cache of its tools."`
	Models     modelsCommand     `cmd:"" help:"List the models that are bundled or were pulled."`
	Voices     voicesCommand     `cmd:"" help:"List the bundled voices."`
	Tokens     tokensCommand     `cmd:"" help:"Show how a text is cut into elements."`
	Perplexity perplexityCommand `cmd:"" help:"Measure how well a model predicts a text."`
	Bench      benchCommand      `cmd:"" help:"Measure kernels and decoding on this machine."`
	Version    versionCommand    `cmd:"" help:"Print the version."`
}

// Main runs the command that os.Args asks for and returns its exit code. The
// first Ctrl-C stops it cleanly, a second one at once.
func Main() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return run(ctx, os.Args[1:], newConsole())
}

func run(ctx context.Context, args []string, c *console) int {
	exited, code := false, 0
	parser, err := kong.New(&commands{},
		kong.Name("stride"), kong.Description(description), kong.Writers(c.out, c.err),
		kong.Help(helpIn), kong.ConfigureHelp(kong.HelpOptions{Compact: true, FlagsLast: true, WrapUpperBound: 100}),
		kong.Exit(func(n int) { exited, code = true, n }),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(c))
	if err != nil {
		return c.fail(err)
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if exited { // --help has been printed
		return code
	}
	if err != nil {
		fmt.Fprintf(c.err, "stride: %v\n", err)
		fmt.Fprintf(c.err, "see: %s --help\n", strings.TrimSpace("stride "+commandOf(err)))
		return exitUsage
	}
	return c.fail(parsed.Run())
}

// commandOf is the subcommand that a command line which could not be parsed
// was for, "" if even that is not known.
func commandOf(err error) string {
	var parse *kong.ParseError
	if errors.As(err, &parse) && parse.Context.Selected() != nil {
		return parse.Context.Selected().Name
	}
	return ""
}

// shownError is an error that the person has already been told of.
type shownError struct{ error }

func (e shownError) Unwrap() error { return e.error }

// usageError is an error of the person at the command line.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// fail tells what went wrong, if anything, and returns the exit code.
func (c *console) fail(err error) int {
	if err == nil {
		return 0
	}
	var shown shownError
	if !errors.As(err, &shown) && !errors.Is(err, syscall.EPIPE) {
		fmt.Fprintf(c.err, "stride: %s\n", message(err))
	}
	var usage usageError
	var option *stride.OptionError
	var unsupported *stride.UnsupportedError
	var stopped *train.InterruptedError
	switch {
	case errors.Is(err, context.Canceled) || errors.As(err, &stopped):
		return exitInterrupted
	case errors.As(err, &usage) || errors.As(err, &option) || errors.As(err, &unsupported):
		return exitUsage
	}
	return exitError
}

// message is an error in words for a person at a terminal.
func message(err error) string {
	var stopped *train.InterruptedError
	switch {
	case errors.As(err, &stopped):
		return stopped.Error()
	case errors.Is(err, context.Canceled):
		return "cancelled"
	}
	return err.Error()
}

func writeAll(w io.Writer, s string) error {
	_, err := io.WriteString(w, s)
	return err
}
