package text_test

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/stride-ml/stride/element/text"
)

func ExampleTrain() {
	corpus := []string{
		strings.Repeat("un able break breakable unable undo ", 20) + "lunar unun",
		"各個擊破",
	}
	t, err := text.Train(slices.Values(corpus), text.TrainOptions{Pieces: 12})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, id := range t.Encode("unbreakable 各個擊破 ☺") {
		fmt.Printf("%s ", t.Piece(id))
	}
	// Output: un break able ▁ 各 個 擊 破 ▁ <0xE2> <0x98> <0xBA>
}

func ExampleTokenizer_Decode() {
	t, err := text.Train(slices.Values([]string{"春眠不覺曉"}), text.TrainOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	ids := []int{t.BOS()}
	ids = t.AppendEncode(ids, "春曉")
	ids = append(ids, t.EOS())
	fmt.Println(len(ids), t.Decode(ids))
	// Output: 4 春曉
}

func ExampleFromMetadata() {
	t, err := text.Train(slices.Values([]string{"春眠不覺曉"}), text.TrainOptions{Controls: []string{"<sep>"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	file := t.Metadata() // the keys and values of a model file
	again, err := text.FromMetadata(func(key string) (any, bool) {
		v, ok := file[key]
		return v, ok
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	sep, _ := again.Sep()
	fmt.Println(again.Piece(sep), again.Kind(sep), again.Size() == t.Size())
	// Output: <sep> control true
}

func ExampleFromTokenizerJSON() {
	data, err := os.ReadFile("testdata/tokenizers/smollm.json") // of a model: the folder with its weights has it
	if err != nil {
		fmt.Println(err)
		return
	}
	t, err := text.FromTokenizerJSON(data, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, id := range t.AppendMarked(nil, "<|im_start|>user\n春眠<|im_end|>") {
		fmt.Printf("%q ", t.Piece(id))
	}
	// Output: "<|im_start|>" "us" "er" "Ċ" "æ" "ĺ" "¥" "ç" "ľ" "ł" "<|im_end|>"
}

func ExampleStream() {
	t, err := text.Train(slices.Values([]string{"春"}), text.TrainOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	s := text.NewStream(t)
	for _, id := range t.Encode("春眠") { // 眠 is three bytes here
		fmt.Printf("%s=%q ", t.Piece(id), s.Push(id))
	}
	fmt.Printf("%q\n", s.Flush())
	// Output: 春="春" <0xE7>="" <0x9C>="" <0xA0>="眠" ""
}

func ExampleFormat() {
	f := text.Format{
		Separate:   true,
		Conditions: []text.Condition{{Name: "dynasty", Values: []string{"唐", "宋"}, Lines: [][]int{nil, nil}}},
	}
	t, err := text.Train(slices.Values([]string{"春曉"}), text.TrainOptions{Controls: f.Controls()})
	if err != nil {
		fmt.Println(err)
		return
	}
	ids, err := f.Encode(t, "春曉", map[string]string{"dynasty": "唐"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, id := range ids {
		fmt.Printf("%s ", t.Piece(id))
	}
	// Output: <s> <唐> 春 曉 <sep>
}
