package dictionary

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/stride-ml/stride/element/speech/english/internal/arpabet"
	"github.com/stride-ml/stride/element/speech/english/internal/rans"
	"github.com/stride-ml/stride/element/speech/english/internal/sealed"
)

// A file is the number of words, for each letter the chunks of phones that it
// stands for, the commonest first, the trees by which words are coded, the first
// word of each block, and the blocks. In these a word is the number of letters it
// shares with the one before, its other letters, and its pronunciations: for each
// letter the rank of its chunk. What is known by then (the letters around, the
// chunks before, the word before) tells how likely a symbol is.

// alphabet holds the characters of words; a letter's number is its place, and 0 ends a word.
const alphabet = "\x00abcdefghijklmnopqrstuvwxyz'-."

const (
	longestWord = 62 // letters
	mostChunks  = 62 // of a letter
	mostSaid    = 7
	perBlock    = 32 // words
)

// The trees of a file.
const (
	sharedTree  = iota // letters that a word shares with the one before
	firstTree          // the letter behind those
	letterTree         // other letters, and 0 behind the last
	moreTree           // pronunciations
	likeTree           // the chunk of a letter that stands in the word before
	rankTree           // of another
	variantTree        // of a letter in a further pronunciation
	trees
)

// format describes a file to a coder, which writes or reads it.
type format struct {
	c      *rans.Coder
	chunks *[len(alphabet)][][]uint8 // by letter and rank
	ranks  [len(alphabet)]map[string]int
	trees  rans.Trees

	letters []uint8 // numbers of the letters of the word
	last    []uint8 // and of the word before
	shared  int     // letters that both begin with
	before  []uint8 // ranks of the first pronunciation of the word before
}

// Write encodes a dictionary. The words are sorted, and of the alphabet a to z,
// apostrophe, hyphen and full stop.
func Write(entries []Entry) ([]byte, error) {
	chunks, err := chunksOf(entries)
	if err != nil {
		return nil, err
	}
	f := &format{chunks: &chunks, trees: make(rans.Trees, trees)}
	for l, chunks := range chunks {
		f.ranks[l] = map[string]int{}
		for r, chunk := range chunks {
			f.ranks[l][string(chunk)] = r
		}
	}
	blocks := slices.Collect(slices.Chunk(entries, perBlock))
	for _, b := range blocks {
		f.c = rans.NewCounter()
		if err := f.block(b); err != nil {
			return nil, err
		}
	}
	f.trees.Learn()
	f.c = rans.NewWriter()
	if err := f.head(); err != nil {
		return nil, err
	}
	head := f.c.Bytes()
	data := binary.LittleEndian.AppendUint32(nil, uint32(len(entries)))
	data = append(binary.LittleEndian.AppendUint32(data, uint32(len(head))), head...)
	var coded [][]byte
	for _, b := range blocks {
		f.c = rans.NewWriter()
		if err := f.block(b); err != nil {
			return nil, err
		}
		coded = append(coded, f.c.Bytes())
		data = append(append(data, byte(len(b[0].Word))), b[0].Word...)
		data = binary.LittleEndian.AppendUint16(data, uint16(len(coded[len(coded)-1])))
	}
	return sealed.Seal(append(data, slices.Concat(coded...)...)), nil
}

// chunksOf returns for each letter the chunks of phones that it stands for, the commonest first.
func chunksOf(entries []Entry) (chunks [len(alphabet)][][]uint8, err error) {
	counts := [len(alphabet)]map[string]int{}
	for l := range counts {
		counts[l] = map[string]int{}
	}
	last := ""
	for _, e := range entries {
		switch {
		case e.Word <= last:
			return chunks, fmt.Errorf("%q is not in order", e.Word)
		case len(e.Word) > longestWord || len(e.Said) == 0 || len(e.Said) > mostSaid:
			return chunks, fmt.Errorf("%q is too long, or has no or too many pronunciations", e.Word)
		}
		last = e.Word
		for _, s := range e.Said {
			if len(s) != len(e.Word) {
				return chunks, fmt.Errorf("%q has %d letters and is aligned to %d", e.Word, len(e.Word), len(s))
			}
			for i, chunk := range s {
				l := strings.IndexByte(alphabet, e.Word[i])
				if l <= 0 {
					return chunks, fmt.Errorf("%q has a character out of the alphabet", e.Word)
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
			return chunks, fmt.Errorf("%q stands for %d chunks of phones, more than %d", alphabet[l], len(sorted), mostChunks)
		}
		for _, chunk := range sorted {
			chunks[l] = append(chunks[l], []uint8(chunk))
		}
	}
	return chunks, nil
}

// Read opens what [Write] wrote. It keeps the file.
func Read(file []byte) (*Dictionary, error) {
	data, err := sealed.Open(file)
	if err != nil {
		return nil, err
	}
	if len(data) < 8 {
		return nil, errDamaged
	}
	size, head := binary.LittleEndian.Uint32(data), binary.LittleEndian.Uint32(data[4:])
	data = data[8:]
	if uint64(head) > uint64(len(data)) || uint64(size) > uint64(8*len(data)) {
		return nil, errDamaged
	}
	d := &Dictionary{size: int(size), trees: make(rans.Trees, trees)}
	f := &format{c: rans.NewReader(data[:head]), chunks: &d.chunks, trees: d.trees}
	if err := f.head(); err != nil {
		return nil, err
	}
	d.blocks = make([]block, (int(size)+perBlock-1)/perBlock)
	return d, d.index(data[head:])
}

// index finds the first word and the data of each block.
func (d *Dictionary) index(data []byte) error {
	lengths := make([]int, len(d.blocks))
	for i := range d.blocks {
		n := 0
		if len(data) > 0 {
			n = int(data[0])
		}
		if n == 0 || n > longestWord || len(data) < n+3 {
			return errDamaged
		}
		d.blocks[i].first = string(data[1 : n+1])
		if i > 0 && d.blocks[i].first <= d.blocks[i-1].first {
			return errDamaged
		}
		lengths[i] = int(binary.LittleEndian.Uint16(data[n+1:]))
		data = data[n+3:]
	}
	for i, n := range lengths {
		if n > len(data) {
			return errDamaged
		}
		d.blocks[i].data, data = data[:n:n], data[n:]
	}
	return nil
}

// read decodes a block. Of a damaged one, which only a file made so can have, the
// words are empty.
func (d *Dictionary) read(b int) *words {
	n := min(perBlock, d.size-b*perBlock)
	entries := make([]Entry, n)
	entries[0].Word = d.blocks[b].first
	f := &format{c: rans.NewReader(d.blocks[b].data), chunks: &d.chunks, trees: d.trees}
	if err := f.block(entries); err != nil || !f.c.Ended() {
		entries = make([]Entry, n)
	}
	w := &words{ends: make([]uint32, 0, n), said: make([]uint32, 0, n)}
	for i := range entries {
		w.add(&entries[i])
	}
	return w
}

func (f *format) head() error {
	for l := 1; l < len(alphabet); l++ {
		n := f.c.Number(len(f.chunks[l]), 8)
		for r := range n {
			if f.c.Reading() {
				f.chunks[l] = append(f.chunks[l], nil)
			}
			chunk := &f.chunks[l][r]
			size := f.c.Number(len(*chunk), 5)
			if f.c.Reading() {
				*chunk = make([]uint8, size)
			}
			for i, p := range *chunk {
				(*chunk)[i] = uint8(f.c.Number(int(p), 7))
				if (*chunk)[i] >= arpabet.Count {
					return errDamaged
				}
			}
		}
	}
	return f.trees.Code(f.c)
}

// block codes words behind each other; reading, it fills all but the first word.
func (f *format) block(entries []Entry) error {
	f.last, f.shared, f.before = nil, 0, nil
	for i := range entries {
		e := &entries[i]
		f.letters = nil
		for _, l := range []byte(e.Word) {
			number := strings.IndexByte(alphabet, l)
			if number < 0 {
				return errDamaged
			}
			f.letters = append(f.letters, uint8(number))
		}
		if i > 0 {
			if err := f.spelling(); err != nil {
				return err
			}
		}
		if f.c.Reading() {
			word := make([]byte, len(f.letters))
			for i, l := range f.letters {
				word[i] = alphabet[l]
			}
			e.Word = string(word)
		}
		if err := f.pronunciations(e); err != nil {
			return err
		}
		f.last = f.letters
	}
	return nil
}

// symbol codes a symbol by one of the trees.
func (f *format) symbol(tree, symbol int, context ...uint8) int {
	return f.c.Symbol(&f.trees[tree], symbol, context...)
}

// letter is the number of a letter of the word, 0 before the first and behind the last.
func (f *format) letter(i int) uint8 {
	if i >= 0 && i < len(f.letters) {
		return f.letters[i]
	}
	return 0
}

// spelling codes the letters of a word.
func (f *format) spelling() error {
	shared := 0
	for shared < min(len(f.letters), len(f.last)) && f.letters[shared] == f.last[shared] {
		shared++
	}
	if shared = f.symbol(sharedTree, shared, uint8(f.shared), uint8(len(f.last))); shared > len(f.last) {
		return errDamaged
	}
	f.shared = shared
	if f.c.Reading() {
		f.letters = slices.Clone(f.last[:shared])
	}
	for i := shared; ; i++ {
		letter := int(f.letter(i))
		if i == shared {
			// It comes behind the letter of the word before.
			above := uint8(0)
			if i < len(f.last) {
				above = f.last[i]
			}
			letter = f.symbol(firstTree, letter, above, f.letter(i-1), f.letter(i-2), f.letter(i-3))
		} else {
			letter = f.symbol(letterTree, letter, f.letter(i-1), f.letter(i-2), f.letter(i-3), f.letter(i-4), f.letter(i-5))
		}
		switch {
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

// pronunciations codes how a word is said.
func (f *format) pronunciations(e *Entry) error {
	n := f.symbol(moreTree, len(e.Said))
	if n == 0 || n > mostSaid {
		return errDamaged
	}
	if f.c.Reading() {
		e.Said = make([]Said, n)
		for i := range e.Said {
			e.Said[i] = make(Said, len(f.letters))
		}
	}
	for i, s := range e.Said {
		ranks, err := f.said(s, i > 0)
		if err != nil {
			return err
		}
		if i == 0 {
			f.before = ranks
		}
	}
	return nil
}

// said codes a pronunciation. The first is much like that of the word before, as
// far as they share their letters, and variants like the first. It returns the
// ranks of the chunks.
func (f *format) said(s Said, variant bool) ([]uint8, error) {
	ranks := make([]uint8, len(f.letters))
	// Which chunk was the last, and whether any so far had the primary stress.
	last, stressed := uint8(0), uint8(0)
	for i, l := range f.letters {
		rank := 0
		if !f.c.Reading() {
			rank = f.ranks[l][string(s[i])]
		}
		one, two, three := f.letter(i+1), f.letter(i+2), f.letter(i+3)
		back, back2 := f.letter(i-1), f.letter(i-2)
		switch {
		case variant:
			rank = f.symbol(variantTree, rank, l, f.before[i], one, last, back)
		case i < f.shared:
			near := uint8(min(f.shared-i, 3))
			rank = f.symbol(likeTree, rank, l, f.before[i], one, near, two, back, last, stressed)
		default:
			rank = f.symbol(rankTree, rank, l, stressed, one, back, two, last, three, back2)
		}
		if rank >= len(f.chunks[l]) {
			return nil, errDamaged
		}
		chunk := f.chunks[l][rank]
		if f.c.Reading() {
			s[i] = chunk
		}
		ranks[i], last = uint8(rank), uint8(rank)
		for _, p := range chunk {
			if arpabet.Stress(p) == 1 {
				stressed = 1
			}
		}
	}
	return ranks, nil
}
