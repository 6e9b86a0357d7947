package grammar

import (
	"slices"
	"testing"
)

// Every token that ends a response may come where it may end, and nowhere else: not
// even where its own name could be a part of the text.
func TestTokensThatEndAResponse(t *testing.T) {
	pieces := make([][]byte, 130)
	for i := range 128 {
		pieces[i] = []byte{byte(i)}
	}
	pieces[128] = []byte("<end>") // 129 has no bytes
	ends := []int{128, 129}
	m, err := New(mustParse(t, `root ::= [a-z<>]{2,3}`), NewVocabulary(pieces, ends...)).Matcher()
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range [][]int{{}, {}, ends, ends} {
		for _, left := range []int{-1, 3 - n, 0} {
			mask, err := m.Mask(left)
			if err != nil {
				t.Fatal(err)
			}
			got := []int{}
			for _, end := range ends {
				if mask[end/64]>>(end%64)&1 == 1 {
					got = append(got, end)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("after %d characters, room for %d: of %v the mask has %v, want %v", n, left, ends, got, want)
			}
		}
		if err := m.Accept(128); err == nil {
			t.Errorf("after %d characters <end> is read as text", n)
		}
		if n < 3 {
			if err := m.Accept('a'); err != nil {
				t.Fatal(err)
			}
		}
	}
}
