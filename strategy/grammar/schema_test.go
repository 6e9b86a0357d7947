package grammar

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

var schemas = []string{
	`true`, `{}`,
	`{"type": "object"}`,
	`{"type": "array", "maxItems": 3}`,
	`{"type": ["string", "null", "boolean"], "maxLength": 4}`,
	`{"type": "string", "minLength": 2, "maxLength": 3}`,
	`{"type": "number"}`, `{"type": ["integer", "number"]}`,
	`{"type": "integer", "minimum": -17, "exclusiveMaximum": 103}`,
	`{"type": "integer", "exclusiveMinimum": 7.5, "maximum": 12345}`,
	`{"type": "integer", "maximum": -20}`, `{"minimum": 999, "type": "integer"}`,
	`{"enum": [1, "two", null, [3, {"four": 5.5}]]}`, `{"const": {"a": "\"\\é"}}`,
	`{"type": "string", "enum": ["a", 1, "b"]}`,
	`{"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 4}`,
	`{"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string", "maxLength": 3}], "items": {"type": "boolean"}, "minItems": 1, "maxItems": 4}`,
	`{"type": "array", "prefixItems": [{"const": 1}, {"const": 2}], "items": false, "minItems": 2}`,
	`{"type": "array", "prefixItems": [{"const": 1}], "minItems": 3}`,
	`{"type": "array", "prefixItems": [{"const": 1}, {"const": 2}], "maxItems": 1}`,
	`{"properties": {"name": {"type": "string", "maxLength": 5}, "age": {"type": "integer", "minimum": 0, "maximum": 130}, "tags": {"type": "array", "items": {"enum": ["x", "y"]}}}, "required": ["age"]}`,
	`{"type": "object", "properties": {"ab": {"type": "integer"}, "a": {"type": "null"}, "": {"type": "null"}, "b\"": {"const": 1}}, "required": ["z"], "additionalProperties": {"type": "boolean"}}`,
	`{"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["y", "x"]}`,
	`{"type": "object", "properties": {"x": {"const": 1}}, "additionalProperties": false}`,
	`{"type": "object", "additionalProperties": {"type": "integer"}}`,
	`{"anyOf": [{"type": "string", "maxLength": 2}, {"type": "integer"}]}`,
	`{"oneOf": [{"type": "string", "maxLength": 2}, {"type": "integer"}, {"enum": [null, true]}]}`,
	`{"oneOf": [{"type": "object", "properties": {"kind": {"const": "a"}, "n": {"type": "integer"}}, "required": ["kind"]},
		{"type": "object", "properties": {"kind": {"const": "b"}}, "required": ["kind"]}]}`,
	`{"oneOf": [{"type": "object", "required": ["p"]}, {"type": "object", "properties": {"q": true}, "additionalProperties": false}]}`,
	`{"$defs": {"tree": {"type": "object", "properties": {"v": {"type": "integer"}, "kids": {"type": "array", "items": {"$ref": "#/$defs/tree"}, "maxItems": 2}}, "required": ["v", "kids"]}}, "$ref": "#/$defs/tree"}`,
	`{"type": "object", "properties": {"next": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}, "a/b~c": {"$ref": "#/properties/d~1%25"}, "d/%": {"type": "boolean"}}, "required": ["next"]}`,
	`{"type": "string", "pattern": "^[A-Z][a-z]{2,4}( [0-9]+)?$"}`,
	`{"type": "string", "pattern": "[\"\\\\\\n]x"}`,
	`{"type": "string", "pattern": "^(a|b.c|\\d\\w)+$|^q"}`,
	`{"type": "string", "format": "date"}`, `{"type": "string", "format": "date-time"}`, `{"type": "string", "format": "time"}`,
	`{"type": "string", "format": "uuid"}`, `{"type": "string", "format": "ipv4"}`,
}

// someTokens is a vocabulary of bytes and of pieces that JSON is often cut into.
func someTokens() *Vocabulary {
	return byteTokens(`{"`, `":`, `": "`, `", "`, `"}`, `"]`, `},{`, `]}`, `[[`, `\"`, `\\u`, `\n`, "春", "\xe6\x98", "\xa5\"", "tr", "true", "null", "false", "12", "00", "-1", "e+", " ", "\n  ", "name", "kind", `"kind":"b"}`)
}

// generate draws tokens that the masks allow, each alike, up to most.
func generate(t testing.TB, a *Automaton, r *rand.Rand, most int) (string, bool) {
	t.Helper()
	m, err := a.Matcher()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for left := most; left > 0; left-- {
		mask, err := m.Mask(left)
		if err != nil {
			t.Fatal(err)
		}
		var can []int
		for token := range a.vocab.Size() {
			if mask[token/64]>>(token%64)&1 == 1 {
				can = append(can, token)
			}
		}
		if len(can) == 0 {
			t.Fatalf("after %q no token may come", b.String())
		}
		token := can[r.IntN(len(can))]
		if r.IntN(4) > 0 { // or else texts grow long, as most tokens go on
			token = max(token, can[r.IntN(len(can))])
		}
		if token == a.vocab.ends[0] {
			return b.String(), true
		}
		if err := m.Accept(token); err != nil {
			t.Fatal(err)
		}
		b.Write(a.vocab.pieces[token])
	}
	return b.String(), m.Ends()
}

func TestWhatASchemaGivesIsValid(t *testing.T) {
	for i, source := range schemas {
		g, err := FromSchema([]byte(source))
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		c := jsonschema.NewCompiler()
		c.AssertFormat()
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(source))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.AddResource("s.json", doc); err != nil {
			t.Fatal(err)
		}
		check, err := c.Compile("s.json")
		if err != nil {
			t.Fatal(err)
		}
		a := New(g, someTokens())
		distinct := map[string]bool{}
		for seed := range 60 {
			text, ended := generate(t, a, rand.New(rand.NewPCG(uint64(seed), uint64(i))), 120)
			if !ended {
				t.Errorf("%s: %q is not complete", source, text)
				continue
			}
			v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
			if err == nil {
				err = check.Validate(v)
			}
			if err != nil {
				t.Errorf("%s gives %q: %v", source, text, err)
			}
			distinct[text] = true
		}
		if len(distinct) < 2 && !strings.Contains(source, "const") {
			t.Errorf("%s gives always the same", source)
		}
	}
}

// What is allowed and what is not, beyond what is drawn by chance.
func TestSchemaMatches(t *testing.T) {
	for _, c := range []struct {
		schema  string
		yes, no []string
	}{
		{`{}`, []string{`null`, `-1.5e+3`, `[1, {"a": "\ud83d\ude00"}]`, "{\n  \"x\": []\n}", `0`}, []string{`01`, `"\ud83d"`, `[1,]`, `{"a"}`, `tru`, ``}},
		{`{"properties": {"a": {"const": 1}, "b": {"const": 2}, "c": {"const": 3}}, "required": ["b"]}`,
			[]string{`{"b":2}`, `{"a":1,"b":2}`, `{"b": 2, "c": 3}`, "{ \"a\": 1,\n\t\"b\": 2, \"c\": 3 }"},
			[]string{`{}`, `{"a":1}`, `{"b":2,"a":1}`, `{"b":2,}`, `{,"b":2}`, `{"b":2,"d":4}`}},
		{`{"type": "integer", "minimum": 95, "maximum": 1203}`, []string{`95`, `99`, `100`, `999`, `1000`, `1199`, `1203`}, []string{`94`, `9`, `1204`, `095`, `-95`, `2000`}},
		{`{"type": "integer", "minimum": -12, "maximum": -3}`, []string{`-3`, `-9`, `-10`, `-12`}, []string{`-2`, `-13`, `3`, `0`, `-0`}},
		{`{"type": "string", "maxLength": 2}`, []string{`""`, `"春曉"`, `"\u6625\ud83d\ude00"`}, []string{`"abc"`, `"a`}},
		{`{"type": "array", "prefixItems": [{"const": 1}, {"const": 2}], "items": {"const": 3}, "minItems": 1}`, []string{`[1]`, `[1,2]`, `[1,2,3,3]`}, []string{`[]`, `[2]`, `[1,3]`}},
	} {
		g, err := FromSchema([]byte(c.schema))
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range c.yes {
			if !matches(t, g, s) {
				t.Errorf("%s refuses %s", c.schema, s)
			}
		}
		for _, s := range c.no {
			if matches(t, g, s) {
				t.Errorf("%s takes %s", c.schema, s)
			}
		}
	}
}

func TestSchemaErrors(t *testing.T) {
	for _, c := range []struct{ schema, pointer, want string }{
		{`{"type": `, "#", "byte 8"},
		{`[]`, "#", "found array, want a schema"},
		{`{} {}`, "#", "nothing after"},
		{`{"type": "string", "type": "null"}`, "#", `"type" stands twice`},
		{`{"type": "text"}`, "#/type", `found "text", want one of object`},
		{`{"properties": {"a/b": {"multipleOf": 3}}}`, "#/properties/a~1b/multipleOf", "keyword multipleOf is not supported"},
		{`{"items": {"not": {}}}`, "#/items/not", "not supported"},
		{`{"anyOf": [{"type": "null"}], "type": "object"}`, "#/type", "keyword type beside anyOf"},
		{`{"type": "number", "minimum": 3}`, "#/minimum", "for type integer only"},
		{`{"type": "integer", "minimum": 3, "maximum": 2}`, "#", "no integer is from 3 to 2"},
		{`{"type": "integer", "minimum": "3"}`, "#/minimum", "want a number"},
		{`{"type": "string", "minLength": 3, "maxLength": 2}`, "#/maxLength", "2 is less than minLength, 3"},
		{`{"type": "string", "minLength": -1}`, "#/minLength", "want a number from 0"},
		{`{"type": "string", "format": "email"}`, "#/format", "format email is not supported: known are date"},
		{`{"type": "string", "pattern": "(?=a)"}`, "#/pattern", "invalid or unsupported Perl syntax"},
		{`{"type": "string", "pattern": "a\\b"}`, "#/pattern", "not supported there"},
		{`{"type": "string", "pattern": "a", "maxLength": 3}`, "#/pattern", "beside a pattern"},
		{`{"$ref": "other.json"}`, "#/$ref", "only places in the same schema"},
		{`{"$ref": "#/$defs/a"}`, "#/$ref", `# has no "$defs"`},
		{`{"$ref": "#"}`, "#", "begins with itself"},
		{`{"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]}`, "#", "can never end"},
		{`false`, "#", "can never end"},
		{`{"oneOf": [{"type": "integer"}, {"type": "number"}]}`, "#/oneOf/1", "want anyOf"},
		{`{"oneOf": [{"const": 1}, {"const": 1.0}]}`, "#/oneOf/1", "want anyOf"},
		{`{"enum": []}`, "#/enum", "want a list of values"},
		{`{"type": "string", "const": 3}`, "#/const", "no value is of the type"},
		{`{"required": ["a"], "additionalProperties": false}`, "#/required/0", "there can be no such property"},
		{strings.Repeat(`{"items":`, 300) + `{}` + strings.Repeat(`}`, 300), "#", "nested more than 200 deep"},
	} {
		_, err := FromSchema([]byte(c.schema))
		var where *SchemaError
		if !errors.As(err, &where) || where.Pointer != c.pointer || !strings.Contains(where.Problem, c.want) {
			t.Errorf("%.80s: error is %v, want %q at %s", c.schema, err, c.want, c.pointer)
		}
	}
	var limit *LimitError
	if _, err := FromSchema(fmt.Appendf(nil, `{"type": "array", "minItems": 60000, "items": {"type": "string", "minLength": 60000}}`)); !errors.As(err, &limit) {
		t.Errorf("a huge schema: error is %v, want a *LimitError", err)
	}
}
