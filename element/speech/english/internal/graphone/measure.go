package graphone

import (
	"fmt"

	"github.com/stride-ml/stride/element/speech/english/internal/arpabet"
)

// Test is a word and the ways to say it that count as right.
type Test struct {
	Word string
	Said [][]uint8
}

// Rates are how often phones and words are wrong, of 1: with the stress of the
// vowels, and without.
type Rates struct {
	Words                         int
	Phones, Word                  float64
	PhonesStressed, WordsStressed float64
}

func (r Rates) String() string {
	return fmt.Sprintf("%d words, phone error rate %.2f %% (with stress %.2f %%), word error rate %.2f %% (with stress %.2f %%)",
		r.Words, 100*r.Phones, 100*r.PhonesStressed, 100*r.Word, 100*r.WordsStressed)
}

// Measure compares what words are said like with the nearest right way: the
// phones to change, insert and delete, of the phones of the words.
func Measure(say func(word string) []uint8, tests []Test) Rates {
	r := Rates{Words: len(tests)}
	said := make([][]uint8, len(tests))
	for i, t := range tests {
		said[i] = say(t.Word)
	}
	rate := func(phones func([]uint8) []uint8) (perPhone, perWord float64) {
		wrong, all, words := 0, 0, 0
		for i, t := range tests {
			got, least, length := phones(said[i]), 1<<30, 0
			for _, s := range t.Said {
				if d := distance(got, phones(s)); d < least {
					least, length = d, len(s)
				}
			}
			wrong, all = wrong+least, all+length
			if least > 0 {
				words++
			}
		}
		return float64(wrong) / float64(all), float64(words) / float64(len(tests))
	}
	r.Phones, r.Word = rate(unstressed)
	r.PhonesStressed, r.WordsStressed = rate(func(p []uint8) []uint8 { return p })
	return r
}

func unstressed(phones []uint8) []uint8 {
	b := make([]uint8, len(phones))
	for i, p := range phones {
		b[i] = arpabet.Base(p)
	}
	return b
}

func distance(a, b []uint8) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j := range b {
			d := diagonal
			if a[i] != b[j] {
				d++
			}
			diagonal = row[j+1]
			row[j+1] = min(d, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
