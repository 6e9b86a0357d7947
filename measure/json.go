package measure

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"time"

	"github.com/stride-ml/stride"
)

// number is a figure in JSON, null where there is none.
type number float64

// MarshalJSON implements json.Marshaler.
func (n number) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(n)) || math.IsInf(float64(n), 0) {
		return []byte("null"), nil
	}
	return strconv.AppendFloat(nil, float64(n), 'g', -1, 64), nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (n *number) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*n = number(math.NaN())
		return nil
	}
	v, err := strconv.ParseFloat(string(data), 64)
	*n = number(v)
	return err
}

// record is a comparison in JSON. Names have the units of what they name.
type record struct {
	Model     string         `json:"model"`
	Kind      Kind           `json:"kind"`
	Started   time.Time      `json:"started"`
	Command   []string       `json:"command,omitempty"`
	Seed      uint64         `json:"seed"`
	Machine   Machine        `json:"machine"`
	Gain      gainRecord     `json:"parallel_gain"`
	Predicted outcomeRecord  `json:"predicted"`
	Measured  outcomeRecord  `json:"measured"`
	Advice    string         `json:"advice"`
	Metrics   []metricRecord `json:"metrics"`
	Rows      []rowRecord    `json:"rows"`
	Real      []rowRecord    `json:"real,omitempty"`
	Notes     []string       `json:"notes"`
}

type gainRecord struct {
	P         number `json:"p"`
	Positions number `json:"positions_per_s"`
	Elements  number `json:"elements_per_s"`
	Length    int    `json:"slots"`
}

type outcomeRecord struct {
	Fastest   string `json:"fastest"`
	BreakEven int    `json:"break_even_passes"`
}

// metricRecord is a metric without its function.
type metricRecord struct {
	Key      string        `json:"key"`
	Name     string        `json:"name"`
	Title    string        `json:"title"`
	Unit     string        `json:"unit,omitempty"`
	Better   Direction     `json:"better"`
	Floor    []boundRecord `json:"floor,omitempty"`
	Ceiling  []boundRecord `json:"ceiling,omitempty"`
	Interval string        `json:"interval,omitempty"`
	Percent  bool          `json:"percent,omitempty"`
	Digits   int           `json:"digits"`
	Plotted  bool          `json:"plotted,omitempty"`
	Source   string        `json:"source"`
	Fooled   string        `json:"fooled_by"`
}

type boundRecord struct {
	Row   string  `json:"row,omitempty"`
	Value float64 `json:"value"`
}

// rowRecord is a row; score and frontier are those of strategies alone.
type rowRecord struct {
	Name       string                 `json:"name"`
	Strategy   string                 `json:"strategy,omitempty"`
	Length     string                 `json:"length,omitempty"`
	Asked      int                    `json:"passes_asked,omitempty"`
	Draft      string                 `json:"draft,omitempty"`
	Last       string                 `json:"last_stage,omitempty"`
	Shortcut   bool                   `json:"shortcut,omitempty"`
	Conditions int                    `json:"conditions,omitempty"`
	Objects    int                    `json:"objects"`
	Runs       int                    `json:"runs,omitempty"`
	Costs      map[string]number      `json:"costs,omitempty"`
	Stages     []stageRecord          `json:"stages,omitempty"`
	Quality    map[string]valueRecord `json:"quality"`
	Score      *number                `json:"score,omitempty"`
	Frontier   *bool                  `json:"frontier,omitempty"`
}

type stageRecord struct {
	Model    string `json:"model"`
	Strategy string `json:"strategy"`
}

type valueRecord struct {
	Value number `json:"value"`
	Low   number `json:"low"`
	High  number `json:"high"`
}

// WriteJSON writes all that the comparison says: costs as [Comparison.WriteCSV] names
// them, metrics by their keys, null where there is no figure. [ReadJSON] reads it. It
// fails if w does.
func (c *Comparison) WriteJSON(w io.Writer) error {
	out := record{
		Model: c.Model, Kind: c.Kind, Started: c.Started, Command: c.Command, Seed: c.Seed, Machine: c.Machine,
		Gain:      gainRecord{number(c.Gain.P), number(c.Gain.Positions), number(c.Gain.Elements), c.Gain.Length},
		Predicted: outcomeRecord(c.Predicted), Measured: outcomeRecord(c.Measured), Advice: c.Advice(), Notes: c.Notes,
	}
	for _, m := range c.Metrics {
		out.Metrics = append(out.Metrics, metricRecord{m.Key, m.Name, m.Title, m.Unit, m.Better,
			converted[boundRecord](m.Floor), converted[boundRecord](m.Ceiling), m.Interval, m.Percent, m.Digits, m.Plotted, m.Source, m.Fooled})
	}
	scores, frontier := c.Scores(), c.OnFrontier()
	for i, r := range c.Rows {
		row := c.recordOf(r)
		row.Score, row.Frontier = new(number), new(bool)
		*row.Score, *row.Frontier = number(scores[i]), frontier[i]
		out.Rows = append(out.Rows, row)
	}
	for _, r := range c.Real {
		row := c.recordOf(r)
		row.Costs = nil
		out.Real = append(out.Real, row)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(out); err != nil {
		return fmt.Errorf("comparison as json: %w", err)
	}
	return nil
}

// converted are bounds in their other form.
func converted[To, From boundRecord | Bound](from []From) []To {
	var out []To
	for _, b := range from {
		out = append(out, To(b))
	}
	return out
}

// recordOf is a row in JSON.
func (c *Comparison) recordOf(r Row) rowRecord {
	out := rowRecord{Name: r.Name, Strategy: r.Strategy, Length: r.Length, Asked: r.Asked, Draft: r.Draft, Last: r.Last,
		Shortcut: r.Shortcut, Conditions: r.Conditions, Objects: r.Objects, Runs: r.Seconds.N,
		Costs: map[string]number{}, Quality: map[string]valueRecord{}}
	for _, s := range r.Speaking.Stages {
		out.Stages = append(out.Stages, stageRecord{s.Model, s.Strategy})
	}
	for _, f := range c.Kind.costs() {
		if v := f.at(&r); v != nil {
			out.Costs[f.name] = number(*v)
		}
	}
	for i, m := range c.Metrics {
		v := r.value(i)
		out.Quality[m.Key] = valueRecord{number(v.Value), number(v.Low), number(v.High)}
	}
	return out
}

// ReadJSON reads what [Comparison.WriteJSON] wrote: all but the objects, the
// details of quality that [Row] has beside its Values, and the functions of
// metrics. It fails if r does, and where the text is no comparison.
func ReadJSON(r io.Reader) (*Comparison, error) {
	var in record
	if err := json.NewDecoder(r).Decode(&in); err != nil {
		return nil, fmt.Errorf("comparison from json: %w", err)
	}
	if in.Model == "" || in.Kind == "" || len(in.Rows) == 0 {
		return nil, fmt.Errorf("comparison from json: no model, kind or rows in it, expected what stride compare writes as compare.json")
	}
	c := &Comparison{
		Model: in.Model, Kind: in.Kind, Started: in.Started, Command: in.Command, Seed: in.Seed, Machine: in.Machine,
		Gain:      stride.GainResult{Positions: float64(in.Gain.Positions), Elements: float64(in.Gain.Elements), P: float64(in.Gain.P), Length: in.Gain.Length},
		Predicted: Outcome(in.Predicted), Measured: Outcome(in.Measured), Notes: in.Notes,
	}
	for _, m := range in.Metrics {
		c.Metrics = append(c.Metrics, Metric{Name: m.Name, Key: m.Key, Title: m.Title, Kinds: []Kind{in.Kind}, Unit: m.Unit, Better: m.Better,
			Floor: converted[Bound](m.Floor), Ceiling: converted[Bound](m.Ceiling), Interval: m.Interval, Percent: m.Percent,
			Digits: m.Digits, Plotted: m.Plotted, Source: m.Source, Fooled: m.Fooled})
	}
	for _, row := range in.Rows {
		c.Rows = append(c.Rows, c.rowOf(row))
	}
	for _, row := range in.Real {
		c.Real = append(c.Real, c.rowOf(row))
	}
	return c, nil
}

// rowOf is the row that a record is of.
func (c *Comparison) rowOf(in rowRecord) Row {
	r := emptyRow(in.Name)
	r.Strategy, r.Length, r.Asked, r.Draft, r.Last = in.Strategy, in.Length, in.Asked, in.Draft, in.Last
	r.Shortcut, r.Conditions, r.Objects, r.Seconds.N = in.Shortcut, in.Conditions, in.Objects, in.Runs
	for _, s := range in.Stages {
		r.Speaking.Stages = append(r.Speaking.Stages, StageCost{Model: s.Model, Strategy: s.Strategy})
	}
	for _, f := range c.Kind.costs() {
		if v, ok := in.Costs[f.name]; ok && f.at(&r) != nil {
			*f.at(&r) = float64(v)
		}
	}
	for _, m := range c.Metrics {
		v, ok := in.Quality[m.Key]
		if !ok {
			v = valueRecord{number(math.NaN()), number(math.NaN()), number(math.NaN())}
		}
		r.Values = append(r.Values, Value{float64(v.Value), float64(v.Low), float64(v.High)})
	}
	return r
}
