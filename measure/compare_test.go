package measure

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/internal/golden"
	"github.com/stride-ml/stride/measure/plot"
)

// fake is a source made of a table: ar takes 1 ms an element, every full pass
// 3 ms, and poems are lines of the test data, spoilt where few passes were made.
type fake struct {
	info       stride.Info
	poems      map[string][]Poem // by form
	calls      int
	stopAfter  int // objects after which cancel is called
	cancel     func()
	noLength   bool // nar and refine cannot predict the length
	plainTexts bool
}

func newFake(t *testing.T) *fake {
	f := &fake{
		poems: map[string][]Poem{},
		info: stride.Info{
			Name: "fake", Strategies: []string{"ar", "refine", "nar"}, MaxLength: 64, Parameters: 1e6,
			Conditions: map[string][]string{"dynasty": {"唐"}, "form": {"五言絕句", "七言絕句", "五言律詩", "七言律詩"}},
		},
	}
	for _, p := range testPoems(t) {
		form, _ := FormOf(p)
		f.poems[form.Name] = append(f.poems[form.Name], p)
	}
	return f
}

func (f *fake) Info() stride.Info { return f.info }

func (f *fake) Gain(_ context.Context, length int) (stride.GainResult, error) {
	g := stride.GainResult{Length: length, Elements: 1000, Positions: float64(length) / 0.003}
	if !slices.Contains(f.info.Strategies, "nar") {
		g.Positions = 0
	}
	g.P = g.Positions / g.Elements
	return g, nil
}

func (f *fake) ElementFLOPs(string) (float64, error) { return 2 * float64(f.info.Parameters), nil }

func (f *fake) Score(_ context.Context, p stride.Prompt, response string) (stride.Score, error) {
	n := len([]rune(response)) + 1
	bits := 8
	if p.Text != "" {
		bits--
	}
	if p.Conditions["form"] != "" {
		bits--
	}
	return stride.Score{Bits: float64(bits * n), Elements: n, Units: n}, nil
}

func (f *fake) generate(ctx context.Context, p stride.Prompt, by Row, seed uint64) (object, error) {
	if f.noLength && by.Length == "predicted" {
		return object{}, &stride.UnsupportedError{Strategy: by.Strategy, Want: "a predicted length", Can: []string{"ar"}}
	}
	f.calls++
	if f.stopAfter > 0 && f.calls > f.stopAfter {
		f.cancel()
	}
	if err := ctx.Err(); err != nil {
		return object{}, err
	}
	poems := f.poems[askedForm(p.Conditions["form"]).Name]
	if len(poems) == 0 {
		poems = f.poems["五言絕句"]
	}
	poem := slices.Clone(poems[int(seed)%len(poems)])
	if by.Strategy == "nar" || by.Asked == 1 {
		line := []rune(poem[1])
		slices.Reverse(line)
		poem[1] = string(line)
	}
	text := strings.Join(poem, "\n")
	elements := len([]rune(text))
	s := stride.Stats{Strategy: by.Strategy, Elements: elements, Drawn: elements + 1, Stopped: "end"}
	switch {
	case by.Strategy == "ar":
		s.Passes, s.FirstStep = elements+1, time.Millisecond
		s.Total = time.Duration(elements+1) * time.Millisecond
	case by.Length == "fixed":
		s.Passes, s.Drawn, s.Total = 1, 64, 6*time.Millisecond
	default:
		s.Passes = max(1, by.Asked) + 1
		s.Total = time.Duration(s.Passes)*3*time.Millisecond - 2*time.Millisecond
	}
	// Odd runs are slower.
	if seed/uint64(24)%2 == 1 {
		s.Total += 2 * time.Millisecond
	}
	pieces := strings.Split(text, "")
	if f.plainTexts {
		pieces = strings.Split("a b c d a b c d e", " ")
	}
	return object{prompt: p, text: text, pieces: pieces, stats: s}, nil
}

// dataFolder makes a data folder in which the training poems are those of
// testdata, and the test poems every other one of them.
func dataFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	data, err := os.ReadFile("testdata/tang.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var test []byte
	for i, line := range bytes.SplitAfter(data, []byte("\n")) {
		if i%2 == 0 {
			test = append(test, line...)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "tang"), 0o777); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"train.jsonl.gz": data, "test.jsonl.gz": test} {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		z.Write(content)
		z.Close()
		if err := os.WriteFile(filepath.Join(dir, "tang", name), b.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func row(t *testing.T, c *Comparison, name string) Row {
	t.Helper()
	i := slices.IndexFunc(c.Rows, func(r Row) bool { return r.Name == name })
	if i < 0 {
		t.Fatalf("no row %q", name)
	}
	return c.Rows[i]
}

func TestCompareGolden(t *testing.T) {
	planned, progress := 0, 0
	c, err := compare(t.Context(), newFake(t), CompareOptions{
		Data: dataFolder(t), Prompts: builtinPrompts(newFake(t).info), Runs: 3, Seed: 24, Passes: []int{16, 4, 1, 4},
		Planned: func(c *Comparison) {
			planned++
			if c.Predicted.Fastest == "" || c.Measured.Fastest != "" || progress > 0 {
				t.Errorf("planned too late or without a forecast: %+v", c)
			}
		},
		Progress: func(done, total int, next string) {
			if done != progress || total != 3*24*6 || next == "" != (done == total) {
				t.Fatalf("progress %d of %d, next %q", done, total, next)
			}
			progress++
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if planned != 1 || progress != 3*24*6+1 {
		t.Errorf("planned %d times, %d reports", planned, progress)
	}
	golden.Compare(t, "compare.txt", c.Table())
	var b bytes.Buffer
	if err := c.WriteCSV(&b); err != nil {
		t.Fatal(err)
	}
	golden.Compare(t, "compare.csv", b.String())
	for _, r := range c.Table() {
		if r > 0x2e80 {
			t.Errorf("the table holds %q", r)
		}
	}
}

func TestCompareMaths(t *testing.T) {
	f := newFake(t)
	f.poems["五言絕句"] = []Poem{{"春眠不覺曉", "處處聞啼鳥", "夜來風雨聲", "花落知多少"}} // 23 elements and END
	prompt := stride.Prompt{Text: "春曉", Conditions: map[string]string{"form": "五絕"}}
	c, err := compare(t.Context(), f, CompareOptions{Prompts: []stride.Prompt{prompt}, Passes: []int{2, 64}, Count: 24, Runs: 4})
	if err != nil {
		t.Fatal(err)
	}
	if c.Gain.Length != 24 || c.Gain.P != 8 {
		t.Errorf("gain %+v, want 24 positions in 3 ms beside 1 ms an element", c.Gain)
	}
	// The prompt has 2 characters, 2 conditions, BOS and <sep>: the length pass
	// is 6/30 of a full one.
	for name, want := range map[string]float64{
		"ar": 0.024, "nar fixed": 0.008, "nar predicted": 0.0036, "refine 2": 0.0066, "refine 64": 0.0726,
	} {
		near(t, "predicted time of "+name, row(t, c, name).Predicted, want)
	}
	for _, o := range []Outcome{c.Predicted, c.Measured} {
		if o.Fastest != "nar predicted" || o.BreakEven != 2 {
			t.Errorf("outcome %+v, want nar predicted, and refine faster than ar at 2 passes only", o)
		}
	}
	r := row(t, c, "refine 2")
	near(t, "passes", r.Passes, 3)
	near(t, "stride", r.Stride, 23./3)
	near(t, "flops", r.FLOPs, 2e6*24*2)
	near(t, "median", r.Seconds.Median, 0.008) // runs of 7, 9, 7, 9 ms
	near(t, "smallest", r.Seconds.Smallest, 0.007)
	near(t, "elements/s", r.PerSecond, 23/0.008)
	near(t, "flops of ar", row(t, c, "ar").FLOPs, 2e6*24)
	near(t, "flops of nar fixed", row(t, c, "nar fixed").FLOPs, 2e6*64)
	if r.Objects != 96 || r.Quality.Form.Right != 1 || r.Quality.NLL != 6 || !math.IsNaN(r.CharBits) {
		t.Errorf("got %+v", r)
	}
	if q := r.Quality; !math.IsNaN(q.UnseenPairs) || !math.IsNaN(q.CopiedLines) || math.IsNaN(q.Entropy) {
		t.Errorf("without data: got %+v", q)
	}
	if s := c.Table(); strings.Contains(s, "unseen  ") || !strings.Contains(s, "no judge: NLL is under the model's own causal network") {
		t.Errorf("table without data:\n%s", s)
	}
	var svg bytes.Buffer
	if err := c.WriteFrontier(&svg, plot.SVG); err != nil || !strings.Contains(svg.String(), "own ar") {
		t.Errorf("frontier without data: %v", err)
	}
	if err := new(Comparison).WriteFrontier(&svg, plot.SVG); !errors.Is(err, ErrNoFrontier) {
		t.Errorf("frontier of nothing: %v", err)
	}
}

func TestCompareWithData(t *testing.T) {
	f := newFake(t)
	c, err := compare(t.Context(), f, CompareOptions{Data: dataFolder(t), Runs: 1, Passes: []int{4}})
	if err != nil {
		t.Fatal(err)
	}
	ar := row(t, c, "ar")
	if ar.CharBits != 6 || ar.Quality.CopiedLines != 1 || ar.Quality.UnseenPairs != 0 {
		t.Errorf("copies of training poems: %+v", ar)
	}
	if !(ar.NLLLow < ar.Quality.NLL && ar.Quality.NLL < ar.NLLHigh) {
		t.Errorf("NLL %v outside %v to %v", ar.Quality.NLL, ar.NLLLow, ar.NLLHigh)
	}
	if nar := row(t, c, "nar fixed"); !(nar.Quality.NLL > ar.Quality.NLL && nar.Quality.UnseenPairs > 0 && math.IsNaN(nar.CharBits)) {
		t.Errorf("spoilt lines: %+v", nar)
	}
	if len(c.Real) != 2 || c.Real[0].Objects != 20 || c.Real[0].Quality.Form.Right != 1 {
		t.Errorf("%d rows of real poems, want the 20 of the test file and the same shuffled", len(c.Real))
	}
	var svg bytes.Buffer
	if err := c.WriteFrontier(&svg, plot.SVG); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<svg", "4 passes", "predicted", "fixed", "real poems", "time per poem"} {
		if !strings.Contains(svg.String(), want) {
			t.Errorf("the frontier does not hold %q", want)
		}
	}
}

func TestCompareTexts(t *testing.T) {
	f := newFake(t)
	f.info.Conditions, f.info.Strategies, f.plainTexts = nil, []string{"ar"}, true
	c, err := compare(t.Context(), f, CompareOptions{Data: "not read", Runs: 1})
	if err != nil {
		t.Fatal(err)
	}
	r := row(t, c, "ar")
	near(t, "repeated runs", r.RepeatedRuns, 1./6) // abcd again, of 9-3 runs
	if r.Objects != len(openings) || r.Quality.Characters != 9*len(openings) || !math.IsNaN(r.Quality.Form.Right) {
		t.Errorf("got %+v", r)
	}
	near(t, "distinct pairs", r.Quality.Distinct2, 5./(8*8)) // ab bc cd da de
	table := c.Table()
	for _, want := range []string{"ms/text", "repeated", "no masked network"} {
		if !strings.Contains(table, want) {
			t.Errorf("the table does not hold %q:\n%s", want, table)
		}
	}
	for _, not := range []string{"form", "is fastest", "NLL"} {
		if strings.Contains(table, not) {
			t.Errorf("the table holds %q:\n%s", not, table)
		}
	}
	if err := c.WriteFrontier(&bytes.Buffer{}, plot.PNG); err != nil {
		t.Error(err)
	}
}

func TestCompareCancelled(t *testing.T) {
	for _, stopAfter := range []int{1, 6 + 9, 6 + 24*6 + 9} {
		ctx, cancel := context.WithCancel(t.Context())
		f := newFake(t)
		f.stopAfter, f.cancel = stopAfter, cancel
		c, err := compare(ctx, f, CompareOptions{Runs: 3, Passes: []int{1, 2, 4}})
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("after %d: error %v", stopAfter, err)
		}
		if stopAfter == 1 {
			if c != nil {
				t.Errorf("cancelled while planning: %+v", c)
			}
			continue
		}
		ar := row(t, c, "ar")
		runs := max(1, stopAfter/(24*6)) // a run cut short does not count beside a whole one
		if ar.Objects == 0 || ar.Seconds.N != runs || math.IsNaN(ar.PerSecond) {
			t.Errorf("after %d: %+v, want times of %d runs", stopAfter, ar, runs)
		}
		if c.Table() == "" {
			t.Error("no table")
		}
		cancel()
	}
}

func TestCompareUnsupported(t *testing.T) {
	f := newFake(t)
	f.noLength = true
	c, err := compare(t.Context(), f, CompareOptions{Runs: 1})
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Rows) != 2 || !strings.Contains(strings.Join(c.Notes, "\n"), "nar predicted left out: ") {
		t.Errorf("rows %v, notes %q", len(c.Rows), c.Notes)
	}
	f.info.Strategies = []string{"guess"}
	if _, err := compare(t.Context(), f, CompareOptions{}); err == nil || !strings.Contains(err.Error(), "[guess]") {
		t.Errorf("no known strategy: %v", err)
	}
}

func TestCompareOptionErrors(t *testing.T) {
	for _, c := range []struct {
		o    CompareOptions
		want string
	}{
		{CompareOptions{Passes: []int{4, 0}}, "passes"},
		{CompareOptions{Count: -1}, "count"},
		{CompareOptions{Runs: -2}, "runs"},
	} {
		var bad *stride.OptionError
		if _, err := compare(t.Context(), newFake(t), c.o); !errors.As(err, &bad) || bad.Option != c.want {
			t.Errorf("%+v: %v, want an error about %s", c.o, err, c.want)
		}
	}
	_, err := compare(t.Context(), newFake(t), CompareOptions{Data: t.TempDir()})
	if !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "train.jsonl.gz") {
		t.Errorf("no data: %v", err)
	}
}

func TestWriteCSVFails(t *testing.T) {
	c := &Comparison{Rows: []Row{emptyRow("ar")}}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	w.Close()
	if err := c.WriteCSV(w); !errors.Is(err, os.ErrClosed) {
		t.Errorf("got %v", err)
	}
	var b bytes.Buffer
	if err := c.WriteCSV(&b); err != nil {
		t.Fatal(err)
	}
	records, err := csv.NewReader(&b).ReadAll()
	if err != nil || len(records) != 2 || strings.Join(records[1], "") != "ar0false" {
		t.Errorf("records %q, error %v", records, err)
	}
}

func TestEvaluateLikelihood(t *testing.T) {
	path := filepath.Join(dataFolder(t), "tang", "test.jsonl.gz")
	for _, c := range []struct {
		conditions bool
		limit      int
		poems      int
		bits       float64
	}{{true, 0, 20, 6}, {false, 0, 20, 8}, {true, 7, 7, 6}, {true, 99, 20, 6}} {
		l, err := EvaluateLikelihood(t.Context(), newFake(t), path, c.conditions, c.limit)
		if err != nil {
			t.Fatal(err)
		}
		if l.Poems != c.poems || l.BitsPerChar != c.bits || l.Low != c.bits || l.High != c.bits || l.Units < 24*c.poems {
			t.Errorf("%+v: got %+v", c, l)
		}
	}
	if _, err := EvaluateLikelihood(t.Context(), newFake(t), path+"x", true, 0); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

func TestAlike(t *testing.T) {
	y, err := readYardsticks(t.Context(), dataFolder(t))
	if err != nil {
		t.Fatal(err)
	}
	prompts := []stride.Prompt{{Conditions: map[string]string{"form": "五律"}}, {Conditions: map[string]string{"form": "七言絕句"}}}
	poems := alike(shuffled(y.test, 1), prompts, 6)
	titles := map[string]bool{}
	for i, p := range poems {
		titles[p.Title+p.Lines[0]] = true
		if want := []string{"五言律詩", "七言絕句"}[i%2]; p.Form != want {
			t.Errorf("poem %d is a %s, want a %s", i, p.Form, want)
		}
	}
	if len(titles) != 6 {
		t.Errorf("%d different poems, want 6", len(titles))
	}
	if got := alike(y.test, []stride.Prompt{{}}, 50); len(got) != 20 {
		t.Errorf("any form: %d poems, want all 20", len(got))
	}
}
