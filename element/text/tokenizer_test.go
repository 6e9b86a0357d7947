package text

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// corpus is a small corpus, enough for un, break and able to be learned as pieces. 罕 occurs once only.
var corpus = []string{
	strings.Repeat("un able break breakable unable undo ", 20) + "lunar unun",
	strings.Repeat("各個擊破，春眠不覺曉。\n", 3) + "罕",
	strings.Repeat("1234 ... don't <sep> \t", 3),
	strings.Repeat("東風\n", 2) + strings.Repeat("жук\n", 50),
}

var controls = []string{"<sep>", "<mask>", "<唐>"}

func train(t testing.TB, o TrainOptions, corpus ...string) *Tokenizer {
	t.Helper()
	tok, err := Train(slices.Values(corpus), o)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

func small(t testing.TB) *Tokenizer {
	t.Helper()
	return train(t, TrainOptions{Pieces: 14, MinCount: 2, Controls: controls}, corpus...)
}

// made builds a tokenizer of pieces of a kind beside the usual tokens; the scores fall in the order given.
func made(t testing.TB, kinds map[string]Kind, prefix bool, pieces ...string) *Tokenizer {
	t.Helper()
	v := vocabulary{special: special{eos: 2, bos: 1, mask: none, sep: none, eot: none}, rules: rules{prefix: prefix}}
	v.normalizers = spaceNormalizers(prefix)
	v.add(unknownPiece, 0, Unknown)
	v.add(bosPiece, 0, Control)
	v.add(eosPiece, 0, Control)
	for b := range 256 {
		v.add(bytePiece(b), 0, Byte)
	}
	for i, p := range pieces {
		kind := Normal
		if k, ok := kinds[p]; ok {
			kind = k
		}
		v.add(p, float32(-i), kind)
	}
	tok, err := newTokenizer(v)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// shown writes tokens as pieces with | between them.
func shown(tok *Tokenizer, ids []int) string {
	s := make([]string, len(ids))
	for i, id := range ids {
		s[i] = tok.Piece(id)
	}
	return strings.Join(s, "|")
}

func TestEncode(t *testing.T) {
	tok := small(t)
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", ""},
		{"word pieces", "unbreakable", "un|break|able"},
		{"the space leads a word", "un unable", "un|▁un|able"},
		{"spaces stay", "  un ", "▁|▁un|▁"},
		{"Han", "各個擊破", "各|個|擊|破"},
		{"Han and letters", "春un眠", "春|un|眠"},
		{"Chinese punctuation", "不覺曉。。", "不|覺|曉|。|。"},
		{"too rare a character", "罕", "<0xE7>|<0xBD>|<0x95>"},
		{"never seen", "é", "<0xC3>|<0xA9>"},
		{"never seen in a word", "unéable", "un|<0xC3>|<0xA9>|able"},
		{"newline", "un\n\nun", "un|\n|\n|un"},
		{"digits", "12", "1|2"},
		{"punctuation parts letters", "don't", "do|n|'|t"},
		{"other scripts", "жук", "жук"},
		{"the name of a control token", "<s><sep><唐>", "<|s|>|<|s|e|p|>|<|<0xE5>|<0x94>|<0x90>|>"},
		{"the name of a byte token", "<0x41>", "<|<0x30>|<0x78>|4|1|>"},
		{"a literal U+2581", "▁un un▁", "<0xE2>|<0x96>|<0x81>|un|▁un|<0xE2>|<0x96>|<0x81>"},
		{"not UTF-8", "un\xffable\xe6\x98", "un|<0xFF>|able|<0xE6>|<0x98>"},
	} {
		ids := tok.Encode(c.text)
		if got := shown(tok, ids); got != c.want {
			t.Errorf("%s: Encode(%q) = %s, want %s", c.name, c.text, got, c.want)
		}
		if got := tok.Decode(ids); got != c.text {
			t.Errorf("%s: Decode(Encode(%q)) = %q", c.name, c.text, got)
		}
	}
	if got := tok.AppendEncode([]int{tok.BOS()}, "un"); shown(tok, got) != "<s>|un" {
		t.Errorf("AppendEncode gives %s", shown(tok, got))
	}
}

func TestUserDefinedTokens(t *testing.T) {
	kinds := map[string]Kind{"<b>": UserDefined, "<b><b>": UserDefined, "x y": UserDefined, "<end>": Control, "zz": Unused}
	tok := made(t, kinds, false, "▁", "a", "x", "y", "ay", "z", "<", "b", ">", "<end>", "<b>", "<b><b>", "x y", "zz")
	for _, c := range []struct{ text, want string }{
		{"a<b>a", "a|<b>|a"},
		{"<b><b><b>", "<b><b>|<b>"},
		{"ax ya", "a|x y|a"},
		{"x  y", "x|▁|▁|y"},
		{"x▁y", "x|<0xE2>|<0x96>|<0x81>|y"},
		{"zz<end>", "z|z|<|<0x65>|<0x6E>|<0x64>|>"},
	} {
		ids := tok.Encode(c.text)
		if got := shown(tok, ids); got != c.want || tok.Decode(ids) != c.text {
			t.Errorf("Encode(%q) = %s, which decodes to %q; want %s", c.text, got, tok.Decode(ids), c.want)
		}
	}
}

func TestSpacePrefix(t *testing.T) {
	tok := made(t, nil, true, "▁", "a", "▁a", "aa")
	for _, c := range []struct{ text, want string }{
		{"", ""}, {"a", "▁a"}, {" a", "▁|▁a"}, {"aaa", "▁a|aa"}, {"▁", "▁|<0xE2>|<0x96>|<0x81>"}, {"\xff", "▁|<0xFF>"},
	} {
		ids := tok.Encode(c.text)
		if got := shown(tok, ids); got != c.want || tok.Decode(ids) != c.text {
			t.Errorf("Encode(%q) = %s, which decodes to %q; want %s", c.text, got, tok.Decode(ids), c.want)
		}
	}
}

// obvious is the merge as its definition has it, over the whole text: the slow form of merger.
func obvious(tok *Tokenizer, s string) []int {
	var parts []string
	for _, r := range strings.ReplaceAll(s, " ", space) {
		parts = append(parts, string(r))
	}
	for {
		best := none
		var bestScore float32
		for i := range len(parts) - 1 {
			id, ok := tok.ids[parts[i]+parts[i+1]]
			if ok && tok.kinds[id] == Normal && (best == none || tok.scores[id] > bestScore) {
				best, bestScore = i, tok.scores[id]
			}
		}
		if best == none {
			break
		}
		parts[best] += parts[best+1]
		parts = slices.Delete(parts, best+1, best+2)
	}
	var ids []int
	for _, p := range parts {
		if id, ok := tok.ids[p]; ok && tok.kinds[id] == Normal {
			ids = append(ids, int(id))
		} else {
			ids = tok.spellSymbol(ids, p)
		}
	}
	return ids
}

func TestMergeIsTheObviousOne(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	alphabet := []rune("abcd ▁é春")
	random := func(most int, from []rune) string {
		s := make([]rune, r.IntN(most))
		for i := range s {
			s[i] = from[r.IntN(len(from))]
		}
		return string(s)
	}
	for range 200 {
		set := map[string]Kind{}
		for range 1 + r.IntN(40) {
			if p := random(5, []rune("abcd▁é春")); p != "" {
				set[p] = []Kind{Normal, Normal, Normal, Unused, Control}[r.IntN(5)]
			}
		}
		var pieces []string
		for p := range set {
			pieces = append(pieces, p)
		}
		slices.Sort(pieces)
		r.Shuffle(len(pieces), func(i, j int) { pieces[i], pieces[j] = pieces[j], pieces[i] })
		tok := made(t, set, false, pieces...)
		for i := range tok.scores {
			tok.scores[i] = float32(int(tok.scores[i]) / 3) // ties
		}
		for range 20 {
			s := strings.ReplaceAll(random(40, alphabet), space, "b")
			if got, want := tok.Encode(s), obvious(tok, s); !slices.Equal(got, want) {
				t.Fatalf("%q with %q: %s, want %s", s, pieces, shown(tok, got), shown(tok, want))
			}
		}
	}
}

func TestLongTextIsNotQuadratic(t *testing.T) {
	tok := made(t, nil, false, "a", "aa", "aaaa", "aaaaaaaa", "b")
	const n = 1 << 17
	if got := len(tok.Encode(strings.Repeat("a", n))); got != n/8 {
		t.Errorf("%d tokens, want %d", got, n/8)
	}
}

func TestTokens(t *testing.T) {
	tok := small(t)
	id := func(piece string) int {
		id, ok := tok.ID(piece)
		if !ok {
			t.Fatalf("no token %q", piece)
		}
		return id
	}
	for _, c := range []struct {
		id    int
		piece string
		bytes string
		kind  Kind
	}{
		{0, "<unk>", "", Unknown},
		{1, "<s>", "", Control},
		{2, "</s>", "", Control},
		{3, "<sep>", "", Control},
		{5, "<唐>", "", Control},
		{6, "<0x00>", "\x00", Byte},
		{6 + 0xE5, "<0xE5>", "\xE5", Byte},
		{6 + 256, "\n", "\n", Normal},
		{id("▁un"), "▁un", " un", Normal},
		{id("春"), "春", "春", Normal},
		{-1, "", "", Unknown},
		{tok.Size(), "", "", Unknown},
	} {
		if p, b, k := tok.Piece(c.id), string(tok.Bytes(c.id)), tok.Kind(c.id); p != c.piece || b != c.bytes || k != c.kind {
			t.Errorf("token %d is %q, %q, %v; want %q, %q, %v", c.id, p, b, k, c.piece, c.bytes, c.kind)
		}
	}
	if tok.Unknown() != 0 || tok.BOS() != 1 || tok.EOS() != 2 || tok.Newline() != 262 {
		t.Errorf("unknown %d, BOS %d, EOS %d, newline %d", tok.Unknown(), tok.BOS(), tok.EOS(), tok.Newline())
	}
	if sep, ok := tok.Sep(); !ok || sep != 3 {
		t.Errorf("Sep is %d, %v", sep, ok)
	}
	if mask, ok := tok.Mask(); !ok || mask != 4 {
		t.Errorf("Mask is %d, %v", mask, ok)
	}
	bare := train(t, TrainOptions{})
	if _, ok := bare.Sep(); ok {
		t.Error("a tokenizer without <sep> has it")
	}
	if _, ok := bare.Mask(); ok {
		t.Error("a tokenizer without <mask> has it")
	}
	if got := tok.Decode([]int{1, id("un"), 3, -7, tok.Size(), id("able"), 0, 2}); got != "unable" {
		t.Errorf("tokens without text decode to %q", got)
	}
}

func FuzzRoundTrip(f *testing.F) {
	for _, s := range []string{
		"", " ", "unbreakable 各個擊破", "▁", " ▁ ", "\x00\xff\xc0\x80", "\xed\xa0\x80", "e\u0301 👩‍👩‍👧 \u202e", "<s><0x41></s>\r\n",
		"�", "\t  \n\n", "東風<sep>жук",
	} {
		f.Add(s)
	}
	tok := small(f)
	foreign := made(f, map[string]Kind{"un ": UserDefined, "▁x": UserDefined}, false, "▁▁", "▁", "▁u", "u", "n", "\n\n", "un ", "▁x")
	prefixed := made(f, nil, true, "▁▁", "▁", "▁u", "u", "n", "\n\n", "\n")
	f.Fuzz(func(t *testing.T, s string) {
		for i, tok := range []*Tokenizer{tok, foreign, prefixed} {
			ids := tok.Encode(s)
			if got := tok.Decode(ids); got != s {
				t.Errorf("tokenizer %d: %q gives %s, which decodes to %q", i, s, shown(tok, ids), got)
			}
			for _, id := range ids {
				if k := tok.Kind(id); k != Normal && k != UserDefined && k != Byte {
					t.Errorf("tokenizer %d: %q gives the %v token %q", i, s, k, tok.Piece(id))
				}
			}
		}
		if utf8.ValidString(s) && !strings.Contains(s, space) {
			if got, want := tok.Encode(s), obvious(tok, s); !slices.Equal(got, want) {
				t.Errorf("%q gives %s, want %s", s, shown(tok, got), shown(tok, want))
			}
		}
	})
}
