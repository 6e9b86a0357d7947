package stride

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/stride-ml/stride/strategy"
	"github.com/stride-ml/stride/tensor"
)

// feeder is an engine that can begin before what it works on is finished: its
// machine is a [strategy.Fed], which takes frames as they become settled.
type feeder interface {
	engine
	feed(pool *tensor.Pool, c config) (*generation, error)
}

// part is a stage of one generation.
type part struct {
	*stage
	member     *member
	config     config
	prompt     Prompt
	generation *generation // once it has begun
	object     Object      // so far
}

// start makes the machine of all stages.
func (p *pipeline) start(pool *tensor.Pool, prompt Prompt, opts []Option) (*generation, error) {
	parts, seed, err := p.parts(prompt, opts)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.name, err)
	}
	g := &generation{name: p.name, last: Step{Stats: Stats{Model: p.name, Seed: seed}}}
	g.free = func() {
		for _, part := range parts {
			if part.generation != nil {
				part.generation.free()
			}
		}
	}
	g.show = func(s strategy.Step) Object { return show(parts, s) }
	stages := make([]strategy.Stage, len(parts))
	var strategies []string
	for i, part := range parts {
		strategies = append(strategies, part.config.strategy)
		g.chunks = part.config.sound.chunks // of the last
		g.last.Stats.Stages = append(g.last.Stats.Stages, StageStats{Strategy: part.config.strategy, Model: part.member.card.Name})
		stages[i] = strategy.Stage{Name: part.name(), Fed: part.fed, Begin: func() (strategy.Machine, error) { return begun(pool, parts[:i+1]) }}
	}
	g.last.Stats.Strategy = strings.Join(strategies, " + ")
	err = guarded(func() (err error) {
		g.machine, err = strategy.NewCascade(stages)
		return err
	})
	if err != nil {
		g.free()
		return nil, fmt.Errorf("%s: %w", p.name, err)
	}
	g.last.Object = g.show(strategy.Step{})
	return g, nil
}

// begun begins the last of the parts: with what the one before it has made in
// its prompt, or waiting to be fed.
func begun(pool *tensor.Pool, parts []*part) (strategy.Machine, error) {
	i := len(parts) - 1
	p := parts[i]
	var err error
	if p.fed {
		p.generation, err = p.member.engine.(feeder).feed(pool, p.config)
	} else {
		if i > 0 {
			p.prompt = p.prompt.from(parts[i-1].prompt, parts[i-1].object)
		}
		p.generation, err = p.member.engine.start(pool, p.prompt, p.config)
	}
	if err != nil {
		return nil, err
	}
	return p.generation.machine, nil
}

// from is the prompt with what another one's stage has made of that.
func (p Prompt) from(before Prompt, o Object) Prompt {
	p.Text = before.Text
	switch o := o.(type) {
	case Text:
		p.Text = o.String()
	case Picture:
		p.Picture = o.Image
	case Sound:
		p.Sound = &o
	}
	return p
}

// show is the object of the stage whose pass it was. Samples have the frames and
// marks with them that they are made of.
func show(parts []*part, s strategy.Step) Object {
	i := max(s.Stage, 1) - 1
	p := parts[i]
	p.object = p.generation.show(s)
	if o, ok := p.object.(Sound); ok && p.fed && !p.generation.chunks {
		if from, ok := parts[i-1].object.(Sound); ok {
			o.Frames, o.Marks = from.Frames, from.Marks
			p.object = o
		}
	}
	return p.object
}

// parts divides what was asked among the stages, and loads their weights.
//
// The strategy asked for is that of the first stage, or of several, joined by +;
// passes are those of the first. All other
// options and fields of the prompt reach every stage that takes them. What the
// file has for a stage holds where the caller does not say otherwise, and as far
// as it suits the strategy that the caller chose.
func (p *pipeline) parts(prompt Prompt, opts []Option) ([]*part, uint64, error) {
	var asked config
	for _, o := range opts {
		o(&asked)
	}
	if !asked.chose("seed") {
		asked.seed = uint64(rand.Uint32())
		opts = append(slices.Clip(opts), Seed(asked.seed))
	}
	strategies, err := p.strategies(asked.strategy)
	if err != nil {
		return nil, 0, err
	}
	parts := make([]*part, len(p.stages))
	for i, s := range p.stages {
		name := cmp.Or(strategies[i], s.strategy)
		e, name, err := s.model.serving(name)
		if err != nil {
			return nil, 0, err
		}
		parts[i] = &part{stage: s, member: e, config: config{strategy: name}}
	}
	for _, name := range append(prompt.given(), asked.chosen...) {
		if err := foreign(parts, name); err != nil {
			return nil, 0, err
		}
	}
	for i, part := range parts {
		if err := part.settle(prompt, opts, i == 0); err != nil {
			return nil, 0, err
		}
		if i+1 < len(parts) && !parts[i+1].fed {
			part.config.sound.chunks = false // what comes next needs the whole
		}
	}
	return parts, asked.seed, spread(parts, prompt.Conditions)
}

// settle gives a stage its options and its part of the prompt.
func (p *part) settle(prompt Prompt, opts []Option, first bool) error {
	mine := []Option{Strategy(p.config.strategy)}
	for _, o := range p.options {
		if n := names(o); !slices.Contains(n, "passes") && p.takes(n...) || slices.Contains(n, "passes") && p.config.strategy == "refine" {
			mine = append(mine, o)
		}
	}
	for _, o := range opts {
		switch n := names(o); {
		case slices.Contains(n, "passes"): // perhaps with the strategy, as Refine has it
			if first {
				mine = append(mine, o)
			}
		case slices.Contains(n, "strategy"):
		case p.takes(n...):
			mine = append(mine, o)
		}
	}
	p.prompt = prompt.only(func(name string) bool { return p.takes(name) })
	p.prompt.Conditions = nil
	var err error
	p.member, p.config, err = p.model.resolve(p.prompt, mine)
	return err
}

// names are those of what an option chooses.
func names(o Option) []string {
	var c config
	o(&c)
	return c.chosen
}

// strategies divides the strategies asked for among the stages, from the first on:
// "ar" or "ar+nar". Where none is asked for there is "".
func (p *pipeline) strategies(asked string) ([]string, error) {
	out := make([]string, len(p.stages))
	names := strings.Split(asked, "+")
	if len(names) > len(out) {
		return nil, badOption("strategy", asked, fmt.Sprintf("at most %d joined by +, one for each stage", len(out)))
	}
	for i, name := range names {
		out[i] = strings.TrimSpace(name)
	}
	return out, nil
}

// takes says whether the stage takes all that is named, options or fields.
func (p *part) takes(names ...string) bool {
	for _, name := range names {
		if a, ok := asks[name]; ok && p.member.engine.refuses(a, p.config.strategy) != nil {
			return false
		}
	}
	return true
}

// foreign is the first stage's refusal of what no stage takes.
func foreign(parts []*part, name string) error {
	for _, p := range parts {
		if p.takes(name) {
			return nil
		}
	}
	p := parts[0]
	return fmt.Errorf("%s: %w", p.name(), p.member.engine.refuses(asks[name], p.config.strategy))
}

// spread gives each stage the conditions that it knows; one that none does is an
// error.
func spread(parts []*part, conditions map[string]string) error {
	known := map[string]bool{}
	for _, p := range parts {
		own := maps.Clone(p.conditions)
		if own == nil {
			own = map[string]string{}
		}
		for _, c := range p.member.format.Conditions {
			if value, ok := conditions[c.Name]; ok {
				own[c.Name], known[c.Name] = value, true
			}
		}
		p.prompt.Conditions = own
	}
	for _, name := range slices.Sorted(maps.Keys(conditions)) {
		if !known[name] {
			return &UnsupportedError{Strategy: parts[0].config.strategy, Want: "condition " + name}
		}
	}
	return nil
}

// info describes the whole: what is asked of the first stage and made by the last.
func (p *pipeline) info() Info {
	first := p.stages[0]
	info := first.model.Info()
	info.Name, info.Title, info.Architecture, info.Default, info.Recipe = p.name, p.title, "cascade", first.strategy, p.declared
	info.Companions, info.Results, info.Picture, info.Sound = nil, map[string]float64{}, nil, nil
	info.Conditions = maps.Clone(info.Conditions)
	info.Parameters, info.Bytes = 0, 0
	var licences, credits []string
	for _, s := range p.stages {
		i := s.model.Info()
		info.Stages = append(info.Stages, StageInfo{Model: i.Name, Strategy: s.strategy, Architecture: i.Architecture})
		info.Parameters += i.Parameters
		info.Bytes += i.Bytes
		info.MaxLength = i.MaxLength
		info.Acrostic, info.Fill = info.Acrostic || i.Acrostic, info.Fill || i.Fill
		licences, credits = appendNew(licences, i.Licence), appendNew(credits, i.Credits)
		for name, values := range i.Conditions {
			if _, ok := info.Conditions[name]; !ok {
				info.Conditions[name] = values
			}
		}
		for name, v := range i.Results {
			info.Results[i.Name+"."+name] = v
		}
		info.Picture, info.Sound = i.Picture, i.Sound.following(info.Sound)
	}
	info.Licence, info.Credits = strings.Join(licences, "; "), strings.Join(credits, "\n")
	return info
}

// appendNew appends what is neither empty nor there.
func appendNew(list []string, s string) []string {
	if s == "" || slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// following describes the sounds of a stage after those of the one before it,
// whose language and voice they have.
func (i *SoundInfo) following(before *SoundInfo) *SoundInfo {
	if i == nil || before == nil {
		return i
	}
	i.Language, i.Voice = cmp.Or(i.Language, before.Language), cmp.Or(i.Voice, before.Voice)
	return i
}
