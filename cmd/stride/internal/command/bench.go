package command

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/measure"
	"github.com/stride-ml/stride/tensor"
	"github.com/stride-ml/stride/tensor/kernel"
)

// benchCommand is stride bench.
type benchCommand struct {
	Model []string      `arg:"" optional:"" help:"Models to decode with; default: the bundled ones."`
	Time  time.Duration `default:"500ms" help:"How long each figure is measured." placeholder:"TIME"`

	throughputFlags `embed:"" group:"Files of text models"`
}

// Help is shown below the flags' help.
func (benchCommand) Help() string {
	return `Kernels: the matrix product C (M,N) = A (M,K) * B (K,N) in float32, beside the most multiply-adds that the processor can do, measured at the same time. Decoding: whole objects by each strategy, the median of those that fit the time.

Of a .gguf file of text, tokens a second are measured as llama-bench does, and shown under its names: pp512 is a prompt of 512 tokens evaluated at once, tg128 are 128 tokens one after another, "@ d4000" is behind 4,000 others, "x 8" is eight conversations at once, whose tokens are counted together. Tokens are random and nothing is drawn from the logits; the first repetition is not counted. Mean ± standard deviation, median, slowest to fastest.

Examples:

  stride bench
  stride bench tang --time 2s
  stride bench smollm2.gguf --threads 1,2
  stride bench smollm2.gguf -p 0 -n 64 -d 0,4000 -b 1,8
  STRIDE_NOASM=1 stride bench`
}

// Validate is called by kong.
func (b *benchCommand) Validate() error {
	if b.Time <= 0 {
		return fmt.Errorf("--time is %s, want more than 0", b.Time)
	}
	return b.validate()
}

// shapes are M, K, N of the products measured: square, a feed-forward layer in
// training, the same for few positions, and for one as in decoding.
var shapes = [][3]int{{512, 512, 512}, {1024, 1024, 1024}, {512, 384, 1536}, {32, 384, 1536}, {1, 384, 1536}}

// Run is called by kong.
func (b *benchCommand) Run(ctx context.Context, c *console) error {
	names, err := b.throughputs(ctx, c, b.Model)
	if err != nil || len(names) == 0 && len(b.Model) > 0 {
		return err
	}
	if len(names) == 0 {
		names = generators()
	}
	var opened []*stride.Model
	defer func() {
		for _, m := range opened {
			m.Close()
		}
	}()
	for _, name := range names {
		m, err := stride.Open(name)
		if err != nil {
			return err
		}
		opened = append(opened, m)
	}
	machine := measure.ThisMachine()
	if err := writeAll(c.styledOut, fmt.Sprintf("%s, %d of %d processors, %s/%s, %s, kernels: %s\n\n",
		machine.Processor, machine.Cores, runtime.NumCPU(), machine.OS, machine.Architecture, machine.Go, machine.Kernels)); err != nil {
		return err
	}
	rows := [][]string{{"M x K x N", "workers", "GFLOP/s", "peak", "share"}}
	for _, workers := range slices.Compact([]int{1, machine.Cores}) {
		pool := tensor.NewPool(workers)
		defer pool.Close()
		for _, s := range shapes {
			if err := ctx.Err(); err != nil {
				return err
			}
			rate, peak := b.product(pool, s[0], s[1], s[2])
			rows = append(rows, []string{fmt.Sprintf("%d x %d x %d", s[0], s[1], s[2]), fmt.Sprint(workers),
				fmt.Sprintf("%.1f", rate), fmt.Sprintf("%.1f", peak), fmt.Sprintf("%.0f %%", 100*rate/peak)})
		}
	}
	if err := writeAll(c.styledOut, table(rows, 1, 2, 3, 4)); err != nil {
		return err
	}
	if len(opened) == 0 {
		return nil
	}
	rows = [][]string{{"model", "strategy", "elements", "passes", "stride", "ms/object", "elements/s", "objects"}}
	for i, m := range opened {
		for _, s := range decodings(m.Info().Strategies) {
			row, err := b.decode(ctx, m, s.options)
			var unsupported *stride.UnsupportedError
			if errors.As(err, &unsupported) {
				continue
			}
			if err != nil {
				return err
			}
			rows = append(rows, append([]string{names[i], s.name}, row...))
		}
	}
	return writeAll(c.styledOut, "\n"+table(rows, 2, 3, 4, 5, 6, 7))
}

// product measures a product in turns with the peak, which other programs and
// the processor's clock change from moment to moment. Both are in GFLOP/s, the
// best of the turns.
func (b *benchCommand) product(pool *tensor.Pool, m, k, n int) (rate, peak float64) {
	run := tensor.NewRun(pool)
	x, y, weights := make([]float32, m*k), make([]float32, m*n), make([]float32, k*n)
	for i := range x {
		x[i] = float32(i%7) - 3
	}
	for i := range weights {
		weights[i] = float32(i%5) - 2
	}
	packed := run.Pack(weights, k, n)
	repeat := max(1, 20_000_000/(m*k*n)) // a turn takes a millisecond at least
	for end := time.Now().Add(b.Time); peak == 0 || time.Now().Before(end); {
		start := time.Now()
		for range repeat {
			run.MatMul(y, x, packed, m, n, k)
		}
		rate = max(rate, 2*float64(m)*float64(k)*float64(n)*float64(repeat)/time.Since(start).Seconds()/1e9)
		peak = max(peak, peakOf(pool))
	}
	return rate, peak
}

// peakOf measures the peak once, in a few milliseconds.
func peakOf(pool *tensor.Pool) float64 {
	const iterations = 1 << 20
	operations := make([]float64, pool.Size())
	start := time.Now()
	pool.Each(pool.Size(), func(i int) { operations[i] = kernel.PeakFMA(iterations) })
	seconds := time.Since(start).Seconds()
	var sum float64
	for _, n := range operations {
		sum += n
	}
	return sum / seconds / 1e9
}

// decoding is a strategy to measure.
type decoding struct {
	name    string
	options []stride.Option
}

func decodings(strategies []string) []decoding {
	var out []decoding
	for _, s := range strategies {
		switch s {
		case "refine":
			for _, n := range []int{4, 16} {
				out = append(out, decoding{fmt.Sprintf("refine %d", n), []stride.Option{stride.Refine(n)}})
			}
		default:
			out = append(out, decoding{s, []stride.Option{stride.Strategy(s)}})
		}
	}
	return out
}

// decode measures whole objects and returns the cells of the table.
func (b *benchCommand) decode(ctx context.Context, m *stride.Model, options []stride.Option) ([]string, error) {
	// The most frequent value of each condition: all objects have one form.
	prompt := stride.Prompt{Conditions: map[string]string{}}
	for name, values := range m.Info().Conditions {
		prompt.Conditions[name] = values[0]
	}
	// The first object loads the weights and is not counted.
	if _, _, err := m.Text(ctx, prompt, append(options, stride.Seed(0))...); err != nil {
		return nil, err
	}
	var all []stride.Stats
	for end := time.Now().Add(b.Time); len(all) == 0 || time.Now().Before(end); {
		_, s, err := m.Text(ctx, prompt, append(options, stride.Seed(uint64(len(all)+1)))...)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b stride.Stats) int { return int(a.Total - b.Total) })
	var elements, passes, seconds float64
	for _, s := range all {
		elements, passes, seconds = elements+float64(s.Elements), passes+float64(s.Passes), seconds+s.Total.Seconds()
	}
	n := float64(len(all))
	return []string{
		fmt.Sprintf("%.1f", elements/n), fmt.Sprintf("%.1f", passes/n), fmt.Sprintf("%.1f", elements/passes),
		fmt.Sprintf("%.2f", milliseconds(all[len(all)/2].Total)), fmt.Sprintf("%.0f", elements/seconds), fmt.Sprint(len(all)),
	}, nil
}
