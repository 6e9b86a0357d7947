// Package mandarin is the text front end of a voice that speaks Mandarin: it
// turns text in traditional or simplified characters into words, pinyin syllables
// with their tones as spoken, and rests.
//
//	var front mandarin.Front
//	words, err := front.Words("學長今天還說他喜歡我呢！")
//	// 學長 xue2 zhang3, 今天 jin1 tian1, 還 hai2, 說 shuo1, 他 ta1, 喜歡 xi3 huan5, 我 wo3, 呢 ne5 !
//
// # Words and readings
//
// Text is parted into the likeliest row of words of an embedded dictionary of
// 117,000, which knows how each is read. A character with several readings that
// is a word by itself is read by its neighbours (rules in context.go). Readings
// are those of the mainland's standard, with the neutral tones that it asks for.
// Traditional characters are looked up in their simplified forms, but keep their
// own readings: 頭髮 is fa, 發現 fa1.
//
// # Tones as spoken
//
//   - 一 is yi2 before a fourth tone, yi4 before others, neutral in 看一看, and yi1
//     at the end, in ordinals (第一, 一月, 一樓) and among digits.
//   - 不 is bu2 before a fourth tone, neutral in 好不好.
//   - A third tone before another is a second one. Words come first, then the
//     phrase from its end: 展覽館 2 2 3, 小老虎 3 2 3, 我很好 wo3 hen2 hao3, 我也很好
//     wo2 ye3 hen2 hao3. A rest ends what tones change each other.
//   - Verbs said twice have a neutral second (看看 kan4 kan5), and so have 里 and 上
//     after a noun.
//
// A 兒 that only colours the syllable before it is the syllable r5: 花兒 hua1 r5.
//
// # Numbers
//
// What is written in digits is read out: 1,005 is 一千零五, 2 個 兩個, 200 兩百, 3.14
// 三點一四, 12% 百分之十二, 3/4 四分之三, 2026年 二零二六年, 2026-11-26 二零二六年十一月二十六日,
// 3:45 三點四十五分, ¥12.50 十二元五角, 10-12 十到十二, -5℃ 零下五攝氏度, 5km 五公里. The digits
// of telephone numbers are said one by one, 1 as 幺. The words that a number is
// read as have its place in the text and its writing as their Text; Spoken has
// the characters, traditional ones where the text has any.
//
// # What is not Mandarin
//
// A run of other letters ("我用 Stride Music 说话") is given to [Front.Foreign], which
// may read it in syllables of Mandarin. What it does not read is one word without
// Phones, as is a Han character that has no known reading.
//
// # Pinyin and lexicons
//
// [[ni3 hao3]] or [[nǐ hǎo]] in the text is read just so; no tone of it changes,
// though it changes those before it. v and u: are ü. A [Lexicon] has words that
// win over the dictionary.
//
// # What it does not do
//
// It does not know the meaning of a sentence: 地道 is authentic and never a tunnel,
// and names that the dictionary lacks are read like other words. A third tone
// changes across all words of a phrase, as in fluent speech, though a slow
// speaker keeps some. Roman numerals, Bopomofo and formulas are not read out.
package mandarin
