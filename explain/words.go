package explain

// words are those of tables in a language.
type words struct {
	pass, next, ends, soFar, slot, seed, drawn, answer, mixed                          string
	committed, confidence, passes, mixedOf, guesses, right, rewound, settled, strategy string
	stride, example, blur                                                              string
	passAt                                                                             string
	dogs                                                                               []string
}

var vocabulary = map[string]words{
	"en": {
		pass: "pass", next: "what may come next", ends: "END",
		soFar: "so far, what was drawn last in [ ]", slot: "slot", seed: "seed", drawn: "drawn", answer: "answer", mixed: "mixed",
		committed: "committed in [ ], by pass", confidence: "confidence", passes: "passes", mixedOf: "of 1,000 answers mixed",
		guesses: "guesses, ✗ the wrong ones → what was drawn then", right: "right", rewound: "rewound", settled: "committed", strategy: "strategy",
		stride: "stride", example: "for example", blur: "how far from sharp", passAt: "pass %d, t %.2f", dogs: []string{"left", "right", "their mean"},
	},
	"zh": {
		pass: "趟", next: "下一個可能是", ends: "結束",
		soFar: "到目前為止，剛抽到的用 [ ] 標出", slot: "位置", seed: "種子", drawn: "抽到", answer: "答案", mixed: "混錯",
		committed: "每一趟定下的用 [ ] 標出", confidence: "信心", passes: "趟數", mixedOf: "1,000 個答案中混錯的",
		guesses: "猜的字，✗ 之後猜錯 → 接著抽到的", right: "猜對", rewound: "退回", settled: "定下", strategy: "策略",
		stride: "步幅", example: "例如", blur: "離清楚還有多遠", passAt: "第 %d 趟，t %.2f", dogs: []string{"向左跑", "向右跑", "兩者平均"},
	},
}
