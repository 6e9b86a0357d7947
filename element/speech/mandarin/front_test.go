package mandarin

import (
	"errors"
	"strings"
	"testing"

	"github.com/stride-ml/stride/element/speech"
)

// read is the syllables of a text, without words.
func read(t *testing.T, f Front, text string) string {
	t.Helper()
	words, err := f.Words(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	var phones []string
	for _, w := range words {
		phones = append(phones, w.Phones...)
	}
	return strings.Join(phones, " ")
}

func TestReadings(t *testing.T) {
	for text, want := range map[string]string{
		// Words of several readings.
		"銀行行長":   "yin2 hang2 hang2 zhang3",
		"我得走了":   "wo3 dei2 zou3 le5",
		"得了獎":    "de2 le5 jiang3",
		"長得很高":   "zhang3 de5 hen3 gao1",
		"很長":     "hen3 chang2",
		"你還書了嗎":  "ni3 huan2 shu1 le5 ma5",
		"他還在":    "ta1 hai2 zai4",
		"慢慢地走":   "man4 man4 de5 zou3",
		"種了三種菜":  "zhong4 le5 san1 zhong3 cai4",
		"一隻貓只吃魚": "yi4 zhi1 mao1 zhi3 chi1 yu2",
		"數了數":    "shu3 le5 shu3",
		"為他做":    "wei4 ta1 zuo4",
		"分為三份":   "fen1 wei2 san1 fen4",
		"睡了一覺":   "shui4 le5 yi2 jiao4",
		"睡著了":    "shui4 zhao2 le5",
		"忘不了":    "wang4 bu4 liao3",
		"都會的":    "dou1 hui4 de5",
		"首都":     "shou3 du1",
		"音樂很快樂":  "yin1 yue4 hen3 kuai4 le4",
		"教書的教室":  "jiao1 shu1 de5 jiao4 shi4",
		"好學":     "hao4 xue2",
		"少年很少":   "shao4 nian2 hen2 shao3",
		// Traditional characters with readings of their own.
		"頭髮發黃": "tou2 fa5 fa1 huang2",
		"乾坤":   "qian2 kun1",
		"晾乾":   "liang4 gan1",
		"著名":   "zhu4 ming2",
		"看著":   "kan4 zhe5",
		"太后以後": "tai4 hou4 yi3 hou4",
		"內臟很髒": "nei4 zang4 hen3 zang1",
		"計畫":   "ji4 hua4",
		"什麼甚麼": "shen2 me5 shen2 me5",
		// 一 and 不.
		"一":     "yi1",
		"一天一夜":  "yi4 tian1 yi2 ye4",
		"一年一本":  "yi4 nian2 yi4 ben3",
		"看一看":   "kan4 yi5 kan4",
		"一個一個":  "yi2 ge4 yi2 ge4",
		"第一次":   "di4 yi1 ci4",
		"二十一天":  "er4 shi2 yi1 tian1",
		"一月一日":  "yi1 yue4 yi1 ri4",
		"統一的":   "tong3 yi1 de5",
		"不去":    "bu2 qu4",
		"不來":    "bu4 lai2",
		"去不去":   "qu4 bu5 qu4",
		"一九一一年": "yi1 jiu3 yi1 yi1 nian2",
		"一百一十一": "yi4 bai3 yi1 shi2 yi1",
		"每一天":   "mei3 yi4 tian1",
		"住一樓":   "zhu4 yi1 lou2",
		// Third tones.
		"你好":   "ni2 hao3",
		"我很好":  "wo3 hen2 hao3",
		"我也很好": "wo2 ye3 hen2 hao3",
		"展覽館":  "zhan2 lan2 guan3",
		"小老虎":  "xiao3 lao2 hu3",
		"你，好":  "ni3 hao3",
		"走走":   "zou2 zou5",
		"姐姐":   "jie3 jie5",
		"豈有此理": "qi2 you3 ci2 li3",
		// Neutral tones and 兒.
		"媽媽看看": "ma1 ma5 kan4 kan5",
		"花兒":   "hua1 r5",
		"女兒":   "nü3 er2",
		"一點兒":  "yi4 dian3 r5",
		"桌子上":  "zhuo1 zi5 shang5",
		"朋友們":  "peng2 you5 men5",
	} {
		if got := read(t, Front{}, text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func TestSpokenNumbers(t *testing.T) {
	for text, want := range map[string]string{
		"0":                "零",
		"10":               "十",
		"110":              "一百一十",
		"1,005":            "一千零五",
		"10010":            "一万零一十",
		"200":              "两百",
		"220":              "两百二十",
		"22000":            "两万两千",
		"100000000":        "一亿",
		"1000010000":       "十亿零一万",
		"100000001":        "一亿零一",
		"2000000000000":    "两万亿",
		"1234567890123456": "一千二百三十四万五千六百七十八亿九千零一十二万三千四百五十六",
		"007":              "零零七",
		"3.14":             "三点一四",
		"0.5":              "零点五",
		"-5":               "负五",
		"－５":               "负五",
		"12.5%":            "百分之十二点五",
		"-10%":             "负百分之十",
		"100%":             "百分之百",
		"5‰":               "千分之五",
		"3/4":              "四分之三",
		"2个":               "两个",
		"第2个":              "第二个",
		"12个":              "十二个",
		"3個人":              "三個人",
		"2個":               "兩個",
		"2026年":            "二零二六年",
		"2000年":            "二零零零年",
		"2000年前":           "两千年前",
		"2026":             "二零二六",
		"2026人":            "两千零二十六人",
		"2026-11-26":       "二零二六年十一月二十六日",
		"2026/1/2":         "二零二六年一月二日",
		"1998-2003年":       "一九九八到二零零三年",
		"90后":              "九零后",
		"08年":              "零八年",
		"3:45":             "三点四十五分",
		"3：05":             "三点零五分",
		"10:00":            "十点",
		"2:00":             "两点",
		"12:30:15":         "十二点三十分十五秒",
		"3:2":              "三比二",
		"¥12.50":           "十二元五角",
		"¥0.05":            "五分",
		"￥100":             "一百元",
		"$2":               "两美元",
		"€3.5亿":            "三点五亿欧元",
		"HK$8":             "八港元",
		"25℃":              "二十五摄氏度",
		"-5°C":             "零下五摄氏度",
		"10km":             "十公里",
		"5 kg":             "五公斤",
		"120km/h":          "一百二十公里每小时",
		"10-12":            "十到十二",
		"3%-5%":            "百分之三到百分之五",
		"2-3个":             "两到三个",
		"3+5=8":            "三加五等于八",
		"10-4=6":           "十减四等于六",
		"13812345678":      "幺三八幺二三四五六七八",
		"010-12345678":     "零幺零幺二三四五六七八",
		"電話12345678":       "電話幺二三四五六七八",
		"400-820-8820":     "四零零八二零八八二零",
		"1.2.3":            "一点二点三",
		"1-2-3":            "一到二到三",
	} {
		words, err := new(Front).Words(text)
		if err != nil {
			t.Fatal(err)
		}
		var got strings.Builder
		for _, w := range words {
			got.WriteString(w.Spoken)
		}
		if got.String() != want {
			t.Errorf("%s: %s, want %s", text, got.String(), want)
		}
	}
	if got, want := read(t, Front{}, "1.8米"), "yi1 dian3 ba1 mi3"; got != want {
		t.Errorf("a decimal: %s, want %s", got, want)
	}
}

func TestRests(t *testing.T) {
	for text, want := range map[string]string{
		"好，好。":          "好 hao3 , | 好 hao3 .",
		"好、好；好：好":       "好 hao3 , | 好 hao3 , | 好 hao3 , | 好 hao3 .",
		"好？好！":          "好 hao3 ? | 好 hao3 !",
		"好？！":           "好 hao3 ?",
		"好！？":           "好 hao3 ?",
		"好……好——好":       "好 hao3 , | 好 hao3 , | 好 hao3 .",
		"好...好. 好":      "好 hao3 , | 好 hao3 . | 好 hao3 .",
		"好\n好，\n好":      "好 hao3 . | 好 hao3 , | 好 hao3 .",
		"「好」（好）":        "好 hao3 , | 好 hao3 .",
		"。，":            "",
		"我用 Stride 3 說": "我 wo3 | 用 yong4 | <Stride> | 三 san1 | 說 shuo1 .",
		"MP3、C++，GPT-4": "<MP3> , | <C++> , | <GPT-4> .",
		"[[ni3":         "<ni3> .",
		"你好😀":           "你好 ni2 hao3 .",
	} {
		words, err := new(Front).Words(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := line(words); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestPlaces(t *testing.T) {
	const text = "「我 有２個蘋果」"
	words, err := new(Front).Words(text)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, w := range words {
		if text[w.Start:w.End] != w.Text {
			t.Errorf("%q at %d to %d", w.Text, w.Start, w.End)
		}
		got = append(got, w.Text+"="+w.Spoken)
	}
	if s := strings.Join(got, " "); s != "我=我 有=有 ２=兩 個=個 蘋果=蘋果" {
		t.Errorf("got %s", s)
	}
}

func TestGivenPinyin(t *testing.T) {
	for text, want := range map[string]string{
		"[[ni3 hao3]]":    "ni3 hao3",
		"[[nǐ hǎo ma]]":   "ni3 hao3 ma5",
		"[[nv3 lu:4 lǚ]]": "nü3 lü4 lü3",
		"[[Xi1'an1]]":     "xi1 an1",
		"[[huar1 er2]]":   "hua1 r5 er2",
		"我[[hen3]]好":      "wo2 hen3 hao3",
		"［［ni3］］":         "ni3",
	} {
		if got := read(t, Front{}, text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"好[[ni3 hoa3]]": `mandarin: at byte 9: "hoa3" is not a syllable, the nearest is "ha3"`,
		"[[ni]]":        `mandarin: at byte 2: "ni": no tone, want a digit of 1 to 5 at its end`,
		"[[ ]]":         `mandarin: at byte 2: no pinyin`,
	} {
		if _, err := new(Front).Words(text); err == nil || err.Error() != want {
			t.Errorf("%s: error %v, want %s", text, err, want)
		}
	}
	_, err := new(Front).Words("好[[ni3 hoa3]]")
	var bad *SyllableError
	if !errors.As(err, &bad) || *bad != (SyllableError{9, "hoa3", "ha3"}) {
		t.Errorf("error %#v", err)
	}
}

func TestLexicon(t *testing.T) {
	user, err := ParseLexicon(strings.NewReader("\ufeff# names\n\n單田芳\tshàn tián fāng\n好好\thao3 hao3\n行\theng2\nStride\tsi1 te5 lai4 de5\n"))
	if err != nil || user.Len() != 4 {
		t.Fatal(user, err)
	}
	f := Front{User: user}
	for text, want := range map[string]string{
		"單田芳":     "shan4 tian2 fang1",
		"单田芳":     "shan4 tian2 fang1",
		"好好":      "hao2 hao3",
		"银行":      "yin2 heng2",
		"好好，好好":   "hao2 hao3 hao2 hao3", // what the first became is not the lexicon's
		"不stride": "bu4 si1 te5 lai4 de5",
	} {
		if got := read(t, f, text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"銀行 yin2":                 `mandarin: lexicon: line 1, column 8: no tab, want one between the word and its pinyin`,
		"\n銀a\tyin2 a1":           `mandarin: lexicon: line 2, column 2: 'a' is not a Han character that can be read`,
		"銀行\tyin2":                `mandarin: lexicon: line 1, column 4: 1 syllables for 2 characters`,
		"銀行\tyin2 hagn2":          `mandarin: lexicon: line 1, column 9: "hagn2" is not a syllable, the nearest is "han2"`,
		"\tyin2":                  `mandarin: lexicon: line 1, column 1: a word of 0 characters, want 1 to 16`,
		"銀\t":                     `mandarin: lexicon: line 1, column 3: no pinyin`,
		"a\t":                     `mandarin: lexicon: line 1, column 3: no pinyin`,
		"a銀\tei1":                 `mandarin: lexicon: line 1, column 2: '銀' is not part of a word of letters`,
		"3D\tsan1 di1":            `mandarin: lexicon: line 1, column 1: '3' begins no word of letters`,
		"ab\tei1 bbi1":            `mandarin: lexicon: line 1, column 8: "bbi1" is not a syllable, the nearest is "bai1"`,
		strings.Repeat("銀", 4096): `mandarin: lexicon: line 1, column 1: bufio.Scanner: token too long`,
	} {
		if _, err := ParseLexicon(strings.NewReader(text)); err == nil || err.Error() != want {
			t.Errorf("%.20q: error %v, want %s", text, err, want)
		}
	}
}

func TestSentences(t *testing.T) {
	const text = " 你好！他說：「真的嗎？！」然後走了……\n3.14是π. 對嗎? [[ni3.]]好"
	var got []string
	for at, s := range Sentences(text) {
		if !strings.HasPrefix(text[at:], s) {
			t.Errorf("%q is not at %d", s, at)
		}
		got = append(got, s)
	}
	want := "你好！|他說：「真的嗎？！」|然後走了……|3.14是π.|對嗎?|[[ni3.]]好"
	if s := strings.Join(got, "|"); s != want {
		t.Errorf("got %s, want %s", s, want)
	}
	for range Sentences(text) {
		break
	}
}

func FuzzWords(f *testing.F) {
	for _, s := range []string{
		"學長今天還說他喜歡我呢！", "2026年11月26日 3:45 ¥12.50 -5℃ 10-12km", "[[ni3 hao3]]", "[[nǐ]] [[x", "我用 C++ 說",
		"電話010-12345678", "1/2 1.2.3 3%-5% $3.5億 １２３", "\xff\xfe一\xc3", "一一一不不不着着了了", "[[［［ni3］］",
		"的地得著瞭解𠮷々〇", "HK$", "+-±¥$", "e\u0301\ufe0f\u200d",
	} {
		f.Add(s)
	}
	user, err := ParseLexicon(strings.NewReader("喜歡\txi3 huan5\n一\tyi1\n"))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		front := Front{User: user}
		words, err := front.Words(text)
		if err != nil {
			return
		}
		last := 0
		for i, w := range words {
			if w.Start < last || w.End <= w.Start || w.End > len(text) || text[w.Start:w.End] != w.Text {
				t.Fatalf("%q: word %d is %+v, after %d", text, i, w, last)
			}
			last = w.Start
			for _, phone := range w.Phones {
				if _, _, _, err := Split(phone); err != nil {
					t.Fatalf("%q: %v", text, err)
				}
			}
		}
		if n := len(words); n > 0 && words[n-1].Break < speech.Sentence {
			t.Fatalf("%q ends with %v", text, words[n-1].Break)
		}
		end := 0
		for at, s := range Sentences(text) {
			if at < end || text[at:at+len(s)] != s || s == "" {
				t.Fatalf("%q: sentence %q at %d, after %d", text, s, at, end)
			}
			end = at + len(s)
		}
	})
}

func FuzzParseLexicon(f *testing.F) {
	f.Add("銀行\tyin2 hang2\n# x\n\n女\tnǚ")
	f.Add("\ufeff一\t\xff1")
	f.Add("花兒\thuar1")
	f.Add("C++\txi1 jia1 jia1\n3a\tei1")
	f.Fuzz(func(t *testing.T, text string) {
		l, err := ParseLexicon(strings.NewReader(text))
		if err != nil {
			if !strings.HasPrefix(err.Error(), "mandarin: lexicon: line ") {
				t.Error(err)
			}
			return
		}
		for w, phones := range l.words {
			if han := isHan([]rune(w)[0]); han && (len([]rune(w)) != len(phones) || len(phones) > l.longest) {
				t.Errorf("%q: %q", w, phones)
			}
			for _, p := range phones {
				if _, _, _, err := Split(p); err != nil {
					t.Error(err)
				}
			}
		}
	})
}

func BenchmarkWords(b *testing.B) {
	text := strings.Repeat("學長今天還說他喜歡我呢！银行行长在2026年11月26日说，一个人不能总是这样。", 20)
	var front Front
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := front.Words(text); err != nil {
			b.Fatal(err)
		}
	}
}
