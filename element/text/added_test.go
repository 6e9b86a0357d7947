package text

import (
	"strings"
	"testing"
)

func TestAddedTokens(t *testing.T) {
	tokens := []addedToken{
		{text: "ab", id: 0}, {text: "bcd", id: 1}, {text: "<s>", id: 2, special: true}, {text: "s>xy", id: 3},
		{text: "L", id: 4, lstrip: true}, {text: "R", id: 5, rstrip: true}, {text: "ababab", id: 6},
	}
	for _, c := range []struct {
		text     string
		special  bool
		leftmost bool
		want     string
	}{
		{"xabcdy", false, true, "x|(ab)|cdy"},
		{"xabcdy", false, false, "xa|(bcd)|y"},
		{"<s>xy", true, true, "(<s>)|xy"},
		{"<s>xy", false, true, "<s>xy"}, // what is not parsed hides what overlaps with it, as in the reference
		{"<s>xy", false, false, "<|(s>xy)"},
		{"<s>xy", true, false, "<|(s>xy)"},
		{"a  L  b", false, true, "a|(  L)|  b"},
		{"a  R  b", false, true, "a  |(R)|b"},
		{"R L", false, true, "(R)|(L)"},
		{"abababab", false, true, "(ababab)|(ab)"},
		{"abababab", false, false, "(ababab)|(ab)"},
		{"", true, true, ""},
	} {
		a := newAddedTokens(append([]addedToken(nil), tokens...), c.leftmost)
		var out []string
		for i, f := range a.partition(c.text, c.special) {
			if f.first != (i == 0) {
				t.Errorf("%q: fragment %d is first: %v", c.text, i, f.first)
			}
			if f.id != none {
				f.text = "(" + f.text + ")"
			}
			out = append(out, f.text)
		}
		if got := strings.Join(out, "|"); got != c.want {
			t.Errorf("%q, special %v, leftmost %v: %s, want %s", c.text, c.special, c.leftmost, got, c.want)
		}
	}
}
