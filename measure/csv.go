package measure

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
)

// figure is what a row cost in one respect, named with its unit.
type figure struct {
	name string
	at   func(r *Row) *float64 // nil where the row has no such thing
}

// spreads are the figures of a summary.
func spreads(name, unit string, of func(r *Row) *Summary) []figure {
	return []figure{
		{name + "median" + unit, func(r *Row) *float64 { return &of(r).Median }},
		{name + "lower_quartile" + unit, func(r *Row) *float64 { return &of(r).Lower }},
		{name + "upper_quartile" + unit, func(r *Row) *float64 { return &of(r).Upper }},
		{name + "smallest" + unit, func(r *Row) *float64 { return &of(r).Smallest }},
		{name + "greatest" + unit, func(r *Row) *float64 { return &of(r).Greatest }},
	}
}

// costFigures are those of objects of any kind.
var costFigures = slices.Concat([]figure{
	{"passes", func(r *Row) *float64 { return &r.Passes }},
	{"elements", func(r *Row) *float64 { return &r.Elements }},
	{"stride", func(r *Row) *float64 { return &r.Stride }},
	{"flops", func(r *Row) *float64 { return &r.FLOPs }},
	{"predicted_s", func(r *Row) *float64 { return &r.Predicted }},
}, spreads("", "_s", func(r *Row) *Summary { return &r.Seconds }), []figure{
	{"first_step_s", func(r *Row) *float64 { return &r.FirstStep }},
	{"elements_per_s", func(r *Row) *float64 { return &r.PerSecond }},
	{"memory_bytes", func(r *Row) *float64 { return &r.Memory }},
})

// costs are the figures of what objects of a kind cost.
func (k Kind) costs() []figure {
	switch k {
	case KindText:
		return append(slices.Clip(costFigures), figure{"accepted", func(r *Row) *float64 { return &r.Accepted }})
	case KindSentence:
		return slices.Concat(costFigures, speakingFigures)
	}
	return costFigures
}

// WriteCSV writes the rows and the real objects as comma-separated values with a
// header: times in seconds, shares from 0 to 1, empty where there is no figure;
// after what they cost the score, the mark of the frontier and the metrics, with
// the ends of their intervals. It fails if w does.
func (c *Comparison) WriteCSV(w io.Writer) error {
	head := []string{"name", "strategy", "length", "passes_asked", "objects", "conditions"}
	figures := c.Kind.costs()
	for _, f := range figures {
		head = append(head, f.name)
	}
	head = append(head, "score", "frontier")
	for _, m := range c.Metrics {
		if head = append(head, m.Key); m.Interval != "" {
			head = append(head, m.Key+"_low", m.Key+"_high")
		}
	}
	records := [][]string{head}
	scores, frontier := c.Scores(), c.OnFrontier()
	for i, r := range slices.Concat(c.Rows, c.Real) {
		record := []string{r.Name, r.Strategy, r.Length, counted(r.Asked), strconv.Itoa(r.Objects), counted(r.Conditions)}
		for _, f := range figures {
			record = append(record, csvCell(f.at(&r)))
		}
		if i < len(c.Rows) {
			record = append(record, csvCell(&scores[i]), strconv.FormatBool(frontier[i]))
		} else {
			record = append(record, "", "")
		}
		for k, m := range c.Metrics {
			v := r.value(k)
			if record = append(record, csvCell(&v.Value)); m.Interval != "" {
				record = append(record, csvCell(&v.Low), csvCell(&v.High))
			}
		}
		records = append(records, record)
	}
	if err := csv.NewWriter(w).WriteAll(records); err != nil {
		return fmt.Errorf("comparison as csv: %w", err)
	}
	return nil
}

// counted is a number, empty for 0.
func counted(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// csvCell is a figure, empty where there is none.
func csvCell(v *float64) string {
	if v == nil || math.IsNaN(*v) {
		return ""
	}
	return strconv.FormatFloat(*v, 'g', 6, 64)
}
