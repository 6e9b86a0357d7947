package text

import (
	"slices"
	"testing"
	"unicode/utf8"
)

func TestStream(t *testing.T) {
	tok := small(t)
	for _, c := range []struct {
		name string
		text string
		want []string // of each Push, then of Flush
	}{
		{"pieces", "unbreakable", []string{"un", "break", "able", ""}},
		{"bytes of a character", "罕un", []string{"", "", "罕", "un", ""}},
		{"cut short", "un\xe7\xbd", []string{"un", "", "", "\uFFFD\uFFFD"}},
		{"broken off", "\xe7un", []string{"", "\uFFFDun", ""}},
		{"never a character", "\xffun", []string{"\uFFFD", "un", ""}},
		{"nothing", "", []string{""}},
	} {
		s := NewStream(tok)
		for turn := range 2 { // the second after a Flush
			var got []string
			for _, id := range tok.Encode(c.text) {
				got = append(got, s.Push(id))
			}
			got = append(got, s.Flush())
			if !slices.Equal(got, c.want) {
				t.Errorf("%s, turn %d: %q, want %q", c.name, turn, got, c.want)
			}
		}
	}
	s := NewStream(tok)
	if got := s.Push(tok.BOS()) + s.Push(-1) + s.Push(tok.Size()); got != "" {
		t.Errorf("tokens without text give %q", got)
	}
}

func FuzzStream(f *testing.F) {
	tok := small(f)
	f.Add([]byte("\x01\x10\xe7\xbd\x95"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s := NewStream(tok)
		var ids []int
		var got string
		for i, b := range data {
			id := (int(b) + i%2*256) % tok.Size()
			ids = append(ids, id)
			part := s.Push(id)
			if !utf8.ValidString(part) {
				t.Errorf("Push gives %q", part)
			}
			got += part
		}
		got += s.Flush()
		if want := string([]rune(tok.Decode(ids))); got != want {
			t.Errorf("a stream of %v gives %q, want %q", ids, got, want)
		}
	})
}
