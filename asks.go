package stride

import "slices"

// ask is an option, or a field of a prompt, that not everything can take.
type ask struct {
	want     string   // as errors name it
	texts    bool     // texts take it; their strategies know which of them do
	pictures []string // strategies that take it for pictures
}

var (
	flowing = []string{"nar", "refine"}
	all     = []string{"ar", "nar", "refine"}
)

// asks holds what is not for all, by the name of the option or field.
var asks = map[string]ask{
	"acrostic":               {"an acrostic", true, nil},
	"fill":                   {"fill-in", true, nil},
	"length":                 {"a length", true, nil},
	"block":                  {"blocks", true, nil},
	"remask":                 {"remasking", true, nil},
	"confidence-temperature": {"a confidence temperature", true, nil},
	"temperature":            {"a temperature", true, []string{"ar"}},
	"top-k":                  {"top-k", true, []string{"ar"}},
	"top-p":                  {"top-p", true, []string{"ar"}},
	"min-p":                  {"min-p", true, []string{"ar"}},
	"keep":                   {"keeping the first rows of a picture", false, []string{"ar"}},
	"picture":                {"a picture to begin from", false, all},
	"mask":                   {"a mask", false, flowing},
	"negative":               {"a negative prompt", false, all},
	"second caption":         {"a second caption", false, flowing},
	"mix-captions":           {"a mix of captions", false, flowing},
	"guidance":               {"guidance", false, all},
	"solver":                 {"a solver", false, flowing},
	"strength":               {"a strength", false, flowing},
	"toward":                 {"noise between two seeds", false, flowing},
	"tile":                   {"tiles", false, flowing},
	"shortcut":               {"shortcuts", false, flowing},
}

// given names the fields that are set, of those that not everything can take.
func (p *Prompt) given() []string {
	var names []string
	for _, f := range []struct {
		name string
		set  bool
	}{
		{"acrostic", p.Acrostic != ""}, {"fill", p.Fill != ""}, {"picture", p.Picture != nil}, {"mask", p.Mask != nil},
		{"negative", p.Negative != ""}, {"second caption", p.Toward != ""},
	} {
		if f.set {
			names = append(names, f.name)
		}
	}
	return names
}

// check reports the first thing that was asked for and the checkpoint cannot do
// by the strategy chosen.
func (e *member) check(p Prompt, c config) error {
	for _, name := range append(p.given(), c.chosen...) {
		a, ok := asks[name]
		if !ok {
			continue
		}
		if err := e.engine.refuses(a, c.strategy); err != nil {
			return err
		}
	}
	return nil
}

func (e texts) refuses(a ask, strategy string) error {
	if a.texts {
		return nil
	}
	return &UnsupportedError{Strategy: strategy, Want: a.want + ", which is for pictures"}
}

func (e pictures) refuses(a ask, strategy string) error {
	switch {
	case slices.Contains(a.pictures, strategy):
		return nil
	case a.pictures == nil:
		return &UnsupportedError{Strategy: strategy, Want: a.want + ", which is for texts"}
	}
	return &UnsupportedError{Strategy: strategy, Want: a.want, Can: a.pictures}
}

// badOption returns an [*OptionError].
func badOption(option, value, want string) error {
	return &OptionError{Option: option, Value: value, Want: want}
}
