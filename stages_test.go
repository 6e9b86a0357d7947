package stride

import (
	"slices"
	"strings"
	"testing"
)

// TestOpenStages holds that a pipeline without a file is that of one, and that its
// stages can be used by themselves.
func TestOpenStages(t *testing.T) {
	m, err := OpenStages("chant", "tiny-vocoder")
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	p := Prompt{Text: "lalala"}
	same := func(a, b []Step) bool {
		return slices.Equal(a[len(a)-1].Object.(Sound).Samples, b[len(b)-1].Object.(Sound).Samples)
	}
	steps := stepsOf(t, m, p)
	if !same(steps, stepsOf(t, mustOpen(t, "tiny-speech"), p)) {
		t.Error("it does not sound as the pipeline of the file does")
	}
	stages := m.Stages()
	if len(stages) != 2 || m.Info().Name != "chant" || stages[1].Info().Name != "tiny-vocoder" {
		t.Fatalf("%d stages of %s", len(stages), m.Info().Name)
	}
	frames := stepsOf(t, stages[0], p)
	o := frames[len(frames)-1].Object.(Sound)
	if !same(steps, stepsOf(t, stages[1], Prompt{Sound: &o})) {
		t.Error("stages by themselves sound otherwise")
	}
	if stages := stages[0].Stages(); stages != nil {
		t.Errorf("a model has the stages %v", stages)
	}
	for want, names := range map[string][]string{
		"0 stages, want 1 to 16": nil,
		"stage 1: no model":      {"none", "tiny-vocoder"},
		"stage 2: chant wants texts, and stage 1, tiny-vocoder, makes samples": {"tiny-vocoder", "chant"},
	} {
		if _, err := OpenStages(names...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("stages %v: error %v, want one with %q", names, err, want)
		}
	}
}
