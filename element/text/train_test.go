package text

import (
	"slices"
	"strings"
	"testing"
)

// learned lists the pieces of several characters, in order.
func learned(tok *Tokenizer) []string {
	var out []string
	for i, p := range tok.pieces {
		if tok.kinds[i] == Normal && len([]rune(p)) > 1 {
			out = append(out, p)
		}
	}
	return out
}

func TestTrainMerges(t *testing.T) {
	// The words and counts of Sennrich and others, 2016, section 3.2. There a mark follows each word; es and est come first.
	paper := strings.Repeat("low\n", 5) + strings.Repeat("lower\n", 2) + strings.Repeat("newest\n", 6) + strings.Repeat("widest\n", 3)
	for _, c := range []struct {
		name   string
		corpus string
		o      TrainOptions
		want   []string
	}{
		// es and st occur 9 times; es is first in the order of bytes. lo and ow occur 7 times, ne, ew and wes 6 times.
		{"paper", paper, TrainOptions{Pieces: 5}, []string{"es", "est", "lo", "low", "ew"}},
		{"none", paper, TrainOptions{}, nil},
		{"seen once", "ab cd", TrainOptions{Pieces: 9}, nil},
		{"min count", "ab\nab\nab\ncd\ncd", TrainOptions{Pieces: 9, MinCount: 3}, []string{"ab"}},
		{"two pairs, one text", "aab\naab\nbaa\nbaa", TrainOptions{Pieces: 1}, []string{"aa"}},
		{"overlap", strings.Repeat("aaa\n", 3), TrainOptions{Pieces: 9}, []string{"aa", "aaa"}},
		{"a word's space", "a the the the", TrainOptions{Pieces: 3}, []string{"he", "the", "▁the"}},
		{"one space", strings.Repeat("a    a\n", 9), TrainOptions{Pieces: 9}, []string{"▁a"}},
		{"Han and digits", strings.Repeat("春眠12 春眠34", 9), TrainOptions{Pieces: 9}, nil},
		{"not across classes", strings.Repeat("a-1", 9), TrainOptions{Pieces: 9}, nil},
		{"not across rare characters", strings.Repeat("ab", 3) + "xab", TrainOptions{Pieces: 2, MinCount: 2}, []string{"ab", "abab"}},
		{"a control token's name", strings.Repeat("?!\n:(\n", 9), TrainOptions{Pieces: 3, Controls: []string{"?!"}}, []string{":("}},
	} {
		if got := learned(train(t, c.o, c.corpus)); !slices.Equal(got, c.want) {
			t.Errorf("%s: learned %q, want %q", c.name, got, c.want)
		}
	}
	for _, p := range learned(train(t, TrainOptions{Pieces: 99}, strings.Repeat("a", 1000)+" "+strings.Repeat("a", 1000))) {
		if n := len([]rune(p)); n > maxPiece {
			t.Errorf("learned a piece of %d characters, want at most %d", n, maxPiece)
		}
	}
}

func TestTrainCharacters(t *testing.T) {
	tok := train(t, TrainOptions{MinCount: 2}, "ccc b a\n", "aa c ▁▁▁\xff\xff")
	want := "\n" + "|c|▁|a"
	var got []int
	for id := 3 + 256; id < tok.Size(); id++ {
		got = append(got, id)
	}
	if shown(tok, got) != want {
		t.Errorf("characters %s, want %s", shown(tok, got), want)
	}
	if !slices.IsSortedFunc(tok.scores[262:], func(a, b float32) int { return int(b - a) }) {
		t.Errorf("scores %v do not fall", tok.scores[262:])
	}
}

func TestTrainEncodesAsItLearned(t *testing.T) {
	// With no limit on pieces every frequent word becomes one token.
	words := []string{"strengthen", "straighten", "there", "three", "ether", "thether", "banana", "bananana"}
	tok := train(t, TrainOptions{Pieces: 1000}, strings.Repeat(strings.Join(words, "\n")+"\n", 3))
	for _, w := range words {
		if got := shown(tok, tok.Encode(w)); got != w {
			t.Errorf("%s is encoded as %s", w, got)
		}
	}
}

func TestTrainTwiceTheSame(t *testing.T) {
	a, b := small(t), small(t)
	if !slices.Equal(a.pieces, b.pieces) || !slices.Equal(a.scores, b.scores) {
		t.Error("two trainings on one corpus differ")
	}
}

func TestTrainRefuses(t *testing.T) {
	for _, c := range []struct {
		o    TrainOptions
		want string
	}{
		{TrainOptions{Pieces: -1}, "at least 0"},
		{TrainOptions{MinCount: -1}, "at least 0"},
		{TrainOptions{Controls: []string{"<a>", ""}}, `control token 1 is ""`},
		{TrainOptions{Controls: []string{"春"}}, `control token 0 is "春"`},
		{TrainOptions{Controls: []string{"<\xff>"}}, `control token 0 is "<\xff>"`},
		{TrainOptions{Controls: []string{"<a>", "<a>"}}, `"<a>", as is [3]`},
		{TrainOptions{Controls: []string{"</s>"}}, `"</s>", as is [2]`},
		{TrainOptions{Controls: []string{"<0x41>"}}, `"<0x41>", as is [3]`},
	} {
		_, err := Train(slices.Values(corpus), c.o)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error %v, want one with %s", c.o, err, c.want)
		}
	}
}
