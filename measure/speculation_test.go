package measure

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stride-ml/stride"
)

// Public models are compared by speculate, after prompts of four kinds.
func TestLayoutOfPublicModels(t *testing.T) {
	kinds := map[string]int{}
	for _, task := range allTasks() {
		kinds[task.kind]++
		if len(task.text) < 20 {
			t.Errorf("%s: the prompt is %q", task.kind, task.text)
		}
	}
	if len(kinds) != 4 || kinds["open chat"] < 2 || kinds["code"] < 2 {
		t.Errorf("kinds %v, want four of two prompts or more each", kinds)
	}
	info := stride.Info{Strategies: []string{"ar", "speculate"}}
	r := runner{o: CompareOptions{Draft: "small.gguf"}}
	var names []string
	for _, row := range r.layout(info) {
		names = append(names, row.Name)
	}
	want := "ar, speculate ngram 4, speculate ngram 8, speculate ngram 32, speculate jacobi 8, speculate model 8"
	if got := strings.Join(names, ", "); got != want {
		t.Errorf("rows %s, want %s", got, want)
	}
	info.Recipe = "name: ours"
	if rows := r.layout(info); len(rows) != 3 {
		t.Errorf("a model that was trained here has %d rows, want ar, guesses of one kind and those of the small model", len(rows))
	}
}

func TestSpeculated(t *testing.T) {
	tasks := allTasks()
	made := func(text string, drafted, accepted int, took time.Duration, task int) object {
		const first = 7 * time.Second // the pass over the prompt, which does not count
		return object{text: text, prompt: stride.Prompt{Text: tasks[task].text},
			stats: stride.Stats{Elements: 101, Drafted: drafted, Accepted: accepted, FirstStep: first, Total: first + took}}
	}
	ar, guess := emptyRow("ar"), emptyRow("speculate ngram 8")
	ar.Strategy, guess.Strategy = "ar", "speculate"
	r := runner{c: &Comparison{Kind: KindText, Rows: []Row{ar, guess}}, objects: [][]object{
		{made("a", 0, 0, time.Second, 0), made("b", 0, 0, time.Second, len(tasks)-1)},
		{made("a", 30, 20, time.Second/2, 0), made("c", 10, 0, 2*time.Second, len(tasks)-1)},
	}}
	r.speculated()
	if got := r.c.Rows[1]; got.Accepted != 0.5 || got.Same != 0.5 {
		t.Errorf("%g accepted, %g as ar, want half of each", got.Accepted, got.Same)
	}
	if got := r.c.Rows[0]; !math.IsNaN(got.Accepted) || !math.IsNaN(got.Same) {
		t.Errorf("ar has guesses: %+v", got)
	}
	table := r.c.Table()
	for _, want := range []string{"elements/s", "editing", "open chat", "accepted", "50.0 %", "100", "200", " 50"} {
		if !strings.Contains(table, want) {
			t.Errorf("the table lacks %q:\n%s", want, table)
		}
	}
}
