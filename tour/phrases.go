package tour

import "fmt"

// phrases are what a tour says in a language. Those with % are formats.
type phrases struct {
	code, title string // of pages
	voiceName   string
	line        string // that is spoken

	intro, absent string // the folder; the name of a model
	stopped       string // how many objects are finished; the page

	poemTitle, poemIntro, poemAR, poemNAR, poemRefine, poemOutro, poemRow string

	pictureTitle, pictureIntro, pictureShortcut, pictureAR, pictureOutro string
	onePass, manyPasses, shortcut                                        string

	storyTitle, storyAR, storySpeculate, storyRow string
	storySame, storyDiffers, storyGuesses/* passes of both, right guesses, all */ string
	storySooner, storyNotSooner string // the ratio of times

	voiceTitle, voiceIntro, voiceCascade, voiceTwo, voiceOutro, voiceRow string
	voiceRealTime                                                        string // seconds of sound, seconds that took, their ratio

	creatureTitle, creatureIntro, creatureDefault, creatureSays      string
	creatureJudge, creatureNoJudge, creatureSilent, creatureOutro    string
	creatureTextRow, creatureSpriteRow, creatureVoiceRow             string
	play, pause, again, meet, howMade, repeat, unfinished, pageIntro string
	colours, guessed, noScript                                       string

	tableTitle, tableIntro string
	columns                []string
}

// passes counts passes.
func (p *phrases) passes(n int) string {
	if n == 1 {
		return p.onePass
	}
	return fmt.Sprintf(p.manyPasses, n)
}

var texts = map[string]*phrases{English: &english, Chinese: &chinese}

var english = phrases{
	code: "en", title: "Stride: the tour", voiceName: "english", line: "Good morning, the dragon is awake.",

	intro:   "Six short stops. All of it is made now, on this machine, by models inside this program; nothing is fetched. Files go to %s. Ctrl-C stops at any time and keeps what is finished.",
	stopped: "Stopped. Finished so far: %d; see %s",
	absent:  "Left out: no model %s is bundled here.",

	poemTitle:  "A poem, three ways",
	poemIntro:  "A Tang poem with the title %s. An element is a character, and three strategies choose them.",
	poemAR:     "ar: one character a pass, each chosen knowing all before it. Look how it grows from the beginning.",
	poemNAR:    "nar: all characters in one pass, each chosen apart, after one pass for the length. Look for lines that two poems were mixed in.",
	poemRefine: "refine: all at once, but in 16 passes; each keeps those it is surest of. Look how the later ones suit the earlier ones.",
	poemOutro:  "The colours of index.html tell which pass committed which character.",
	poemRow:    "poem",

	pictureTitle:    "A picture, from blurred to sharp",
	pictureIntro:    "The caption is \"%s\", and all pixels come at once, by refine. One pass gives the mean of all that it could be: a blur. Each doubling decides more.",
	pictureShortcut: "The network was also taught shortcuts: to leap where many small steps would lead. One pass, by a shortcut:",
	pictureAR:       "ar draws the same caption pixel by pixel, from the top: 1,024 passes, sharp from the first.",
	pictureOutro:    "sprite-passes.png has all of them side by side; the other two are animations of 16 passes and of ar.",
	onePass:         "1 pass", manyPasses: "%d passes", shortcut: "shortcut",

	storyTitle:     "A story, and the same one sooner",
	storyAR:        "ar writes a story, a piece of a word a pass.",
	storySpeculate: "speculate guesses how it goes on from what was there before, and checks several guesses in one pass. A guess is kept only if it is what ar would have drawn.",
	storyRow:       "story",
	storySame:      "Both texts are the same, to the byte.", storyDiffers: "The texts differ, which they must not: please report it.",
	storyGuesses:   "ar took %d passes, speculate %d: %d of %d guesses were right.",
	storySooner:    "It was ready %.1f times as fast.",
	storyNotSooner: "This time that saved nothing (%.1f times as fast): passes of so small a network cost little, and where guesses do not pay, or the machine is busy, it goes on as ar.",

	voiceTitle: "A line, spoken", voiceRow: "spoken line",
	voiceIntro:    "A second of speech is 16,000 samples, too many to draw one by one. A cascade makes 100 vectors a second first, and all samples from them.",
	voiceCascade:  "ar for the vectors, refine in 4 passes for the samples: the voice's own way.",
	voiceTwo:      "And all of it in two passes: nar for the vectors, nar for the samples. Can you hear it?",
	voiceRealTime: "%.2f s of sound in %.2f s: %.1f times real time.",
	voiceOutro:    "The spectrograms beside the sounds show time to the right and pitch upwards. Stripes are the voice, clouds are breath.",

	creatureTitle: "A creature that talks", creatureIntro: "One sentence makes a character: %s.", creatureDefault: "a small red dragon that guards gold",
	creatureSays:      "What it says, the best of %d tries: %s",
	creatureJudge:     "Of %d sprites a classifier likes number %d best. It sharpens:",
	creatureNoJudge:   "No classifier is bundled here, so the first sprite is taken.",
	creatureSilent:    "The voice made no sound of it.",
	creatureOutro:     "creature.html puts the three together. Open it and press Play.",
	creatureTextRow:   "creature: text",
	creatureSpriteRow: "creature: sprite",
	creatureVoiceRow:  "creature: voice",
	play:              "Play", pause: "Pause", again: "Again", meet: "Meet the creature", howMade: "How it was made", repeat: "The command that repeats it",
	unfinished: "The tour was stopped here. What was finished is above.",
	pageIntro:  "Everything here was made by models inside one program, on the machine that ran it. Times are of that very run.",
	colours:    "Colours tell which pass committed an element: from blue (first) to red (last).",
	guessed:    "Tinted pieces were guessed right: they came with a pass that was made anyway.",
	noScript:   "This page moves by a script, which is switched off here. The sound can be played all the same.",

	tableTitle: "What it took", tableIntro: "Everything that was made on this tour, as measured while you watched. Stride is elements a pass.",
	columns: []string{"object", "strategy", "passes", "elements", "stride", "time", "file"},
}

var chinese = phrases{
	code: "zh-Hant", title: "Stride 導覽", voiceName: "mandarin", line: "小紅龍今天早上醒來了。",

	intro:   "一共六站。所有作品都由這個程式裡的模型，在這台機器上當場生成，不必下載任何東西。檔案放在 %s。隨時可按 Ctrl-C 停下，已完成的會保留。",
	stopped: "停下了。已完成：%d，請看 %s",
	absent:  "略過：這裡沒有內建模型 %s。",

	poemTitle:  "一首詩，三種寫法",
	poemIntro:  "以「%s」為題寫一首唐詩。一個元素就是一個字，由三種策略來選字。",
	poemAR:     "ar：一次一個字，每個字都看得到前面所有的字。請看它從頭長出來。",
	poemNAR:    "nar：先用一次估長度，再一次寫出所有的字，各選各的。請找找哪一句混了兩首詩。",
	poemRefine: "refine：也是一起寫，但分 16 次，每次留下最有把握的字。請看後來的字怎麼配合先前的字。",
	poemOutro:  "index.html 用顏色標出每個字是第幾次定下的。",
	poemRow:    "詩",

	pictureTitle:    "一張圖，從模糊到清晰",
	pictureIntro:    "圖說是「%s」，refine 讓所有像素同時出現。只跑一次得到的是所有可能的平均，也就是模糊；次數每加一倍，決定的就更多。",
	pictureShortcut: "這個網路還學過捷徑：一步跳到許多小步會走到的地方。只跑一次，用捷徑：",
	pictureAR:       "ar 照同一句圖說，從上到下一個像素一個像素地畫：1,024 次，從第一筆就清晰。",
	pictureOutro:    "sprite-passes.png 把它們全排在一起；另外兩個檔案是 16 次與 ar 的動畫。",
	onePass:         "1 次", manyPasses: "%d 次", shortcut: "捷徑",

	storyTitle:     "一個故事，更早寫完同一個",
	storyAR:        "ar 寫一個英文故事，一次一個詞片。",
	storySpeculate: "speculate 從前文猜接下來的字，一次驗證好幾個。只有與 ar 會選的完全相同才留下。",
	storyRow:       "故事",
	storySame:      "兩篇一模一樣，連一個位元組都不差。", storyDiffers: "兩篇不同，這不應該發生，請回報。",
	storyGuesses:   "ar 用了 %d 次，speculate 用了 %d 次：猜對 %d 個，共猜 %d 個。",
	storySooner:    "速度是 %.1f 倍。",
	storyNotSooner: "這回沒有省到時間（%.1f 倍）：這麼小的網路跑一次很便宜；猜不划算或機器忙的時候，它就照 ar 走下去。",

	voiceTitle: "一句話，說出來", voiceRow: "一句話",
	voiceIntro:    "一秒語音有 16,000 個取樣點，逐點生成太慢。cascade 先做每秒 100 個向量，再由向量做出所有取樣點。",
	voiceCascade:  "向量用 ar，取樣點用 refine 4 次：這是這個聲音原本的做法。",
	voiceTwo:      "再來全部只用兩次：向量用 nar，取樣點也用 nar。聽得出差別嗎？",
	voiceRealTime: "用 %[2].2f 秒做出 %[1].2f 秒的聲音：即時的 %[3].1f 倍。",
	voiceOutro:    "聲音旁邊的時頻圖，向右是時間，向上是音高。條紋是嗓音，雲霧是氣音。",

	creatureTitle: "會說話的小生物", creatureIntro: "一句話造出一個角色：%s。", creatureDefault: "守著黃金的小紅龍",
	creatureSays:      "牠說的話，%d 次裡最好的一次：\n%s",
	creatureJudge:     "分類器在 %d 個圖像裡最喜歡第 %d 個。看它變清晰：",
	creatureNoJudge:   "這裡沒有內建分類器，所以用第一個圖像。",
	creatureSilent:    "這個聲音沒有唸出任何聲響。",
	creatureOutro:     "creature.html 把三者放在一起。打開它，按「播放」。",
	creatureTextRow:   "小生物：文字",
	creatureSpriteRow: "小生物：圖像",
	creatureVoiceRow:  "小生物：聲音",
	play:              "播放", pause: "暫停", again: "重播", meet: "去見這個小生物", howMade: "怎麼做的", repeat: "重做一次的指令",
	unfinished: "導覽在這裡停下了。已完成的都在上面。",
	pageIntro:  "這裡的一切都由同一個程式裡的模型，在執行它的機器上生成。時間就是那一次量到的。",
	colours:    "顏色表示元素是第幾次定下的：從藍（最先）到紅（最後）。",
	guessed:    "有底色的是猜對的：搭上了反正要跑的那一次。",
	noScript:   "這一頁靠程式碼活動，但這裡關閉了。聲音仍然可以播放。",

	tableTitle: "花了多少", tableIntro: "這次導覽做出的一切，都是剛才當場量到的。stride 是每次定下的元素數。",
	columns: []string{"作品", "策略", "次數", "元素", "stride", "時間", "檔案"},
}
