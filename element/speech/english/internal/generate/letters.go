package main

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"os"
	"slices"
	"strings"

	"github.com/stride-ml/stride/element/speech/english/internal/align"
	"github.com/stride-ml/stride/element/speech/english/internal/arpabet"
	"github.com/stride-ml/stride/element/speech/english/internal/graphone"
)

// options of the model: larger ones gain little and pass 600 kB.
var options = graphone.LearnOptions{Order: 6, Prune: 0.35}

// rare graphones, and the words with them, are left out: most are faults.
const rare = 4

// hash is 32-bit FNV-1a of the letters.
func hash(word string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(word))
	return h.Sum32()
}

// heldOut tells whether a word is kept from training: one in twenty.
func heldOut(word string) bool { return hash(word)%20 == 0 }

func writeLetters(words []align.Word) error {
	var train, test []align.Word
	for _, w := range words {
		switch {
		case strings.Trim(w.Letters, "abcdefghijklmnopqrstuvwxyz") != "":
		case heldOut(w.Letters):
			test = append(test, w)
		default:
			train = append(train, w)
		}
	}
	graphones, lines := graphonesOf(train)
	data, err := graphone.Learn(graphones, lines, options)
	if err != nil {
		return err
	}
	m, err := graphone.Read(data)
	if err != nil {
		return err
	}
	fmt.Printf("letters.bin: %d of %d pronunciations, %d graphones, sequences of each length %d, %d bytes\n",
		len(lines), len(train), len(graphones), m.Sequences(), len(data))
	tests := together(test)
	fmt.Println("held out:", graphone.Measure(func(word string) []uint8 { said, _ := m.Say(word); return said }, tests))
	if err := os.WriteFile("letters.bin", data, 0o666); err != nil {
		return err
	}
	return writeSample(tests)
}

// graphonesOf aligns words and numbers the graphones, the commonest first.
func graphonesOf(words []align.Word) ([]graphone.Graphone, [][]uint16) {
	a := align.Learn(words, rounds)
	counts := map[string]int{}
	aligned := make([][][]uint8, len(words))
	for i, w := range words {
		parts, regular := a.Align(w)
		if !regular {
			continue
		}
		aligned[i] = parts
		for j, p := range parts {
			counts[w.Letters[j:j+1]+string(p)]++
		}
	}
	var names []string
	for g, n := range counts {
		if n >= rare {
			names = append(names, g)
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	graphones := []graphone.Graphone{{}}
	number := map[string]uint16{}
	for _, g := range names {
		number[g] = uint16(len(graphones))
		graphones = append(graphones, graphone.Graphone{Letter: g[0], Phones: []uint8(g[1:])})
	}
	var lines [][]uint16
	for i, w := range words {
		var line []uint16
		for j, p := range aligned[i] {
			line = append(line, number[w.Letters[j:j+1]+string(p)])
		}
		if line != nil && !slices.Contains(line, 0) {
			lines = append(lines, line)
		}
	}
	return graphones, lines
}

// together puts the pronunciations of each word together.
func together(words []align.Word) []graphone.Test {
	var tests []graphone.Test
	for _, w := range words {
		if n := len(tests); n > 0 && tests[n-1].Word == w.Letters {
			tests[n-1].Said = append(tests[n-1].Said, w.Phones)
		} else {
			tests = append(tests, graphone.Test{Word: w.Letters, Said: [][]uint8{w.Phones}})
		}
	}
	return tests
}

// sample is how many words held out are kept for the tests of the package, those of the least hash.
const sample = 300

func writeSample(tests []graphone.Test) error {
	slices.SortFunc(tests, func(a, b graphone.Test) int { return cmp.Compare(hash(a.Word), hash(b.Word)) })
	tests = tests[:min(sample, len(tests))]
	slices.SortFunc(tests, func(a, b graphone.Test) int { return cmp.Compare(a.Word, b.Word) })
	var out strings.Builder
	for _, t := range tests {
		out.WriteString(t.Word)
		for _, said := range t.Said {
			out.WriteString("\t" + strings.Join(arpabet.Strings(said), " "))
		}
		out.WriteString("\n")
	}
	return os.WriteFile("testdata/heldout.tsv", []byte(out.String()), 0o666)
}
