package calibrate

import (
	"fmt"
	"slices"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/measure"
)

// Setting is one way to make an object.
type Setting struct {
	Name     string `json:"name"`     // as in comparisons: "nar predicted", "refine 8"
	Strategy string `json:"strategy"` // "ar", "nar", "refine", "speculate"
	Passes   int    `json:"passes,omitempty"`
	Length   string `json:"length,omitempty"`   // of nar and refine on texts: "fixed" or "predicted"
	Shortcut bool   `json:"shortcut,omitempty"` // of refine on pictures
}

// Options are what the setting asks of a model.
func (s Setting) Options(info stride.Info) []stride.Option {
	row := measure.Row{Strategy: s.Strategy, Asked: s.Passes, Length: s.Length, Shortcut: s.Shortcut}
	return row.Options(info)
}

const (
	ar        = "ar"
	nar       = "nar"
	refine    = "refine"
	speculate = "speculate"
)

// leftToRight says whether elements come in their order, so that a limit of their
// number is one of the time.
func (s Setting) leftToRight() bool { return s.Strategy == ar || s.Strategy == speculate }

// share is the least share of its time that grows with the length of an object; that
// of pictures has one length, and nar with a fixed one always draws the most.
func (s Setting) share(unit Unit) float64 {
	if unit == Pictures || s.Length == "fixed" {
		return 0
	}
	return grows
}

// settingsOf lists the settings of a model: those that a comparison has, and of
// speculate the usual one alone, since all of its settings give the text of ar.
func settingsOf(info stride.Info) ([]Setting, error) {
	rows, err := measure.Settings(info, measure.CompareOptions{})
	if err != nil {
		return nil, err
	}
	var out []Setting
	for _, r := range rows {
		if r.Strategy != speculate {
			out = append(out, Setting{r.Name, r.Strategy, r.Asked, r.Length, r.Shortcut})
		}
	}
	if slices.Contains(info.Strategies, speculate) {
		out = append(out, Setting{Name: speculate, Strategy: speculate})
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s serves %v: nothing to calibrate", info.Name, info.Strategies)
	}
	return out, nil
}

// oneText says whether all settings give the same text, so that there is no quality
// to choose by.
func oneText(settings []Setting) bool {
	return !slices.ContainsFunc(settings, func(s Setting) bool { return !s.leftToRight() })
}
