package measure

import (
	"fmt"
	"strings"
	"unicode"
)

// Form is a verse form as far as its shape tells it: how many lines of how many
// characters. The zero Form stands for none.
type Form struct {
	Name  string // "五言絕句"
	Short string // "五絕"
	Lines int
	Chars int // in each line
}

var forms = [...]Form{
	{"五言絕句", "五絕", 4, 5},
	{"七言絕句", "七絕", 4, 7},
	{"五言律詩", "五律", 8, 5},
	{"七言律詩", "七律", 8, 7},
}

// Forms returns the forms that [FormOf] knows.
func Forms() []Form { return append([]Form(nil), forms[:]...) }

// String returns the name of the form.
func (f Form) String() string { return f.Name }

// Elements is how many elements a poem of the form has: its characters, the ends of
// its lines, and for the last of these END.
func (f Form) Elements() int { return f.Lines * (f.Chars + 1) }

// FormOf returns the form of a poem, or false if its shape is that of none.
// A line counts only if it holds Han characters and nothing else.
func FormOf(p Poem) (Form, bool) {
	for _, f := range forms {
		if f.linesRight(p) && f.lengthsRight(p) {
			return f, true
		}
	}
	return Form{}, false
}

var traditional = strings.NewReplacer("绝", "絕", "诗", "詩")

// ParseForm returns the form of a name, long or short, in traditional or
// simplified characters. The error lists the names there are.
func ParseForm(name string) (Form, error) {
	want := traditional.Replace(name)
	var known []string
	for _, f := range forms {
		if want == f.Name || want == f.Short {
			return f, nil
		}
		known = append(known, f.Name+" ("+f.Short+")")
	}
	return Form{}, fmt.Errorf("measure: unknown form %q: expected one of %s", name, strings.Join(known, ", "))
}

// linesRight says whether p has as many lines as f; without a form, as many as
// any form has.
func (f Form) linesRight(p Poem) bool {
	if f == (Form{}) {
		return len(p) == 4 || len(p) == 8
	}
	return len(p) == f.Lines
}

// lengthsRight says whether every line of p has the length that f asks; without
// a form, whether all have one that some form asks.
func (f Form) lengthsRight(p Poem) bool {
	if f == (Form{}) {
		return Form{Chars: 5}.lengthsRight(p) || Form{Chars: 7}.lengthsRight(p)
	}
	for _, line := range p {
		n := 0
		for _, r := range line {
			if !unicode.Is(unicode.Han, r) {
				return false
			}
			n++
		}
		if n != f.Chars {
			return false
		}
	}
	return len(p) > 0
}
