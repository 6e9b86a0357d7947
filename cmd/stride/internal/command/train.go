package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/stride-ml/stride/train"
)

// trainCommand is stride train.
type trainCommand struct {
	Recipe  string `arg:"" help:"Recipe file, such as recipes/tang.yaml."`
	Data    string `env:"STRIDE_DATA" default:"." help:"Folder that the recipe's data files are in." placeholder:"DIR"`
	Out     string `short:"o" help:"Folder for the model, the state to resume from, the log and the loss curve; default: runs/ and the recipe's name." placeholder:"DIR"`
	Restart bool   `help:"Begin anew where the folder holds a run to go on with."`
	Workers int    `help:"Processors to use; 0 is all. The result does not depend on it." default:"0"`
}

// Help is shown below the flags' help.
func (trainCommand) Help() string {
	return `A run can be stopped at any time with Ctrl-C: it saves, and the same command goes on to the same bytes as a run that never stopped.

Examples:

  stride train recipes/tang.yaml --data ~/data
  stride generate runs/tang/model.gguf 春曉
  stride train recipes/tiles-flow.yaml --data ~/data
  stride show tang --recipe > mine.yaml && stride train mine.yaml --data ~/data --out runs/mine`
}

// Validate is called by kong.
func (t *trainCommand) Validate() error {
	if t.Workers < 0 {
		return fmt.Errorf("--workers is %d, want 0 or more", t.Workers)
	}
	return nil
}

// Run is called by kong.
func (t *trainCommand) Run(ctx context.Context, c *console) error {
	r, err := train.LoadRecipe(t.Recipe)
	if err != nil {
		return err
	}
	out := cmp.Or(t.Out, filepath.Join("runs", r.Name))
	u := unitOf(r.Network.Kind)
	var view trainView = &trainLog{out: c.err, unit: u}
	if c.errTerminal {
		// The terminal shows Ctrl-C as ^C, from where the bar would be drawn on.
		defer context.AfterFunc(ctx, func() { fmt.Fprint(c.err, "\r") })()
		view = &trainBar{trainLog: trainLog{out: c.err, unit: u}, name: r.Name}
	}
	result, err := train.Run(ctx, r, train.Options{Data: t.Data, Out: out, Restart: t.Restart, Workers: t.Workers, Progress: view.show})
	view.close()
	var stopped *train.InterruptedError
	if errors.Is(err, context.Canceled) && !errors.As(err, &stopped) {
		return errors.New("stopped before the first step, nothing to save")
	}
	if err != nil {
		return err
	}
	said := fmt.Sprintf("%s after %d steps", result.Model, result.Steps)
	if !math.IsNaN(result.Valid) {
		said += ": " + u.validation(result.Valid, result.ValidBits)
	}
	return writeAll(c.out, said+"\n")
}

// trainView shows a running training.
type trainView interface {
	show(train.Progress)
	close()
}

// trainLog writes a line for each report.
type trainLog struct {
	out  io.Writer
	unit unit
}

func (l *trainLog) show(p train.Progress) {
	if p.Message != "" {
		fmt.Fprintln(l.out, p.Message)
		return
	}
	fmt.Fprintf(l.out, "step %d/%d  %s\n", p.Step, p.Steps, l.figures(p))
}

func (l *trainLog) close() {}

func (l *trainLog) figures(p train.Progress) string {
	parts := []string{fmt.Sprintf("loss %.3f", p.Loss)}
	if !math.IsNaN(p.Valid) {
		parts = append(parts, l.unit.validation(p.Valid, p.ValidBits))
	}
	parts = append(parts, fmt.Sprintf("%.0f elements/s", p.PerSecond))
	if p.Step < p.Steps {
		parts = append(parts, p.Left.Round(time.Second).String()+" left")
	}
	return strings.Join(parts, "  ")
}

// unit is what a validation loss is told in.
type unit struct {
	name  string // of bits; "" where the loss is no likelihood, of a flow or a classifier
	bound bool   // it is only known to be at most that
}

// unitOf returns the unit of a kind of network.
func unitOf(kind string) unit {
	switch kind {
	case "decoder":
		return unit{"bits/char", false}
	case "masked":
		return unit{"bits/char", true}
	case "pixel":
		return unit{"bits/pixel", false}
	}
	return unit{}
}

// validation writes a validation loss.
func (u unit) validation(loss, bits float64) string {
	s := fmt.Sprintf("valid %.3f", loss)
	if u.name != "" && !math.IsNaN(bits) {
		s += " (" + u.bits(bits) + ")"
	}
	return s
}

// bits writes a validation loss in bits, a bound as the bound it is.
func (u unit) bits(v float64) string {
	sign := ""
	if u.bound {
		sign = "<= "
	}
	return fmt.Sprintf("%s%.2f %s", sign, v, u.name)
}

// trainBar shows the reports beside a bar.
type trainBar struct {
	trainLog
	name     string
	progress *mpb.Progress
	bar      *mpb.Bar
	last     atomic.Pointer[train.Progress] // read by the bar's goroutine
}

func (b *trainBar) show(p train.Progress) {
	if p.Message != "" {
		b.trainLog.show(p)
		return
	}
	b.last.Store(&p)
	if b.bar == nil {
		b.progress = mpb.New(mpb.WithOutput(b.out), mpb.WithWidth(30))
		b.bar = b.progress.New(int64(p.Steps), mpb.BarStyle(),
			mpb.PrependDecorators(decor.Name(b.name+" "), decor.CountersNoUnit("%d/%d")),
			mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return b.short(*b.last.Load()) })))
	}
	b.bar.SetCurrent(int64(p.Step))
}

// short gives the figures in as little room as they and a bar have in 80
// columns.
func (b *trainBar) short(p train.Progress) string {
	s := fmt.Sprintf("loss %.2f", p.Loss)
	switch {
	case math.IsNaN(p.Valid):
	case b.unit.name == "":
		s += fmt.Sprintf("  valid %.3f", p.Valid)
	default:
		s += "  valid " + b.unit.bits(p.ValidBits)
	}
	return s + fmt.Sprintf("  %.0f elements/s  %s", p.PerSecond, p.Left.Round(time.Second))
}

// close leaves the bar as it is.
func (b *trainBar) close() {
	if b.bar != nil {
		b.bar.Abort(false) // does nothing to a bar that is complete
		b.progress.Wait()
	}
}
