package stride_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/models"
)

// scene is a pipeline of two models of pictures.
const scene = `name: tiny-scene
title: A sketch, pixel by pixel, that is then painted over
stages:
  - model: tiny-pixels
    strategy: ar
  - model: tiny-flow
    strategy: refine
    passes: 3
    strength: 0.5
    conditions: {category: thin}
`

func init() { models.Add("tiny-scene", []byte(scene)) }

// TestPicturePipeline holds that each stage is what its model makes by itself of
// what the stage before has made.
func TestPicturePipeline(t *testing.T) {
	m := open(t, "tiny-scene")
	p := stride.Prompt{Text: "a red cross"}
	sketch := final(t, open(t, "tiny-pixels"), p, stride.AR(), stride.Seed(4))
	p.Picture, p.Conditions = sketch, map[string]string{"category": "thin"}
	want := final(t, open(t, "tiny-flow"), p, stride.Refine(3), stride.Strength(0.5), stride.Seed(4))
	steps := paint(t, m, stride.Prompt{Text: "a red cross"}, stride.Seed(4))
	if len(steps) != 64+3 {
		t.Fatalf("%d steps, want 67", len(steps))
	}
	if s := steps[63]; s.Stage != 1 || s.Done || different(imageOf(s), sketch) > 0 {
		t.Errorf("the first stage ends with %v, %+v", s.Object, s.Stats)
	}
	last := steps[66]
	if last.Stage != 2 || !last.Done || last.Pass != 3 || last.Passes != 3 || different(imageOf(last), want) > 0 {
		t.Errorf("the second stage ends with %v, %+v", last.Object, last)
	}
	if s := last.Stats; s.Strategy != "ar + refine" || s.Passes != 67 || s.Elements != 64 || s.Stages[0].Elements != 64 || s.Seed != 4 {
		t.Errorf("stats %+v", s)
	}
	// The caller's options win, and reach what takes them.
	again := paint(t, m, stride.Prompt{Text: "a red cross"}, stride.Refine(5), stride.Solver("euler"), stride.Seed(4))
	if s := again[len(again)-1].Stats; s.Strategy != "refine + refine" || s.Stages[0].Passes != 5 || s.Stages[1].Passes != 3 {
		t.Errorf("stats %+v", s)
	}
	p.Picture = sketch
	want = final(t, open(t, "tiny-flow"), p, stride.Refine(3), stride.Strength(0.9), stride.Seed(4))
	if got := final(t, m, stride.Prompt{Text: "a red cross"}, stride.Strength(0.9), stride.Seed(4)); different(got, want) > 0 {
		t.Error("the caller's strength is not that of the stage that takes one")
	}
	kept := paint(t, m, stride.Prompt{Text: "a red cross", Picture: shape("square", blue)}, stride.Keep(0.5), stride.Seed(4))
	if s := kept[len(kept)-1].Stats; s.Stages[0].Passes != 32 {
		t.Errorf("half of a picture was kept: stats %+v", s)
	}
}

// TestTextToPicture lets a model of poems write the caption of a picture.
func TestTextToPicture(t *testing.T) {
	path := filepath.Join(t.TempDir(), "illustrated.yaml")
	write := func(stages string) *stride.Model {
		if err := os.WriteFile(path, []byte("name: illustrated\nstages:\n"+stages), 0o644); err != nil {
			t.Fatal(err)
		}
		return open(t, path)
	}
	m := write("  - {model: tiny, length: 2, temperature: 0}\n  - {model: tiny-flow, strategy: nar}\n")
	steps := paint(t, m, spring, stride.Seed(1))
	last := steps[len(steps)-1]
	caption := steps[len(steps)-2].Object.String()
	want := final(t, open(t, "tiny-flow"), stride.Prompt{Text: caption}, stride.NAR(), stride.Seed(1))
	if caption != "春眠" || different(imageOf(last), want) > 0 || last.Stats.Strategy != "ar + nar" {
		t.Errorf("of %q came %v, %+v", caption, last.Object, last.Stats)
	}
	// A whole poem is too long a caption: the steps before the error stay.
	m = write("  - {model: tiny}\n  - {model: tiny-flow}\n")
	text, s, err := m.Text(t.Context(), spring)
	var bad *stride.OptionError
	if !errors.As(err, &bad) || !strings.HasPrefix(err.Error(), "illustrated: stage 2, tiny-flow: caption: got ") || s.Stages[0].Stopped != "end" || !strings.HasPrefix(text, "春眠") {
		t.Errorf("%q, %+v, error %v", text, s, err)
	}
}

func TestPipelinePaths(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"tiny-pixels", "tiny-flow"} {
		data, err := os.ReadFile(filepath.Join(folder, name+".gguf"))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, "my-"+name+".gguf"), data, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, stages := range []string{"[{model: my-tiny-pixels}, {model: my-tiny-flow.gguf}]", fmt.Sprintf("[{model: %q}]", filepath.Join(dir, "my-tiny-flow.gguf"))} {
		path := filepath.Join(dir, "mine.yml")
		if err := os.WriteFile(path, []byte("name: mine\nstages: "+stages), 0o644); err != nil {
			t.Fatal(err)
		}
		m := open(t, path)
		if got := final(t, m, crossPrompt, stride.Strategy(m.Info().Default)); got == nil {
			t.Errorf("%s made nothing", stages)
		}
	}
}

func TestPipelineErrors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "wrong.yaml")
	const head = "name: wrong\nstages:\n"
	for want, text := range map[string]string{
		`wrong.yaml:3:1: unknown key "steps"; known here: name, title, stages`:                                         "name: wrong\ntitle: a\nsteps: []\n",
		`wrong.yaml:3:19: unknown key "temprature"; known here: model, strategy`:                                       head + "  - {model: tiny, temprature: 1}\n",
		"wrong.yaml:3:27: cannot construct":                                                                            head + "  - {model: tiny, passes: two}\n",
		`wrong.yaml: name is "Wrong", want small letters`:                                                              "name: Wrong\nstages: [{model: tiny}]\n",
		"wrong.yaml: 0 stages, want 1 to 16":                                                                           "name: wrong\n",
		"wrong.yaml: 17 stages, want 1 to 16":                                                                          "name: wrong\nstages: [" + strings.Repeat("{model: tiny}, ", 17) + "]\n",
		"wrong.yaml:4:5: stage 2: no model, want a name":                                                               head + "  - model: tiny\n  - strategy: ar\n",
		`wrong.yaml:3:5: stage 1: no model "tinny"; did you mean tiny`:                                                 head + "  - model: tinny\n",
		`wrong.yaml:3:5: stage 1: no model`:                                                                            head + "  - model: none.gguf\n",
		"wrong.yaml:3:5: stage 1: tiny-scene is a pipeline, want a model":                                              head + "  - model: tiny-scene\n",
		"wrong.yaml:4:5: stage 2: tiny wants texts, and stage 1, tiny-flow, makes pictures":                            head + "  - model: tiny-flow\n  - model: tiny\n",
		"wrong.yaml:4:5: stage 2: tiny-vocoder wants log-mel frames or samples, and stage 1, tiny, makes texts":        head + "  - model: tiny\n  - model: tiny-vocoder\n",
		"stage 2: tiny-vocoder wants frames at 8000 Hz, 80 samples a frame of 20 bands, and stage 1, bass, makes":      head + "  - model: bass\n  - model: tiny-vocoder\n",
		"wrong.yaml:3:5: stage 1: strategy leap does not support model tiny; supported by: ar, speculate, refine, nar": head + "  - {model: tiny, strategy: leap}\n",
		"stage 1: strategy ar does not support a number of passes; supported by: refine":                               head + "  - {model: tiny, passes: 4}\n",
		"stage 1: strategy ar does not support guidance, which is for pictures":                                        head + "  - {model: tiny, guidance: 4}\n",
		`stage 1: form is "六絕", want one of 五言絕句, 七言絕句`:                                                                head + "  - {model: tiny, conditions: {form: 六絕}}\n",
		"stage 1: strategy ar does not support condition colour":                                                       head + "  - {model: tiny, conditions: {colour: red}}\n",
	} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := stride.Open(path)
		var where *stride.PipelineError
		if !errors.As(err, &where) || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
	var missing *stride.NotFoundError
	if _, err := stride.Open(filepath.Join(t.TempDir(), "none.yaml")); !errors.As(err, &missing) {
		t.Errorf("a missing file: %v", err)
	}
	if err := os.WriteFile(path, []byte(head+"  - model: tinny\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := stride.Open(path); !errors.As(err, &missing) {
		t.Errorf("a missing model of a stage: %v, want an error that holds a %T", err, missing)
	}
}

// TestPipelineSeed holds that one seed makes the whole again.
func TestPipelineSeed(t *testing.T) {
	m := open(t, "tiny-scene")
	p := stride.Prompt{Text: "a blue square"}
	steps := paint(t, m, p)
	last := steps[len(steps)-1]
	again := final(t, m, p, stride.Seed(last.Stats.Seed))
	if !bytes.Equal(imageOf(last).Pix, again.Pix) {
		t.Error("the seed that was reported makes another picture")
	}
}

// A pipeline is used as a model is. Its steps say which stage they are of.
func ExampleOpen_pipeline() {
	m, err := stride.Open("tiny-scene")
	if err != nil {
		panic(err)
	}
	defer m.Close()
	fmt.Println(m.Info().Title)
	var last stride.Step
	for step, err := range m.Generate(context.Background(), stride.Prompt{Text: "a red cross"}, stride.Seed(1)) {
		if err != nil {
			panic(err)
		}
		if step.Stage == 2 {
			fmt.Printf("stage %d of %d, pass %d of %d: %v\n", step.Stage, step.Stages, step.Pass, step.Passes, step.Object)
		}
		last = step
	}
	for _, s := range last.Stats.Stages {
		fmt.Printf("%s by %s: %d passes\n", s.Model, s.Strategy, s.Passes)
	}
	// Output:
	// A sketch, pixel by pixel, that is then painted over
	// stage 2 of 2, pass 1 of 3: picture of 8x8 pixels
	// stage 2 of 2, pass 2 of 3: picture of 8x8 pixels
	// stage 2 of 2, pass 3 of 3: picture of 8x8 pixels
	// tiny-pixels by ar: 64 passes
	// tiny-flow by refine: 3 passes
}
