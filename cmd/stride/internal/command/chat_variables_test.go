package command

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTemplateVars(t *testing.T) {
	var flags []templateVarFlag
	for _, s := range []string{"a=false", "b=3", "c=[1.5, null]", `d="x=y"`, "e=x=y", "f=", "g=1 2", "h=False", "a={}"} {
		var f templateVarFlag
		if err := f.UnmarshalText([]byte(s)); err != nil {
			t.Fatal(err)
		}
		flags = append(flags, f)
	}
	want := map[string]any{
		"a": map[string]any{}, "b": json.Number("3"), "c": []any{json.Number("1.5"), nil}, "d": "x=y", "e": "x=y", "f": "", "g": "1 2", "h": "False",
	}
	if diff := cmp.Diff(want, templateVars(flags)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	for _, s := range []string{"", "a", "=1"} {
		if err := new(templateVarFlag).UnmarshalText([]byte(s)); err == nil {
			t.Errorf("%q: no error", s)
		}
	}
}
