package english_test

import (
	"fmt"
	"log"
	"strings"

	"github.com/stride-ml/stride/element/speech/english"
)

func ExampleFront_Words() {
	var front english.Front
	words, err := front.Words("Dr. Smith's apple cost $5.")
	if err != nil {
		log.Fatal(err)
	}
	for _, w := range words {
		fmt.Printf("%q %s %s %q\n", w.Text, w.Spoken, w.Phones, w.Break)
	}
	// Output:
	// "Dr." doctor [D AA1 K T ER0] ""
	// "Smith's" smith's [S M IH1 TH S] ""
	// "apple" apple [AE1 P AH0 L] ""
	// "cost" cost [K AA1 S T] ""
	// "$5" five [F AY1 V] ""
	// "$5" dollars [D AA1 L ER0 Z] "."
}

func ExampleParseLexicon() {
	lexicon, err := english.ParseLexicon(strings.NewReader("Tolkien\tT AA1 L K IY2 N\n"))
	if err != nil {
		log.Fatal(err)
	}
	front := english.Front{User: lexicon}
	words, err := front.Words("Tolkien's")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(words[0].Phones)
	// Output: [T AA1 L K IY2 N Z]
}

func ExampleSentences() {
	for at, s := range english.Sentences("Mr. Smith left at 5 p.m. It rained.") {
		fmt.Println(at, s)
	}
	// Output:
	// 0 Mr. Smith left at 5 p.m.
	// 25 It rained.
}
