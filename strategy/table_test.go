package strategy

import (
	"errors"
	"io"
	"slices"
	"testing"

	"github.com/stride-ml/stride/internal/standin"
)

// A table stands in for a network of tokens.
type table = standin.Table

const (
	endToken  = standin.End
	maskToken = standin.Mask
	bosToken  = standin.Begin
	nlToken   = standin.Newline
)

var testPrompt = standin.Prompt

func newTable(texts map[string]float64) *table { return standin.NewTable(texts) }

// tableOptions are options for tables: their END and MASK, drawn plainly.
func tableOptions(seed uint64) Options {
	return Options{Sampling: Sampling{Temperature: 1}, Seed: seed, End: endToken, Mask: maskToken,
		Constraint: Constraint{Newline: nlToken}}
}

// open makes a machine by name; passes are refine's.
func open(t testing.TB, strategy string, net *table, o Options) Machine {
	t.Helper()
	var m Machine
	var err error
	switch strategy {
	case "ar":
		m, err = NewAR(net, testPrompt, o)
	case "nar":
		m, err = NewNAR(net, testPrompt, o)
	case "refine":
		m, err = NewRefine(net, testPrompt, o)
	}
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// finish runs a machine to its end and returns all steps, their slices copied.
func finish(t testing.TB, m Machine) []Step {
	t.Helper()
	var steps []Step
	for step, err := range Steps(m) {
		if err != nil {
			t.Fatal(err)
		}
		step.Tokens, step.Fresh, step.Remasked = slices.Clone(step.Tokens), slices.Clone(step.Fresh), slices.Clone(step.Remasked)
		step.Values = slices.Clone(step.Values)
		steps = append(steps, step)
	}
	if !steps[len(steps)-1].Done {
		t.Fatal("the last step is not done")
	}
	if _, err := m.Next(); !errors.Is(err, io.EOF) {
		t.Fatalf("after the last step Next returns %v, want io.EOF", err)
	}
	return steps
}

// result is the text that a machine ends with.
func result(t testing.TB, net *table, m Machine) string {
	t.Helper()
	steps := finish(t, m)
	return net.Text(steps[len(steps)-1].Tokens)
}
