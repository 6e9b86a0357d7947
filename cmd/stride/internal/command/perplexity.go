package command

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/stride-ml/stride"
)

// perplexityCommand is stride perplexity.
type perplexityCommand struct {
	Model     string        `arg:"" help:"Name of a bundled model, or the path of a .gguf file."`
	Text      string        `arg:"" help:"File of the text; - is standard input."`
	Context   int           `short:"c" help:"Tokens of a chunk; default: 512, or the model's context if that is less." placeholder:"N"`
	Chunks    int           `help:"Use the first N chunks only." placeholder:"N"`
	CacheType cacheTypeFlag `help:"How keys and values are stored: f32, f16 or q8_0; default: as the model is used." placeholder:"f32|f16|q8_0"`
}

// Help is shown below the flags' help.
func (perplexityCommand) Help() string {
	return `The perplexity is exp of the mean of -ln p over the tokens of the text, computed as llama.cpp does: the text is cut into chunks, each begins anew, with BOS in place of its first token where the model wants one, and only the second half of each is scored. Figures compare between files of one tokenizer only.

Examples:

  stride perplexity smollm2.gguf english.txt
  stride perplexity smollm2.gguf english.txt --context 2048 --chunks 8
  stride perplexity smollm2.gguf english.txt --cache-type q8_0`
}

// Validate is called by kong.
func (p *perplexityCommand) Validate() error {
	if p.Chunks < 0 || p.Context < 0 {
		return fmt.Errorf("--chunks and --context want 1 or more")
	}
	return nil
}

// Run is called by kong.
func (p *perplexityCommand) Run(ctx context.Context, c *console) error {
	text, err := readText(p.Text)
	if err != nil {
		return err
	}
	m, err := stride.Open(p.Model)
	if err != nil {
		return err
	}
	defer m.Close()
	start := time.Now()
	o := stride.PerplexityOptions{Context: p.Context, Chunks: p.Chunks, CacheType: string(p.CacheType)}
	if c.errTerminal {
		o.Progress = func(r stride.PerplexityResult) {
			left := time.Since(start) / time.Duration(r.Chunks) * time.Duration(r.Whole-r.Chunks)
			fmt.Fprintf(c.err, "\r%d of %d chunks  perplexity %.4f  %s left"+clearLine, r.Chunks, r.Whole, r.Value, left.Round(time.Second))
		}
	}
	r, err := m.Perplexity(ctx, string(text), o)
	if c.errTerminal {
		fmt.Fprint(c.err, "\r"+clearLine)
	}
	if err != nil {
		return err
	}
	return writeAll(c.out, fmt.Sprintf("perplexity %.4f ± %.4f, %d tokens in %d chunks of %d, cache in %s, %.0f tokens/s\n",
		r.Value, r.Error, r.Tokens, r.Chunks, r.Context, r.CacheType, float64(r.Chunks*r.Context)/time.Since(start).Seconds()))
}

// readText reads a file, or standard input.
func readText(path string) ([]byte, error) {
	if path == "-" {
		return io.ReadAll(os.Stdin)
	}
	return os.ReadFile(path)
}
