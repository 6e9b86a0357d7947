package main

import (
	"bufio"
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// source is what the packages say.
type source struct {
	frequency map[string]int      // jieba
	tag       map[string]string   // jieba: part of speech
	phrases   []map[string]string // pinyin with marks; the first that has a word counts
	readings  map[rune][]string   // pypinyin: pinyin of characters, with marks
	forms     map[rune][]rune     // OpenCC: simplified forms of a traditional character
	shared    map[rune]bool       // OpenCC: simplified characters of several traditional ones
}

func read(dir fs.FS) (*source, error) {
	s := &source{
		frequency: map[string]int{}, tag: map[string]string{},
		readings: map[rune][]string{}, forms: map[rune][]rune{}, shared: map[rune]bool{},
	}
	for _, f := range []func(fs.FS) error{s.jieba, s.pinyinPro, s.pypinyin, s.opencc} {
		if err := f(dir); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// find reads the only file of a package whose path ends so.
func find(dir fs.FS, pkg, end string) ([]byte, error) {
	var found []string
	err := fs.WalkDir(dir, pkg, func(p string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && strings.HasSuffix(p, end) {
			found = append(found, p)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(found) != 1 {
		return nil, fmt.Errorf("%d files of %s end in %s, want 1", len(found), pkg, end)
	}
	return fs.ReadFile(dir, path.Clean(found[0]))
}

func (s *source) jieba(dir fs.FS) error {
	data, err := find(dir, "jieba", "/jieba/dict.txt")
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(data)) {
		f := strings.Fields(line)
		if len(f) != 3 {
			return fmt.Errorf("jieba: %q has %d fields, want 3", line, len(f))
		}
		if s.frequency[f[0]], err = strconv.Atoi(f[1]); err != nil {
			return err
		}
		s.tag[f[0]] = f[2]
	}
	return nil
}

// proLine is a word and its pinyin in a table of pinyin-pro.
var proLine = regexp.MustCompile(`(?m)^\s+(\p{Han}+): ['"]([^'"]+)['"]`)

func (s *source) pinyinPro(dir fs.FS) error {
	words := map[string]string{}
	for _, name := range []string{"surname", "dict5", "dict4", "dict3", "dict2"} {
		data, err := find(dir, "pinyin-pro", "/esm/data/"+name+".mjs")
		if err != nil {
			return err
		}
		for _, m := range proLine.FindAllSubmatch(data, -1) {
			words[string(m[1])] = string(m[2])
		}
	}
	s.phrases = append(s.phrases, words)
	return nil
}

func (s *source) pypinyin(dir fs.FS) error {
	data, err := find(dir, "pypinyin", "/phrases_dict.json")
	if err != nil {
		return err
	}
	var phrases map[string][][]string
	if err := json.Unmarshal(data, &phrases); err != nil {
		return err
	}
	words := map[string]string{}
	for w, syllables := range phrases {
		var first []string
		for _, alternatives := range syllables {
			first = append(first, alternatives[0])
		}
		words[w] = strings.Join(first, " ")
	}
	s.phrases = append(s.phrases, words)

	if data, err = find(dir, "pypinyin", "/pinyin_dict.json"); err != nil {
		return err
	}
	var chars map[string]string
	if err := json.Unmarshal(data, &chars); err != nil {
		return err
	}
	for code, readings := range chars {
		n, err := strconv.Atoi(code)
		if err != nil {
			return err
		}
		s.readings[rune(n)] = strings.Split(readings, ",")
	}
	return nil
}

func (s *source) opencc(dir fs.FS) error {
	for name, row := range map[string]func(rune, []rune){
		"TSCharacters.txt": func(from rune, to []rune) { s.forms[from] = to },
		"STCharacters.txt": func(from rune, to []rune) { s.shared[from] = len(to) > 1 },
	} {
		data, err := find(dir, "opencc", "/"+name)
		if err != nil {
			return err
		}
		for line := range strings.Lines(string(data)) {
			f := strings.Fields(line)
			if len(f) < 2 || utf8.RuneCountInString(f[0]) != 1 {
				return fmt.Errorf("%s: %q is not a character and its forms", name, line)
			}
			row([]rune(f[0])[0], []rune(strings.Join(f[1:], "")))
		}
	}
	return nil
}

//go:embed *.txt
var ownFiles embed.FS

// own is what the text files of this package say. Pinyin has digits.
type own struct {
	words     map[string][]string
	frequency map[string]int
	neutral   map[string]bool
	drop      map[string]bool
	alone     map[rune]string // how a character is read as a word
	within    map[rune]string // and in a word that no source has
	class     map[string]byte
	forms     map[rune][]rune
}

func readOwn() (*own, error) {
	o := &own{
		words: map[string][]string{}, frequency: map[string]int{}, neutral: map[string]bool{}, drop: map[string]bool{},
		alone: map[rune]string{}, within: map[rune]string{}, class: map[string]byte{}, forms: map[rune][]rune{},
	}
	for name, row := range map[string]func(f []string) error{
		"words.txt":   o.word,
		"neutral.txt": mark(o.neutral),
		"drop.txt":    mark(o.drop),
		"characters.txt": func(f []string) error {
			r := []rune(f[0])[0]
			o.alone[r], o.within[r] = f[1], f[len(f)-1]
			return nil
		},
		"classes.txt": func(f []string) error {
			for _, w := range f[1:] {
				o.class[w] = f[0][0]
			}
			return nil
		},
		"conversions.txt": func(f []string) error {
			o.forms[[]rune(f[0])[0]] = []rune(strings.Join(f[1:], ""))
			return nil
		},
	} {
		data, err := ownFiles.ReadFile(name)
		if err != nil {
			return nil, err
		}
		in := bufio.NewScanner(bytes.NewReader(data))
		for n := 1; in.Scan(); n++ {
			f := strings.Fields(in.Text())
			if len(f) == 0 || f[0] == "#" {
				continue
			}
			if err := row(f); err != nil {
				return nil, fmt.Errorf("%s: line %d: %w", name, n, err)
			}
		}
		if err := in.Err(); err != nil {
			return nil, err
		}
	}
	return o, nil
}

func mark(set map[string]bool) func(f []string) error {
	return func(f []string) error {
		for _, w := range f {
			set[w] = true
		}
		return nil
	}
}

// word reads a word, its syllables, and its frequency if it is given.
func (o *own) word(f []string) error {
	n := utf8.RuneCountInString(f[0])
	if len(f) == n+2 {
		frequency, err := strconv.Atoi(f[n+1])
		if err != nil {
			return err
		}
		o.frequency[f[0]] = frequency
		f = f[:n+1]
	}
	if n < 2 || len(f) != n+1 {
		return fmt.Errorf("%s has %d syllables", f[0], len(f)-1)
	}
	o.words[f[0]] = f[1:]
	return nil
}
