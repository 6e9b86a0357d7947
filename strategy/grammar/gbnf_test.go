package grammar

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
)

// byteTokens is a vocabulary of all single bytes, END and some longer tokens, two
// of which cut characters.
func byteTokens(more ...string) *Vocabulary {
	pieces := make([][]byte, 257)
	for i := range 256 {
		pieces[i] = []byte{byte(i)}
	}
	for _, p := range more {
		pieces = append(pieces, []byte(p))
	}
	return NewVocabulary(pieces, 256)
}

func mustParse(t testing.TB, source string) *Grammar {
	t.Helper()
	g, err := Parse(source)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// matches feeds a text byte by byte and holds that masks agree with what Accept
// takes.
func matches(t testing.TB, g *Grammar, s string) bool {
	t.Helper()
	m, err := New(g, byteTokens()).Matcher()
	if err != nil {
		t.Fatal(err)
	}
	for i := range len(s) {
		mask, err := m.Mask(-1)
		if err != nil {
			t.Fatal(err)
		}
		can := mask[s[i]/64]>>(s[i]%64)&1 == 1
		err = m.Accept(int(s[i]))
		if can != (err == nil) {
			t.Fatalf("%q: the mask says %v about byte %d, Accept %v", s, can, i, err)
		}
		if err != nil {
			return false
		}
	}
	mask, err := m.Mask(-1)
	if err != nil {
		t.Fatal(err)
	}
	if end := mask[4]&1 == 1; end != m.Ends() {
		t.Fatalf("%q: the mask says %v about END, Ends %v", s, end, m.Ends())
	}
	return m.Ends()
}

func TestGrammarMatches(t *testing.T) {
	for _, c := range []struct {
		grammar string
		yes, no []string
	}{
		{`root ::= "yes" | "no"`, []string{"yes", "no"}, []string{"", "y", "yesno", "No"}},
		{"root ::= item (\",\" ws item)* # a list\nitem ::= [a-z]+\n\nws ::= [ \\t]?\n",
			[]string{"a", "ab, c,d"}, []string{"", ",", "a,", "a,  b"}},
		{`root ::= "a"{3} "b"{2,} "c"{1,3} "d"? "e"* "f"{0}`, []string{"aaabbc", "aaabbbbcccdee"}, []string{"aabbc", "aaabc", "aaabbcccc", "aaabbcf"}},
		{`root ::= [^a-y\n]+ .`, []string{"zz", "Z\n", "春曉", "\U0001F600a"}, []string{"z", "az", "z\n\n", "\xff\xfe", "\xe6\x98z"}},
		{`root ::= "\x41\u6625\U0001F600\"\\\n" [\]\[\-^]`, []string{"A春\U0001F600\"\\\n]", "A春\U0001F600\"\\\n[", "A春\U0001F600\"\\\n-", "A春\U0001F600\"\\\n^"}, []string{"A春\U0001F600\"\\\na"}},
		{`root ::= "(" root ")" | ""`, []string{"", "()", "((()))"}, []string{"(", "())", ")("}},
		{"root ::= list\nlist ::= \"x\" list | \"x\"", []string{"x", strings.Repeat("x", 2000)}, []string{""}},
		{"root ::= (\n  \"a\" |\n  \"b\"\n) |\n \"c\"", []string{"a", "b", "c"}, []string{""}},
		{`root ::= (("a"*)* | "b"?)+`, []string{"", "aab", "bbb"}, []string{"c"}},
		{`root ::= [a-c-] [x-]`, []string{"b-", "-x"}, []string{"d-"}},
		{`root ::= "` + "" + `" [] | "a"`, []string{"a"}, []string{""}},
		{`root ::= [\x00-\x1F\x7F-\u0800\uD7FF-\uE001\uFFFF-\U00010001]`, []string{"\x00", "\x7f", "ࠀ", "\uD7FF", "\uE001", "\uFFFF", "\U00010001", "\u0400"}, []string{" ", "\u0801", "\U00010002", "\xed\xa0\x80"}},
	} {
		g := mustParse(t, c.grammar)
		for _, s := range c.yes {
			if !matches(t, g, s) {
				t.Errorf("%s does not match %q", c.grammar, s)
			}
		}
		for _, s := range c.no {
			if matches(t, g, s) {
				t.Errorf("%s matches %q", c.grammar, s)
			}
		}
	}
}

func TestGrammarErrors(t *testing.T) {
	for _, c := range []struct{ grammar, want string }{
		{"", "line 1, column 1: there is no rule root"},
		{"\nfoo ::= \"a\"", "line 2, column 12: there is no rule root"},
		{"root ::= \"a", "line 1, column 10: the text has no end in its line"},
		{"root ::= [a\n]", "line 1, column 10: the class has no end in its line"},
		{"root ::= (\"a\" | ", "line 1, column 17: found the end, want ) for the group of line 1, column 10"},
		{"root ::= \"a\"\n  b ::= c", "line 2, column 9: rule c is not defined"},
		{"root ::= \"a\"\nroot ::= \"b\"", "line 2, column 1: rule root is defined twice"},
		{"root = \"a\"", "line 1, column 6: found '=', want ::= after root"},
		{"root ::= \"春\" )", "line 1, column 14: found ')', want the end of rule root"},
		{"root ::= a\na ::= b\nb ::= \"x\"? a", "line 2, column 1: rule a begins with itself (a -> b -> a)"},
		{"root ::= root \"a\" | \"a\"", "rule root begins with itself (root -> root)"},
		{"root ::= \"a\"* root", "begins with itself"},
		{"root ::= \"a\" root", "line 1, column 1: rule root can never end"},
		{"root ::= \"a\"{3,2}", "line 1, column 10: repetition {3,2}"},
		{"root ::= \"a\"{}", "line 1, column 14: found '}', want a number"},
		{"root ::= \"a\"{99999}", "line 1, column 14: 99999 repetitions, want at most 65536"},
		{"root ::= \"a\"{3", "want }"},
		{`root ::= "\q"`, "line 1, column 11: unknown escape"},
		{`root ::= "\uD800"`, "want 4 hexadecimal digits"},
		{`root ::= "\x4"`, "want 2 hexadecimal digits"},
		{`root ::= [z-a]`, "want the smaller character first"},
		{"root ::= *", "line 1, column 10: found '*'"},
		{"root ::= \"\xff\"", "line 1, column 11: not valid UTF-8"},
		{"root ::= " + strings.Repeat("(", 300), "nested more than 200 deep"},
		{"root ::= \"a\"" + strings.Repeat("?", 300), ""},
		{`root ::= ("a"{1000}){1000}`, "too large: it needs more than 131072"},
		{`root ::= ((""{60000}){60000}){60000}`, "too large: it needs more than 131072"},
	} {
		_, err := Parse(c.grammar)
		if c.want == "" {
			if err != nil {
				t.Errorf("%.60s: %v", c.grammar, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.60q: error is %v, want %q", c.grammar, err, c.want)
		}
	}
}

// A grammar that can be read in very many ways is refused in time.
func TestAmbiguityIsBounded(t *testing.T) {
	var b strings.Builder
	b.WriteString("root ::= r0{9}\n")
	for i := range 12 {
		fmt.Fprintf(&b, "r%d ::= r%d \"a\"? r%d? | r%d \"b\"? r%d | [a-z]*\n", i, i+1, i+1, i+1, i+1)
	}
	b.WriteString("r12 ::= [a-z]\n")
	g, err := Parse(b.String())
	if err != nil {
		t.Fatal(err)
	}
	m, err := New(g, byteTokens("aaaaaaaa", "abababab")).Matcher()
	for i := 0; err == nil && i < 20; i++ {
		if _, err = m.Mask(-1); err == nil {
			err = m.Accept('a')
		}
	}
	var limit *LimitError
	if err != nil && !errors.As(err, &limit) {
		t.Fatal(err)
	}
}

// Generations that share an automaton get what each would alone, in step or not,
// and after going back.
func TestAutomatonIsShared(t *testing.T) {
	g := mustParse(t, `root ::= "(" root ")" | [a-z]{1,9} root?`)
	alone := New(g, byteTokens())
	shared := New(g, byteTokens())
	var wait sync.WaitGroup
	for k := range 4 {
		wait.Add(1)
		go func() {
			defer wait.Done()
			m, err := shared.Matcher()
			want, err2 := alone.Matcher()
			if err != nil || err2 != nil {
				t.Error(err, err2)
				return
			}
			text := strings.Repeat("((ab", k+1) + strings.Repeat("))", k+1)
			for i := 0; i < 2*len(text); i++ {
				if i == len(text) {
					m.Rewind(3)
					want.Rewind(3)
					i += 3
				}
				a, err := m.Mask(-1)
				b, err2 := want.Mask(-1)
				if err != nil || err2 != nil || !slices.Equal(a, b) {
					t.Errorf("step %d: masks %x and %x, errors %v and %v", i, a, b, err, err2)
					return
				}
				if err := errors.Join(m.Accept(int(text[i%len(text)])), want.Accept(int(text[i%len(text)]))); err != nil {
					t.Error(err)
					return
				}
			}
		}()
	}
	wait.Wait()
}

// What an automaton remembers is bounded: states that were forgotten go on.
func TestForgottenStatesGoOn(t *testing.T) {
	a := New(mustParse(t, `root ::= "(" root ")" | "x"`), byteTokens())
	m, err := a.Matcher()
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if err := m.Accept('('); err != nil {
			t.Fatal(err)
		}
		a.forget()
	}
	for _, c := range "x" + strings.Repeat(")", 100) {
		if m.Ends() {
			t.Fatal("it may end too early")
		}
		a.forget()
		if _, err := m.Mask(-1); err != nil {
			t.Fatal(err)
		}
		if err := m.Accept(int(c)); err != nil {
			t.Fatal(err)
		}
	}
	if !m.Ends() {
		t.Error("it may not end")
	}
}
