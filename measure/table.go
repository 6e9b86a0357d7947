package measure

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// column is one column of the table. Columns without any figure are left out.
type column struct {
	head string
	cell func(r Row) string // "" where there is no figure
}

// columns of the table, for poems and for other texts.
func (c *Comparison) columns() []column {
	object := c.object()
	number := func(head, format string, scale float64, value func(r Row) float64) column {
		return column{head, func(r Row) string {
			if v := value(r); !math.IsNaN(v) {
				return fmt.Sprintf(format, v*scale)
			}
			return ""
		}}
	}
	percent := func(head string, value func(r Row) float64) column { return number(head, "%.1f %%", 100, value) }
	return []column{
		number("passes", "%.1f", 1, func(r Row) float64 { return r.Passes }),
		number("stride", "%.1f", 1, func(r Row) float64 { return r.Stride }),
		number("MFLOP/"+object, "%.0f", 1e-6, func(r Row) float64 { return r.FLOPs }),
		number("expected", "%.1f ms", 1e3, func(r Row) float64 { return r.Predicted }),
		number("ms/"+object, "%.1f", 1e3, func(r Row) float64 { return r.Seconds.Median }),
		{"spread", func(r Row) string {
			if math.IsNaN(r.Seconds.Median) {
				return ""
			}
			return fmt.Sprintf("%.1f-%.1f", r.Seconds.Smallest*1e3, r.Seconds.Greatest*1e3)
		}},
		number("elements/s", "%.0f", 1, func(r Row) float64 { return r.PerSecond }),
		number("NLL", "%.2f", 1, func(r Row) float64 { return r.Quality.NLL }),
		{"95 %", func(r Row) string {
			if math.IsNaN(r.NLLLow) {
				return ""
			}
			return fmt.Sprintf("%.2f-%.2f", r.NLLLow, r.NLLHigh)
		}},
		number("entropy", "%.2f", 1, func(r Row) float64 { return r.Quality.Entropy }),
		number("distinct-2", "%.3f", 1, func(r Row) float64 { return r.Quality.Distinct2 }),
		percent("unseen", func(r Row) float64 { return r.Quality.UnseenPairs }),
		percent("copied", func(r Row) float64 { return r.Quality.CopiedLines }),
		percent("repeated", func(r Row) float64 {
			if c.Poems {
				return r.Quality.RepeatedLines
			}
			return r.RepeatedRuns
		}),
		percent("form", func(r Row) float64 { return r.Quality.Form.Right }),
		number("bits/char", "%.3f", 1, func(r Row) float64 { return r.CharBits }),
	}
}

// object is what the objects compared are called.
func (c *Comparison) object() string {
	if c.Poems {
		return "poem"
	}
	return "text"
}

// realRow is the row of the real poems.
func (c *Comparison) realRow() Row {
	r := emptyRow("real poems")
	r.Quality, r.Objects = *c.Real, c.Real.Samples
	r.NLLLow, r.NLLHigh = r.Quality.NLLInterval(0.95, 0)
	return r
}

// rows are the rows and that of the real poems.
func (c *Comparison) rows() []Row {
	rows := append([]Row(nil), c.Rows...)
	if c.Real != nil {
		rows = append(rows, c.realRow())
	}
	return rows
}

// Forecast says in up to three lines of text, for people, what the parallel gain
// is, which strategy it makes the fastest, and which one was.
func (c *Comparison) Forecast() string {
	var b strings.Builder
	if g := c.Gain; g.P > 0 {
		fmt.Fprintf(&b, "parallel gain P = %.2f: %.0f positions/s in a full pass of %d, %.0f elements/s one at a time\n", g.P, g.Positions, g.Length, g.Elements)
	}
	for _, o := range []struct {
		name    string
		outcome Outcome
	}{{"predicted", c.Predicted}, {"measured", c.Measured}} {
		if o.outcome.Fastest == "" || len(c.Rows) < 2 {
			continue
		}
		fmt.Fprintf(&b, "%s: %s is fastest", o.name, o.outcome.Fastest)
		if c.Gain.P > 0 {
			if n := o.outcome.BreakEven; n > 0 {
				fmt.Fprintf(&b, "; refine beats ar at up to %d passes of those compared", n)
			} else {
				b.WriteString("; refine does not beat ar")
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// Table gives the comparison as aligned text, for a terminal of some 160
// columns: the rows, the real poems, the forecast and the notes.
func (c *Comparison) Table() string {
	rows := c.rows()
	names := []string{"strategy"}
	for _, r := range rows {
		names = append(names, r.Name)
	}
	lines := align(make([]string, len(names)), names, false)
	for _, col := range c.columns() {
		cells, any := []string{col.head}, false
		for _, r := range rows {
			cell := col.cell(r)
			cells, any = append(cells, cell), any || cell != ""
		}
		if any {
			lines = align(lines, cells, true)
		}
	}
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(strings.TrimRight(line, " "))
		b.WriteByte('\n')
	}
	if f := c.Forecast(); f != "" {
		b.WriteString("\n" + f)
	}
	for i, note := range c.Notes {
		if i == 0 {
			b.WriteByte('\n')
		}
		b.WriteString("- " + note + "\n")
	}
	return b.String()
}

// align appends a column of cells, which are of one byte a character, to lines.
func align(lines, cells []string, right bool) []string {
	width := 0
	for _, cell := range cells {
		width = max(width, len(cell))
	}
	out := make([]string, len(lines))
	for i, cell := range cells {
		gap := strings.Repeat(" ", width-len(cell))
		if right {
			out[i] = lines[i] + "  " + gap + cell
		} else {
			out[i] = lines[i] + cell + gap
		}
	}
	return out
}

// csvFigures are the columns of the CSV that hold figures, with their units.
var csvFigures = []struct {
	name  string
	value func(r Row) float64
}{
	{"passes", func(r Row) float64 { return r.Passes }},
	{"elements", func(r Row) float64 { return r.Elements }},
	{"stride", func(r Row) float64 { return r.Stride }},
	{"flops", func(r Row) float64 { return r.FLOPs }},
	{"predicted_s", func(r Row) float64 { return r.Predicted }},
	{"median_s", func(r Row) float64 { return r.Seconds.Median }},
	{"lower_quartile_s", func(r Row) float64 { return r.Seconds.Lower }},
	{"upper_quartile_s", func(r Row) float64 { return r.Seconds.Upper }},
	{"smallest_s", func(r Row) float64 { return r.Seconds.Smallest }},
	{"greatest_s", func(r Row) float64 { return r.Seconds.Greatest }},
	{"first_step_s", func(r Row) float64 { return r.FirstStep }},
	{"elements_per_s", func(r Row) float64 { return r.PerSecond }},
	{"nll_bits_per_char", func(r Row) float64 { return r.Quality.NLL }},
	{"nll_low", func(r Row) float64 { return r.NLLLow }},
	{"nll_high", func(r Row) float64 { return r.NLLHigh }},
	{"entropy_bits", func(r Row) float64 { return r.Quality.Entropy }},
	{"distinct_2", func(r Row) float64 { return r.Quality.Distinct2 }},
	{"unseen_pairs", func(r Row) float64 { return r.Quality.UnseenPairs }},
	{"copied_lines", func(r Row) float64 { return r.Quality.CopiedLines }},
	{"repeated_lines", func(r Row) float64 { return r.Quality.RepeatedLines }},
	{"repeated_runs", func(r Row) float64 { return r.RepeatedRuns }},
	{"form_lines", func(r Row) float64 { return r.Quality.Form.Lines }},
	{"form_lengths", func(r Row) float64 { return r.Quality.Form.Lengths }},
	{"form_ended", func(r Row) float64 { return r.Quality.Form.Ended }},
	{"form_right", func(r Row) float64 { return r.Quality.Form.Right }},
	{"test_bits_per_char", func(r Row) float64 { return r.CharBits }},
}

// WriteCSV writes the rows and the real poems as comma-separated values with a
// header: times in seconds, shares from 0 to 1, empty where there is no figure.
// It fails if w does.
func (c *Comparison) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	head := []string{"name", "strategy", "length", "passes_asked", "objects"}
	for _, f := range csvFigures {
		head = append(head, f.name)
	}
	records := [][]string{head}
	for _, r := range c.rows() {
		asked := ""
		if r.Asked > 0 {
			asked = strconv.Itoa(r.Asked)
		}
		record := []string{r.Name, r.Strategy, r.Length, asked, strconv.Itoa(r.Objects)}
		for _, f := range csvFigures {
			cell := ""
			if v := f.value(r); !math.IsNaN(v) {
				cell = strconv.FormatFloat(v, 'g', 6, 64)
			}
			record = append(record, cell)
		}
		records = append(records, record)
	}
	if err := out.WriteAll(records); err != nil {
		return fmt.Errorf("comparison as csv: %w", err)
	}
	return nil
}
