package english

import "unicode"

// folds are characters read as others of ASCII: letters without their accents,
// and the many forms of quotes, hyphens and full stops.
var folds = func() map[rune]string {
	m := map[rune]string{}
	for to, from := range map[string]string{
		"a": "àáâãäåāăąǎạảấầẩẫậắằẳẵặª", "b": "ḃ", "c": "çćĉċč", "d": "ďđðḋḍ", "e": "èéêëēĕėęěẹẻẽếềểễệǝə", "f": "ƒḟ",
		"g": "ĝğġģǧ", "h": "ĥħḣḥ", "i": "ìíîïĩīĭįıǐỉị", "j": "ĵǰ", "k": "ķĸǩḳ", "l": "ĺļľŀłḷ", "m": "ṁṃ", "n": "ñńņňŋǹṅṇ",
		"o": "òóôõöøōŏőǒọỏốồổỗộơớờởỡợº", "p": "ṗ", "r": "ŕŗřṛ", "s": "śŝşšșſṣ", "t": "ţťŧțṭ", "u": "ùúûüũūŭůűųǔụủưứừửữự", "v": "ṽṿ",
		"w": "ŵẁẃẅ", "x": "ẋ", "y": "ýÿŷỳỵỷỹ", "z": "źżžẓ",
	} {
		for _, r := range from {
			m[r] = to
			if upper := unicode.ToUpper(r); upper != r {
				m[upper] = string(to[0] - 'a' + 'A')
			}
		}
	}
	for to, from := range map[string]string{
		"'": "‘’‚‛`´′ʼʻ", `"`: "“”„‟«»‹›″〝〞「」『』", "-": "‐‑−⁃", "—": "―⸺", ".": "。．｡", ",": "、､،", "!": "¡", "?": "¿؟",
		"...": "…⋯", "..": "‥", "(": "（［｛【〈《〔", ")": "）］｝】〉》〕", "µ": "μ", "°": "º˚",
		"ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "ss": "ßẞ", "th": "þ", "Th": "Þ", "ij": "ĳ", "IJ": "Ĳ",
		"ff": "ﬀ", "fi": "ﬁ", "fl": "ﬂ", "ffi": "ﬃ", "ffl": "ﬄ", "st": "ﬅﬆ",
		"C": "Ⅽ", "I": "İⅠ", "II": "Ⅱ", "III": "Ⅲ", "IV": "Ⅳ", "V": "Ⅴ", "VI": "Ⅵ", "VII": "Ⅶ", "VIII": "Ⅷ", "IX": "Ⅸ", "X": "Ⅹ",
	} {
		for _, r := range from {
			m[r] = to
		}
	}
	return m
}()

// kept are the characters out of ASCII that are read, or part words.
const kept = "–—€£¥₹¢°µ½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞²³×÷±≈≤≥≠§№"

// unseen tells whether a character leaves no trace: accents that stand by
// themselves, soft hyphens and other marks without width.
func unseen(r rune) bool {
	return unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Cf, r)
}

// fold returns what a character is read as, "" when it is not read.
func fold(r rune) string {
	switch {
	case r > ' ' && r < 0x7F:
		return string(r)
	case r >= 0xFF01 && r <= 0xFF5E && folds[r] == "":
		return string(r - 0xFEE0)
	case r == '￥':
		return "¥"
	case r == '￡':
		return "£"
	}
	if f, ok := folds[r]; ok {
		return f
	}
	for _, k := range kept {
		if k == r {
			return string(r)
		}
	}
	return ""
}
