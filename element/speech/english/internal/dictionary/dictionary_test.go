package dictionary

import (
	"fmt"
	"testing"
)

var entries = []Entry{
	{"'em", []Said{{nil, {6}, {30}}}},
	{"a", []Said{{{6}}, {{27}}}},
	{"a-b.c", []Said{{{6}, {1, 2, 3, 4}, {18}, nil, {68}}}},
	{"ab", []Said{{{6}, {18}}}},
	{"zebra", []Said{{{67}, {40}, {18}, {50}, {6}}, {{67}, {22}, {18}, {50}, {6}}, {{67}, {22}, {18}, {50}, nil}}},
}

func TestRoundTrip(t *testing.T) {
	file, err := Write(entries)
	if err != nil {
		t.Fatal(err)
	}
	d, err := Read(file)
	if err != nil {
		t.Fatal(err)
	}
	if d.Len() != len(entries) {
		t.Fatalf("%d words", d.Len())
	}
	for i, e := range entries {
		at, ok := d.Find(e.Word)
		if !ok || at != i || d.Word(at) != e.Word {
			t.Errorf("%q: at %d, %t", e.Word, at, ok)
		}
		var want [][]uint8
		for _, s := range e.Said {
			var phones []uint8
			for _, chunk := range s {
				phones = append(phones, chunk...)
			}
			want = append(want, phones)
		}
		if got := d.Said(at); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%q: got %v, want %v", e.Word, got, want)
		}
	}
	for _, w := range []string{"", "aa", "zz", "'"} {
		if _, ok := d.Find(w); ok {
			t.Errorf("found %q", w)
		}
	}
	for n := range len(file) - 5 {
		if _, err := Read(file[:n]); err == nil && n < len(file)/2 {
			t.Errorf("no error of a file of %d of %d bytes", n, len(file))
		}
	}
}

func TestWriteErrors(t *testing.T) {
	for name, e := range map[string][]Entry{
		"order":     {{"b", []Said{{nil}}}, {"a", []Said{{nil}}}},
		"twice":     {{"b", []Said{{nil}}}, {"b", []Said{{nil}}}},
		"unsaid":    {{"b", nil}},
		"unaligned": {{"b", []Said{{nil, nil}}}},
		"character": {{"b1", []Said{{nil, nil}}}},
	} {
		if _, err := Write(e); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func FuzzRead(f *testing.F) {
	file, err := Write(entries)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(file)
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Read(data)
		if err != nil {
			return
		}
		for i := range d.Len() {
			d.Word(i)
			d.Said(i)
		}
	})
}
