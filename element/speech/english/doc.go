// Package english is how a speech synthesiser reads English: text goes in, and
// words with their phones and rests come out, by rules, a dictionary and a small
// model for words that neither knows.
//
//	var front english.Front
//	words, err := front.Words("Dr. Smith paid $3.50 on Nov 26, 2026.")
//	if err != nil {
//		return err
//	}
//	for _, w := range words {
//		fmt.Println(w.Spoken, w.Phones, w.Break) // doctor [D AA1 K T ER0] ...
//	}
//
// # From text to words
//
// Numbers, years, dates, times, amounts of money and of units, ordinals, Roman
// numbers behind names, telephone numbers, abbreviations, acronyms, addresses
// and signs are read in words. Each family has a file. Readings are American:
// 11/26/2026 is in November, unless its first number cannot be a month, and 1,234
// has no and. The scheme of a URL is not read. Capitals that the dictionary has
// as a word are read as one (NASA), others by their letters. Emoji are left out,
// and other scripts where [Front.Foreign] does not read them.
//
// A comma, semicolon, colon, dash or bracket is a short rest, the end of a
// sentence and a blank line a long one. A full stop does not end the sentence in
// a number or behind a title or initial. [Sentences] parts a long text there.
//
// # From words to phones
//
// In this order: phones given in the text, [[HH AH0 L OW1]]; the user's
// [Lexicon]; words that sound otherwise in other places (the apple, the pear; to
// record the record), told apart by the words around them; the CMU Pronouncing
// Dictionary, of which the first pronunciation counts; the stem of an inflected
// word, with the ending as it sounds there (bloggers, unfriended); two words
// written as one; and a model that turns letters into phones, a joint-sequence
// model (Bisani & Ney 2008) of sequences of up to six graphones.
//
// The model was learned from 95 % of the words of the dictionary. Of the 5,873
// others, of letters only, kept from it by a hash of their letters, it says 6.9 %
// of the phones wrong and 27.4 % of the words, counting stress 9.2 % and 33.0 %.
//
// # Files
//
// dictionary.bin (314,941 bytes) has all 126,046 words and 135,155 pronunciations
// of the dictionary, letters.bin (583,040 bytes) the model. Neither is decoded as
// a whole: the dictionary is in blocks of 32 words, of which those looked up stay
// in memory, and the model is read in place, so that the first sentence waits for
// some milliseconds at most (go test -bench FirstSentence). The program in
// internal/generate makes both again, byte for byte, from the dictionary: a file
// of words, a tab, and phones, further pronunciations as word(2):
//
//	go run ./internal/generate -dictionary cmudict.tsv
//
// # What it does not do
//
// It has no grammar, so a word with several readings can be the wrong one, and no
// intonation beyond the rests. It reads the languages of foreign words as English.
package english
