package dictionary

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/stride-ml/stride/element/speech/english/internal/sealed"
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
	body, err := sealed.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	for n := range body {
		if _, err := Read(file[:n]); err == nil {
			t.Errorf("no error of a file of %d of %d bytes", n, len(file))
		}
		if _, err := Read(sealed.Seal(body[:n])); err == nil {
			t.Errorf("no error of %d of %d bytes with a checksum", n, len(body))
		}
	}
}

// Words of several blocks are all found, by several goroutines at once.
func TestBlocks(t *testing.T) {
	var many []Entry
	for i := range 5*perBlock + 1 {
		e := Entry{Said: make([]Said, 1)}
		for d := 26 * 26; d > 0; d /= 26 {
			e.Word += string(rune('a' + i/d%26))
			e.Said[0] = append(e.Said[0], []uint8{uint8(i / d % 26)})
		}
		many = append(many, e)
	}
	file, err := Write(many)
	if err != nil {
		t.Fatal(err)
	}
	d, err := Read(file)
	if err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for i, e := range many {
				at, ok := d.Find(e.Word)
				if want := fmt.Sprint(slices.Concat(e.Said[0]...)); !ok || at != i || fmt.Sprint(d.Said(at)[0]) != want {
					t.Errorf("%q: at %d, %t", e.Word, at, ok)
				}
				if _, ok := d.Find(e.Word + "a"); ok {
					t.Errorf("found %qa", e.Word)
				}
			}
		})
	}
	wait.Wait()
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
	body, err := sealed.Open(file)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(body)
	f.Fuzz(func(t *testing.T, body []byte) {
		d, err := Read(sealed.Seal(body))
		if err != nil {
			return
		}
		for i := range d.Len() {
			d.Find(d.Word(i))
			d.Said(i)
		}
	})
}
