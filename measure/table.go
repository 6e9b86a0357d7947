package measure

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// column is one column of the table. Columns without any figure are left out.
type column struct {
	head string
	cell func(r Row) string // "" where there is no figure
}

// numbers is a column of numbers, empty where one is NaN.
func numbers(head, format string, scale float64, value func(r Row) float64) column {
	return column{head, func(r Row) string {
		if v := value(r); !math.IsNaN(v) {
			return fmt.Sprintf(format, v*scale)
		}
		return ""
	}}
}

func percents(head string, value func(r Row) float64) column {
	return numbers(head, "%.1f %%", 100, value)
}

// interval is a column of the ends of an interval, empty where they are NaN.
func interval(head, format string, scale float64, ends func(r Row) (low, high float64)) column {
	return column{head, func(r Row) string {
		low, high := ends(r)
		if math.IsNaN(low) {
			return ""
		}
		return fmt.Sprintf(format+"-"+format, low*scale, high*scale)
	}}
}

// blocks are the columns of the table: those in one block stand side by side.
// Pictures and speech have two, because a terminal is only so wide.
func (c *Comparison) blocks() [][]column {
	cost := c.costColumns()
	switch c.Kind {
	case KindPicture:
		return [][]column{cost, pictureColumns()}
	case KindSentence:
		return [][]column{cost, speechColumns()}
	}
	return [][]column{append(cost, c.textColumns()...)}
}

func (c *Comparison) costColumns() []column {
	object, elements, flops, unit := string(c.Kind), "elements", "MFLOP", 1e-6
	switch c.Kind {
	case KindPicture:
		elements, flops, unit = "pixels", "GFLOP", 1e-9
	case KindSentence:
		flops, unit = "GFLOP", 1e-9
	}
	digits := "%.0f"
	if unit == 1e-9 {
		digits = "%.2f"
	}
	columns := []column{
		numbers("passes", "%.1f", 1, func(r Row) float64 { return r.Passes }),
		numbers("stride", "%.1f", 1, func(r Row) float64 { return r.Stride }),
		numbers(flops+"/"+object, digits, unit, func(r Row) float64 { return r.FLOPs }),
		numbers("expected", "%.1f ms", 1e3, func(r Row) float64 { return r.Predicted }),
		numbers("ms/"+object, "%.1f", 1e3, func(r Row) float64 { return r.Seconds.Median }),
		interval("spread", "%.1f", 1e3, func(r Row) (float64, float64) { return r.Seconds.Smallest, r.Seconds.Greatest }),
		numbers(elements+"/s", "%.0f", 1, func(r Row) float64 { return r.PerSecond }),
	}
	if c.Kind == KindSentence {
		passes, speed := speakingColumns()
		return slices.Concat(passes, columns[2:6], speed)
	}
	return columns
}

func (c *Comparison) textColumns() []column {
	return []column{
		percents("accepted", func(r Row) float64 { return r.Accepted }),
		percents("as ar", func(r Row) float64 { return r.Same }),
		numbers("NLL", "%.2f", 1, func(r Row) float64 { return r.Quality.NLL }),
		interval("95 %", "%.2f", 1, func(r Row) (float64, float64) { return r.NLLLow, r.NLLHigh }),
		numbers("entropy", "%.2f", 1, func(r Row) float64 { return r.Quality.Entropy }),
		numbers("distinct-2", "%.3f", 1, func(r Row) float64 { return r.Quality.Distinct2 }),
		percents("unseen", func(r Row) float64 { return r.Quality.UnseenPairs }),
		percents("copied", func(r Row) float64 { return r.Quality.CopiedLines }),
		percents("repeated", func(r Row) float64 {
			if c.Kind == KindPoem {
				return r.Quality.RepeatedLines
			}
			return r.RepeatedRuns
		}),
		percents("form", func(r Row) float64 { return r.Quality.Form.Right }),
		numbers("bits/char", "%.3f", 1, func(r Row) float64 { return r.CharBits }),
	}
}

func pictureColumns() []column {
	whole := func(head string, value func(r Row) float64) column { return numbers(head, "%.0f %%", 100, value) }
	spread := func(s Summary) (float64, float64) { return s.Smallest, s.Greatest }
	return []column{
		numbers("SWD", "%.3f", 1, func(r Row) float64 { return r.Pictures.Patches.Median }),
		interval("spread", "%.3f", 1, func(r Row) (float64, float64) { return spread(r.Pictures.Patches) }),
		numbers("FD-own", "%.2f", 1, func(r Row) float64 { return r.Pictures.Features.Median }),
		interval("spread", "%.2f", 1, func(r Row) (float64, float64) { return spread(r.Pictures.Features) }),
		whole("caption", func(r Row) float64 { return r.Pictures.Captions }),
		interval("95 %", "%.0f", 100, func(r Row) (float64, float64) { return r.Pictures.CaptionsLow, r.Pictures.CaptionsHigh }),
		whole("colour", func(r Row) float64 { return r.Pictures.Colours }),
		numbers("sharp", "%.2f", 1, func(r Row) float64 { return r.Pictures.Sharpness }),
		whole("copies", func(r Row) float64 { return r.Pictures.Copies }),
		numbers("diversity", "%.3f", 1, func(r Row) float64 { return r.Pictures.Diversity }),
	}
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

// Table gives the comparison as aligned text: the rows, the real objects, the
// forecast and the notes. For texts it needs a terminal of some 160 columns, for
// pictures one of 110, for speech one of 120.
func (c *Comparison) Table() string {
	var b strings.Builder
	for i, columns := range c.blocks() {
		block := c.block(columns)
		if i > 0 && block != "" {
			b.WriteByte('\n')
		}
		b.WriteString(block)
	}
	if f := c.Forecast(); f != "" {
		b.WriteString("\n" + f)
	}
	b.WriteString(c.kinds)
	for i, note := range c.Notes {
		if i == 0 {
			b.WriteByte('\n')
		}
		b.WriteString("- " + note + "\n")
	}
	return b.String()
}

// block gives some columns of the table, those without any figure left out, and
// those real objects that have one. It is empty without any column.
func (c *Comparison) block(columns []column) string {
	rows := slices.Clone(c.Rows)
	for _, r := range c.Real {
		if slices.ContainsFunc(columns, func(col column) bool { return col.cell(r) != "" }) {
			rows = append(rows, r)
		}
	}
	names := []string{"strategy"}
	for _, r := range rows {
		names = append(names, r.Name)
	}
	bare := align(make([]string, len(names)), names, false)
	lines := bare
	for _, col := range columns {
		cells, any := []string{col.head}, false
		for _, r := range rows {
			cell := col.cell(r)
			cells, any = append(cells, cell), any || cell != ""
		}
		if any {
			lines = align(lines, cells, true)
		}
	}
	if &lines[0] == &bare[0] {
		return ""
	}
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(strings.TrimRight(line, " "))
		b.WriteByte('\n')
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

// figure is a column of the CSV that holds figures, named with their unit.
type figure struct {
	name  string
	value func(r Row) float64
}

// spreads are the columns of a summary.
func spreads(name, unit string, of func(r Row) Summary) []figure {
	return []figure{
		{name + "median" + unit, func(r Row) float64 { return of(r).Median }},
		{name + "lower_quartile" + unit, func(r Row) float64 { return of(r).Lower }},
		{name + "upper_quartile" + unit, func(r Row) float64 { return of(r).Upper }},
		{name + "smallest" + unit, func(r Row) float64 { return of(r).Smallest }},
		{name + "greatest" + unit, func(r Row) float64 { return of(r).Greatest }},
	}
}

var costFigures = slices.Concat([]figure{
	{"passes", func(r Row) float64 { return r.Passes }},
	{"elements", func(r Row) float64 { return r.Elements }},
	{"stride", func(r Row) float64 { return r.Stride }},
	{"flops", func(r Row) float64 { return r.FLOPs }},
	{"predicted_s", func(r Row) float64 { return r.Predicted }},
}, spreads("", "_s", func(r Row) Summary { return r.Seconds }), []figure{
	{"first_step_s", func(r Row) float64 { return r.FirstStep }},
	{"elements_per_s", func(r Row) float64 { return r.PerSecond }},
})

var textFigures = []figure{
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

// speculateFigures are further ones of texts that are no poems.
var speculateFigures = []figure{
	{"accepted", func(r Row) float64 { return r.Accepted }},
	{"same_as_ar", func(r Row) float64 { return r.Same }},
}

var pictureFigures = slices.Concat(
	[]figure{{"conditions", func(r Row) float64 { return orNaN(r.Conditions) }}},
	spreads("swd_", "", func(r Row) Summary { return r.Pictures.Patches }),
	spreads("fd_own_", "", func(r Row) Summary { return r.Pictures.Features }),
	[]figure{
		{"caption_accuracy", func(r Row) float64 { return r.Pictures.Captions }},
		{"caption_accuracy_low", func(r Row) float64 { return r.Pictures.CaptionsLow }},
		{"caption_accuracy_high", func(r Row) float64 { return r.Pictures.CaptionsHigh }},
		{"colour_accuracy", func(r Row) float64 { return r.Pictures.Colours }},
		{"sharpness_ratio", func(r Row) float64 { return r.Pictures.Sharpness }},
		{"near_copies", func(r Row) float64 { return r.Pictures.Copies }},
		{"diversity", func(r Row) float64 { return r.Pictures.Diversity }},
	})

// orNaN is n, or NaN for 0.
func orNaN(n int) float64 { return positive(float64(n)) }

// WriteCSV writes the rows and the real objects as comma-separated values with a
// header: times in seconds, shares from 0 to 1, empty where there is no figure.
// It fails if w does.
func (c *Comparison) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	head := []string{"name", "strategy", "length", "passes_asked", "objects"}
	figures := slices.Concat(costFigures, textFigures)
	switch c.Kind {
	case KindText:
		figures = slices.Concat(figures, speculateFigures)
	case KindPicture:
		figures = slices.Concat(costFigures, pictureFigures)
	case KindSentence:
		figures = slices.Concat(costFigures, speechFigures)
	}
	for _, f := range figures {
		head = append(head, f.name)
	}
	records := [][]string{head}
	for _, r := range slices.Concat(c.Rows, c.Real) {
		asked := ""
		if r.Asked > 0 {
			asked = strconv.Itoa(r.Asked)
		}
		record := []string{r.Name, r.Strategy, r.Length, asked, strconv.Itoa(r.Objects)}
		for _, f := range figures {
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
