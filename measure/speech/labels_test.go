package speech

import (
	"math"
	"strings"
	"testing"
)

func TestCountEdits(t *testing.T) {
	cases := []struct {
		reference, heard string
		want             Edits
	}{
		{"kitten", "sitting", Edits{Substitutions: 2, Insertions: 1, Length: 6}},
		{"saturday", "sunday", Edits{Substitutions: 1, Deletions: 2, Length: 8}},
		{"abc", "abc", Edits{Length: 3}},
		{"abc", "", Edits{Deletions: 3, Length: 3}},
		{"", "ab", Edits{Insertions: 2}},
		{"ab", "ba", Edits{Substitutions: 2, Length: 2}}, // not one deleted and one inserted
		{"abcd", "bcda", Edits{Deletions: 1, Insertions: 1, Length: 4}},
	}
	var sum Edits
	for _, c := range cases {
		got := CountEdits([]byte(c.reference), []byte(c.heard))
		if got != c.want {
			t.Errorf("%q heard as %q: got %+v, want %+v", c.reference, c.heard, got, c.want)
		}
		sum = sum.Add(got)
	}
	if want := (Edits{5, 6, 4, 26}); sum != want || sum.ErrorRate() != 15.0/26 {
		t.Errorf("got %+v, %g in all, want %+v", sum, sum.ErrorRate(), want)
	}
	if r := CountEdits([]byte(""), []byte("ab")).ErrorRate(); !math.IsInf(r, 1) {
		t.Errorf("got a rate of %g for insertions into nothing, want +Inf", r)
	}
	if r := (Edits{}).ErrorRate(); !math.IsNaN(r) {
		t.Errorf("got a rate of %g of nothing, want NaN", r)
	}
}

func TestErrorRateReference(t *testing.T) {
	var cases []struct {
		Reference, Heard string
		Rate             float64
	}
	readJSON(t, "labels.json", &cases)
	if len(cases) < 8 {
		t.Fatalf("%d cases", len(cases))
	}
	for _, c := range cases {
		got := CountEdits(strings.Fields(c.Reference), strings.Fields(c.Heard))
		if !near(got.ErrorRate(), c.Rate, 1e-6) {
			t.Errorf("%q heard as %q: got %+v, %g, want %g", c.Reference, c.Heard, got, got.ErrorRate(), c.Rate)
		}
	}
}
