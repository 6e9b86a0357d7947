package text

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Any is the value of a condition that is left to the model.
const Any = "any"

// Condition is a named input that takes one of a few values, each a control
// token of its own: <value>, or <any>.
type Condition struct {
	Name   string
	Values []string
	// Lines gives for each value the lengths of the lines that a text of that
	// value has, in elements; nil where the value does not fix them.
	Lines [][]int
}

// Find returns the index of a value given in full or by a unique abbreviation:
// some of its characters in order, such as 五絕 for 五言絕句.
func (c Condition) Find(value string) (int, error) {
	if i := slices.Index(c.Values, value); i >= 0 {
		return i, nil
	}
	found := -1
	for i, v := range c.Values {
		if value != "" && subsequence(value, v) {
			if found >= 0 {
				return 0, fmt.Errorf("%s %q could be %s or %s", c.Name, value, c.Values[found], v)
			}
			found = i
		}
	}
	if found < 0 {
		return 0, fmt.Errorf("%s is %q, want one of %s", c.Name, value, strings.Join(c.Values, ", "))
	}
	return found, nil
}

func subsequence(short, long string) bool {
	for _, r := range short {
		i := strings.IndexRune(long, r)
		if i < 0 {
			return false
		}
		long = long[i+len(string(r)):]
	}
	return true
}

// Format is how a model's prompt is laid out in tokens: BOS, the conditions in
// order, and either the text followed by <sep> (Separate: the response answers
// the text, as a poem its title) or just the text (the response continues it).
type Format struct {
	Conditions []Condition
	Separate   bool
	// Plain is the format of files that do not say one, those of others: their
	// tokenizer says whether BOS comes first.
	Plain bool
}

// Token is the name of the control token of a condition's value.
func Token(value string) string { return "<" + value + ">" }

// Controls lists the control tokens that the format needs.
func (f Format) Controls() []string {
	var out []string
	if f.Separate {
		out = append(out, Token("sep"))
	}
	if len(f.Conditions) > 0 {
		out = append(out, Token(Any))
	}
	for _, c := range f.Conditions {
		for _, v := range c.Values {
			out = append(out, Token(v))
		}
	}
	return out
}

// Encode lays out a prompt. Conditions not given are <any>. A condition or
// value that the format does not know is an error that lists those it does. A
// plain prompt begins with BOS where the tokenizer adds it, or has nothing else.
func (f Format) Encode(t *Tokenizer, prompt string, conditions map[string]string) ([]int, error) {
	var ids []int
	if !f.Plain || t.AddBOS() {
		ids = append(ids, t.BOS())
	}
	for name := range conditions {
		if !slices.ContainsFunc(f.Conditions, func(c Condition) bool { return c.Name == name }) {
			known := make([]string, len(f.Conditions))
			for i, c := range f.Conditions {
				known[i] = c.Name
			}
			return nil, fmt.Errorf("no condition %q; known: %s", name, strings.Join(known, ", "))
		}
	}
	for _, c := range f.Conditions {
		token := Token(Any)
		if v, ok := conditions[c.Name]; ok && v != Any {
			i, err := c.Find(v)
			if err != nil {
				return nil, err
			}
			token = Token(c.Values[i])
		}
		id, ok := t.ID(token)
		if !ok {
			return nil, fmt.Errorf("the tokenizer lacks the control token %s", token)
		}
		ids = append(ids, id)
	}
	ids = t.AppendEncode(ids, prompt)
	if f.Separate {
		sep, ok := t.Sep()
		if !ok {
			return nil, fmt.Errorf("the tokenizer lacks the control token %s", Token("sep"))
		}
		ids = append(ids, sep)
	}
	if len(ids) == 0 {
		ids = append(ids, t.BOS())
	}
	return ids, nil
}

// Keys of the format in a model file.
const (
	keySeparate   = "stride.prompt.separate"
	keyConditions = "stride.prompt.conditions"
	keyValues     = "stride.condition.%s.values"
	keyLines      = "stride.condition.%s.lines"
)

// Metadata gives the format as keys and values of a model file.
func (f Format) Metadata() map[string]any {
	m := map[string]any{keySeparate: f.Separate}
	var names []string
	for _, c := range f.Conditions {
		names = append(names, c.Name)
		lines := make([]string, len(c.Values))
		for i, ls := range c.Lines {
			var parts []string
			for _, l := range ls {
				parts = append(parts, strconv.Itoa(l))
			}
			lines[i] = strings.Join(parts, " ")
		}
		m[fmt.Sprintf(keyValues, c.Name)] = c.Values
		m[fmt.Sprintf(keyLines, c.Name)] = lines
	}
	if len(names) > 0 {
		m[keyConditions] = names
	}
	return m
}

// maxLine bounds a line length read from a file.
const maxLine = 1 << 16

// FormatFromMetadata reads what [Format.Metadata] wrote. A file without those
// keys has no conditions and continues its prompt.
func FormatFromMetadata(get func(key string) (any, bool)) (Format, error) {
	var f Format
	v, ok := get(keySeparate)
	if !ok {
		f.Plain = true
	} else if f.Separate, ok = v.(bool); !ok {
		return f, fmt.Errorf("%s is a %T, want bool", keySeparate, v)
	}
	names, err := stringList(get, keyConditions)
	if err != nil {
		return f, err
	}
	for _, name := range names {
		c := Condition{Name: name}
		key := fmt.Sprintf(keyLines, name)
		if c.Values, err = stringList(get, fmt.Sprintf(keyValues, name)); err != nil {
			return f, err
		}
		lines, err := stringList(get, key)
		if err != nil {
			return f, err
		}
		if len(c.Values) == 0 || len(lines) != len(c.Values) {
			return f, fmt.Errorf("%s has %d entries, want one for each of the %d values", key, len(lines), len(c.Values))
		}
		for i, s := range lines {
			var ls []int
			for _, w := range strings.Fields(s) {
				n, err := strconv.Atoi(w)
				if err != nil || n < 1 || n > maxLine {
					return f, fmt.Errorf("%s[%d] is %q, want line lengths of 1 to %d", key, i, s, maxLine)
				}
				ls = append(ls, n)
			}
			c.Lines = append(c.Lines, ls)
		}
		f.Conditions = append(f.Conditions, c)
	}
	return f, nil
}

func stringList(get func(key string) (any, bool), key string) ([]string, error) {
	v, ok := get(key)
	if !ok {
		return nil, nil
	}
	s, ok := v.([]string)
	if !ok {
		return nil, fmt.Errorf("%s is a %T, want a list of strings", key, v)
	}
	return s, nil
}
