package text

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"
)

// reference is what Hugging Face's tokenizers gave; testdata/make_tokenizers.py made it.
type reference struct {
	Prompt struct {
		Text string
		IDs  []int
	}
	Cases []struct {
		Text          string
		Plain, Marked []int
	}
}

// references reads the tokenizers in testdata and what each must give.
func references(t testing.TB) (toks map[string]*Tokenizer, want map[string]reference) {
	t.Helper()
	files, err := filepath.Glob("testdata/tokenizers/*.ids.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no references: %v", err)
	}
	toks, want = map[string]*Tokenizer{}, map[string]reference{}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".ids.json")
		ids, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var r reference
		if err := json.Unmarshal(ids, &r); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		want[name] = r
		if toks[name], err = FromTokenizerJSON(tokenizerJSON(t, name), nil); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	return toks, want
}

func tokenizerJSON(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/tokenizers/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestEncodesAsTokenizers(t *testing.T) {
	toks, want := references(t)
	for name, tok := range toks {
		if len(want[name].Cases) < 50 {
			t.Errorf("%s: only %d texts", name, len(want[name].Cases))
		}
		for _, c := range want[name].Cases {
			checkCase(t, name, tok, c.Text, c.Plain, c.Marked)
		}
		if p := want[name].Prompt; !slices.Equal(tok.EncodePrompt(p.Text), p.IDs) {
			t.Errorf("%s: the prompt %q is %s, want %s", name, p.Text, shown(tok, tok.EncodePrompt(p.Text)), shown(tok, p.IDs))
		}
	}
}

// checkCase compares what a text gives; marked is nil if it is as plain.
func checkCase(t *testing.T, name string, tok *Tokenizer, s string, plain, marked []int) {
	t.Helper()
	if got := tok.Encode(s); !slices.Equal(got, plain) {
		t.Errorf("%s: Encode(%q) = %s, want %s", name, s, shown(tok, got), shown(tok, plain))
	}
	if marked == nil {
		marked = plain
	}
	if got := tok.AppendMarked(nil, s); !slices.Equal(got, marked) {
		t.Errorf("%s: AppendMarked(%q) = %s, want %s", name, s, shown(tok, got), shown(tok, marked))
	}
}

// TestFamiliesOfModelFiles gives the same from the metadata of a model file, whose family is known by name.
func TestFamiliesOfModelFiles(t *testing.T) {
	toks, want := references(t)
	n := 0
	for name, tok := range toks {
		if !tok.byteLevel {
			continue
		}
		n++
		fromFile := asModelFile(t, name, tok)
		for _, c := range want[name].Cases {
			if name == "qwen2" && !norm.NFC.IsNormalString(c.Text) {
				continue // llama.cpp does not normalize
			}
			checkCase(t, name+" as a model file", fromFile, c.Text, c.Plain, c.Marked)
		}
		again, err := FromMetadata(getter(fromFile.Metadata()))
		if err != nil {
			t.Fatalf("%s again: %v", name, err)
		}
		s := want[name].Cases[9].Text
		if got, want := again.EncodePrompt(s), fromFile.EncodePrompt(s); !slices.Equal(got, want) {
			t.Errorf("%s again: %q is %s, want %s", name, s, shown(again, got), shown(again, want))
		}
	}
	if n < 6 {
		t.Errorf("only %d byte-level tokenizers", n)
	}
}

// asModelFile writes a byte-level tokenizer as llama.cpp's converter does.
func asModelFile(t *testing.T, name string, tok *Tokenizer) *Tokenizer {
	t.Helper()
	var file struct {
		Model struct{ Merges mergesJSON }
	}
	if err := json.Unmarshal(tok.json, &file); err != nil {
		t.Fatal(err)
	}
	var merges []string
	for _, m := range file.Model.Merges {
		merges = append(merges, m[0]+" "+m[1])
	}
	m := tok.Metadata()
	delete(m, keyJSON)
	types := make([]int32, len(tok.kinds))
	for i, k := range tok.kinds {
		types[i] = int32(k)
	}
	m[keyModel], m[keyPre], m[keyTokens], m[keyTypes], m[keyMerges] = modelBytes, name, tok.pieces, types, merges
	out, err := FromMetadata(getter(m))
	if err != nil {
		t.Fatalf("%s as a model file: %v", name, err)
	}
	return out
}

// TestDecodesWhatItEncoded holds for what loses nothing: all but normalized text, and spaces that a Metaspace swallows.
func TestDecodesWhatItEncoded(t *testing.T) {
	toks, want := references(t)
	for name, tok := range toks {
		for _, c := range want[name].Cases {
			for _, s := range []string{c.Text, c.Text + "▁\xff\xe6\x98", "\xf0\x9f" + c.Text} {
				wanted := s
				switch {
				case name == "qwen2":
					wanted = norm.NFC.String(s)
				case name == "mistral" && strings.HasPrefix(s, " "):
					wanted = s[1:]
				case name == "tinyllama" && s == "":
					continue
				}
				if got := tok.Decode(tok.Encode(s)); got != wanted {
					t.Errorf("%s: %q comes back as %q, want %q", name, s, got, wanted)
				}
				checkStream(t, name, tok, s)
			}
		}
	}
}

func TestComposed(t *testing.T) {
	marks := strings.Repeat("\u0301", 40)
	for _, c := range []struct{ text, want string }{
		{"e\u0301", "é"},
		{"e" + marks, "é" + marks[2:]},
		{"a\u034fe\u0301\u034f" + marks, "a\u034fé\u034f" + marks},
		{"\xffe\u0301", "\xffé"},
	} {
		if got := composed(norm.NFC, c.text); got != c.want {
			t.Errorf("%+q is composed as %+q, want %+q", c.text, got, c.want)
		}
	}
}

// checkStream compares a text that is decoded token by token.
func checkStream(t *testing.T, name string, tok *Tokenizer, s string) {
	t.Helper()
	var got, bytes strings.Builder
	stream := NewStream(tok)
	for _, id := range tok.Encode(s) {
		got.WriteString(stream.Push(id))
		bytes.Write(tok.Bytes(id))
	}
	got.WriteString(stream.Flush())
	if want := string([]rune(bytes.String())); got.String() != want {
		t.Errorf("%s: %q is streamed as %q, want %q", name, s, got.String(), want)
	}
}

func TestOneCharacterIsNotQuadratic(t *testing.T) {
	toks, _ := references(t)
	toks["default"] = asModelFile(t, "default", toks["gpt-2"])
	for _, name := range slices.Sorted(maps.Keys(toks)) {
		tok := toks[name]
		for _, s := range []string{"a", " ", "\n", "1", "。", "'", "\xff", "<", "A", " \n", "\u0301"} {
			n := 1 << 16
			if s == "a" && (name == "llama-bpe" || name == "gemma") { // one part of the text, merged by pairs
				n = 1 << 20
			}
			start := time.Now()
			long := strings.Repeat(s, n/len(s))
			ids := tok.Encode(long)
			if len(ids) == 0 {
				t.Errorf("%s: %d times %q give nothing", name, n/len(s), s)
			}
			// Generous for a busy machine, and far from the hours that a quadratic algorithm would need.
			if d := time.Since(start); d > time.Minute {
				t.Errorf("%s: %d times %q took %v", name, n/len(s), s, d)
			}
		}
	}
}
