package command

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"charm.land/lipgloss/v2"

	"github.com/stride-ml/stride"
	"github.com/stride-ml/stride/checkpoint"
	"github.com/stride-ml/stride/element/text"
	"github.com/stride-ml/stride/hub"
	"github.com/stride-ml/stride/models"
)

// showCommand is stride show.
type showCommand struct {
	Model   string `arg:"" help:"Name of a bundled model, the path of a .gguf file or of a pipeline's .yaml, or a .png that stride generate has written."`
	Tensors bool   `help:"List the tensors: name, type, shape, place in the file."`
	Recipe  bool   `help:"Print the recipe that the model was trained by, and nothing else."`
}

// Help is shown below the flags' help.
func (showCommand) Help() string {
	return `Of a picture it prints what it was made with, and the command that makes it again.

Examples:

  stride show tang
  stride show dragon.png
  stride show runs/tang/model.gguf --tensors
  stride show tang --recipe > my-recipe.yaml`
}

// Run is called by kong.
func (s *showCommand) Run(c *console) error {
	if strings.EqualFold(filepath.Ext(s.Model), kindPNG) {
		return s.picture(c)
	}
	info, f, err := inspect(s.Model)
	if err != nil {
		return err
	}
	if f != nil {
		defer f.Close()
	} else if s.Tensors {
		return usageError{fmt.Errorf("--tensors is for models, %s is a pipeline of them", s.Model)}
	}
	if s.Recipe {
		if info.Recipe == "" {
			return fmt.Errorf("%s: the file holds no recipe", s.Model)
		}
		return writeAll(c.out, strings.TrimRight(info.Recipe, "\n")+"\n")
	}
	facts, err := facts(f, info)
	if err != nil {
		return err
	}
	width, _ := c.size()
	var b strings.Builder
	b.WriteString(strong.Render(cmp.Or(info.Name, s.Model)))
	if info.Title != "" {
		b.WriteString(" · " + info.Title)
	}
	b.WriteString("\n\n")
	for _, fact := range facts {
		b.WriteString(fact.lines(width))
	}
	if s.Tensors {
		b.WriteString("\n" + tensorTable(f))
	}
	return writeAll(c.styledOut, b.String())
}

// inspect opens the file of a model, one that only helps others too, and says what is
// known of it. A pipeline is no model file: there is none.
func inspect(name string) (stride.Info, *checkpoint.File, error) {
	if f, err := openFile(name); err == nil && assists(f) {
		info, err := assistantInfo(f)
		return info, f, err
	} else if err == nil {
		f.Close()
	}
	m, err := stride.Open(name)
	if err != nil {
		return stride.Info{}, nil, err
	}
	defer m.Close()
	if info := m.Info(); len(info.Stages) > 0 {
		return info, nil, nil
	}
	f, err := openFile(name)
	return m.Info(), f, err
}

// openFile opens the file of a model.
func openFile(name string) (*checkpoint.File, error) {
	if data, ok := models.Data(name); ok {
		return checkpoint.Parse(name, data)
	}
	path, err := hub.Locate(name)
	if err != nil {
		return nil, err
	}
	return checkpoint.Open(path)
}

// fact is a name and what there is to say about it, in one or more lines.
type fact struct {
	name string
	says []string
}

const factColumn = 14 // where what there is to say begins

func (f fact) lines(width int) string {
	var b strings.Builder
	name := f.name
	for _, say := range f.says {
		for line := range strings.SplitSeq(lipgloss.Wrap(say, max(width-factColumn-1, 20), ""), "\n") {
			fmt.Fprintf(&b, "%s%s\n", dim.Render(fmt.Sprintf("%-*s", factColumn, name)), strings.TrimRight(line, " "))
			name = ""
		}
	}
	return b.String()
}

// facts collects what is known of a model, leaving out what is not.
func facts(f *checkpoint.File, info stride.Info) ([]fact, error) {
	var network networkFact
	var words wordFact
	var err error
	if f != nil {
		if network, err = networkFacts(f, info); err != nil {
			return nil, err
		}
		if words, err = wordFacts(f); err != nil {
			return nil, err
		}
	}
	var out []fact
	add := func(name string, says ...string) {
		says = slices.DeleteFunc(says, func(s string) bool { return s == "" })
		if len(says) > 0 {
			out = append(out, fact{name, says})
		}
	}
	if f != nil {
		add("architecture", info.Architecture+": "+network.sizes)
		add("parameters", fmt.Sprintf("%s, %s as %s", count(info.Parameters), size(info.Bytes), strings.Join(types(f), " and ")))
	} else {
		add("stages", stageFacts(info)...)
		add("parameters", fmt.Sprintf("%s, %s in all", count(info.Parameters), size(info.Bytes)))
	}
	add("pictures", network.pictures)
	if info.Sound != nil {
		add("sound", soundFact(info.Sound))
		add("language", info.Sound.Language)
		add("voice", info.Sound.Voice)
	}
	add("context", network.context)
	strategies := slices.Clone(info.Strategies)
	if len(strategies) > 0 {
		strategies[0] += " (default)"
	}
	add("strategies", strings.Join(strategies, ", "))
	if info.Draft != "" {
		add("draft head", info.Draft+", bundled: speculate guesses with it")
	}
	add("guidance", network.guidance)
	add("shortcut", network.shortcut)
	add("companions", strings.Join(info.Companions, ", "))
	add("conditions", words.conditions...)
	var can []string
	if info.Acrostic {
		can = append(can, "acrostic (藏頭詩)")
	}
	if info.Fill && info.Acrostic {
		can = append(can, "fill-in, by nar and refine")
	}
	add("constraints", strings.Join(can, ", "))
	add("tokenizer", words.tokenizer)
	add("licence", info.Licence)
	add("credits", info.Credits)
	if f != nil {
		if source, err := f.StringOr("stride.data.source", ""); err == nil {
			add("data", source)
		}
	}
	var results []string
	for _, name := range slices.Sorted(maps.Keys(info.Results)) {
		results = append(results, name+" "+figure(info.Results[name]))
	}
	add("results", results...)
	return out, nil
}

// wordFact is what there is to say about what a model understands.
type wordFact struct {
	conditions []string
	tokenizer  string
}

// wordFacts reads tokenizer and conditions; a model that only helps others has none, and
// neither has one of sound.
func wordFacts(f *checkpoint.File) (w wordFact, err error) {
	if assists(f) || sounds(f) {
		return w, nil
	}
	tok, err := text.FromMetadata(f.Value)
	if err != nil {
		return w, err
	}
	format, err := text.FormatFromMetadata(f.Value)
	if err != nil {
		return w, err
	}
	for _, c := range format.Conditions {
		values := slices.Clone(c.Values)
		for i, lines := range c.Lines {
			if len(lines) > 0 {
				values[i] += fmt.Sprintf(" (%s)", shape(lines))
			}
		}
		w.conditions = append(w.conditions, c.Name+": "+strings.Join(values, ", "))
	}
	w.tokenizer = tokenizerSummary(tok)
	return w, nil
}

// shape says what lines a form has: "4 lines of 5".
func shape(lines []int) string {
	for _, n := range lines {
		if n != lines[0] {
			return "lines of " + strings.Trim(fmt.Sprint(lines), "[]")
		}
	}
	return fmt.Sprintf("%d lines of %d", len(lines), lines[0])
}

// types lists how the weights are stored.
func types(f *checkpoint.File) []string {
	var out []string
	for _, t := range f.Tensors() {
		if name := t.Type.String(); !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// tokenizerSummary counts the elements by kind.
func tokenizerSummary(t *text.Tokenizer) string {
	var characters, pieces, bytes, controls int
	for id := range t.Size() {
		switch t.Kind(id) {
		case text.Byte:
			bytes++
		case text.Normal, text.UserDefined:
			if len([]rune(t.Piece(id))) > 1 {
				pieces++
			} else {
				characters++
			}
		default:
			controls++
		}
	}
	return fmt.Sprintf("%d elements: %d characters, %d longer pieces, %d bytes, %d controls", t.Size(), characters, pieces, bytes, controls)
}

// tensorTable lists the tensors of a file.
func tensorTable(f *checkpoint.File) string {
	rows := [][]string{{"tensor", "type", "shape", "bytes", "offset"}}
	for _, t := range f.Tensors() {
		dims := make([]string, len(t.Shape))
		for i, d := range t.Shape {
			dims[i] = strconv.Itoa(d)
		}
		rows = append(rows, []string{t.Name, t.Type.String(), strings.Join(dims, "x"), strconv.FormatInt(t.Bytes, 10), strconv.FormatInt(t.Offset, 10)})
	}
	return table(rows, 3, 4)
}

// figure writes counts whole and other results to four digits.
func figure(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1e15 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}

// count writes a number of parameters as people say it.
func count(n int64) string {
	switch {
	case n >= 1e9:
		return fmt.Sprintf("%.2f G", float64(n)/1e9)
	case n >= 1e6:
		return fmt.Sprintf("%.2f M", float64(n)/1e6)
	}
	return fmt.Sprintf("%.1f k", float64(n)/1e3)
}

// size writes a number of bytes in decimal units.
func size(bytes int64) string {
	if bytes >= 1e6 {
		return fmt.Sprintf("%.2f MB", float64(bytes)/1e6)
	}
	return fmt.Sprintf("%.1f kB", float64(bytes)/1e3)
}
