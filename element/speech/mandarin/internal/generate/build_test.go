package main

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stride-ml/stride/element/speech/mandarin/internal/dictionary"
)

// packages are the files that are read, with a few lines each.
func packages() fstest.MapFS {
	files := map[string]string{
		"jieba/a/jieba/dict.txt":                    "银行 900 n\n都 900 d\n头发 800 n\n任天堂 700 nr\n一起 600 m\n慢慢地 50 d\n稀有 1 a\n",
		"pypinyin/pypinyin/phrases_dict.json":       `{"银行": [["yín"], ["xíng"]], "一起": [["yì"], ["qǐ"]], "花儿": [["huā"], ["ér"]]}`,
		"pypinyin/pypinyin/pinyin_dict.json":        `{"38134": "yín", "34892": "xíng,háng", "22825": "tiān", "22530": "táng", "21457": "fā", "39662": "fà", "30332": "fā"}`,
		"opencc/opencc/dictionary/STCharacters.txt": "发\t發 髮\n",
		"opencc/opencc/dictionary/TSCharacters.txt": "髮\t发\n發\t发\n",
	}
	for _, name := range []string{"surname", "dict5", "dict4", "dict3"} {
		files["pinyin-pro/package/dist/esm/data/"+name+".mjs"] = ""
	}
	files["pinyin-pro/package/dist/esm/data/dict2.mjs"] = "const DICT2 = {\n    银行: 'yín háng',\n    头发: 'tóu fa',\n};\n"
	m := fstest.MapFS{}
	for name, text := range files {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}

func TestBuild(t *testing.T) {
	s, err := read(packages())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range "一起花儿任头慢地都稀有" {
		s.readings[r] = []string{"ā"}
	}
	own := &own{
		words: map[string][]string{"慢慢": {"man4", "man4"}}, neutral: map[string]bool{"头发": true}, drop: map[string]bool{},
		alone: map[rune]string{'任': "ren4", '头': "tou2", '地': "di4", '儿': "er2"},
	}
	b := &builder{source: s, own: own, lowest: 8}
	d, err := b.build()
	if err != nil {
		t.Fatal(err)
	}
	for word, want := range map[string]string{
		"银行":  "yin2 hang2",
		"一起":  "yi1 qi3",
		"花儿":  "hua1 r5",
		"头发":  "tou2 fa5",
		"任天堂": "ren2 tian1 tang2",
		"慢慢地": "man4 man4 de5",
		"稀有":  "",
	} {
		got := ""
		if f, ok := d.Lookup([]rune(word)); ok {
			got = readingOf(f, len([]rune(word)))
		}
		if got != want {
			t.Errorf("%s: %q, want %q", word, got, want)
		}
	}
	if c, _ := d.Char('髮'); c == nil || !c.Own || !slices.Equal(c.Readings, []string{"fa4"}) || string(c.Forms) != "发" {
		t.Errorf("髮: %+v", c)
	}
}

func readingOf(f dictionary.Found, n int) string {
	var out []string
	for i := range n {
		out = append(out, f.Reading(i))
	}
	return strings.Join(out, " ")
}

func TestReadErrors(t *testing.T) {
	for name, text := range map[string]string{
		"jieba/a/jieba/dict.txt":                    "银行 900\n",
		"pypinyin/pypinyin/phrases_dict.json":       "{",
		"pypinyin/pypinyin/pinyin_dict.json":        `{"x": "y"}`,
		"opencc/opencc/dictionary/TSCharacters.txt": "髮髮 发\n",
	} {
		m := packages()
		m[name] = &fstest.MapFile{Data: []byte(text)}
		if _, err := read(m); err == nil {
			t.Errorf("%s with %q passed", name, text)
		}
		delete(m, name)
		if _, err := read(m); err == nil {
			t.Errorf("passed without %s", name)
		}
	}
}

// TestOwnFiles checks the readings that are written by hand.
func TestOwnFiles(t *testing.T) {
	o, err := readOwn()
	if err != nil {
		t.Fatal(err)
	}
	for w, syllables := range o.words {
		for _, s := range syllables {
			if !valid(s) {
				t.Errorf("%s: %s is not a syllable", w, s)
			}
		}
		if o.drop[w] {
			t.Errorf("%s is both given and dropped", w)
		}
	}
	for r, s := range o.alone {
		if !valid(s) || !valid(o.within[r]) {
			t.Errorf("%c: %s and %s", r, s, o.within[r])
		}
	}
}
