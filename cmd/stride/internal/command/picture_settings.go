package command

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/stride-ml/stride/element/image"
)

// Keys of the texts in a PNG file. Software and Description are of the PNG
// specification.
const (
	textSoftware    = "Software"
	textDescription = "Description"
	textSettings    = "Stride.Settings"
)

// settings is all that a picture was made with. Files are named without their
// folders, which are nobody's business who gets the picture. The names of the
// JSON fields do not change.
type settings struct {
	Model       string            `json:"model"`
	Strategy    string            `json:"strategy"`
	Passes      int               `json:"passes,omitempty"`
	Guidance    *float32          `json:"guidance,omitempty"`
	Solver      string            `json:"solver,omitempty"`
	Shortcut    *bool             `json:"shortcut,omitempty"`
	Temperature *float32          `json:"temperature,omitempty"`
	TopK        *int              `json:"top_k,omitempty"`
	TopP        *float32          `json:"top_p,omitempty"`
	MinP        *float32          `json:"min_p,omitempty"`
	Seed        uint64            `json:"seed"`
	Conditions  map[string]string `json:"conditions,omitempty"`
	Negative    string            `json:"negative,omitempty"`
	Tile        bool              `json:"tile,omitempty"`
	Init        string            `json:"init,omitempty"`
	Strength    *float32          `json:"strength,omitempty"`
	Mask        string            `json:"mask,omitempty"`
	Complete    string            `json:"complete,omitempty"`
	Keep        *float32          `json:"keep,omitempty"`
	Toward      string            `json:"toward,omitempty"`
	TowardSeed  *uint64           `json:"toward_seed,omitempty"`
	Frames      int               `json:"frames,omitempty"`
	Prompts     string            `json:"prompts,omitempty"`
	Count       int               `json:"count,omitempty"`
	Size        string            `json:"size"`            // of one picture
	Sheet       int               `json:"sheet,omitempty"` // columns
	Gap         *int              `json:"gap,omitempty"`
	Steps       bool              `json:"steps,omitempty"` // how the picture came about
	Delay       string            `json:"delay,omitempty"`
}

// texts are the settings as texts of a PNG file.
func (s settings) texts(caption string) ([]image.Text, error) {
	data, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	texts := []image.Text{{Key: textSoftware, Value: "Stride"}}
	if caption = strings.ReplaceAll(strings.ToValidUTF8(caption, "\uFFFD"), "\x00", ""); caption != "" {
		texts = append(texts, image.Text{Key: textDescription, Value: caption})
	}
	return append(texts, image.Text{Key: textSettings, Value: string(data)}), nil
}

// settingsOf finds settings and caption among the texts of a PNG file.
func settingsOf(texts []image.Text) (s settings, caption string, err error) {
	found := false
	for _, t := range texts {
		switch t.Key {
		case textDescription:
			caption = t.Value
		case textSettings:
			found = true
			if err := json.Unmarshal([]byte(t.Value), &s); err != nil {
				return s, "", fmt.Errorf("its text %s: %w", textSettings, err)
			}
		}
	}
	if !found {
		return s, "", fmt.Errorf("it does not say how it was made (no text %s): it is not from stride generate, or a program that saved it again left that out", textSettings)
	}
	return s, caption, nil
}

// setting is a flag and its value, "" for a flag without one. A flag that ends in
// = takes its value only so.
type setting struct{ flag, value string }

// flags lists the settings as flags of generate, without where to write.
func (s settings) flags() []setting {
	var out []setting
	add := func(flag, value string) {
		if value != "" {
			out = append(out, setting{flag, value})
		}
	}
	number := func(flag string, v *float32) {
		if v != nil {
			add(flag, strconv.FormatFloat(float64(*v), 'g', -1, 32))
		}
	}
	whole := func(flag string, v int) {
		if v != 0 {
			add(flag, strconv.Itoa(v))
		}
	}
	add("strategy", s.Strategy)
	if s.Strategy == "refine" {
		whole("passes", s.Passes)
	}
	number("guidance", s.Guidance)
	add("solver", s.Solver)
	if s.Shortcut != nil {
		out = append(out, setting{map[bool]string{true: "shortcut", false: "no-shortcut"}[*s.Shortcut], ""})
	}
	number("temperature", s.Temperature)
	if s.TopK != nil {
		add("top-k", strconv.Itoa(*s.TopK))
	}
	number("top-p", s.TopP)
	number("min-p", s.MinP)
	for _, name := range slices.Sorted(maps.Keys(s.Conditions)) {
		if name == "category" {
			add(name, s.Conditions[name])
		} else {
			add("condition", name+"="+s.Conditions[name])
		}
	}
	add("negative", s.Negative)
	if s.Tile {
		out = append(out, setting{"tile", ""})
	}
	add("init", s.Init)
	number("strength", s.Strength)
	add("mask", s.Mask)
	add("complete", s.Complete)
	number("keep", s.Keep)
	add("toward", s.Toward)
	if s.TowardSeed != nil {
		add("toward-seed", strconv.FormatUint(*s.TowardSeed, 10))
	}
	whole("frames", s.Frames)
	add("prompts", s.Prompts)
	whole("count", s.Count)
	add("seed", strconv.FormatUint(s.Seed, 10))
	add("size", s.Size)
	if s.Sheet > 0 {
		add("sheet=", strconv.Itoa(s.Sheet))
	}
	if s.Gap != nil {
		add("gap", strconv.Itoa(*s.Gap))
	}
	add("delay", s.Delay)
	return out
}

// command is the command line that makes the picture again, into a file, for a
// shell. A file may come from anybody: nothing in it is left for the shell, the
// terminal or another flag to take up.
func (s settings) command(caption, file string) string {
	model := s.Model
	if strings.HasPrefix(model, "-") {
		model = "./" + model
	}
	words := []string{"stride", "generate", quoted(model)}
	if caption != "" && s.Prompts == "" && !strings.HasPrefix(caption, "-") {
		words = append(words, quoted(caption))
	}
	for _, f := range s.flags() {
		switch name, joined := strings.CutSuffix(f.flag, "="); {
		case f.value == "":
			words = append(words, "--"+name)
		case joined || strings.HasPrefix(f.value, "-"):
			words = append(words, "--"+name+"="+quoted(f.value))
		default:
			words = append(words, "--"+name, quoted(f.value))
		}
	}
	out := "--out"
	if s.Steps {
		out = "--steps-out"
	}
	words = append(words, out, quoted(file))
	if strings.HasPrefix(caption, "-") && s.Prompts == "" {
		words = append(words, "--", quoted(caption))
	}
	return strings.Join(words, " ")
}

// quoted writes a word for a shell, control characters as U+FFFD.
func quoted(word string) string {
	word = oneLine(word)
	plain := func(r rune) bool {
		return r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || strings.ContainsRune("._-+=,:/%@", r)
	}
	if word != "" && strings.IndexFunc(word, func(r rune) bool { return !plain(r) }) < 0 {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// oneLine is text as it can be shown in a line of a terminal.
func oneLine(text string) string {
	return textOf(appendGlyphs(nil, strings.ReplaceAll(text, "\n", " "), settled))
}
