package text

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// parts cuts a text by a pattern, with | between what matched and [ ] around what did not.
func parts(t *testing.T, source, s string) string {
	t.Helper()
	p, err := parsePattern(source)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, c := range (&splitter{pattern: p}).split(nil, s) {
		if c.match {
			out = append(out, s[c.start:c.end])
		} else {
			out = append(out, "["+s[c.start:c.end]+"]")
		}
	}
	return strings.Join(out, "|")
}

func TestPatterns(t *testing.T) {
	for _, c := range []struct{ pattern, text, want string }{
		{gpt2Pattern, "I'll say 'twas 12%  ok", "I|'ll| say| '|twas| 12|%| | ok"},
		{gpt2Pattern, "a  \n b \n", "a|  \n| b| \n"},
		{contraction, "x'LL'ſ'x", "[x]|'LL|'ſ|['x]"},
		{`\p{N}{1,3}`, "1234567a12", "123|456|7|[a]|12"},
		{`\p{N}{2}`, "12345", "12|34|[5]"},
		{`\p{N}{2,}`, "1 234", "[1 ]|234"},
		{casedWord + `|` + capitalWord, "HTTPServer iPhone ABC", "HTTPServer| i|Phone| ABC"},
		{`[^\r\n\p{L}\p{N}]?+\p{L}+`, "-a--b", "-a|[-]|-b"},
		{`a++a|b`, "aaab", "[aaa]|b"},
		{`a(?:b|bc)?d`, "abcd abd ad", "abcd|[ ]|abd|[ ]|ad"},
		{`a(?=b)`, "ab ac", "a|[b ac]"},
		{`[\]\-a-c.]+`, "a-]d.b", "a-]|[d]|.b"},
		{`\S+`, "a b", "a|[ ]|b"},
		{`[^\s]\P{L}`, "a1 bc", "a1|[ bc]"},
		{`[一-龥]+`, "春x眠曉", "春|[x]|眠曉"},
		{`\.\?\\`, `.?\`, `.?\`},
		{``, "ab", "[ab]"},
		{`a*`, "aab", "aa|[b]"},
		{`\p{S}`, "a\xffb", "[a]|\xff|[b]"}, // a broken byte counts as U+FFFD
	} {
		if got := parts(t, c.pattern, c.text); got != c.want {
			t.Errorf("%q in %q: %s, want %s", c.pattern, c.text, got, c.want)
		}
	}
}

// TestPatternsAreThoseOfRegexp compares with package regexp where that knows the language.
func TestPatternsAreThoseOfRegexp(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	alphabet := []rune("aBǅʰ春\u03011٣Ⅷ '.-\n\r\t\u2003\u00a0s/\u200b😀rREe")
	const inRegexp = `\t-\r \x{85}\p{Z}` // \s of Oniguruma, as the inside of a bracket; Z has no other characters here
	for name, f := range families {
		for _, source := range f.patterns {
			source = strings.ReplaceAll(strings.ReplaceAll(source, `|\s+(?!\S)`, ""), "?+", "?")
			source = strings.ReplaceAll(source, "++", "+")
			translated := strings.ReplaceAll(strings.ReplaceAll(source, `[^\s`, `[^`+inRegexp), `\s`, `[`+inRegexp+`]`)
			re, err := regexp.Compile(translated)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			p, err := parsePattern(source)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			for range 300 {
				s := make([]rune, r.IntN(30))
				for i := range s {
					s[i] = alphabet[r.IntN(len(alphabet))]
				}
				var got, want strings.Builder
				for _, c := range (&splitter{pattern: p}).split(nil, string(s)) {
					if c.match {
						got.WriteString("|" + string(s)[c.start:c.end])
					}
				}
				for _, m := range re.FindAllString(string(s), -1) {
					want.WriteString("|" + m)
				}
				if got.String() != want.String() {
					t.Fatalf("%s: %q in %q: %q, want %q", name, source, string(s), got.String(), want.String())
				}
			}
		}
	}
}

func TestPatternRefused(t *testing.T) {
	for _, c := range []struct{ pattern, want string }{
		{`(a`, "offset 2: an end, want )"},
		{`a)`, "offset 1: an unopened )"},
		{`[a`, "offset 2: an end, want ]"},
		{`[a[b]]`, "offset 2: a bracket in a bracket"},
		{`(a)+`, "offset 3: a group that repeats"},
		{`(?<n>a)`, "offset 2: a group of another kind"},
		{`a+?`, "offset 2: a repetition of another kind"},
		{`a{2,1}`, "offset 2: {2,1}, want numbers that rise"},
		{`a{x}`, "offset 2: {x"},
		{`a{2`, "offset 2: {2"},
		{`a{257}`, "offset 2: {257}, want at most 256"},
		{`a{2,257}`, "offset 2: {2,257}, want at most 256"},
		{`a(?=ba*)`, "offset 6: a repetition without end in a look ahead"},
		{`a(?=(b{2,}))`, "a repetition without end in a look ahead"},
		{strings.Repeat("a?", 257), "257 repetitions and choices, want at most 256"},
		{`^a`, "offset 0: ^, which is not known"},
		{`a$`, "offset 1: $, which is not known"},
		{`.`, "offset 0: ., which is not known"},
		{`\b`, "offset 1: an escape that is not known"},
		{`a\`, "offset 2: an escape that is not known"},
		{`\p{Han}`, "offset 2: a category that is not known"},
		{`\p`, "offset 2: a category that is not known"},
		{`[\P{L}a]`, "offset 1: the complement of a category in a bracket"},
		{`[b-a]`, "offset 1: a range that ends before it begins"},
		{`(?i:[一-龥])`, "in any case, want at most"},
		{strings.Repeat("a|", 64) + "a", "65 alternatives, want at most 64"},
		{strings.Repeat("(", 5000), "a pattern of 5000 bytes, want at most 4096"},
		{"\xff", "offset 0: no character"},
	} {
		if _, err := parsePattern(c.pattern); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v, want one with %q", c.pattern, err, c.want)
		}
	}
}

func FuzzPattern(f *testing.F) {
	for _, g := range families {
		for _, p := range g.patterns {
			f.Add(p, "I'll 123 春\r\n x")
		}
	}
	f.Add(`((a?)b{2,3}[^\s])?(?!c)`, "abbc")
	f.Fuzz(func(t *testing.T, source, s string) {
		p, err := parsePattern(source)
		if err != nil {
			return
		}
		at := 0
		start := time.Now()
		parts := (&splitter{pattern: p}).split(nil, s)
		if d := time.Since(start); d > 2*time.Second {
			t.Fatalf("%q in %q took %s", source, s, d)
		}
		if fresh := cuts(p, -1, s); !slices.Equal(parts, fresh) {
			t.Fatalf("%q in %q: parts %v, remembering all that failed %v", source, s, parts, fresh)
		}
		for _, c := range parts {
			if c.start != at || c.end <= c.start {
				t.Fatalf("%q in %q: a part from %d to %d behind %d", source, s, c.start, c.end, at)
			}
			at = c.end
		}
		if at != len(s) {
			t.Errorf("%q in %q: parts end at %d of %d", source, s, at, len(s))
		}
	})
}

// TestSplitters has what Hugging Face's tokenizers 0.23.3 give for a Split.
func TestSplitters(t *testing.T) {
	for _, c := range []struct {
		behaviour  behaviour
		invert     bool
		text, want string
	}{
		{isolated, false, "a--b-c", "a|-|-|b|-|c"},
		{isolated, false, "---a---b", "-|-|-|a|-|-|-|b"},
		{isolated, true, "a--b-c", "a|-|-|b|-|c"},
		{isolated, true, "---a---b", "-|-|-|a|-|-|-|b"},
		{removed, false, "a--b-c", "a|b|c"},
		{removed, false, "---a---b", "a|b"},
		{removed, true, "a--b-c", "-|-|-"},
		{removed, true, "---a---b", "-|-|-|-|-|-"},
		{contiguous, false, "a--b-c", "a|--|b|-|c"},
		{contiguous, false, "---a---b", "---|a|---|b"},
		{contiguous, true, "a--b-c", "a|--|b|-|c"},
		{contiguous, true, "---a---b", "---|a|---|b"},
		{withPrevious, false, "a--b-c", "a-|-|b-|c"},
		{withPrevious, false, "---a---b", "-|-|-|a-|-|-|b"},
		{withPrevious, true, "a--b-c", "a|-|-b|-c"},
		{withPrevious, true, "---a---b", "-|-|-a|-|-|-b"},
		{withNext, false, "a--b-c", "a|-|-b|-c"},
		{withNext, false, "---a---b", "-|-|-a|-|-|-b"},
		{withNext, true, "a--b-c", "a-|-|b-|c"},
		{withNext, true, "---a---b", "-|-|-|a-|-|-|b"},
	} {
		sp := splitter{quoted("-"), c.behaviour, c.invert}
		var out []string
		for _, part := range sp.split(nil, c.text) {
			out = append(out, c.text[part.start:part.end])
		}
		if got := strings.Join(out, "|"); got != c.want {
			t.Errorf("behaviour %d, inverted %v: %s, want %s", c.behaviour, c.invert, got, c.want)
		}
	}
}
