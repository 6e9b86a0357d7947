package grammar

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// SchemaError says where a JSON schema is wrong or asks for what is not
// supported.
type SchemaError struct {
	Pointer string // JSON pointer (RFC 6901) as in "#/properties/name"
	Problem string
}

// Error names the place and the problem.
func (e *SchemaError) Error() string { return "schema: " + e.Pointer + ": " + e.Problem }

// FromSchema reads a JSON schema (draft 2020-12). A response is then a JSON value
// that the schema allows; not every such value can be one:
//
//   - Properties come in the order of the schema. Others come only where
//     additionalProperties says so, or no properties are listed. Items beyond
//     prefixItems come only where items says so or minItems asks for them.
//   - Where a type is not named it is that of the keywords used, and any if there
//     are none.
//   - Between elements there are no blanks, one, or a line break and an indent.
//   - Numbers have at most 16 digits before the point and 16 after it.
//
// Supported are type, enum, const, properties, required, additionalProperties,
// items, prefixItems, minItems, maxItems, minLength, maxLength, pattern, format
// (date, time, date-time, uuid, ipv4), minimum, maximum, exclusiveMinimum and
// exclusiveMaximum of integers, anyOf, oneOf where no value can match twice,
// $ref within the schema, and what only describes. Anything else is refused with
// a [*SchemaError]; a schema that is too large is with a [*LimitError].
func FromSchema(data []byte) (*Grammar, error) {
	root, err := readJSON(data)
	if err != nil {
		return nil, &SchemaError{"#", err.Error()}
	}
	s := &schema{root: root, numbers: map[string]int{}}
	s.shared()
	start := s.rule("#", root)
	for s.err == nil && len(s.todo) > 0 {
		next := s.todo[0]
		s.todo = s.todo[1:]
		s.rules[next.number].body = s.any(next.pointer, next.value)
	}
	if s.err != nil {
		return nil, s.err
	}
	return compile(s.rules, start)
}

// schema makes rules of a JSON schema. Its methods return an expression for each
// part, and never once there was an error.
type schema struct {
	root    value
	rules   []rule
	numbers map[string]int // of rules by pointer
	todo    []pending
	err     error

	space, value, char, number, integer *expr // shared rules
}

type pending struct {
	number  int
	pointer string
	value   value
}

func (s *schema) fail(pointer, format string, args ...any) *expr {
	if s.err == nil {
		s.err = &SchemaError{pointer, fmt.Sprintf(format, args...)}
	}
	return never()
}

// define adds a rule that is not written in the schema.
func (s *schema) define(body *expr) *expr {
	s.rules = append(s.rules, rule{body: body})
	return ref(len(s.rules) - 1)
}

// rule is the number of the rule for a schema, made when its turn comes.
func (s *schema) rule(pointer string, v value) int {
	n, ok := s.numbers[pointer]
	if !ok {
		n = len(s.rules)
		if n >= maxRules && s.err == nil {
			s.err = &LimitError{"rules", maxRules}
		}
		s.numbers[pointer] = n
		s.rules = append(s.rules, rule{name: pointer, where: func(problem string) error { return &SchemaError{pointer, problem} }})
		s.todo = append(s.todo, pending{n, pointer, v})
	}
	return n
}

// under is the expression of a schema within another.
func (s *schema) under(pointer, name string, v value) *expr {
	return ref(s.rule(child(pointer, name), v))
}

func child(pointer, name string) string {
	return pointer + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

// describing are keywords that say nothing about what is valid.
var describing = []string{"title", "description", "default", "examples", "$schema", "$id", "$comment", "$defs", "definitions",
	"deprecated", "readOnly", "writeOnly", "contentEncoding", "contentMediaType"}

// applies lists the keywords of each type.
var applies = map[string][]string{
	"object":  {"properties", "required", "additionalProperties"},
	"array":   {"items", "prefixItems", "minItems", "maxItems"},
	"string":  {"minLength", "maxLength", "pattern", "format"},
	"integer": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"},
}

var allTypes = []string{"object", "array", "string", "number", "integer", "boolean", "null"}

// any is the expression of a schema.
func (s *schema) any(pointer string, v value) *expr {
	switch v := v.(type) {
	case bool:
		if v {
			return s.value
		}
		return never()
	case *object:
		return s.keywords(pointer, v)
	}
	return s.fail(pointer, "found %s, want a schema: an object, true or false", typeOf(v))
}

// alone are keywords beside which only those listed may stand.
var alone = []struct {
	name   string
	beside []string
}{{"$ref", nil}, {"const", []string{"type"}}, {"enum", []string{"type"}}, {"anyOf", nil}, {"oneOf", nil}}

func (s *schema) keywords(pointer string, o *object) *expr {
	used := slices.DeleteFunc(slices.Clone(o.names), func(name string) bool { return slices.Contains(describing, name) })
	for _, name := range used {
		if !supported(name) {
			return s.fail(child(pointer, name), "keyword %s is not supported", name)
		}
	}
	for _, a := range alone {
		v, ok := o.get(a.name)
		if !ok {
			continue
		}
		for _, name := range used {
			if name != a.name && !slices.Contains(a.beside, name) {
				return s.fail(child(pointer, name), "keyword %s beside %s is not supported", name, a.name)
			}
		}
		at := child(pointer, a.name)
		switch a.name {
		case "$ref":
			return s.refer(at, v)
		case "const":
			return s.constants(pointer, o, at, []value{v})
		case "enum":
			list, ok := v.([]value)
			if !ok || len(list) == 0 {
				return s.fail(at, "found %s, want a list of values", typeOf(v))
			}
			return s.constants(pointer, o, at, list)
		default:
			return s.alternatives(at, a.name, v)
		}
	}
	if len(used) == 0 {
		return s.value
	}
	var parts []*expr
	for _, t := range s.types(pointer, o, used) {
		parts = append(parts, s.typed(pointer, t, o))
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return oneOf(parts...)
}

func supported(name string) bool {
	if name == "type" || slices.ContainsFunc(alone, func(a struct {
		name   string
		beside []string
	}) bool {
		return a.name == name
	}) {
		return true
	}
	for _, names := range applies {
		if slices.Contains(names, name) {
			return true
		}
	}
	return false
}

// types are those that a value may have.
func (s *schema) types(pointer string, o *object, used []string) []string {
	v, ok := o.get("type")
	if !ok {
		var out []string
		for _, t := range allTypes {
			if slices.ContainsFunc(used, func(name string) bool { return slices.Contains(applies[t], name) }) {
				out = append(out, t)
			}
		}
		return out
	}
	list, many := v.([]value)
	if !many {
		list = []value{v}
	}
	var out []string
	for _, v := range list {
		t, ok := v.(string)
		if !ok || !slices.Contains(allTypes, t) {
			s.fail(child(pointer, "type"), "found %s, want one of %s", spell(v), strings.Join(allTypes, ", "))
		}
		out = append(out, t)
	}
	if len(out) == 0 {
		s.fail(child(pointer, "type"), "want a type")
	}
	if i := slices.Index(out, "integer"); i >= 0 && slices.Contains(out, "number") {
		out = slices.Delete(out, i, i+1) // an integer is a number
	}
	return out
}

func (s *schema) typed(pointer, t string, o *object) *expr {
	switch t {
	case "object":
		return s.object(pointer, o)
	case "array":
		return s.array(pointer, o)
	case "string":
		return s.str(pointer, o)
	case "integer":
		return s.bounded(pointer, o)
	case "number":
		for _, name := range applies["integer"] {
			if _, ok := o.get(name); ok {
				return s.fail(child(pointer, name), "keyword %s is supported for type integer only", name)
			}
		}
		return s.number
	case "boolean":
		return oneOf(text("true"), text("false"))
	}
	return text("null")
}

// constants are values that are listed, those left out that are of other types.
func (s *schema) constants(pointer string, o *object, at string, list []value) *expr {
	types := allTypes
	if _, ok := o.get("type"); ok {
		types = s.types(pointer, o, nil)
	}
	var parts []*expr
	for _, v := range list {
		t := typeOf(v)
		if slices.Contains(types, t) || t == "integer" && slices.Contains(types, "number") {
			parts = append(parts, text(spell(v)))
		}
	}
	if len(parts) == 0 {
		return s.fail(at, "no value is of the type asked for")
	}
	return oneOf(parts...)
}

// alternatives are anyOf and oneOf.
func (s *schema) alternatives(pointer, name string, v value) *expr {
	list, ok := v.([]value)
	if !ok || len(list) == 0 {
		return s.fail(pointer, "found %s, want a list of schemas", typeOf(v))
	}
	var parts []*expr
	for i, v := range list {
		for j := range i {
			if name == "oneOf" && !s.apart(list[j], v, 0) {
				return s.fail(child(pointer, strconv.Itoa(i)), "a value may match this and alternative %d: oneOf is supported only where types, constants or required properties tell them apart; want anyOf", j)
			}
		}
		parts = append(parts, s.under(pointer, strconv.Itoa(i), v))
	}
	return oneOf(parts...)
}

// refer is a $ref to a place in the same schema.
func (s *schema) refer(pointer string, v value) *expr {
	target, ok := v.(string)
	if !ok {
		return s.fail(pointer, "found %s, want a text", typeOf(v))
	}
	found, canonical, err := s.resolve(target)
	if err != nil {
		return s.fail(pointer, "%v", err)
	}
	return ref(s.rule(canonical, found))
}

// resolve finds what a $ref names, and its pointer as it is written here.
func (s *schema) resolve(target string) (v value, canonical string, err error) {
	if target != "#" && !strings.HasPrefix(target, "#/") {
		return nil, "", fmt.Errorf("reference %q: only places in the same schema are supported, as in #/$defs/name", target)
	}
	v, canonical = s.root, "#"
	for i, part := range strings.Split(target, "/") {
		if i == 0 {
			continue
		}
		part, err = url.PathUnescape(part)
		if err != nil {
			return nil, "", fmt.Errorf("reference %q: %w", target, err)
		}
		part = strings.NewReplacer("~1", "/", "~0", "~").Replace(part)
		next, ok := value(nil), false
		switch at := v.(type) {
		case *object:
			next, ok = at.get(part)
		case []value:
			if n, err := strconv.Atoi(part); err == nil && n >= 0 && n < len(at) {
				next, ok = at[n], true
			}
		}
		if !ok {
			return nil, "", fmt.Errorf("reference %q: %s has no %q", target, canonical, part)
		}
		v, canonical = next, child(canonical, part)
	}
	return v, canonical, nil
}

// natural reads a keyword that is a number of 0 or more; missing if there is
// none.
func (s *schema) natural(pointer string, o *object, name string, missing int) int {
	v, ok := o.get(name)
	if !ok {
		return missing
	}
	n, ok := v.(json.Number)
	if ok {
		if i, err := strconv.Atoi(n.String()); err == nil && i >= 0 && i <= maxCount {
			return i
		}
	}
	s.fail(child(pointer, name), "found %s, want a number from 0 to %d", spell(v), maxCount)
	return missing
}
