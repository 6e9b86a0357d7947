package mandarin_test

import (
	"fmt"
	"strings"

	"github.com/stride-ml/stride/element/speech/mandarin"
)

func ExampleFront_Words() {
	var front mandarin.Front
	words, err := front.Words("學長有2本書，你還他書了嗎？")
	if err != nil {
		panic(err)
	}
	for _, w := range words {
		fmt.Printf("%s %s %s%s\n", w.Text, w.Spoken, strings.Join(w.Phones, " "), w.Break)
	}
	// Output:
	// 學長 學長 xue2 zhang2
	// 有 有 you3
	// 2 兩 liang2
	// 本 本 ben3
	// 書 書 shu1,
	// 你 你 ni3
	// 還 還 huan2
	// 他 他 ta1
	// 書 書 shu1
	// 了 了 le5
	// 嗎 嗎 ma5?
}

func ExampleParseLexicon() {
	user, err := mandarin.ParseLexicon(strings.NewReader("單雄信\tshan4 xiong2 xin4\n"))
	if err != nil {
		panic(err)
	}
	front := mandarin.Front{User: user}
	words, err := front.Words("单雄信")
	fmt.Println(words[0].Phones, err)
	// Output: [shan4 xiong2 xin4] <nil>
}

func ExampleSplit() {
	fmt.Println(mandarin.Split("xiong2"))
	// Output: x iong 2 <nil>
}

func ExampleSentences() {
	for at, s := range mandarin.Sentences("你好嗎？我很好。") {
		fmt.Println(at, s)
	}
	// Output:
	// 0 你好嗎？
	// 12 我很好。
}
