package chat

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestVariables finds what a template looks at and nobody else sets.
func TestVariables(t *testing.T) {
	for source, want := range map[string]string{
		"plain":                               "",
		"{{ messages[0].content }}{# note #}": "",
		"{{ a }}{{ a.b }}{{ c | d(e) }}":      "a c e",
		"{{ 'x' if not y is not none and z in w else v[u] }}":                                                "u v w y z",
		"{{ f(g, h=i) == j }}{{ k == l }}":                                                                   "g i j k l",
		"{% if a is defined %}{% set b = 1 %}{% endif %}{{ b }}":                                             "a b",
		"{% if a %}{% set b = 1 %}{% elif c %}{% set b, d = 1 %}{% else %}{% set b = d %}{% endif %}{{ b }}": "a c d",
		"{% if not a is defined %}{% set a = 1 %}{% endif %}{{ a }}":                                         "a",
		"{% set a = a | default(1) %}{{ a }}{% set b %}x{% endset %}{{ b }}":                                 "a",
		"{% set n = namespace(x=y) %}{% set n.x = z %}{{ n.x }}":                                             "y z",
		"{% for a, b in c if a and d %}{{ loop.index }}{{ b }}{% else %}{{ e }}{% endfor %}{{ a }}":          "a c d e",
		"{% macro m(a, b=c) %}{{ a }}{{ b }}{{ d }}{{ caller() }}{% endmacro %}{{ m(a) }}{{ m is defined }}": "a c d",
		"{% call(a) m(b) %}{{ a }}{% endcall %}{% filter upper %}{{ c }}{% endfilter %}":                     "b c",
		"{% if strftime_now is defined %}{{ strftime_now('%d') }}{% else %}{{ date }}{% endif %}":            "date",
	} {
		if got := strings.Join(parse(t, source).Variables(), " "); got != want {
			t.Errorf("%s: got %q, want %q", source, got, want)
		}
	}
	for file, want := range map[string][]string{"qwen3.jinja": {"enable_thinking"}, "smollm2.jinja": {}, "features.jinja": {"undefined_thing"}} {
		source, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, append([]string{}, parse(t, string(source)).Variables()...)); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", file, diff)
		}
	}
}

// TestGivenVariables holds that variables take the place of nothing else, and are bounded as everything is.
func TestGivenVariables(t *testing.T) {
	var deep any = "x"
	for range 40 {
		deep = []any{deep}
	}
	for _, c := range []struct {
		name string
		v    any
		want string
	}{
		{"messages", "forged", "x true x"},
		{"add_generation_prompt", false, "x true x"},
		{"range", "forged", "x true x"},
		{"x", strings.Repeat("y", 3*basicSize), "x true " + strings.Repeat("y", 3*basicSize)},
		{"x", deep, "the variable x has more than 32 lists within each other"},
	} {
		p := parse(t, "{% for i in range(1) %}{{ messages[0].content }} {{ add_generation_prompt | lower }} {{ x | default('x') }}{% endfor %}")
		got, err := p.Render([]Message{{User, "x"}}, true, testTime, map[string]any{c.name: c.v})
		if err != nil {
			got = err.Error()
		}
		if !strings.HasSuffix(got, c.want) {
			t.Errorf("%s: got %.100q, want %.100q", c.name, got, c.want)
		}
	}
}
