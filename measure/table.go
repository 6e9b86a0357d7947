package measure

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/stride-ml/stride/internal/columns"
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

// blocks are the columns of the table, what the rows cost and how good they are:
// those in one block stand side by side, as many as a terminal is wide.
func (c *Comparison) blocks() [][]column {
	return [][]column{c.costColumns(), c.qualityColumns()}
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
	passes := []column{
		numbers("passes", "%.1f", 1, func(r Row) float64 { return r.Passes }),
		numbers("stride", "%.1f", 1, func(r Row) float64 { return r.Stride }),
		percents("accepted", func(r Row) float64 { return r.Accepted }),
	}
	first := numbers("first step", "%.1f ms", 1e3, func(r Row) float64 { return r.FirstStep })
	speed := []column{numbers(elements+"/s", "%.0f", 1, func(r Row) float64 { return r.PerSecond })}
	if c.Kind == KindSentence {
		passes, speed = speakingColumns()
		first = column{cell: func(Row) string { return "" }} // there is the first sound
	}
	return slices.Concat(passes, []column{
		numbers(flops+"/"+object, digits, unit, func(r Row) float64 { return r.FLOPs }),
		first,
		numbers("expected", "%.1f ms", 1e3, func(r Row) float64 { return r.Predicted }),
		numbers("ms/"+object, "%.1f", 1e3, func(r Row) float64 { return r.Seconds.Median }),
		interval("spread", "%.1f", 1e3, func(r Row) (float64, float64) { return r.Seconds.Smallest, r.Seconds.Greatest }),
	}, speed, []column{
		numbers("memory", "%.1f MB", 1e-6, func(r Row) float64 { return r.Memory }),
		c.marked("*", c.OnFrontier()),
	})
}

// marked is a column that marks strategies with a star.
func (c *Comparison) marked(head string, marks []bool) column {
	return column{head, func(r Row) string {
		for i, m := range marks {
			if m && c.Rows[i].Name == r.Name {
				return "*"
			}
		}
		return ""
	}}
}

// qualityColumns are the metrics, and first what the first of them comes to.
func (c *Comparison) qualityColumns() []column {
	scores := c.Scores()
	columns := []column{numbers("score", "%.2f", 1, func(r Row) float64 {
		for i := range scores {
			if c.Rows[i].Name == r.Name {
				return scores[i]
			}
		}
		return math.NaN()
	})}
	for i, m := range c.Metrics {
		format, scale := fmt.Sprintf("%%.%df", m.Digits), 1.
		unit := ""
		if m.Percent {
			scale, unit = 100, " %%"
		}
		columns = append(columns, numbers(m.Name, format+unit, scale, func(r Row) float64 { return r.value(i).Value }))
		if m.Interval != "" && m.Interval != "quartiles" { // those are in the files
			columns = append(columns, interval(m.Interval, format, scale, func(r Row) (float64, float64) { v := r.value(i); return v.Low, v.High }))
		}
	}
	return columns
}

// Table gives the comparison as aligned text for a terminal of some 130 columns:
// what the rows cost, those marked that nothing else beats in both time and
// quality; how good they are, beside real objects; the forecast, the notes and
// the advice.
func (c *Comparison) Table() string {
	var b strings.Builder
	for i, block := range c.Blocks() {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(block.aligned())
	}
	if f := c.Forecast(); f != "" {
		b.WriteString("\n" + f)
	}
	b.WriteString(c.kinds)
	for i, note := range slices.Concat(c.Notes, c.boundNotes()) {
		if i == 0 {
			b.WriteByte('\n')
		}
		b.WriteString("- " + note + "\n")
	}
	if advice := c.Advice(); advice != "" {
		b.WriteString("\n" + wrapped(advice, adviceWidth) + "\n")
	}
	return b.String()
}

// adviceWidth is the most characters of a line of the advice.
const adviceWidth = 110

// wrapped breaks a text into lines of up to so many characters, at spaces.
func wrapped(text string, width int) string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	return strings.Join(append(lines, line), "\n")
}

// aligned sets a block as lines of text.
func (b Block) aligned() string {
	rows := [][]string{append([]string{"strategy"}, b.Heads...)}
	for _, r := range b.Rows {
		rows = append(rows, append([]string{r.Name}, r.Cells...))
	}
	return figures(rows) + "\n"
}

// figures aligns rows of a name and figures, a head above them.
func figures(rows [][]string) string {
	var right []int
	for i := range rows[0][1:] {
		right = append(right, i+1)
	}
	return strings.Join(columns.Align(rows, right...), "\n")
}
