package command

import (
	"strings"
	"testing"

	"charm.land/lipgloss/v2"
	"github.com/alecthomas/kong"
)

// All of the Chinese help is there, and fits a terminal.
func TestChineseHelp(t *testing.T) {
	var e struct {
		Explain explainCommand `cmd:""`
	}
	parser, err := kong.New(&e)
	if err != nil {
		t.Fatal(err)
	}
	node := parser.Model.Children[0]
	names := []string{node.Name}
	for _, a := range node.Positional {
		names = append(names, a.Name)
	}
	for _, group := range node.AllFlags(true) {
		for _, f := range group {
			names = append(names, f.Name)
		}
	}
	if len(names) != len(chinese) {
		t.Errorf("there are %d texts for %v", len(chinese), names)
	}
	for _, name := range names {
		if chinese[name] == "" {
			t.Errorf("no text for %s", name)
		}
		for line := range strings.SplitSeq(chinese[name], "\n") {
			if w := lipgloss.Width(line); w > 80 || name != "explain" && w > 60 {
				t.Errorf("%s: %d cells: %s", name, w, line)
			}
		}
	}
}
