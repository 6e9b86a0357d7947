// Package yamlfile reads the files in which people declare things, recipes and
// pipelines: a key that is not known is an error, and errors say where.
package yamlfile

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Error says where in a file something is wrong.
type Error struct {
	File         string
	Line, Column int // 0 when the problem is not at one place
	Problem      string
	Err          error // what Problem says, where it comes from elsewhere
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// Error gives file, line, column and problem, in the form compilers use.
func (e *Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.File, e.Problem)
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Problem)
}

// Name is the form of the names that recipes and pipelines give to what they make.
var Name = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)

// Load reads data into a pointer to a struct; name is used in errors. Keys that
// are not known and values of the wrong type are [*Error]s.
func Load(name string, data []byte, into any) error {
	err := yaml.Load(data, into, yaml.WithKnownFields())
	if err == nil {
		return nil
	}
	var all *yaml.LoadErrors
	if errors.As(err, &all) && len(all.Errors) > 0 {
		e := all.Errors[0]
		problem := e.Message
		if m := unknownField.FindStringSubmatch(problem); m != nil {
			problem = fmt.Sprintf("unknown key %q; known here: %s", m[1], strings.Join(keysOf(reflect.TypeOf(into), m[2]), ", "))
		}
		return &Error{File: name, Line: e.Mark.Line, Column: e.Mark.Column, Problem: problem}
	}
	var one *yaml.LoadError
	if errors.As(err, &one) {
		return &Error{File: name, Line: one.Mark.Line, Column: one.Mark.Column, Problem: one.Message}
	}
	return &Error{File: name, Problem: err.Error()}
}

// unknownField is how the YAML library words it.
var unknownField = regexp.MustCompile(`field (\S+) not found in type (?:\w+\.)?(\w+)`)

// keysOf lists the keys of the section, below t, whose Go type has that name.
func keysOf(t reflect.Type, name string) []string {
	for t.Kind() == reflect.Slice || t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	var keys []string
	for i := range t.NumField() {
		f := t.Field(i)
		if t.Name() != name {
			if found := keysOf(f.Type, name); found != nil {
				return found
			}
		} else if key, _, _ := strings.Cut(f.Tag.Get("yaml"), ","); key != "" {
			keys = append(keys, key)
		}
	}
	return keys
}

// Item is the line and column of an entry of the list at a key of the top level,
// 0 if there is none.
func Item(data []byte, key string, i int) (line, column int) {
	var doc yaml.Node
	if err := yaml.Load(data, &doc); err != nil || len(doc.Content) == 0 {
		return 0, 0
	}
	pairs := doc.Content[0].Content
	for k := 0; k+1 < len(pairs); k += 2 {
		if list := pairs[k+1]; pairs[k].Value == key && list.Kind == yaml.SequenceNode && i < len(list.Content) {
			return list.Content[i].Line, list.Content[i].Column
		}
	}
	return 0, 0
}
