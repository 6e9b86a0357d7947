// Package dictionary keeps a pronouncing dictionary that is small and yet quick
// to open: words are decoded when they are looked up, with their neighbours.
package dictionary

import (
	"errors"
	"sort"
	"sync/atomic"

	"github.com/stride-ml/stride/element/speech/english/internal/rans"
)

// Entry is a word and its pronunciations, the usual one first.
type Entry struct {
	Word string
	Said []Said
}

// Said is a pronunciation: the phones that each letter of the word stands for.
type Said [][]uint8

// Dictionary is an open dictionary, for any number of goroutines.
type Dictionary struct {
	size   int
	chunks [len(alphabet)][][]uint8
	trees  rans.Trees
	blocks []block
}

// block is some words behind each other.
type block struct {
	first string // word
	data  []byte
	words atomic.Pointer[words] // nil until they are needed
}

// words are those of a block in memory.
type words struct {
	letters []byte // of all words behind each other
	ends    []uint32
	phones  []byte // of each word's pronunciations, between them gaps
	said    []uint32
}

const gap = 255

func (w *words) add(e *Entry) {
	w.letters = append(w.letters, e.Word...)
	w.ends = append(w.ends, uint32(len(w.letters)))
	for i, s := range e.Said {
		if i > 0 {
			w.phones = append(w.phones, gap)
		}
		for _, chunk := range s {
			w.phones = append(w.phones, chunk...)
		}
	}
	w.said = append(w.said, uint32(len(w.phones)))
}

func (w *words) word(i int) []byte {
	start, end := span(w.ends, i)
	return w.letters[start:end]
}

func span(ends []uint32, i int) (start, end uint32) {
	if i > 0 {
		start = ends[i-1]
	}
	return start, ends[i]
}

// Len is how many words there are.
func (d *Dictionary) Len() int { return d.size }

// Word returns the word at a place in the order of the dictionary.
func (d *Dictionary) Word(i int) string { return string(d.words(i / perBlock).word(i % perBlock)) }

// Said returns the pronunciations of the word at a place.
func (d *Dictionary) Said(i int) [][]uint8 {
	w := d.words(i / perBlock)
	start, end := span(w.said, i%perBlock)
	phones := w.phones[start:end]
	var said [][]uint8
	for from, at := 0, 0; ; at++ {
		if at == len(phones) || phones[at] == gap {
			said = append(said, phones[from:at:at])
			if from = at + 1; at == len(phones) {
				return said
			}
		}
	}
}

// Find returns the place of a word.
func (d *Dictionary) Find(word string) (int, bool) {
	b := sort.Search(len(d.blocks), func(i int) bool { return d.blocks[i].first > word }) - 1
	if b < 0 {
		return 0, false
	}
	w := d.words(b)
	i := sort.Search(len(w.ends), func(i int) bool { return string(w.word(i)) >= word })
	return b*perBlock + i, i < len(w.ends) && string(w.word(i)) == word
}

// words returns the words of a block.
func (d *Dictionary) words(b int) *words {
	block := &d.blocks[b]
	w := block.words.Load()
	if w == nil {
		w = d.read(b)
		block.words.Store(w)
	}
	return w
}

var errDamaged = errors.New("the dictionary is damaged")
