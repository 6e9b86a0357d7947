package text

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

func cuts(p *pattern, left int, s string) []cut {
	var out []cut
	p.cutWithin(left, s, func(c cut) { out = append(out, c) })
	return out
}

// TestHostilePatterns has what takes hours or ages by backtracking alone, or the square of the length of a long text.
func TestHostilePatterns(t *testing.T) {
	long := strings.Repeat("a", 60_000)
	for _, c := range []struct{ pattern, text string }{
		{strings.Repeat("a*", 20) + "b", long},
		{strings.Repeat("a+", 20) + "b", long},
		{strings.Repeat("a{3,}", 20) + "b", long},
		{strings.Repeat("a?", 40) + strings.Repeat("a", 40) + "b", long[:10_000]},
		{strings.Repeat("a{0,256}", 3) + "b", long[:10_000]},
		{strings.Repeat("(a|a)", 60) + "b", long},
		{strings.Repeat("(?:a|aa)?", 60) + "b", long},
		{strings.Repeat("(a?|é?)", 60) + "b", long[:10_000]},
		{"a*b", long},
		{"a*+b", long},
		{"a++b|c", long},
		{`\s*[\r\n]+`, strings.Repeat(" ", 60_000)},
		{"a*(?=" + strings.Repeat("(a|a)", 20) + "b)", long},
		{"é*é*é*b", strings.Repeat("é", 30_000)},
	} {
		start := time.Now()
		p, err := parsePattern(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		want := []cut{{0, len(c.text), false}}
		if got := cuts(p, patience(c.text), c.text); !slices.Equal(got, want) {
			t.Errorf("%s: %d parts, want one that does not match", c.pattern, len(got))
		}
		if d := time.Since(start); d > time.Second {
			t.Errorf("%s took %s", c.pattern, d)
		}
		if got := cuts(p, patience(c.text), c.text+"b"); len(got) == 0 || got[len(got)-1].end != len(c.text)+1 {
			t.Errorf("%s: with what it wants at the end, the last of %d parts ends too early", c.pattern, len(got))
		}
	}
}

// TestFamiliesNeverTire holds that the patterns of the families keep to the fast way, also over long runs.
func TestFamiliesNeverTire(t *testing.T) {
	texts := []string{prose(1 << 14), poems(1 << 14), "I'll 123 HTTPServer\r\n x"}
	for _, c := range []string{" ", "\n", "a", "A", "春", "1", "!", "\t\n", "aB", "Aa", "' ", "\u0301"} {
		texts = append(texts, strings.Repeat(c, 5000), strings.Repeat(c, 5000)+"x")
	}
	for name := range families {
		for _, s := range texts {
			for _, sp := range splitters[name]() {
				left := patience(s)
				for i := 0; i < len(s); {
					end := sp.pattern.match(s, i, &left)
					if end == tired {
						t.Fatalf("%s: tired at %d of %d bytes, %.10q...", name, i, len(s), s)
					}
					i = max(end, i+runeLen(s, i))
				}
			}
		}
	}
}

// TestCarefulIsTheSame compares with backtracking, for random patterns and texts.
func TestCarefulIsTheSame(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 8))
	of := func(choices ...string) string { return choices[r.IntN(len(choices))] }
	var alternatives func(depth int) string
	term := func(depth int) string {
		if depth > 0 && r.IntN(4) == 0 {
			if r.IntN(3) == 0 {
				return of("(?=", "(?!") + of("a", "b", "[ab]?b", "é{1,2}a|b") + ")"
			}
			return "(" + alternatives(depth-1) + ")" + of("", "?")
		}
		return of("a", "b", "[ab]", "é", "[^a]", "[aé]") + of("", "", "?", "*", "+", "{2,}", "{1,3}", "{2}", "*+", "++", "?+")
	}
	alternatives = func(depth int) string {
		var out []string
		for range 1 + r.IntN(3) {
			s := ""
			for range 1 + r.IntN(4) {
				s += term(depth)
			}
			out = append(out, s)
		}
		return strings.Join(out, "|")
	}
	matched := 0
	for range 20_000 {
		source, s := alternatives(2), ""
		for range r.IntN(14) {
			s += of("a", "b", "a", "é", "\xc3")
		}
		p, err := parsePattern(source)
		if err != nil {
			t.Fatal(err)
		}
		want := cuts(p, math.MaxInt, s)
		for _, left := range []int{-1, r.IntN(20)} {
			if got := cuts(p, left, s); !slices.Equal(got, want) {
				t.Fatalf("%s in %q, tired after %d: %s, want %s", source, s, left, fmt.Sprint(got), fmt.Sprint(want))
			}
		}
		for _, c := range want {
			if c.match {
				matched++
			}
		}
	}
	if matched < 10_000 {
		t.Errorf("%d matches in all: too few to tell", matched)
	}
}
