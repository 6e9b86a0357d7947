package stride

import "slices"

// ask is an option, or a field of a prompt, that not everything can take.
type ask struct {
	want     string   // as errors name it
	texts    bool     // texts take it; their strategies know which of them do
	pictures []string // strategies that take it for pictures
	speech   []string // strategies that take it where a text is spoken
	sounds   []string // strategies that take it where samples are made of frames
}

var (
	flowing = []string{"nar", "refine"}
	all     = []string{"ar", "nar", "refine"}
)

// asks holds what is not for all, by the name of the option or field.
var asks = map[string]ask{
	"acrostic":               {want: "an acrostic", texts: true},
	"fill":                   {want: "fill-in", texts: true},
	"length":                 {want: "a length", texts: true},
	"block":                  {want: "blocks", texts: true},
	"remask":                 {want: "remasking", texts: true},
	"confidence-temperature": {want: "a confidence temperature", texts: true},
	"draft":                  {want: "drafts", texts: true},
	"draft-most":             {want: "drafts", texts: true},
	"cache-type":             {want: "a type of key-value cache", texts: true},
	"context-shift":          {want: "a shift of the context", texts: true},
	"temperature":            {want: "a temperature", texts: true, pictures: []string{"ar"}, speech: flowing, sounds: []string{"ar"}},
	"top-k":                  {want: "top-k", texts: true, pictures: []string{"ar"}, sounds: []string{"ar"}},
	"top-p":                  {want: "top-p", texts: true, pictures: []string{"ar"}, sounds: []string{"ar"}},
	"min-p":                  {want: "min-p", texts: true, pictures: []string{"ar"}, sounds: []string{"ar"}},
	"typical":                {want: "typical sampling", texts: true, pictures: []string{"ar"}, sounds: []string{"ar"}},
	"repeat-penalty":         {want: "a repeat penalty", texts: true},
	"repeat-last":            {want: "a repeat penalty", texts: true},
	"frequency-penalty":      {want: "a frequency penalty", texts: true},
	"presence-penalty":       {want: "a presence penalty", texts: true},
	"bias":                   {want: "a bias of tokens", texts: true},
	"stop":                   {want: "stop strings", texts: true},
	"logprobs":               {want: "log-probabilities", texts: true},
	"schema":                 {want: "a schema", texts: true},
	"grammar":                {want: "a grammar", texts: true},
	"keep":                   {want: "keeping the first rows of a picture", pictures: []string{"ar"}},
	"picture":                {want: "a picture to begin from", pictures: all},
	"mask":                   {want: "a mask", pictures: flowing},
	"negative":               {want: "a negative prompt", pictures: all},
	"second caption":         {want: "a second caption", pictures: flowing},
	"mix-captions":           {want: "a mix of captions", pictures: flowing},
	"guidance":               {want: "guidance", pictures: all},
	"solver":                 {want: "a solver", pictures: flowing},
	"strength":               {want: "a strength", pictures: flowing},
	"toward":                 {want: "noise between two seeds", pictures: flowing},
	"tile":                   {want: "tiles", pictures: flowing},
	"sound":                  {want: "a sound to speak again", sounds: all},
	"lexicon":                {want: "a lexicon", speech: all},
	"rate":                   {want: "a rate of speech", speech: all},
	"pitch":                  {want: "a pitch", speech: all},
	"energy":                 {want: "an energy", speech: all},
	"chunks":                 {want: "sounds in chunks", speech: all, sounds: all},
	"shortcut":               {want: "shortcuts", pictures: flowing},
}

// fields are those of a prompt that not everything can take, by their names in
// asks.
var fields = []struct {
	name  string
	set   func(*Prompt) bool
	clear func(*Prompt)
}{
	{"acrostic", func(p *Prompt) bool { return p.Acrostic != "" }, func(p *Prompt) { p.Acrostic = "" }},
	{"fill", func(p *Prompt) bool { return p.Fill != "" }, func(p *Prompt) { p.Fill = "" }},
	{"picture", func(p *Prompt) bool { return p.Picture != nil }, func(p *Prompt) { p.Picture = nil }},
	{"mask", func(p *Prompt) bool { return p.Mask != nil }, func(p *Prompt) { p.Mask = nil }},
	{"negative", func(p *Prompt) bool { return p.Negative != "" }, func(p *Prompt) { p.Negative = "" }},
	{"second caption", func(p *Prompt) bool { return p.Toward != "" }, func(p *Prompt) { p.Toward = "" }},
	{"sound", func(p *Prompt) bool { return p.Sound != nil }, func(p *Prompt) { p.Sound = nil }},
	{"lexicon", func(p *Prompt) bool { return p.Lexicon != nil }, func(p *Prompt) { p.Lexicon = nil }},
}

// given names the fields that are set, of those that not everything can take.
func (p *Prompt) given() []string {
	var names []string
	for _, f := range fields {
		if f.set(p) {
			names = append(names, f.name)
		}
	}
	return names
}

// only is the prompt without the fields that are not taken.
func (p Prompt) only(takes func(name string) bool) Prompt {
	for _, f := range fields {
		if !takes(f.name) {
			f.clear(&p)
		}
	}
	return p
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
	if architectures[e.architecture].wordless {
		for name := range p.Conditions {
			return &UnsupportedError{Strategy: c.strategy, Want: "condition " + name}
		}
	}
	return nil
}

func (e texts) refuses(a ask, strategy string) error {
	if a.texts {
		return nil
	}
	return a.foreign(strategy)
}

func (e pictures) refuses(a ask, strategy string) error { return a.among(a.pictures, strategy) }

// among refuses what is not for a strategy, given those that can do it.
func (a ask) among(can []string, strategy string) error {
	switch {
	case slices.Contains(can, strategy):
		return nil
	case can == nil:
		return a.foreign(strategy)
	}
	return &UnsupportedError{Strategy: strategy, Want: a.want, Can: can}
}

// foreign refuses what is for objects of another kind.
func (a ask) foreign(strategy string) error {
	kind := "vocoders"
	switch {
	case a.texts:
		kind = "texts"
	case a.pictures != nil:
		kind = "pictures"
	case a.speech != nil:
		kind = "speech"
	}
	return &UnsupportedError{Strategy: strategy, Want: a.want + ", which is for " + kind}
}

// badOption returns an [*OptionError].
func badOption(option, value, want string) error {
	return &OptionError{Option: option, Value: value, Want: want}
}
