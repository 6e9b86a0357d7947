// Command generate makes the files of package english from the CMU Pronouncing
// Dictionary, byte for byte the same from the same dictionary:
//
//	dictionary.bin        the dictionary
//	letters.bin           the letters-to-phonemes model, learned from it
//	testdata/heldout.tsv  words that the model was not shown
//
// It is run in the folder of the package, by go generate, and prints what it left
// out and how well the model does on all words that it was not shown.
package main

import (
	"cmp"
	"flag"
	"fmt"
	"log"
	"os"
	"slices"
	"strings"

	"github.com/stride-ml/stride/element/speech/english/internal/align"
	"github.com/stride-ml/stride/element/speech/english/internal/arpabet"
	"github.com/stride-ml/stride/element/speech/english/internal/dictionary"
)

func main() {
	log.SetFlags(0)
	tsv := flag.String("dictionary", "cmudict.tsv", "the CMU Pronouncing Dictionary: word, tab, phones")
	flag.Parse()
	if err := generate(*tsv); err != nil {
		log.Fatal(err)
	}
}

func generate(tsv string) error {
	text, err := os.ReadFile(tsv)
	if err != nil {
		return err
	}
	words, err := parse(string(text))
	if err != nil {
		return err
	}
	if err := writeDictionary(words); err != nil {
		return err
	}
	return writeLetters(words)
}

// rounds of expectation maximisation are enough for the alignment to settle.
const rounds = 8

// parse reads the dictionary: words in order, the pronunciations of one behind
// each other. It prints what it leaves out.
func parse(text string) ([]align.Word, error) {
	var words []align.Word
	seen := map[string]bool{}
	for i, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		line, _, _ = strings.Cut(line, "#")
		word, said, ok := strings.Cut(line, "\t")
		if !ok {
			return nil, fmt.Errorf("line %d has no tab", i+1)
		}
		if at := strings.IndexByte(word, '('); at > 0 {
			word = word[:at]
		}
		if strings.Trim(word, "abcdefghijklmnopqrstuvwxyz'-.") != "" {
			fmt.Printf("left out, line %d: %q has other characters than a to z, ', - and .\n", i+1, word)
			continue
		}
		w := align.Word{Letters: word}
		for _, name := range strings.Fields(said) {
			p, ok := arpabet.Number(name)
			if !ok {
				return nil, fmt.Errorf("line %d: %q is no phone", i+1, name)
			}
			w.Phones = append(w.Phones, p)
		}
		if key := word + "\t" + string(w.Phones); seen[key] {
			fmt.Printf("left out, line %d: %q is there twice with the same phones\n", i+1, word)
			continue
		} else {
			seen[key] = true
		}
		words = append(words, w)
	}
	slices.SortStableFunc(words, func(a, b align.Word) int { return cmp.Compare(a.Letters, b.Letters) })
	return words, nil
}

func writeDictionary(words []align.Word) error {
	a := align.Learn(words, rounds)
	var entries []dictionary.Entry
	for _, w := range words {
		parts, _ := a.Align(w)
		if n := len(entries); n > 0 && entries[n-1].Word == w.Letters {
			entries[n-1].Said = append(entries[n-1].Said, parts)
		} else {
			entries = append(entries, dictionary.Entry{Word: w.Letters, Said: []dictionary.Said{parts}})
		}
	}
	data, err := dictionary.Write(entries)
	if err != nil {
		return err
	}
	fmt.Printf("dictionary.bin: %d words, %d pronunciations, %d bytes\n", len(entries), len(words), len(data))
	return os.WriteFile("dictionary.bin", data, 0o666)
}
