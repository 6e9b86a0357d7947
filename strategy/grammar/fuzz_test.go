package grammar

import (
	"encoding/json"
	"math/rand/v2"
	"testing"
	"time"
)

// inTime fails where reading and using a grammar takes much longer than its
// bounds should let it.
func inTime(t *testing.T, source string, start time.Time) {
	if d := time.Since(start); d > 20*time.Second {
		t.Fatalf("%q took %v", source, d)
	}
}

// use draws a few tokens that a grammar allows, and holds that what the mask
// allows is accepted.
func use(t *testing.T, g *Grammar, seed uint64) string {
	r := rand.New(rand.NewPCG(seed, 1))
	v := byteTokens(`{"`, "ab", "\xe6\x98", `":`)
	m, err := New(g, v).Matcher()
	if err != nil {
		return ""
	}
	var out []byte
	for left := 8; left > 0; left-- {
		mask, err := m.Mask(left)
		if err != nil {
			return ""
		}
		var can []int
		for token := range v.Size() {
			if mask[token/64]>>(token%64)&1 == 1 {
				can = append(can, token)
			}
		}
		if len(can) == 0 { // deeper than stacks may be
			return ""
		}
		token := can[r.IntN(len(can))]
		if token == v.ends[0] {
			return string(out)
		}
		if err := m.Accept(token); err != nil {
			t.Fatal(err)
		}
		out = append(out, v.pieces[token]...)
	}
	if m.Ends() {
		return string(out)
	}
	return ""
}

// Whatever the text, Parse returns a grammar that can be used, or an error.
func FuzzGrammar(f *testing.F) {
	f.Add("root ::= \"a\" | b*\nb ::= [^a-z\\n]{2,3} # comment\n")
	f.Add("root ::= (root2 \"\\u6625\")+ .\nroot2 ::= \"\" | root2x?\nroot2x ::= [\\x00-\\U0010FFFF]")
	f.Add("root ::= \"(\" root \")\" | ((\"a\"*)*)*")
	f.Add("root ::= ((\"a\"?){50}){50} root | \"b\"")
	f.Add("root ::= a\na ::= b? a")
	f.Fuzz(func(t *testing.T, source string) {
		start := time.Now()
		if g, err := Parse(source); err == nil {
			use(t, g, 1)
		}
		inTime(t, source, start)
	})
}

// Whatever the schema, FromSchema returns a grammar of JSON values, or an error.
func FuzzSchema(f *testing.F) {
	for _, s := range schemas {
		f.Add([]byte(s))
	}
	f.Add([]byte(`{"type": "array", "items": {"$ref": "#/$defs/%61"}, "$defs": {"a": {"pattern": "(((a*)*)*)*$"}}}`))
	f.Fuzz(func(t *testing.T, source []byte) {
		start := time.Now()
		if g, err := FromSchema(source); err == nil {
			for seed := range uint64(3) {
				if text := use(t, g, seed); text != "" && !json.Valid([]byte(text)) {
					t.Fatalf("%s gives %q, which is not JSON", source, text)
				}
			}
		}
		inTime(t, string(source), start)
	})
}
