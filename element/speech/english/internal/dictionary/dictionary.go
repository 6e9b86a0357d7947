// Package dictionary keeps a pronouncing dictionary, small in a file and quick
// to look up in memory.
package dictionary

import (
	"errors"
	"sort"
)

// Entry is a word and its pronunciations, the usual one first.
type Entry struct {
	Word string
	Said []Said
}

// Said is a pronunciation: the phones that each letter of the word stands for.
type Said [][]uint8

// Dictionary is a dictionary in memory.
type Dictionary struct {
	letters []byte // of all words, sorted, behind each other
	words   []uint32
	phones  []byte // of each word's pronunciations, between them gaps
	said    []uint32
}

const gap = 255

func (d *Dictionary) add(e *Entry) {
	d.letters = append(d.letters, e.Word...)
	d.words = append(d.words, uint32(len(d.letters)))
	for i, s := range e.Said {
		if i > 0 {
			d.phones = append(d.phones, gap)
		}
		for _, chunk := range s {
			d.phones = append(d.phones, chunk...)
		}
	}
	d.said = append(d.said, uint32(len(d.phones)))
}

// Len is how many words there are.
func (d *Dictionary) Len() int { return len(d.words) }

func span(ends []uint32, i int) (start, end uint32) {
	if i > 0 {
		start = ends[i-1]
	}
	return start, ends[i]
}

// Word returns the word at a place in the order of the dictionary.
func (d *Dictionary) Word(i int) string {
	start, end := span(d.words, i)
	return string(d.letters[start:end])
}

// Said returns the pronunciations of the word at a place.
func (d *Dictionary) Said(i int) [][]uint8 {
	start, end := span(d.said, i)
	phones := d.phones[start:end]
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
	i := sort.Search(len(d.words), func(i int) bool {
		start, end := span(d.words, i)
		return string(d.letters[start:end]) >= word
	})
	if i == len(d.words) {
		return 0, false
	}
	start, end := span(d.words, i)
	return i, string(d.letters[start:end]) == word
}

var errDamaged = errors.New("the dictionary is damaged")
