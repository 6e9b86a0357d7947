package command

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/measure"
)

// throughputFlags are what stride bench measures of a .gguf file of text.
type throughputFlags struct {
	Prompt        []int         `short:"p" default:"512" help:"Of a .gguf file of text: tokens of a prompt, evaluated at once (pp); 0 is none." placeholder:"N,..."`
	Generate      []int         `short:"n" default:"128" help:"And tokens evaluated one after another, as in decoding (tg); 0 is none." placeholder:"N,..."`
	Depth         []int         `short:"d" default:"0" help:"Tokens that the cache holds before." placeholder:"N,..."`
	Conversations []int         `short:"b" default:"1" help:"Conversations that decode at once." placeholder:"N,..."`
	Threads       []int         `short:"t" help:"Numbers of threads; default: one for each processor." placeholder:"N,..."`
	CacheType     cacheTypeFlag `help:"How keys and values are stored: f32, f16 or q8_0; default: as the model is used." placeholder:"f32|f16|q8_0"`
	Repetitions   int           `short:"r" default:"5" help:"Timed repetitions of each; the tests take turns." placeholder:"N"`
}

func (f *throughputFlags) validate() error {
	for _, l := range []struct {
		name   string
		values []int
		least  int
	}{{"prompt", f.Prompt, 0}, {"generate", f.Generate, 0}, {"depth", f.Depth, 0}, {"conversations", f.Conversations, 1}, {"threads", f.Threads, 1}, {"repetitions", []int{f.Repetitions}, 1}} {
		if len(l.values) > 0 && slices.Min(l.values) < l.least {
			return fmt.Errorf("--%s is %d, want %d or more", l.name, slices.Min(l.values), l.least)
		}
	}
	return nil
}

// tests are what to measure, in the order in which it is shown.
func (f *throughputFlags) tests() []stride.ThroughputTest {
	threads := f.Threads
	if len(threads) == 0 {
		threads = []int{runtime.GOMAXPROCS(0)}
	}
	var out []stride.ThroughputTest
	for _, workers := range threads {
		for _, depth := range f.Depth {
			t := stride.ThroughputTest{Depth: depth, Workers: workers, CacheType: string(f.CacheType)}
			for _, n := range f.Prompt {
				if t.Tokens, t.Prompt, t.Conversations = n, true, 1; n > 0 {
					out = append(out, t)
				}
			}
			for _, n := range f.Generate {
				for _, c := range f.Conversations {
					if t.Tokens, t.Prompt, t.Conversations = n, false, c; n > 0 {
						out = append(out, t)
					}
				}
			}
		}
	}
	return out
}

// throughputs measures those of the models that are files of text, and returns the
// others.
func (f *throughputFlags) throughputs(ctx context.Context, c *console, names []string) (others []string, err error) {
	for _, name := range names {
		if !strings.HasSuffix(name, ".gguf") {
			others = append(others, name)
			continue
		}
		m, err := stride.Open(name)
		if err != nil {
			return nil, err
		}
		if info := m.Info(); info.Picture == nil && info.Sound == nil && slices.Contains(info.Strategies, "ar") {
			err = f.throughput(ctx, c, m)
		} else {
			others = append(others, name)
		}
		m.Close()
		if err != nil {
			return nil, err
		}
	}
	return others, nil
}

// throughput measures a model and prints a line for each test.
func (f *throughputFlags) throughput(ctx context.Context, c *console, m *stride.Model) error {
	rows := [][]string{{"model", "threads", "test", "tokens/s", "±", "median", "spread"}}
	o := stride.ThroughputOptions{Repetitions: f.Repetitions}
	if c.errTerminal {
		o.Progress = func(done, whole int) { fmt.Fprintf(c.err, "\r%d of %d runs"+clearLine, done, whole) }
	}
	tests := f.tests()
	all, err := m.Throughput(ctx, tests, o)
	if c.errTerminal {
		fmt.Fprint(c.err, "\r"+clearLine)
	}
	if err != nil {
		return err
	}
	for i, rates := range all {
		t, s := tests[i], measure.Summarize(rates)
		rows = append(rows, []string{m.Info().Name, fmt.Sprint(t.Workers), testName(t), fmt.Sprintf("%.2f", measure.Mean(rates)),
			deviation(rates), fmt.Sprintf("%.2f", s.Median), fmt.Sprintf("%.2f-%.2f", s.Smallest, s.Greatest)})
	}
	return writeAll(c.styledOut, table(rows, 1, 3, 4, 5, 6))
}

// deviation is empty where there is only one repetition.
func deviation(rates []float64) string {
	if len(rates) < 2 {
		return ""
	}
	return fmt.Sprintf("%.2f", measure.Deviation(rates))
}

// testName is what llama-bench calls a test.
func testName(t stride.ThroughputTest) string {
	name := fmt.Sprintf("tg%d", t.Tokens)
	if t.Prompt {
		name = fmt.Sprintf("pp%d", t.Tokens)
	}
	if t.Depth > 0 {
		name += fmt.Sprintf(" @ d%d", t.Depth)
	}
	if t.Conversations > 1 {
		name += fmt.Sprintf(" x %d", t.Conversations)
	}
	return name
}
