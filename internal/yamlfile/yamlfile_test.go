package yamlfile

import (
	"errors"
	"testing"
)

type zoo struct {
	Name    string   `yaml:"name"`
	Animals []animal `yaml:"animals"`
}

type animal struct {
	Kind string `yaml:"kind"`
	Legs *int   `yaml:"legs"`
}

func TestLoad(t *testing.T) {
	var z zoo
	if err := Load("zoo.yaml", []byte("name: small\nanimals: [{kind: hen, legs: 2}, {kind: eel}]\n"), &z); err != nil {
		t.Fatal(err)
	}
	if z.Name != "small" || len(z.Animals) != 2 || *z.Animals[0].Legs != 2 || z.Animals[1].Legs != nil {
		t.Errorf("read %+v", z)
	}
}

func TestErrorsSayWhere(t *testing.T) {
	for text, want := range map[string]string{
		"name: a\nanimal: []\n":                            `zoo.yaml:2:1: unknown key "animal"; known here: name, animals`,
		"name: a\nanimals:\n  - kind: hen\n    wings: 2\n": `zoo.yaml:4:5: unknown key "wings"; known here: kind, legs`,
		"animals:\n  - {kind: hen, legs: two}\n":           "zoo.yaml:2:23: cannot construct !!str `two` into int",
		"name: [":                                          "zoo.yaml:2:1: did not find expected node content",
	} {
		err := Load("zoo.yaml", []byte(text), new(zoo))
		var where *Error
		if !errors.As(err, &where) || err.Error() != want {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
	}
	if got, want := (&Error{File: "a", Problem: "b"}).Error(), "a: b"; got != want {
		t.Errorf("an error of no place is %q, want %q", got, want)
	}
}

func TestItem(t *testing.T) {
	text := "name: a\nanimals:\n  - kind: hen\n  - kind: eel\n"
	for _, tc := range []struct {
		text, key    string
		i            int
		line, column int
	}{{text, "animals", 0, 3, 5}, {text, "animals", 1, 4, 5}, {text, "animals", 2, 0, 0}, {text, "name", 0, 0, 0}, {text, "plants", 0, 0, 0}, {"", "a", 0, 0, 0}, {"[", "a", 0, 0, 0}} {
		if line, column := Item([]byte(tc.text), tc.key, tc.i); line != tc.line || column != tc.column {
			t.Errorf("%s %d is at %d:%d, want %d:%d", tc.key, tc.i, line, column, tc.line, tc.column)
		}
	}
}
