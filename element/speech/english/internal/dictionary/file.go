package dictionary

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/stride-ml/stride/element/speech/english/internal/arpabet"
	"github.com/stride-ml/stride/element/speech/english/internal/mix"
)

// A file is the number of words, for each letter the chunks of phones that it
// stands for, the commonest first, and the words in their order. A word is the
// number of letters it shares with the one before, its other letters, and its
// pronunciations: for each letter the rank of its chunk. What is known by then
// (the letters around, the chunks before, the word before) predicts each bit.

// alphabet holds the characters of words; a letter's number is its place, and 0 ends a word.
const alphabet = "\x00abcdefghijklmnopqrstuvwxyz'-."

const (
	longestWord = 63 // letters
	mostChunks  = 255
	mostSaid    = 7
)

// format describes a file to a coder, which writes or reads it.
type format struct {
	c       *mix.Coder
	chunks  [len(alphabet)][][]uint8 // by letter and rank
	ranks   [len(alphabet)]map[string]int
	word    *mix.Mixer
	rank    *mix.Mixer
	shares  [longestWord + 1][64]mix.Guess // by the letters shared last
	more    [mostSaid + 1]mix.Guess
	shared  int
	last    []uint8 // numbers of the letters of the word before
	letters []uint8
	before  []int // ranks of the first pronunciation of the word before
}

func newFormat(c *mix.Coder) *format {
	return &format{c: c, word: mix.NewMixer(3, 17), rank: mix.NewMixer(3, 17)}
}

// Write encodes a dictionary. The words are sorted, and of the alphabet a to z,
// apostrophe, hyphen and full stop.
func Write(entries []Entry) ([]byte, error) {
	f := newFormat(mix.NewWriter())
	counts := [len(alphabet)]map[string]int{}
	for l := range counts {
		counts[l] = map[string]int{}
	}
	last := ""
	for _, e := range entries {
		switch {
		case e.Word <= last:
			return nil, fmt.Errorf("%q is not in order", e.Word)
		case len(e.Word) > longestWord || len(e.Said) == 0 || len(e.Said) > mostSaid:
			return nil, fmt.Errorf("%q is too long, or has no or too many pronunciations", e.Word)
		}
		last = e.Word
		for _, s := range e.Said {
			if len(s) != len(e.Word) {
				return nil, fmt.Errorf("%q has %d letters and is aligned to %d", e.Word, len(e.Word), len(s))
			}
			for i, chunk := range s {
				l := strings.IndexByte(alphabet, e.Word[i])
				if l <= 0 {
					return nil, fmt.Errorf("%q has a character out of the alphabet", e.Word)
				}
				counts[l][string(chunk)]++
			}
		}
	}
	for l, count := range counts {
		var sorted []string
		for chunk := range count {
			sorted = append(sorted, chunk)
		}
		slices.SortFunc(sorted, func(a, b string) int {
			return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b))
		})
		if len(sorted) > mostChunks {
			return nil, fmt.Errorf("%q stands for %d chunks of phones, more than %d", alphabet[l], len(sorted), mostChunks)
		}
		for _, chunk := range sorted {
			f.chunks[l] = append(f.chunks[l], []uint8(chunk))
		}
	}
	f.c.Number(len(entries), 24)
	if err := f.head(); err != nil {
		return nil, err
	}
	for i := range entries {
		if err := f.entry(&entries[i]); err != nil {
			return nil, err
		}
	}
	return f.c.Bytes(), nil
}

// Read decodes what [Write] wrote.
func Read(data []byte) (*Dictionary, error) {
	f := newFormat(mix.NewReader(data))
	n := f.c.Number(0, 24)
	if n > 8*len(data) {
		return nil, errDamaged
	}
	if err := f.head(); err != nil {
		return nil, err
	}
	d := &Dictionary{words: make([]uint32, 0, n), said: make([]uint32, 0, n), letters: make([]byte, 0, 8*n), phones: make([]byte, 0, 8*n)}
	var e Entry
	for range n {
		if err := f.entry(&e); err != nil {
			return nil, err
		}
		if f.c.Over() {
			return nil, errDamaged
		}
		d.add(&e)
	}
	return d, nil
}

func (f *format) head() error {
	for l := 1; l < len(alphabet); l++ {
		n := f.c.Number(len(f.chunks[l]), 8)
		f.ranks[l] = make(map[string]int, n)
		for r := range n {
			if f.c.Reading() {
				f.chunks[l] = append(f.chunks[l], nil)
			}
			chunk := &f.chunks[l][r]
			if f.c.Reading() {
				*chunk = make([]uint8, f.c.Number(0, 5))
			} else {
				f.c.Number(len(*chunk), 5)
			}
			for i, p := range *chunk {
				(*chunk)[i] = uint8(f.c.Number(int(p), 7))
				if (*chunk)[i] >= arpabet.Count {
					return errDamaged
				}
			}
			f.ranks[l][string(*chunk)] = r
		}
	}
	return nil
}

// entry codes a word; reading, it fills e.
func (f *format) entry(e *Entry) error {
	f.letters = f.letters[:0]
	for _, l := range []byte(e.Word) {
		f.letters = append(f.letters, uint8(strings.IndexByte(alphabet, l)))
	}
	if f.c.Reading() {
		f.letters = f.letters[:0]
	}
	if err := f.spelling(); err != nil {
		return err
	}
	if f.c.Reading() {
		word := make([]byte, len(f.letters))
		for i, l := range f.letters {
			word[i] = alphabet[l]
		}
		*e = Entry{Word: string(word), Said: e.Said[:0]}
	}
	before := f.before
	for i := 0; ; i++ {
		more := 0
		if i < len(e.Said) {
			more = 1
		}
		if i == mostSaid {
			return errDamaged
		}
		if i > 0 {
			if f.c.Bit(&f.more[i], more) == 0 {
				break
			}
		}
		if f.c.Reading() {
			e.Said = append(e.Said, make(Said, len(f.letters)))
		}
		ranks, err := f.said(e.Said[i], before, i)
		if err != nil {
			return err
		}
		if before = ranks; i == 0 {
			f.before = ranks
		}
	}
	f.last = append(f.last[:0], f.letters...)
	return nil
}

// spelling codes the letters of a word.
func (f *format) spelling() error {
	shared := 0
	for shared < min(len(f.letters), len(f.last)) && f.letters[shared] == f.last[shared] {
		shared++
	}
	node := 1
	for i := 5; i >= 0; i-- {
		node = node<<1 | f.c.Bit(&f.shares[f.shared][node], shared>>i&1)
	}
	shared = node - 64
	if shared > len(f.last) {
		return errDamaged
	}
	f.shared = shared
	if f.c.Reading() {
		f.letters = append(f.letters, f.last[:shared]...)
	}
	at := func(i int) uint32 {
		if i >= 0 && i < len(f.letters) {
			return uint32(f.letters[i])
		}
		return 0
	}
	for i := shared; ; i++ {
		letter, above := 0, uint32(0)
		if i < len(f.letters) {
			letter = int(f.letters[i])
		}
		if i == shared {
			// The letter comes behind that of the word before.
			if above = 32; i < len(f.last) {
				above += uint32(f.last[i])
			}
		}
		one, two, three := at(i-1), at(i-1)<<5|at(i-2), at(i-1)<<10|at(i-2)<<5|at(i-3)
		f.word.Context(0, one, above)
		f.word.Context(1, two, above)
		f.word.Context(2, three, at(i-4))
		node := 1
		for b := 4; b >= 0; b-- {
			node = node<<1 | f.word.Bit(f.c, uint32(node), letter>>b&1)
		}
		switch letter = node - 32; {
		case letter == 0:
			return nil
		case letter >= len(alphabet) || i >= longestWord:
			return errDamaged
		}
		if f.c.Reading() {
			f.letters = append(f.letters, uint8(letter))
		}
	}
}

// said codes a pronunciation, which is like another one: of the word before, or
// of this word when variant is above 0. It returns the ranks of the chunks.
func (f *format) said(s Said, like []int, variant int) ([]int, error) {
	ranks := make([]int, len(f.letters))
	at := func(i int) uint32 {
		if i >= 0 && i < len(f.letters) {
			return uint32(f.letters[i])
		}
		return 0
	}
	// What was said so far: the last chunks, and the stresses.
	one, stresses := uint32(0), uint32(0)
	for i, l := range f.letters {
		rank, same := 0, uint32(0)
		if !f.c.Reading() {
			rank = f.ranks[l][string(s[i])]
		}
		near := f.shared - i
		if variant > 0 {
			near = len(f.letters) - i
		}
		if near > 0 {
			same = uint32(like[i]+1)<<2 | uint32(min(near, 3))
		}
		if variant > 0 {
			same |= 1 << 16
		}
		around := at(i-1)<<10 | uint32(l)<<5 | at(i+1)
		f.rank.Context(0, around, one)
		f.rank.Context(1, around<<10|at(i-2)<<5|at(i+2), stresses<<16|one)
		f.rank.Context(2, around, same<<16|one)
		r := 0
		for ; r < len(f.chunks[l])-1; r++ {
			bit := 0
			if rank > r {
				bit = 1
			}
			if f.rank.Bit(f.c, uint32(r), bit) == 0 {
				break
			}
		}
		if r >= len(f.chunks[l]) {
			return nil, errDamaged
		}
		ranks[i] = r
		chunk := f.chunks[l][r]
		if f.c.Reading() {
			s[i] = chunk
		}
		one = uint32(l)<<8 | uint32(r)
		for _, p := range chunk {
			if n := arpabet.Stress(p); n >= 0 {
				if n == 1 {
					stresses = 1
				}
			}
		}
	}
	return ranks, nil
}
