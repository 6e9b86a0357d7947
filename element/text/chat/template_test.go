package chat

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var testTime = time.Date(2026, 1, 5, 9, 7, 3, 0, time.UTC)

func parse(t *testing.T, source string) *Template {
	t.Helper()
	p, err := Parse(source, "<s>", "</s>")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestReference compares with what jinja2 makes of the same templates.
func TestReference(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "cases.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Template, Want, Refused string
		Messages                []Message
		Reply                   bool
		Variables               map[string]any
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 130 {
		t.Fatalf("%d cases", len(cases))
	}
	for i, c := range cases {
		source, err := os.ReadFile(filepath.Join("testdata", c.Template))
		if err != nil {
			t.Fatal(err)
		}
		got, err := parse(t, string(source)).Render(c.Messages, c.Reply, testTime, c.Variables)
		var refused *RefusedError
		if c.Refused != "" {
			if !errors.As(err, &refused) || refused.Reason != c.Refused {
				t.Errorf("%d, %s: got error %v, want the refusal %q", i, c.Template, err, c.Refused)
			}
			continue
		}
		if err != nil {
			t.Errorf("%d, %s: %v", i, c.Template, err)
		} else if diff := cmp.Diff(c.Want, got); diff != "" {
			t.Errorf("%d, %s: (-want +got)\n%s", i, c.Template, diff)
		}
	}
}

func TestChatMLIsThatOfTheFile(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "chatml.jinja"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.TrimSuffix(string(data), "\n") != ChatML {
		t.Error("the constant and the file that is tested differ")
	}
}

func TestErrors(t *testing.T) {
	for source, want := range map[string]string{
		"a\n{{ b":                                               "line 2: a tag is not closed",
		"{{ 1 }}{% endif %}":                                    `"endif" is not a statement`,
		"{%+ if x %}{% endif %}":                                "sign +",
		"{% if x %}\n{% endfor %}":                              "in the if of line 1",
		"\n{% if x %}":                                          "line 2: if is not closed",
		"{% for x %}{% endfor %}":                               "line 1",
		"{{ x | nosuch }}":                                      `unknown filter "nosuch"`,
		"{{ nosuch(1) }}":                                       "nosuch is not callable",
		"{% raw %}{% endraw %}":                                 `"raw" is not a statement`,
		"{{ 'a' * 1000000000 }}":                                "multiplication is not supported",
		"{{ messages.append(messages) }}":                       "append changes a list",
		"{{ stride_leave() }}":                                  "stride_leave is not allowed",
		"{{ 'a'.replace('', x) }}":                              "replace has the computed argument x",
		"{{ x | join(x) }}":                                     "join has the computed argument x",
		"{{ x | indent(1000000000) }}":                          "indent has the argument 1000000000, want at most 64",
		"{{ x | map('join', x) }}":                              "map of 'join'",
		"{{ x ) }}":                                             "a bracket is closed",
		"{{ " + strings.Repeat("(", 99) + " }}":                 "more than 40 brackets",
		"{{ x" + strings.Repeat("~x", 99) + " }}":               "more than 64 sums",
		"{{ " + strings.Repeat("-", 9000) + "1 }}":              "a tag of",
		strings.Repeat("{% if x %}", 99):                        "more than 60 blocks",
		strings.Repeat("x", mostSource+1):                       "want at most 262144",
		"{% set x %}{{ 1 }}":                                    "set",
		"{% include 'x' %}":                                     `"include" is not a statement`,
		"{{ raise_exception('no ' ~ 'way') }}":                  "the chat template refuses: no way",
		"{{ strftime_now() }}":                                  "want a format",
		"{{ range(0, 5, 0) }}":                                  "range has the step 0",
		"{{ range('x') }}":                                      "want an integer",
		"{{ range(1, 2, 3, 4) }}":                               "want 1 to 3",
		"{% set ns = namespace() %}{% set ns.x = ns %}{{ ns }}": "a namespace is used as a value",
		"{% set ns = namespace() %}{{ [ns] }}":                  "a namespace is used as a value",
	} {
		_, err := renderSource(source)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: got %v, want %q", source, err, want)
		}
	}
}

func renderSource(source string) (string, error) {
	p, err := Parse(source, "", "")
	if err != nil {
		return "", err
	}
	p.Variables()
	return p.Render([]Message{{User, "x"}, {Assistant, "y"}}, true, testTime, nil)
}

// TestHostile renders what would never end, or only with the memory.
func TestHostile(t *testing.T) {
	for name, source := range map[string]string{
		"loops":          "{% for a in range(99999) %}{% for b in range(99999) %}{% for c in range(99999) %}{% endfor %}{% endfor %}{% endfor %}",
		"recursion":      "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
		"by argument":    "{% macro f(g) %}{{ g(g) }}{% endmacro %}{{ f(f) }}",
		"deep recursion": "{% macro f() %}{{ " + strings.Repeat("(", 38) + "not f()" + strings.Repeat(")", 38) + " }}{% endmacro %}{{ f() }}",
		"range":          "{{ range(999999999999) }}",
		"doubling":       "{% set ns = namespace(x='abc') %}{% for i in range(99) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
		"doubling block": "{% set x = 'abc' %}" + strings.Repeat("{% set x %}{{ x }}{{ x }}{% endset %}", 60),
		"lists":          "{% set x = [1] %}" + strings.Repeat("{% set x = [x, x] %}", 60),
		"nested lists":   "{% set ns = namespace(x=[]) %}{% for i in range(9999) %}{% set ns.x = [ns.x] %}{% endfor %}",
		"text":           "{% for a in range(99999) %}" + strings.Repeat("text ", 9999) + "{% endfor %}",
		"output":         "{% set x = '" + strings.Repeat("y", 6000) + "' %}{% for a in range(99999) %}{{ x ~ x }}{% endfor %}",
		"call":           "{% macro f() %}{% call f() %}{% endcall %}{% endmacro %}{{ f() }}",
	} {
		start := time.Now()
		if _, err := renderSource(source); err == nil {
			t.Errorf("%s: no error", name)
		}
		if d := time.Since(start); d > mostTime+5*time.Second {
			t.Errorf("%s took %s", name, d)
		}
	}
}

// FuzzParse renders whatever parses: there may be an error, but no panic that Render does not turn into one.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.jinja"))
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range files {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
	}
	f.Fuzz(func(t *testing.T, source string) {
		text, err := renderSource(source)
		if err != nil && text != "" {
			t.Errorf("text %q beside the error %v", text, err)
		}
	})
}
