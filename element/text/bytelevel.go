package text

import "unicode/utf8"

// byteRunes is how byte-level tokenizers write bytes in the text of a token: printable characters of Latin-1 stand for
// themselves, the other bytes for U+0100 and on, in order (bytes_to_unicode of GPT-2). runeBytes is the inverse.
var byteRunes, runeBytes = func() (runes [256]rune, bytes [324]int16) {
	for r := range bytes {
		bytes[r] = none
	}
	next := rune(256)
	for b := range runes {
		r := rune(b)
		if b <= ' ' || b >= 0x7F && b <= 0xA0 || b == 0xAD {
			r = next
			next++
		}
		runes[b], bytes[r] = r, int16(b)
	}
	return runes, bytes
}()

// appendSpelled appends bytes as a token writes them.
func appendSpelled(dst []byte, s string) []byte {
	for i := range len(s) {
		dst = utf8.AppendRune(dst, byteRunes[s[i]])
	}
	return dst
}

// appendUnspelled appends the bytes that a token writes. A token with another character is text as it stands.
func appendUnspelled(dst []byte, piece string) []byte {
	start := len(dst)
	for _, r := range piece {
		if int(r) >= len(runeBytes) || runeBytes[r] == none {
			return append(dst[:start], piece...)
		}
		dst = append(dst, byte(runeBytes[r]))
	}
	return dst
}
