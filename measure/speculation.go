package measure

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"github.com/stride-ml/stride"
)

// public says whether a model is a language model that was made elsewhere: its
// answers have no form, and nothing here to be compared with.
func public(info stride.Info) bool {
	return info.Picture == nil && info.Sound == nil && len(info.Stages) == 0 && len(info.Conditions) == 0 && info.Recipe == "" &&
		slices.Contains(info.Strategies, "speculate")
}

// publicLength is the most elements of an answer of such a model, where no other
// length is asked for.
const publicLength = 128

// talks says whether a public model has a template of conversations.
func talks(m *stride.Model) bool {
	if !public(m.Info()) {
		return false
	}
	_, err := m.Chat(stride.ChatConfig{})
	return err == nil
}

//go:embed tasks.txt
var taskFile string

// task is a prompt of some kind.
type task struct{ kind, text string }

// allTasks are the built-in prompts for public language models. In the file each
// begins with a line of "== " and its kind.
func allTasks() []task {
	var out []task
	for part := range strings.SplitSeq("\n"+taskFile, "\n== ") {
		if kind, text, ok := strings.Cut(part, "\n"); ok {
			out = append(out, task{kind, strings.TrimSpace(text)})
		}
	}
	return out
}

func tasks() []stride.Prompt {
	var out []stride.Prompt
	for _, t := range allTasks() {
		out = append(out, stride.Prompt{Text: t.text})
	}
	return out
}

// speculation is a setting of speculate to compare: guesses and the most of them a
// pass.
type speculation struct {
	name, draft string
	most        int
}

// speculations are the settings to compare. The small models that are trained here
// have one: their passes are short, and guesses pay little.
func (o CompareOptions) speculations(info stride.Info) []speculation {
	all := []speculation{
		{"ngram 4", stride.DraftNGram, 4}, {"ngram 8", stride.DraftNGram, 8}, {"ngram 32", stride.DraftNGram, 32},
		{"jacobi 8", stride.DraftJacobi, 8},
	}
	if !public(info) {
		all = all[1:2]
	}
	if info.Draft != "" {
		all = append(all, speculation{"head 32", "", 32})
	}
	if o.Draft != "" {
		all = append(all, speculation{"model 8", o.Draft, 8})
	}
	return all
}

// speculated fills in how often guesses were right and objects those of ar, and
// the speeds by kind of prompt where the prompts are the built-in ones.
func (r *runner) speculated() {
	base := -1
	for i, row := range r.c.Rows {
		if row.Strategy == "ar" {
			base = i
		}
	}
	for i := range r.c.Rows {
		row := &r.c.Rows[i]
		if row.Strategy != "speculate" {
			continue
		}
		var drafted, accepted, same, both int
		for n, x := range r.objects[i] {
			drafted, accepted = drafted+x.stats.Drafted, accepted+x.stats.Accepted
			if base >= 0 && n < len(r.objects[base]) {
				both++
				same += count(x.text == r.objects[base][n].text)
			}
		}
		row.Accepted, row.Same = share(accepted, drafted), share(same, both)
	}
	if base >= 0 {
		r.c.kinds = r.byKind()
	}
}

// byKind is a block of the table: elements a second, the first left out, by kind of
// prompt: the medians of the objects. What the pass over a prompt takes is no
// matter of the strategy.
func (r *runner) byKind() string {
	kinds := map[string]string{}
	var order []string
	for _, t := range allTasks() {
		kinds[t.text] = t.kind
		if len(order) == 0 || order[len(order)-1] != t.kind {
			order = append(order, t.kind)
		}
	}
	speeds := make([]map[string][]float64, len(r.objects))
	any := false
	for i, objects := range r.objects {
		speeds[i] = map[string][]float64{}
		for _, x := range objects {
			kind, s := kinds[x.prompt.Text], x.stats
			if kind != "" && s.Elements > 1 && s.Total > s.FirstStep {
				speeds[i][kind] = append(speeds[i][kind], float64(s.Elements-1)/(s.Total-s.FirstStep).Seconds())
				any = true
			}
		}
	}
	if !any {
		return ""
	}
	rows := [][]string{append([]string{"elements/s after the first"}, order...)}
	for i, row := range r.c.Rows {
		cells := []string{row.Name}
		for _, kind := range order {
			cells = append(cells, fmt.Sprintf("%.0f", Summarize(speeds[i][kind]).Median))
		}
		rows = append(rows, cells)
	}
	return "\n" + figures(rows) + "\n"
}
