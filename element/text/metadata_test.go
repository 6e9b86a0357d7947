package text

import (
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
)

// getter is how a model file gives its values.
func getter(m map[string]any) func(string) (any, bool) {
	return func(key string) (any, bool) {
		v, ok := m[key]
		return v, ok
	}
}

// copied is the metadata of a tokenizer with lists of its own.
func copied(tok *Tokenizer) map[string]any {
	m := tok.Metadata()
	m[keyTokens] = slices.Clone(m[keyTokens].([]string))
	m[keyScores] = slices.Clone(m[keyScores].([]float32))
	m[keyTypes] = slices.Clone(m[keyTypes].([]int32))
	return m
}

func TestMetadataRoundTrip(t *testing.T) {
	for name, tok := range map[string]*Tokenizer{
		"trained": small(t),
		"bare":    train(t, TrainOptions{}),
		"users'":  made(t, map[string]Kind{"\n": UserDefined, "x": Unused}, false, "a", "\n", "x"),
		"prefix":  made(t, nil, true, "a", "▁", "▁a"),
	} {
		again, err := FromMetadata(getter(tok.Metadata()))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, s := range append(slices.Clone(corpus), "春\n un▁\xff") {
			if a, b := tok.Encode(s), again.Encode(s); !slices.Equal(a, b) || again.Decode(b) != s {
				t.Errorf("%s: %q gives %s, want %s", name, s, shown(again, b), shown(tok, a))
			}
		}
		mask, hasMask := tok.Mask()
		mask2, hasMask2 := again.Mask()
		sep, hasSep := tok.Sep()
		sep2, hasSep2 := again.Sep()
		if mask != mask2 || hasMask != hasMask2 || sep != sep2 || hasSep != hasSep2 || again.Newline() != tok.Newline() {
			t.Errorf("%s: mask %d, separator %d, newline %d; want %d, %d, %d", name, mask2, sep2, again.Newline(), mask, sep, tok.Newline())
		}
		a, b := tok.Metadata(), again.Metadata()
		if !slices.Equal(slices.Sorted(maps.Keys(a)), slices.Sorted(maps.Keys(b))) || !slices.Equal(a[keyTypes].([]int32), b[keyTypes].([]int32)) {
			t.Errorf("%s: metadata %v, want %v", name, b, a)
		}
	}
}

func TestMetadataForLlamaCpp(t *testing.T) {
	m := small(t).Metadata()
	for key, want := range map[string]any{
		"tokenizer.ggml.model":                    "llama",
		"tokenizer.ggml.bos_token_id":             uint32(1),
		"tokenizer.ggml.eos_token_id":             uint32(2),
		"tokenizer.ggml.unknown_token_id":         uint32(0),
		"tokenizer.ggml.seperator_token_id":       uint32(3),
		"tokenizer.ggml.mask_token_id":            uint32(4),
		"tokenizer.ggml.add_bos_token":            false,
		"tokenizer.ggml.add_eos_token":            false,
		"tokenizer.ggml.add_space_prefix":         false,
		"tokenizer.ggml.remove_extra_whitespaces": false,
	} {
		if m[key] != want {
			t.Errorf("%s is %v, want %v", key, m[key], want)
		}
	}
}

func TestMetadataOfOthers(t *testing.T) {
	m := copied(small(t))
	for _, key := range []string{keyBOS, keyEOS, keyUnknown, keyMask, keySep, keyPrefix, keyAddBOS, keyAddEOS, keySpaces} {
		delete(m, key)
	}
	tok, err := FromMetadata(getter(m))
	if err != nil {
		t.Fatal(err)
	}
	if sep, ok := tok.Sep(); tok.BOS() != 1 || tok.EOS() != 2 || tok.Unknown() != 0 || !ok || sep != 3 {
		t.Errorf("BOS %d, EOS %d, unknown %d, separator %d; want 1, 2, 0, 3", tok.BOS(), tok.EOS(), tok.Unknown(), sep)
	}
	if got := shown(tok, tok.Encode("un")); got != "▁un" {
		t.Errorf("without %s un is %s, want ▁un", keyPrefix, got)
	}
	for _, id := range []any{uint8(5), int8(5), uint16(5), int16(5), uint32(5), int32(5), uint64(5), int64(5)} {
		m[keyMask] = id
		tok, err := FromMetadata(getter(m))
		if err != nil {
			t.Fatal(err)
		}
		if mask, ok := tok.Mask(); !ok || mask != 5 {
			t.Errorf("a mask of type %T is read as %d", id, mask)
		}
	}
}

func TestMetadataRefused(t *testing.T) {
	tokens := func(m map[string]any) []string { return m[keyTokens].([]string) }
	types := func(m map[string]any) []int32 { return m[keyTypes].([]int32) }
	for _, c := range []struct {
		name string
		harm func(m map[string]any)
		want string
	}{
		{"no model", func(m map[string]any) { delete(m, keyModel) }, "no tokenizer.ggml.model, want of type string"},
		{"another model", func(m map[string]any) { m[keyModel] = "bert" }, `tokenizer.ggml.model is "bert", want "llama" or "gpt2"`},
		{"no tokens", func(m map[string]any) { delete(m, keyTokens) }, "no tokenizer.ggml.tokens, want an array of string"},
		{"no scores", func(m map[string]any) { delete(m, keyScores) }, "no tokenizer.ggml.scores, want an array of float32"},
		{"no types", func(m map[string]any) { delete(m, keyTypes) }, "no tokenizer.ggml.token_type, want an array of int32"},
		{"types of another type", func(m map[string]any) { m[keyTypes] = []uint8{1} }, "tokenizer.ggml.token_type is an array of uint8, want an array of int32"},
		{"too few scores", func(m map[string]any) { m[keyScores] = []float32{1} }, "tokenizer.ggml.scores has 1 entries, want "},
		{"too many types", func(m map[string]any) { m[keyTypes] = append(types(m), 1) }, "one for each of tokenizer.ggml.tokens"},
		{"score not a number", func(m map[string]any) { m[keyScores].([]float32)[7] = float32(math.NaN()) }, "tokenizer.ggml.scores[7] is not a number"},
		{"type 0", func(m map[string]any) { types(m)[9] = 0 }, "tokenizer.ggml.token_type[9] is 0, want 1 to 6"},
		{"type 7", func(m map[string]any) { types(m)[9] = 7 }, "tokenizer.ggml.token_type[9] is 7, want 1 to 6"},
		{"duplicate", func(m map[string]any) { tokens(m)[300] = "un"; tokens(m)[301] = "un" }, `tokenizer.ggml.tokens[301] is "un", as is [300]`},
		{"empty", func(m map[string]any) { tokens(m)[300] = "" }, "tokenizer.ggml.tokens[300] is empty"},
		{"not UTF-8", func(m map[string]any) { tokens(m)[300] = "\xe6" }, `tokenizer.ggml.tokens[300] is "\xe6", which is not UTF-8`},
		{"missing byte", func(m map[string]any) { types(m)[6+0x41] = 1 }, "tokenizer.ggml.tokens lacks the byte token <0x41>"},
		{"not a byte", func(m map[string]any) { tokens(m)[6+0x41] = "<0x4G>" }, `tokenizer.ggml.tokens[71] is "<0x4G>", want <0x00> to <0xFF>`},
		{"byte twice", func(m map[string]any) { tokens(m)[6+0xB] = "<0x0a>" }, `tokenizer.ggml.tokens[17] is "<0x0a>", the byte of [16]`},
		{"id out of range", func(m map[string]any) { m[keyEOS] = uint32(100000) }, "tokenizer.ggml.eos_token_id is 100000, want 0 to "},
		{"id negative", func(m map[string]any) { m[keyMask] = int32(-2) }, "tokenizer.ggml.mask_token_id is -2, want 0 to "},
		{"id beyond int64", func(m map[string]any) { m[keySep] = uint64(math.MaxUint64) }, "tokenizer.ggml.seperator_token_id is 18446744073709551615, want 0 to "},
		{"id a string", func(m map[string]any) { m[keyBOS] = "1" }, "tokenizer.ggml.bos_token_id is of type string, want an integer"},
		{"prefix a number", func(m map[string]any) { m[keyPrefix] = uint8(1) }, "tokenizer.ggml.add_space_prefix is of type uint8, want of type bool"},
		{"nothing at all", func(m map[string]any) {
			m[keyTokens], m[keyScores], m[keyTypes] = []string{}, []float32{}, []int32{}
			delete(m, keyBOS)
		}, "tokenizer.ggml.tokens has 0 entries, want more than 1, the default of tokenizer.ggml.bos_token_id"},
	} {
		m := copied(small(t))
		c.harm(m)
		if _, err := FromMetadata(getter(m)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %s", c.name, err, c.want)
		}
	}
}

func TestMetadataOfByteLevelRefused(t *testing.T) {
	toks, _ := references(t)
	good := asModelFile(t, "smollm", toks["smollm"])
	for _, c := range []struct {
		key   string
		value any
		want  string
	}{
		{keyPre, "unheard-of", `tokenizer.ggml.pre is "unheard-of", which is not known; known: bailingmoe, `},
		{keyPre, uint32(1), "tokenizer.ggml.pre is of type uint32, want of type string"},
		{keyMerges, nil, "no tokenizer.ggml.merges, want an array of string"},
		{keyMerges, []string{"Ġ t", "ab"}, `tokenizer.ggml.merges[1] is "ab", want two pieces with a space between`},
		{keyMerges, []string{"a b c"}, `tokenizer.ggml.merges[0] is "a b c", want two pieces`},
		{keyMerges, []string{"春 t"}, `tokenizer.ggml.merges[0] joins "春" and "t" to "春t", want three tokens`},
		{keyTypes, []int32{1}, "tokenizer.ggml.token_type has 1 entries, want "},
		{keyAddBOS, true, "no tokenizer.ggml.bos_token_id, want the token that the model begins with"},
		{keyAddEOS, true, "no tokenizer.ggml.eos_token_id, want the token that the model ends with"},
		{keyAddEOS, uint8(1), "tokenizer.ggml.add_eos_token is of type uint8, want of type bool"},
	} {
		m := good.Metadata()
		if m[c.key] = c.value; c.value == nil {
			delete(m, c.key)
		}
		if _, err := FromMetadata(getter(m)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %v: error %v, want one with %s", c.key, c.value, err, c.want)
		}
	}
	m := good.Metadata()
	m[keyAddBOS], m[keyAddEOS], m[keyBOS], m[keyEOS] = true, true, uint32(0), uint32(2)
	tok, err := FromMetadata(getter(m))
	if err != nil {
		t.Fatal(err)
	}
	if ids := tok.EncodePrompt(""); len(ids) != 2 || ids[0] != 0 || ids[1] != 2 {
		t.Errorf("the empty prompt is %v, want 0 and 2", ids)
	}
}

// FuzzFromMetadata changes one token, score, type and id of a good file: it is refused, or gives a tokenizer that keeps
// its promises.
func FuzzFromMetadata(f *testing.F) {
	f.Add(uint16(300), "un able", float32(1), int32(4), uint32(2), uint16(0), "unable un able")
	f.Add(uint16(6), "<0x00>", float32(math.Inf(1)), int32(6), uint32(1<<31), uint16(9), "\x00")
	f.Add(uint16(263), "▁▁", float32(math.NaN()), int32(1), uint32(0), uint16(300), "  ▁")
	tok := small(f)
	f.Fuzz(func(t *testing.T, at uint16, piece string, score float32, kind int32, id uint32, cut uint16, s string) {
		m := copied(tok)
		i := int(at) % tok.Size()
		m[keyTokens].([]string)[i] = piece
		m[keyScores].([]float32)[i] = score
		m[keyTypes].([]int32)[i] = kind
		m[keyMask] = id
		if int(cut) < tok.Size() && cut%2 == 1 {
			m[keyTokens] = m[keyTokens].([]string)[:cut]
		}
		got, err := FromMetadata(getter(m))
		if err != nil {
			if !strings.Contains(err.Error(), "tokenizer.ggml.") {
				t.Errorf("the error %q names no key", err)
			}
			return
		}
		if ids := got.Encode(s); got.Decode(ids) != s {
			t.Errorf("%q gives %s, which decodes to %q", s, shown(got, ids), got.Decode(ids))
		}
	})
}
