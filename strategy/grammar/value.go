package grammar

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// value is a JSON value whose objects keep their order: nil, bool, json.Number,
// string, []value or *object.
type value any

type object struct {
	names  []string
	values map[string]value
}

func (o *object) get(name string) (value, bool) {
	v, ok := o.values[name]
	return v, ok
}

// readJSON reads one value and nothing after it.
func readJSON(data []byte) (value, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	v, err := readValue(d, 0)
	if err == nil {
		if _, more := d.Token(); more != io.EOF {
			return nil, fmt.Errorf("byte %d: want nothing after the value", d.InputOffset())
		}
		return v, nil
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return nil, fmt.Errorf("byte %d: %w", d.InputOffset(), err)
}

func readValue(d *json.Decoder, depth int) (value, error) {
	if depth > maxNesting {
		return nil, fmt.Errorf("nested more than %d deep", maxNesting)
	}
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t {
	case json.Delim('['):
		list := []value{}
		for d.More() {
			v, err := readValue(d, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err = d.Token()
		return list, err
	case json.Delim('{'):
		o := &object{values: map[string]value{}}
		for d.More() {
			name, err := d.Token()
			if err != nil {
				return nil, err
			}
			v, err := readValue(d, depth+1)
			if err != nil {
				return nil, err
			}
			if _, twice := o.values[name.(string)]; twice {
				return nil, fmt.Errorf("%q stands twice in one object", name)
			}
			o.names, o.values[name.(string)] = append(o.names, name.(string)), v
		}
		_, err = d.Token()
		return o, err
	}
	return t, nil
}

// spell writes a value as JSON without spaces.
func spell(v value) string {
	switch v := v.(type) {
	case []value:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = spell(e)
		}
		return "[" + strings.Join(parts, ",") + "]"
	case *object:
		parts := make([]string, len(v.names))
		for i, name := range v.names {
			parts[i] = quote(name) + ":" + spell(v.values[name])
		}
		return "{" + strings.Join(parts, ",") + "}"
	case string:
		return quote(v)
	case json.Number:
		return v.String()
	case bool:
		return fmt.Sprint(v)
	}
	return "null"
}

// quote writes a text as JSON, with no more escapes than it needs.
func quote(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(s) != nil { // texts are always written
		return ""
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// typeOf is the name that schemas have for the type of a value.
func typeOf(v value) string {
	switch v := v.(type) {
	case []value:
		return "array"
	case *object:
		return "object"
	case string:
		return "string"
	case json.Number:
		if strings.ContainsAny(v.String(), ".eE") {
			return "number"
		}
		return "integer"
	case bool:
		return "boolean"
	}
	return "null"
}
