package train

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/stride-ml/stride/element/text"
)

// Poem is one row of data of kind poems.
type Poem struct {
	Title   string   `json:"title"`
	Author  string   `json:"author"`
	Dynasty string   `json:"dynasty"`
	Form    string   `json:"form"`
	Lines   []string `json:"lines"`
}

// Text is one row of data of kind texts; other keys are ignored.
type Text struct {
	Text string `json:"text"`
}

// maxRow is the longest row of a data file, in bytes.
const maxRow = 16 << 20

// Rows reads a file of JSON lines, gzip-compressed if its name ends in .gz. It
// stops at the first row that cannot be read, with an error that names file and
// line.
func Rows[T any](path string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		f, err := os.Open(path)
		if err != nil {
			yield(zero, err)
			return
		}
		defer f.Close()
		var in io.Reader = f
		if strings.HasSuffix(path, ".gz") {
			z, err := gzip.NewReader(f)
			if err != nil {
				yield(zero, fmt.Errorf("%s: %w", path, err))
				return
			}
			in = z
		}
		lines := bufio.NewScanner(in)
		lines.Buffer(make([]byte, 1<<16), maxRow)
		n := 0
		for lines.Scan() {
			n++
			if len(lines.Bytes()) == 0 {
				continue
			}
			var row T
			if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
				yield(zero, fmt.Errorf("%s:%d: %w", path, n, err))
				return
			}
			if !yield(row, nil) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			yield(zero, fmt.Errorf("%s:%d: %w", path, n+1, err))
		}
	}
}

// item is a row before tokenization: a prompt, the values of the conditions in
// order, and the response's lines.
type item struct {
	prompt     string
	conditions []string
	body       string // lines joined by newlines
}

// errNoData says where the data of a recipe comes from.
func errNoData(err error, path string, r *Recipe) error {
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("no data file %s; give the folder that holds it with --data or STRIDE_DATA; the data comes from: %s", path, r.Data.Source)
	}
	return err
}

// readItems reads the sources of a recipe, each as often as it says.
func readItems(ctx context.Context, r *Recipe, dir string, sources []DataSource) ([]item, error) {
	var out []item
	for _, s := range sources {
		path := filepath.Join(dir, s.File)
		var items []item
		var err error
		if r.Data.Kind == "poems" {
			items, err = collect(ctx, Rows[Poem](path), func(p Poem) item {
				return item{p.Title, []string{p.Dynasty, p.Form}, strings.Join(p.Lines, "\n")}
			})
		} else {
			items, err = collect(ctx, Rows[Text](path), func(t Text) item { return item{body: t.Text} })
		}
		if err != nil {
			return nil, errNoData(err, path, r)
		}
		for range s.Repeat {
			out = append(out, items...)
		}
	}
	return out, nil
}

func collect[T any](ctx context.Context, rows iter.Seq2[T, error], f func(T) item) ([]item, error) {
	var out []item
	for row, err := range rows {
		if err != nil {
			return nil, err
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if it := f(row); it.body != "" {
			out = append(out, it)
		}
	}
	return out, nil
}

// formatOf finds the conditions and their values in the data, most frequent
// first, and the line lengths that a form fixes.
func formatOf(r *Recipe, items []item) text.Format {
	if r.Data.Kind != "poems" {
		return text.Format{}
	}
	f := text.Format{Separate: true}
	for i, name := range []string{"dynasty", "form"} {
		count := map[string]int{}
		lines := map[string][]int{}
		for _, it := range items {
			v := it.conditions[i]
			if v == "" {
				continue
			}
			shape := shapeOf(it.body)
			if count[v] == 0 {
				lines[v] = shape
			} else if !slices.Equal(lines[v], shape) {
				lines[v] = nil
			}
			count[v]++
		}
		c := text.Condition{Name: name}
		c.Values = byFrequency(count)
		for _, v := range c.Values {
			c.Lines = append(c.Lines, lines[v])
		}
		f.Conditions = append(f.Conditions, c)
	}
	return f
}

// byFrequency lists what was counted, the most frequent first and equals in
// alphabetical order.
func byFrequency(count map[string]int) []string {
	return slices.SortedFunc(maps.Keys(count), func(a, b string) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), strings.Compare(a, b))
	})
}

func shapeOf(body string) []int {
	var shape []int
	for line := range strings.SplitSeq(body, "\n") {
		shape = append(shape, utf8.RuneCountInString(line))
	}
	return shape
}

// corpus gives the tokenizer all text of the items, each distinct item once.
func corpus(items []item) iter.Seq[string] {
	return func(yield func(string) bool) {
		seen := make(map[string]bool, len(items))
		for _, it := range items {
			if seen[it.body] {
				continue
			}
			seen[it.body] = true
			if !yield(it.prompt) || !yield(it.body) {
				return
			}
		}
	}
}

// example is one training sequence before its prompt is laid out.
type example struct {
	prompt     []int // tokens of the prompt's text
	conditions []int // control token of each condition
	body       []int // response, END included where the text ends in it
	start      bool  // the sequence begins with BOS
	units      int   // characters of the response, newlines and END counted
}

// encoder lays out examples for a network of a given context.
type encoder struct {
	tok       *text.Tokenizer
	format    text.Format
	context   int
	maxLength int
	any, sep  int
}

func newEncoder(tok *text.Tokenizer, format text.Format, context, maxLength int) *encoder {
	e := &encoder{tok: tok, format: format, context: context, maxLength: maxLength}
	e.any, _ = tok.ID(text.Token(text.Any))
	e.sep, _ = tok.Sep()
	return e
}

// maxPrompt is the most tokens of a prompt that training looks at.
const maxPrompt = 32 // of texts

// examples tokenizes items. A text longer than the context becomes several
// windows; a poem longer than the longest response is left out and counted.
func (e *encoder) examples(items []item) (out []example, skipped int) {
	for _, it := range items {
		body := append(e.tok.Encode(it.body), e.tok.EOS())
		if !e.format.Separate {
			out = append(out, e.windows(body, it.body)...)
			continue
		}
		ex := example{prompt: e.tok.Encode(it.prompt), body: body, start: true, units: utf8.RuneCountInString(it.body) + 1}
		if len(body) > e.maxLength {
			skipped++
			continue
		}
		ex.prompt = ex.prompt[:min(len(ex.prompt), maxPrompt)]
		for _, v := range it.conditions {
			id, ok := e.tok.ID(text.Token(v))
			if !ok {
				id = e.any
			}
			ex.conditions = append(ex.conditions, id)
		}
		out = append(out, ex)
	}
	return out, skipped
}

func (e *encoder) windows(body []int, whole string) []example {
	var out []example
	start := true
	for len(body) > 0 {
		n := e.context
		if start {
			n-- // room for BOS
		}
		n = min(n, len(body))
		if n > 1 || start {
			out = append(out, example{body: body[:n], start: start, units: utf8.RuneCountInString(e.tok.Decode(body[:n]))})
		}
		body, start = body[n:], false
	}
	return out
}

// layout appends an example's known part to ids: BOS, conditions, prompt, <sep>.
// hide tells of each condition and of the prompt whether it is left out.
func (e *encoder) layout(ids []int, ex *example, hide func() bool) []int {
	if ex.start {
		ids = append(ids, e.tok.BOS())
	}
	for _, c := range ex.conditions {
		if hide() {
			c = e.any
		}
		ids = append(ids, c)
	}
	if e.format.Separate {
		if !hide() {
			ids = append(ids, ex.prompt...)
		}
		ids = append(ids, e.sep)
	}
	return ids
}
