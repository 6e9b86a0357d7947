package calibrate

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"slices"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/measure"
)

// Source is where scores come from.
type Source string

// The sources there are.
const (
	FromData    Source = "data"     // measured beside real objects
	FromBundled Source = "bundled"  // the same, measured before and a part of the program
	FromItself  Source = "model"    // measured without data, such as under the model's own ar
	FromOneText Source = "one text" // all settings give the same: there is nothing to measure
	FromOrder   Source = "order"    // not measured: more passes are taken to be better, and ar best
)

// Quality is how good what the settings of a model make is, from 0 to 1 as
// [measure.Comparison.Scores] has it. It is the same on any machine.
type Quality struct {
	Format      int                `json:"format"`
	Model       string             `json:"model"`
	Fingerprint string             `json:"fingerprint"`
	From        Source             `json:"from"`
	Measure     string             `json:"measure,omitempty"` // what is measured, what 0 and 1 are
	Objects     int                `json:"objects,omitempty"` // of each setting
	Scores      map[string]float64 `json:"scores,omitempty"`  // by the name of the setting

	// Stale is the file of a quality that was measured and cannot be used, nil if
	// there is none.
	Stale *StaleError `json:"-"`
}

// score is that of a setting, NaN where there is none. speculate gives the text of ar.
func (q Quality) score(s Setting) float64 {
	name := s.Name
	if s.Strategy == speculate {
		name = ar
	}
	if v, ok := q.Scores[name]; ok {
		return v
	}
	return math.NaN()
}

// String says in a line what the scores are.
func (q Quality) String() string {
	switch q.From {
	case FromData:
		return fmt.Sprintf("%s; %d objects of each setting beside real ones", q.Measure, q.Objects)
	case FromBundled:
		return fmt.Sprintf("%s; bundled, from %d objects of each setting beside real ones", q.Measure, q.Objects)
	case FromItself:
		return fmt.Sprintf("%s; %d objects of each setting, without data", q.Measure, q.Objects)
	case FromOneText:
		return "all settings give the same text"
	}
	return fmt.Sprintf("not measured: more passes are taken to be better, and ar best; stride calibrate %s --data DIR measures it", q.Model)
}

// MergeScores puts a quality into a file of several, as the bundled ones are kept: in
// the place of that of the same model, if there is one. No file is an empty one.
func MergeScores(path string, q Quality) error {
	var all []Quality
	if err := read(path, &all); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	all = slices.DeleteFunc(all, func(old Quality) bool { return old.Model == q.Model })
	return write(path, append(all, q))
}

//go:embed scores.json
var bundledScores []byte

// bundled are the scores that are a part of the program, of bundled models.
func bundled(fingerprint string) (Quality, bool) {
	var all []Quality
	if err := json.Unmarshal(bundledScores, &all); err != nil {
		return Quality{}, false // a test holds that they can be read
	}
	for _, q := range all {
		if q.Fingerprint == fingerprint {
			q.From = FromBundled
			return q, true
		}
	}
	return Quality{}, false
}

// unmeasured is the quality of a model that nothing was measured of.
func unmeasured(info stride.Info, fingerprint string, settings []Setting) Quality {
	q := Quality{Format: Format, Model: info.Name, Fingerprint: fingerprint, From: FromOrder}
	if oneText(settings) {
		q.From = FromOneText
	}
	return q
}

// MeasureQuality compares what the settings make, with [measure.Compare]: beside
// real objects where the options have Data, and else as far as can be told without.
// Texts that all settings make alike need no measuring.
func MeasureQuality(ctx context.Context, m *stride.Model, o measure.CompareOptions) (Quality, error) {
	fingerprint, err := m.Fingerprint()
	if err != nil {
		return Quality{}, err
	}
	info := m.Info()
	settings, err := settingsOf(info)
	if err != nil {
		return Quality{}, err
	}
	q := unmeasured(info, fingerprint, settings)
	if q.From == FromOneText {
		return q, nil
	}
	if len(o.Strategies) == 0 { // speculate gives what ar does
		o.Strategies = slices.DeleteFunc(slices.Clone(info.Strategies), func(s string) bool { return s == speculate })
	}
	c, err := measure.Compare(ctx, m, o)
	if err != nil {
		return q, err
	}
	scores := map[string]float64{}
	for i, v := range c.Scores() {
		if !math.IsNaN(v) {
			scores[c.Rows[i].Name], q.Objects = v, c.Rows[i].Objects
		}
	}
	if len(scores) == 0 {
		return q, nil
	}
	q.Scores, q.From = scores, FromItself
	if len(c.Real) > 0 {
		q.From = FromData
	}
	q.Measure = c.Scored()
	return q, nil
}
