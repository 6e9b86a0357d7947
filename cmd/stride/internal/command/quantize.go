package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/checkpoint"
)

// quantizeCommand is stride quantize.
type quantizeCommand struct {
	In        string `arg:"" help:"Name of a bundled model, or the path of a .gguf file."`
	Out       string `arg:"" help:"The .gguf file to write; one that is there is replaced."`
	Type      string `short:"t" required:"" help:"Type of matrices: q8_0, q4_0, q4_1, f16 or f32." placeholder:"TYPE"`
	Output    string `help:"Type of the table that gives the logits, which is often that of the tokens too, or keep; default: q8_0 where --type has fewer bits, else as --type." placeholder:"TYPE"`
	Embedding string `help:"Type of the table that tokens are looked up in, where it is a table of its own, or keep; default: as --type." placeholder:"TYPE"`

	types checkpoint.Quantizing
}

// Help is shown below the flags' help.
func (quantizeCommand) Help() string {
	return `Matrices get fewer bits a value: q8_0 has 8.5, q4_0 4.5 and q4_1 5. Vectors, norms, biases, matrices whose rows are no multiple of 32 values, and all that the file says about the model stay as they are. A matrix that was quantised before does not regain what it lost by that.

Examples:

  stride quantize smollm2-f16.gguf smollm2-q8_0.gguf --type q8_0
  stride quantize smollm2-f16.gguf smollm2-q4_0.gguf --type q4_0
  stride quantize smollm2-f16.gguf small.gguf --type q4_0 --output q4_0`
}

// Validate is called by kong.
func (q *quantizeCommand) Validate() error {
	if q.Type == "" { // kong says what is missing, after this
		return nil
	}
	t, err := checkpoint.ParseType(q.Type)
	if err != nil {
		return fmt.Errorf("--type: %w", err)
	}
	q.types = checkpoint.QuantizeTo(t)
	if err := tableType("--output", q.Output, &q.types.Output); err != nil {
		return err
	}
	return tableType("--embedding", q.Embedding, &q.types.Embedding)
}

// tableType reads the type that a flag gives to a table, if it does.
func tableType(flag, name string, t *checkpoint.Type) (err error) {
	switch {
	case name == "":
		return nil
	case strings.EqualFold(name, "keep"):
		*t = checkpoint.Keep
		return nil
	}
	if *t, err = checkpoint.ParseType(name); err != nil {
		return fmt.Errorf("%s: %w, or keep", flag, err)
	}
	return nil
}

// Run is called by kong.
func (q *quantizeCommand) Run(ctx context.Context, c *console) error {
	in, err := openFile(q.In)
	if errors.Is(err, fs.ErrNotExist) {
		if _, unknown := stride.Open(q.In); unknown != nil { // says which models there are
			err = unknown
		}
	}
	if err != nil {
		return err
	}
	defer in.Close()
	if sameFile(q.In, q.Out) {
		return usageError{fmt.Errorf("%s and %s are the same file, want another for the result", q.In, q.Out)}
	}
	stop := func() {}
	if c.errTerminal {
		// The terminal shows Ctrl-C as ^C, from where the bar would be drawn on.
		defer context.AfterFunc(ctx, func() { fmt.Fprint(c.err, "\r") })()
		q.types.Progress, stop = writingBar(c)
	}
	err = in.Quantize(ctx, q.Out, q.types)
	stop()
	if err != nil {
		return err
	}
	out, err := checkpoint.Open(q.Out)
	if err != nil {
		return err
	}
	defer out.Close()
	return writeAll(c.styledOut, conversions(in, out)+fmt.Sprintf("\n%s: %s, %.0f %% of the %s of %s\n",
		q.Out, size(out.Size()), 100*float64(out.Size())/float64(in.Size()), size(in.Size()), q.In))
}

func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// writingBar shows how much of a file is written, until it is stopped.
func writingBar(c *console) (show func(written, size int64), stop func()) {
	progress := mpb.New(mpb.WithOutput(c.err), mpb.WithWidth(30))
	var bar *mpb.Bar
	show = func(written, size int64) {
		if bar == nil {
			bar = progress.New(size, mpb.BarStyle(),
				mpb.PrependDecorators(decor.CountersKiloByte("% .1f / % .1f")), mpb.AppendDecorators(decor.Percentage()))
		}
		bar.SetCurrent(written)
	}
	return show, func() {
		if bar != nil {
			bar.Abort(false) // does nothing to a bar that is complete
		}
		progress.Wait()
	}
}

// conversions is a table of which types became which; the files have the same tensors.
func conversions(in, out *checkpoint.File) string {
	type change struct{ from, to checkpoint.Type }
	type sum struct{ tensors, values, before, after int64 }
	sums := map[change]*sum{}
	var order []change
	for i, is := range out.Tensors() {
		was := in.Tensors()[i]
		k := change{was.Type, is.Type}
		if sums[k] == nil {
			sums[k] = &sum{}
			order = append(order, k)
		}
		s := sums[k]
		s.tensors, s.values, s.before, s.after = s.tensors+1, s.values+int64(is.Values()), s.before+was.Bytes, s.after+is.Bytes
	}
	slices.SortStableFunc(order, func(a, b change) int { return cmp.Compare(sums[b].after, sums[a].after) })
	rows := [][]string{{"was", "is", "tensors", "parameters", "before", "after"}}
	for _, k := range order {
		s := sums[k]
		rows = append(rows, []string{k.from.String(), k.to.String(), fmt.Sprint(s.tensors), count(s.values), size(s.before), size(s.after)})
	}
	return table(rows, 2, 3, 4, 5)
}
