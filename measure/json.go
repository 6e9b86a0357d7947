package measure

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"time"
)

// number is a figure in JSON, null where it is none.
type number float64

func (n number) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(n)) || math.IsInf(float64(n), 0) {
		return []byte("null"), nil
	}
	return strconv.AppendFloat(nil, float64(n), 'g', -1, 64), nil
}

// record is a comparison in JSON.
type record struct {
	Model   string      `json:"model"`
	Kind    Kind        `json:"kind"`
	Started time.Time   `json:"started"`
	Command []string    `json:"command,omitempty"`
	Seed    uint64      `json:"seed"`
	Machine Machine     `json:"machine"`
	Rows    []rowRecord `json:"rows"`
	Advice  string      `json:"advice"`
	Notes   []string    `json:"notes"`
}

// rowRecord is a row in JSON.
type rowRecord struct {
	Name     string `json:"name"`
	Strategy string `json:"strategy"`
	Asked    int    `json:"passes_asked"`
	Seconds  number `json:"median_s"`
	Score    number `json:"score"`
	Frontier bool   `json:"frontier"`
}

// WriteJSON writes all that the comparison says. It fails if w does.
func (c *Comparison) WriteJSON(w io.Writer) error {
	out := record{Model: c.Model, Kind: c.Kind, Started: c.Started, Command: c.Command, Seed: c.Seed, Machine: c.Machine, Advice: c.Advice(), Notes: c.Notes}
	scores, on := c.Scores(), c.OnFrontier()
	for i, r := range c.Rows {
		out.Rows = append(out.Rows, rowRecord{r.Name, r.Strategy, r.Asked, number(r.Seconds.Median), number(scores[i]), on[i]})
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(out); err != nil {
		return fmt.Errorf("comparison as json: %w", err)
	}
	return nil
}
