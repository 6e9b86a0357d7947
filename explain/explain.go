// Package explain tells what a strategy does, a screen at a time, in English and
// in Traditional Chinese, by running it: the machines of package strategy work on
// objects so small that a table of probabilities, or two pictures, can stand in for
// a network. What is printed is what they did.
//
// The example is a lecture's. Who is Mr. Lee? Two men have that name, a teacher and
// an actor, and both answers are right. Drawn apart, their halves get mixed.
package explain

import (
	"embed"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"github.com/stride-ml/stride/strategy"
)

// Topics are what can be explained: an overview, and the strategies.
var topics = []string{"all", "ar", "nar", "refine", "flow", "speculate", "cascade"}

// Topics lists what [Write] explains: all is an overview, flow is refine (and nar)
// of continuous elements.
func Topics() []string { return slices.Clone(topics) }

// Languages lists those of [Options].Lang.
func Languages() []string { return []string{"en", "zh"} }

// Options says how to explain. Its zero value is usable.
type Options struct {
	// Lang is en (English, the default) or zh (Traditional Chinese).
	Lang string
	// Seed fixes what is drawn.
	Seed uint64
	// Passes is how many a refine of tokens makes, 1 to 8; 0 is 6. For flow, 1 to
	// 64, it shows a run pass by pass instead of the ends of several.
	Passes int
	// Width is that of lines in character cells, 40 to 200; 0 is 80.
	Width int
	// Colour allows colours, as codes of ECMA-48. Nothing is told by them alone.
	Colour bool
}

const (
	leastWidth   = 40
	usualWidth   = 80
	mostWidth    = 200
	tokenPasses  = 6
	mostOfFlow   = 64
	tellsOfTable = 1000 // answers that are counted
)

// page is what is being written.
type page struct {
	Options
	asked  bool // for a number of passes
	sample sample
	words  words
}

//go:embed pages
var pages embed.FS

// Write explains a strategy, or gives an overview if it is all or "". It fails with
// a [*strategy.OptionError] for a value out of range, and with a
// [*strategy.UnsupportedError] for passes where they are not to be chosen.
func Write(w io.Writer, topic string, o Options) error {
	if topic == "" {
		topic = "all"
	}
	asked := o.Passes != 0
	if err := o.check(topic); err != nil {
		return err
	}
	p := &page{Options: o, asked: asked, sample: samples[o.Lang], words: vocabulary[o.Lang]}
	data, err := map[string]func() (any, error){
		"all": p.overview, "ar": p.ar, "nar": p.nar, "refine": p.refine,
		"flow": p.flow, "speculate": p.speculate, "cascade": p.cascade,
	}[topic]()
	if err != nil {
		return fmt.Errorf("explain %s: %w", topic, err)
	}
	name := topic + "." + o.Lang + ".txt"
	t, err := template.New(name).ParseFS(pages, "pages/"+name)
	if err != nil {
		return fmt.Errorf("explain %s: %w", topic, err)
	}
	var b strings.Builder
	if err := t.Execute(&b, data); err != nil {
		return fmt.Errorf("explain %s: %w", topic, err)
	}
	_, err = io.WriteString(w, p.set(b.String()))
	return err
}

// check fills in what was left open.
func (o *Options) check(topic string) error {
	if !slices.Contains(topics, topic) {
		return &strategy.OptionError{Option: "strategy", Value: topic, Want: strings.Join(topics, ", ")}
	}
	if o.Lang == "" {
		o.Lang = "en"
	}
	if !slices.Contains(Languages(), o.Lang) {
		return &strategy.OptionError{Option: "lang", Value: o.Lang, Want: strings.Join(Languages(), " or ")}
	}
	if o.Width == 0 {
		o.Width = usualWidth
	}
	if o.Width < leastWidth || o.Width > mostWidth {
		return &strategy.OptionError{Option: "width", Value: strconv.Itoa(o.Width), Want: fmt.Sprintf("%d to %d", leastWidth, mostWidth)}
	}
	most := slots
	switch {
	case topic == "flow":
		most = mostOfFlow
	case topic != "refine" && o.Passes != 0:
		return &strategy.UnsupportedError{Strategy: topic, Want: "a number of passes here", Can: []string{"refine", "flow"}}
	}
	if o.Passes == 0 {
		o.Passes = tokenPasses
	}
	if o.Passes < 1 || o.Passes > most {
		return &strategy.OptionError{Option: "passes", Value: strconv.Itoa(o.Passes), Want: fmt.Sprintf("1 to %d", most)}
	}
	return nil
}
