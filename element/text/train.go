package text

import (
	"fmt"
	"iter"
	"slices"
	"unicode/utf8"
)

// TrainOptions says how large a vocabulary becomes.
type TrainOptions struct {
	// Pieces is the most pieces of several characters to learn; 0 learns none, so that every character is a token.
	Pieces int
	// MinCount is how often a character must occur to be a token; one that is rarer is spelled in bytes. A piece, too,
	// is learned only if it occurs so often, and at least twice. 0 and 1 keep every character.
	MinCount int
	// Controls are control tokens beside <unk>, <s> and </s>, such as "<sep>", "<mask>" or "<唐>". Each is of two or
	// more characters and has no byte token's name.
	Controls []string
}

// Train learns a tokenizer from a corpus. It holds the distinct words in memory, not the text.
//
// Pieces are learned within words: runs of letters, or of punctuation and symbols, with at most one space, at the start.
// Han characters, digits, white space and the punctuation of Chinese stay single. Among pieces that occur equally often,
// the first in the order of bytes is learned first, so the result depends on the corpus alone.
//
// The ids are: 0 <unk>, 1 <s>, 2 </s>, the control tokens in the order given, 256 bytes, the newline, characters from the
// most frequent on, with the space always among them, then pieces in the order in which they are merged.
func Train(corpus iter.Seq[string], o TrainOptions) (*Tokenizer, error) {
	if o.Pieces < 0 || o.MinCount < 0 {
		return nil, fmt.Errorf("text: %d pieces seen %d times, want numbers of at least 0", o.Pieces, o.MinCount)
	}
	v := vocabulary{special: special{unknown: 0, bos: 1, eos: 2, mask: none, sep: none, eot: none}, normalizers: spaceNormalizers(false)}
	v.add(unknownPiece, 0, Unknown)
	v.add(bosPiece, 0, Control)
	v.add(eosPiece, 0, Control)
	for i, c := range o.Controls {
		if !utf8.ValidString(c) || utf8.RuneCountInString(c) < 2 {
			return nil, fmt.Errorf("text: control token %d is %q, want two or more characters", i, c)
		}
		switch c {
		case maskPiece:
			v.mask = len(v.pieces)
		case sepPiece:
			v.sep = len(v.pieces)
		}
		v.add(c, 0, Control)
	}
	reserved := make(map[string]bool)
	for _, p := range v.pieces {
		reserved[p] = true
	}
	for b := range 256 {
		v.add(bytePiece(b), 0, Byte)
	}
	v.add("\n", 0, Normal)

	c := count(corpus)
	minCount := max(o.MinCount, 1)
	chars := keptChars(c.chars, minCount)
	keep := func(r rune) bool { return c.chars[r] >= minCount }
	pieces := learn(c.words, keep, o.Pieces, max(minCount, 2), reserved)
	// Scores fall with the order of merges; those of characters, which no merge looks at, lie below, as in SentencePiece.
	for i, r := range chars {
		v.add(string(r), float32(-len(pieces)-i), Normal)
	}
	for i, p := range pieces {
		v.add(p, float32(-i), Normal)
	}
	t, err := newTokenizer(v)
	if err != nil {
		return nil, fmt.Errorf("text: %w", err)
	}
	return t, nil
}

// keptChars returns U+2581 for the space and the characters that occur often enough, the most frequent first.
func keptChars(counts []int, minCount int) []rune {
	counts['\n'], counts[utf8.RuneError] = 0, 0
	counts[spaceRune], counts[' '] = counts[' '], 0 // a literal U+2581 is spelled in bytes
	var chars []rune
	for r, n := range counts {
		if n >= minCount || r == spaceRune {
			chars = append(chars, rune(r))
		}
	}
	slices.SortStableFunc(chars, func(a, b rune) int { return counts[b] - counts[a] })
	return chars
}

func (v *vocabulary) add(piece string, score float32, kind Kind) {
	v.pieces = append(v.pieces, piece)
	v.scores = append(v.scores, score)
	v.kinds = append(v.kinds, kind)
}
