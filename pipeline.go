package stride

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/stride-ml/stride/internal/yamlfile"
	"github.com/stride-ml/stride/models"
)

// PipelineError says where in the file of a pipeline something is wrong.
type PipelineError = yamlfile.Error

// pipelineFile is a pipeline as it is declared.
type pipelineFile struct {
	Name   string      `yaml:"name"`
	Title  string      `yaml:"title"`
	Stages []stageFile `yaml:"stages"`
}

// stageFile is one stage: a model, and the options that it starts from.
type stageFile struct {
	Model      string            `yaml:"model"`
	Strategy   string            `yaml:"strategy"`
	Conditions map[string]string `yaml:"conditions"`

	Passes                *int     `yaml:"passes"`
	Length                *int     `yaml:"length"`
	Temperature           *float32 `yaml:"temperature"`
	TopK                  *int     `yaml:"top_k"`
	TopP                  *float32 `yaml:"top_p"`
	MinP                  *float32 `yaml:"min_p"`
	Block                 *int     `yaml:"block"`
	ConfidenceTemperature *float32 `yaml:"confidence_temperature"`
	Guidance              *float32 `yaml:"guidance"`
	Solver                *string  `yaml:"solver"`
	Strength              *float32 `yaml:"strength"`
	Keep                  *float32 `yaml:"keep"`
	Shortcut              *bool    `yaml:"shortcut"`
	Rate                  *float32 `yaml:"rate"`
	Pitch                 *float32 `yaml:"pitch"`
	Energy                *float32 `yaml:"energy"`
}

// options are those that the file gives.
func (f *stageFile) options() []Option {
	var out []Option
	ints := []struct {
		value  *int
		option func(int) Option
	}{{f.Passes, Passes}, {f.Length, Length}, {f.TopK, TopK}, {f.Block, Block}}
	for _, v := range ints {
		if v.value != nil {
			out = append(out, v.option(*v.value))
		}
	}
	floats := []struct {
		value  *float32
		option func(float32) Option
	}{
		{f.Temperature, Temperature}, {f.TopP, TopP}, {f.MinP, MinP}, {f.ConfidenceTemperature, ConfidenceTemperature}, {f.Guidance, Guidance},
		{f.Strength, Strength}, {f.Keep, Keep}, {f.Rate, Rate}, {f.Pitch, Pitch}, {f.Energy, Energy},
	}
	for _, v := range floats {
		if v.value != nil {
			out = append(out, v.option(*v.value))
		}
	}
	if f.Solver != nil {
		out = append(out, Solver(*f.Solver))
	}
	if f.Shortcut != nil {
		out = append(out, Shortcut(*f.Shortcut))
	}
	return out
}

// pipeline is a cascade of models.
type pipeline struct {
	name, title string
	declared    string // its file
	stages      []*stage
}

// stage is a model of a pipeline and what it starts from.
type stage struct {
	model      *Model
	strategy   string // where none is asked for
	options    []Option
	conditions map[string]string
	fed        bool // it takes frames as the stage before makes them
}

func (s *stage) name() string { return s.model.members[0].card.Name }

func (s *stage) makes() kind { return s.model.members[0].makes() }

func (s *stage) takes() []kind { return architectures[s.model.members[0].architecture].takes }

// declares tells the path of a pipeline's file.
func declares(path string) bool {
	return slices.Contains([]string{".yaml", ".yml"}, strings.ToLower(filepath.Ext(path)))
}

// pipelineData is the file of a pipeline, bundled or at a path; nil if the name is
// not that of one. A model's file begins with GGUF.
func pipelineData(name string) ([]byte, error) {
	data, bundled := models.Data(name)
	if !bundled && declares(name) && exists(name) {
		var err error
		if data, err = os.ReadFile(name); err != nil {
			return nil, fmt.Errorf("pipeline: %w", err)
		}
	}
	if bytes.HasPrefix(data, []byte("GGUF")) {
		return nil, nil
	}
	return data, nil
}

const maxStages = 16

// openPipeline opens the models of a pipeline and checks that each can begin from
// what the one before it makes. An error of a stage says where that stands.
func openPipeline(source string, data []byte) (*pipeline, error) {
	var f pipelineFile
	if err := yamlfile.Load(source, data, &f); err != nil {
		return nil, err
	}
	switch n := len(f.Stages); {
	case !yamlfile.Name.MatchString(f.Name):
		return nil, &PipelineError{File: source, Problem: fmt.Sprintf("name is %q, want small letters, digits, dots and dashes", f.Name)}
	case n < 1 || n > maxStages:
		return nil, &PipelineError{File: source, Problem: fmt.Sprintf("%d stages, want 1 to %d", n, maxStages)}
	}
	folder := ""
	if isPath(source) {
		folder = filepath.Dir(source)
	}
	p := &pipeline{name: f.Name, title: f.Title, declared: string(data)}
	for i := range f.Stages {
		s, err := openStage(&f.Stages[i], folder)
		if err == nil {
			p.stages = append(p.stages, s)
			err = p.connect(i)
		}
		if err != nil {
			for _, s := range p.stages {
				s.model.closeFiles()
			}
			line, column := yamlfile.Item(data, "stages", i)
			return nil, &PipelineError{File: source, Line: line, Column: column, Problem: fmt.Sprintf("stage %d: %v", i+1, err), Err: err}
		}
	}
	return p, nil
}

// openStage opens a model, bundled or in the folder of the pipeline, and checks
// what the file has for it.
func openStage(f *stageFile, folder string) (*stage, error) {
	name, beside, companions := f.Model, folder, folder
	if name == "" {
		return nil, errors.New("no model, want a name or a path")
	}
	if isPath(name) && !filepath.IsAbs(name) && folder != "" {
		name, beside = filepath.Join(folder, name), ""
	}
	if isPath(name) {
		companions = filepath.Dir(name)
	}
	if data, err := pipelineData(name); data != nil || err != nil {
		return nil, fmt.Errorf("%s is a pipeline, want a model", f.Model)
	}
	members, err := openMembers(name, beside, companions)
	if err != nil {
		return nil, err
	}
	s := &stage{model: &Model{members: members}, strategy: f.Strategy, options: f.options(), conditions: f.Conditions}
	if err := s.check(); err != nil {
		closeFiles(members)
		return nil, err
	}
	return s, nil
}

// check holds that the model can do what the file asks of it.
func (s *stage) check() error {
	e, c, err := s.model.config(append([]Option{Strategy(s.strategy)}, s.options...))
	if err != nil {
		return err
	}
	s.strategy = c.strategy
	if c.chose("passes") && c.strategy != "refine" {
		return &UnsupportedError{Strategy: c.strategy, Want: "a number of passes", Can: []string{"refine"}}
	}
	for name, value := range s.conditions {
		if _, err := s.model.Condition(name, value); err != nil {
			return err
		}
	}
	return e.check(Prompt{}, c)
}

// connect holds that a stage can begin from what the one before makes.
func (p *pipeline) connect(i int) error {
	if i == 0 {
		return nil
	}
	before, s := p.stages[i-1], p.stages[i]
	made := before.makes()
	if !slices.Contains(s.takes(), made) {
		var wants []string
		for _, k := range s.takes() {
			wants = append(wants, string(k))
		}
		return fmt.Errorf("%s wants %s, and stage %d, %s, makes %s", s.name(), strings.Join(wants, " or "), i, before.name(), made)
	}
	if made != kindFrames {
		return nil
	}
	if a, b := before.model.Info().Sound, s.model.Info().Sound; a.pace() != b.pace() {
		return fmt.Errorf("%s wants frames at %s, and stage %d, %s, makes them at %s", s.name(), b.pace(), i, before.name(), a.pace())
	}
	_, s.fed = s.model.members[0].engine.(feeder)
	return nil
}
