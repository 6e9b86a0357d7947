package mandarin

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stride-ml/stride/element/speech"
)

var update = flag.Bool("update", false, "rewrite testdata/sentences.golden")

// line shows words: each as spoken with its syllables, what is not Mandarin in
// angle brackets, and the marks of rests.
func line(words []speech.Word) string {
	var out []string
	for _, w := range words {
		s := "<" + w.Text + ">"
		if w.Phones != nil {
			s = w.Spoken + " " + strings.Join(w.Phones, " ")
		}
		if w.Break != speech.NoBreak {
			s += " " + w.Break.String()
		}
		out = append(out, s)
	}
	return strings.Join(out, " | ")
}

// TestGolden reads every sentence of the golden file, whose lines are comments,
// sentences, and what is said for the one above, after a tab.
func TestGolden(t *testing.T) {
	const path = "testdata/sentences.golden"
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var front Front
	var got strings.Builder
	sentences := 0
	for s := range strings.Lines(string(want)) {
		s = strings.TrimSuffix(s, "\n")
		switch {
		case strings.HasPrefix(s, "\t"):
			continue
		case s == "", strings.HasPrefix(s, "#"):
			fmt.Fprintln(&got, s)
			continue
		}
		sentences++
		words, err := front.Words(s)
		if err != nil {
			t.Errorf("%s: %v", s, err)
		}
		fmt.Fprintf(&got, "%s\n\t%s\n", s, line(words))
	}
	if sentences < 120 {
		t.Errorf("%d sentences, want 120 or more", sentences)
	}
	if *update {
		if err := os.WriteFile(path, []byte(got.String()), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	g, w := strings.Split(got.String(), "\n"), strings.Split(string(want), "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			t.Errorf("line %d: got\n%s\nwant\n%s", i+1, g[i], w[i])
		}
	}
	if len(g) != len(w) {
		t.Errorf("%d lines, want the %d of %s (go test -update rewrites it)", len(g), len(w), path)
	}
}
