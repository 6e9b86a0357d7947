package dictionary

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func small(t testing.TB) *Dictionary {
	t.Helper()
	d, err := New([]Char{
		{Rune: '行', Readings: []string{"xing2", "hang2"}, Cost: 60, Class: 'v'},
		{Rune: '银', Readings: []string{"yin2"}, Cost: 90, Class: 'n'},
		{Rune: '長', Readings: []string{"chang2", "zhang3"}, Forms: []rune{'长'}, Own: true},
		{Rune: '长', Readings: []string{"chang2", "zhang3"}, Cost: 70, Class: 'a'},
	}, []Word{
		{"银行行长", []string{"yin2", "hang2", "hang2", "zhang3"}, 120, 'n'},
		{"行长", []string{"hang2", "zhang3"}, 100, 'n'},
		{"银行", []string{"yin2", "hang2"}, 80, 'n'},
		{"行行", []string{"hang2", "hang2"}, 110, 'q'},
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDecodeGivesBack(t *testing.T) {
	d := small(t)
	var b bytes.Buffer
	if err := Encode(&b, d); err != nil {
		t.Fatal(err)
	}
	got, err := Decode(b.Bytes())
	if err != nil || !reflect.DeepEqual(got, d) {
		t.Errorf("got %+v, %v, want %+v", got, err, d)
	}
	for n := range b.Len() {
		if _, err := Decode(b.Bytes()[:n]); err == nil {
			t.Errorf("the first %d of %d bytes passed", n, b.Len())
		}
	}
}

func TestPrefix(t *testing.T) {
	d := small(t)
	for text, want := range map[string]string{"银": "", "银行": "80", "银行行": "", "银行行长": "120", "银长": "none", "行行": "110", "長": ""} {
		got := ""
		runes := []rune(text)
		p, ok := d.Start(runes[0])
		for _, r := range runes[1:] {
			if ok {
				p, ok = d.Next(p, r)
			}
		}
		if !ok {
			got = "none"
		} else if f, found := d.Word(p); found {
			got = fmt.Sprint(f.Cost())
		}
		if got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	f, ok := d.Lookup([]rune("银行行长"))
	if !ok || f.Reading(0) != "yin2" || f.Reading(3) != "zhang3" || f.Class() != 'n' {
		t.Errorf("银行行长: %v, %s", ok, f.Reading(3))
	}
	for _, text := range []string{"", "银", "银长", "好好", "银好"} {
		if _, ok := d.Lookup([]rune(text)); ok {
			t.Errorf("%q is a word", text)
		}
	}
	if c, ok := d.Char('長'); !ok || !c.Own || string(c.Forms) != "长" {
		t.Errorf("長: %+v", c)
	}
	if _, ok := d.Char('好'); ok {
		t.Error("好 is known")
	}
}

func TestNewErrors(t *testing.T) {
	one := []Char{{Rune: '一', Readings: []string{"yi1"}}}
	for want, words := range map[string][]Word{
		"twice":           {{Text: "一一", Readings: []string{"yi1", "yi1"}}, {Text: "一一", Readings: []string{"yi1", "yi1"}}},
		"is not known":    {{Text: "一二", Readings: []string{"yi1", "er4"}}},
		"no reading yi2":  {{Text: "一一", Readings: []string{"yi1", "yi2"}}},
		"and 1 syllables": {{Text: "一一", Readings: []string{"yi1"}}},
	} {
		if _, err := New(one, words); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
	for _, chars := range [][]Char{{{Rune: '一'}}, {one[0], one[0]}} {
		if _, err := New(chars, nil); err == nil {
			t.Errorf("%+v passed", chars)
		}
	}
}

func FuzzDecode(f *testing.F) {
	var b bytes.Buffer
	if err := Encode(&b, small(f)); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte("c0\x1d0\x000")) // readings, but no syllables that they could be
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Decode(data)
		if err != nil {
			return
		}
		for i := range d.chars {
			if p, ok := d.Start(d.chars[i].Rune); ok {
				d.Word(p)
			}
		}
	})
}
