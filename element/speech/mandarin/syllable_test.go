package mandarin

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestSplit(t *testing.T) {
	for s, want := range map[string]string{
		"zhong1": "zh ong 1", "you2": " iou 2", "liu4": "l iou 4", "dui4": "d uei 4", "wei2": " uei 2", "lun2": "l uen 2", "wen2": " uen 2",
		"jun1": "j ün 1", "yun2": " ün 2", "lü4": "l ü 4", "lüe4": "l üe 4", "yu3": " ü 3", "yuan2": " üan 2", "xue2": "x üe 2",
		"zi3": "z ii 3", "zhi3": "zh iii 3", "ri4": "r iii 4", "ji1": "j i 1", "yi1": " i 1", "ying2": " ing 2", "yan2": " ian 2",
		"wu3": " u 3", "weng1": " ueng 1", "yong4": " iong 4", "qiong2": "q iong 2", "er2": " er 2", "r5": " r 5", "ma5": "m a 5", "yo5": " io 5",
	} {
		initial, final, tone, err := Split(s)
		if got := fmt.Sprint(initial, " ", final, " ", tone); err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", s, got, err, want)
		}
	}
	for s, want := range map[string]string{
		"ma":   `mandarin: "ma": no tone, want a digit of 1 to 5 at its end`,
		"ma6":  `mandarin: "ma6" is not a syllable, the nearest is "ma"`,
		"lv4":  `mandarin: "lv4" is not a syllable, the nearest is "lü4"`,
		"jong": `mandarin: "jong" is not a syllable, the nearest is "cong"`,
		"r1":   `mandarin: "r1" is not a syllable, the nearest is "a1"`,
		"":     `mandarin: "" is not a syllable, the nearest is "a"`,
	} {
		_, _, _, err := Split(s)
		if err == nil || err.Error() != want {
			t.Errorf("%q: error %v, want %s", s, err, want)
		}
		var bad *SyllableError
		if !errors.As(err, &bad) && s != "ma" {
			t.Errorf("%q: error %#v", s, err)
		}
	}
	_, _, _, err := Split(strings.Repeat("zhuang", 1000) + "1")
	if err == nil {
		t.Error("a long syllable passed")
	}
}

func TestSyllables(t *testing.T) {
	all := Syllables()
	if len(all) != 417 || !slices.IsSorted(all) {
		t.Errorf("%d syllables, want 417 in order", len(all))
	}
	seen := map[string]string{}
	for _, s := range all {
		tone := "1"
		if s == "r" {
			tone = "5"
		}
		initial, final, _, err := Split(s + tone)
		if err != nil {
			t.Error(err)
		}
		if other := seen[initial+" "+final]; other != "" {
			t.Errorf("%s and %s are both %q, %q", other, s, initial, final)
		}
		seen[initial+" "+final] = s
	}
	all[0] = "x"
	if Syllables()[0] != "a" {
		t.Error("the inventory can be changed")
	}
}
