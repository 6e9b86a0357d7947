package command

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestLanguageOf(t *testing.T) {
	for text, want := range map[string]string{"Good morning": "english", "學長今天": "mandarin", "Hi 你好": "mandarin", "42": "english", "": "english"} {
		if got := languageOf(text); got != want {
			t.Errorf("%q is taken for %s, want %s", text, got, want)
		}
	}
}

func TestSpeakReads(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"a.txt": "from a file\n", "bad.txt": "a\xff", "empty.txt": " \n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, tc := range []struct {
		text     []string
		file     string
		terminal bool
		want     string
		wantErr  string
	}{
		{text: []string{"one", "two"}, want: "one two"},
		{text: []string{"-"}, terminal: true, want: "from a pipe"},
		{want: "from a pipe"},
		{file: "-", want: "from a pipe"},
		{file: filepath.Join(dir, "a.txt"), want: "from a file\n"},
		{terminal: true, wantErr: "want a text, --file FILE or a text on standard input"},
		{text: []string{" "}, terminal: true, wantErr: "there is nothing to speak"},
		{file: filepath.Join(dir, "bad.txt"), wantErr: "bad.txt: byte 1 is no UTF-8"},
		{file: filepath.Join(dir, "empty.txt"), wantErr: "empty.txt: there is nothing to speak"},
		{file: filepath.Join(dir, "none.txt"), wantErr: "none.txt: no such file"},
	} {
		c, _, _ := testConsole()
		c.in, c.inIsTerminal = strings.NewReader("from a pipe"), tc.terminal
		got, err := (&speakCommand{Text: tc.text, File: tc.file}).read(c)
		if got != tc.want || (err == nil) != (tc.wantErr == "") || err != nil && !strings.Contains(err.Error(), tc.wantErr) {
			t.Errorf("%q %s: %q, %v", tc.text, tc.file, got, err)
		}
	}
}

func TestReadLexicon(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lexicon.txt")
	for _, tc := range []struct {
		language, text string
		want           map[string][]string
		wantErr        string
	}{
		{"english", "\uFEFFstride\tS T R AY1 D # a name\n\n# nothing\nfoo  F UW1\n", map[string][]string{"stride": {"S", "T", "R", "AY1", "D"}, "foo": {"F", "UW1"}}, ""},
		{"mandarin", "# names\n銀行\tyin2 hang2\n", map[string][]string{"銀行": {"yin2", "hang2"}}, ""},
		{"english", "stride\tS X\n", nil, "lexicon.txt: english: line 1, column 10"},
		{"", "", nil, "--lexicon is for models that speak"},
	} {
		if err := os.WriteFile(path, []byte(tc.text), 0o644); err != nil {
			t.Fatal(err)
		}
		got, err := (&soundFlags{Lexicon: path}).readLexicon(tc.language)
		if len(got) != len(tc.want) || (err == nil) != (tc.wantErr == "") || err != nil && !strings.Contains(err.Error(), tc.wantErr) {
			t.Errorf("%q: %v, %v", tc.text, got, err)
		}
		for word, phones := range tc.want {
			if !slices.Equal(got[word], phones) {
				t.Errorf("%s is %v, want %v", word, got[word], phones)
			}
		}
	}
}
