package mandarin

import "strings"

var figures = []string{"零", "一", "二", "三", "四", "五", "六", "七", "八", "九"}

// readDigits says digits one by one; other characters are left out.
func readDigits(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if s[i] >= '0' && s[i] <= '9' {
			b.WriteString(figures[s[i]-'0'])
		}
	}
	return b.String()
}

// maxDigits is of the longest number that is counted with; longer ones are said
// digit by digit. 16 digits are thousands of 万亿.
const maxDigits = 16

// readInteger says a whole number, which may have leading zeros: 10 is 十, 110
// 一百一十, 200 两百, 1005 一千零五, 22000 两万两千.
func readInteger(s string) string {
	s = strings.TrimLeft(s, "0")
	if s == "" {
		return figures[0]
	}
	if len(s) > maxDigits {
		return readDigits(s)
	}
	var b strings.Builder
	gap := false // zeros that are yet to be said as 零
	for len(s) > 0 {
		n := (len(s)-1)%4 + 1
		group, rest := s[:n], s[n:]
		s = rest
		said := readGroup(group, b.Len() == 0)
		if said == "" {
			gap = b.Len() > 0
			if len(rest) == 8 { // no 亿, but 万亿 before it
				b.WriteString("亿")
			}
			continue
		}
		if b.Len() > 0 && (gap || group[0] == '0') {
			b.WriteString("零")
		}
		gap = false
		if said == "二" && len(rest) > 0 && b.Len() == 0 {
			said = "两"
		}
		b.WriteString(said)
		b.WriteString([]string{"", "万", "亿", "万"}[len(rest)/4])
	}
	return b.String()
}

// readGroup says up to four digits, without zeros before them; none is empty.
func readGroup(s string, first bool) string {
	var b strings.Builder
	gap := false
	for i := range len(s) {
		d, place := s[i]-'0', len(s)-1-i
		if d == 0 {
			gap = true
			continue
		}
		if gap && b.Len() > 0 {
			b.WriteString("零")
		}
		gap = false
		switch {
		case d == 1 && place == 1 && first && b.Len() == 0:
		case d == 2 && (place == 3 || place == 2 && b.Len() == 0):
			b.WriteString("两")
		default:
			b.WriteString(figures[d])
		}
		b.WriteString([]string{"", "十", "百", "千"}[place])
	}
	return b.String()
}

// readDecimal says a number of digits, commas and at most one point: 3.14 is
// 三点一四. Two leading zeros, as in 007, are those of a code.
func readDecimal(s string) (text string, counted bool) {
	s = strings.ReplaceAll(s, ",", "")
	whole, fraction, ok := strings.Cut(s, ".")
	if !ok {
		if len(whole) > 1 && whole[0] == '0' || len(whole) > maxDigits {
			return readDigits(whole), false
		}
		return readInteger(whole), true
	}
	return readInteger(whole) + "点" + readDigits(fraction), true
}

// chinese writes the characters of numbers in traditional ones.
var chinese = strings.NewReplacer(
	"两", "兩", "万", "萬", "亿", "億", "点", "點", "负", "負", "摄", "攝", "华", "華", "时", "時", "钟", "鐘", "号", "號", "币", "幣",
	"欧", "歐", "镑", "鎊", "韩", "韓", "吨", "噸", "兹", "茲", "块", "塊", "个", "個", "余", "餘", "减", "減", "于", "於",
)
