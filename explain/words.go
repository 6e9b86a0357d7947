package explain

// words are those of tables in a language.
type words struct {
	pass, next, ends, soFar, slot, seed, together, answer, mixed               string
	committed, confidence, passes, of, guesses, right, back, commits, strategy string
	stride, example, blur                                                      string
	passAt                                                                     string
	dogs                                                                       []string
}

var vocabulary = map[string]words{
	"en": {
		pass: "pass", next: "what may come next", ends: "END",
		soFar: "so far, what was drawn last in [ ]", slot: "slot", seed: "seed", together: "drawn", answer: "answer", mixed: "mixed",
		committed: "committed in [ ], by pass", confidence: "confidence", passes: "passes", of: "of 1,000 answers mixed",
		guesses: "guesses, ✗ the wrong ones → what was drawn then", right: "right", back: "rewound", commits: "committed", strategy: "strategy",
		stride: "stride", example: "for example", blur: "how far from sharp", passAt: "pass %d, t %.2f", dogs: []string{"left", "right", "their mean"},
	},
	"zh": {
		pass: "趟", next: "下一個可能是", ends: "結束",
		soFar: "到目前為止，剛抽到的用 [ ] 標出", slot: "位置", seed: "種子", together: "抽到", answer: "答案", mixed: "混錯",
		committed: "每一趟定下的用 [ ] 標出", confidence: "信心", passes: "趟數", of: "1,000 個答案中混錯的",
		guesses: "猜的字，✗ 之後猜錯 → 接著抽到的", right: "猜對", back: "退回", commits: "定下", strategy: "策略",
		stride: "步幅", example: "例如", blur: "離清楚還有多遠", passAt: "第 %d 趟, t %.2f", dogs: []string{"向左跑", "向右跑", "兩者平均"},
	},
}
