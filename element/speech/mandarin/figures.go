package mandarin

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// said is a word of what was written in digits.
type said struct {
	text string // in simplified characters
	kind kind
}

// pattern is a way to write something with digits, matched where a number
// begins. read is given the groups, and what is before and after the match; it
// returns nothing where that is not meant after all.
type pattern struct {
	match *regexp.Regexp
	read  func(m []string, before, after string) []said
}

// patterns go before quantities, the first that is meant counts.
var patterns = []pattern{
	{regexp.MustCompile(`^(\d{4})([-/.])(\d{1,2})([-/.])(\d{1,2})`), readDate},
	{regexp.MustCompile(`^(\d{1,2}):(\d{2})(?::(\d{2}))?`), readTime},
	{regexp.MustCompile(`^(\d{1,4}):(\d{1,4})`), readRatio},
	{regexp.MustCompile(`^(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}`), readPhone},
	{regexp.MustCompile(`^\(?0\d{2,3}\)?[- ]?\d{3,4}[- ]?\d{4}`), readPhone},
	{regexp.MustCompile(`^[48]00[- ]\d{3}[- ]\d{4}`), readPhone},
	{regexp.MustCompile(`^\d{3}-\d{4}(?:-\d{4})?`), readPhone},
	{regexp.MustCompile(`^(\d{4})[-~–—](\d{4})`), readSpan},
	{regexp.MustCompile(`^\d{7,12}`), readCalled},
	{regexp.MustCompile(`^\d{4}`), readYear},
	{regexp.MustCompile(`^\d{2}`), readBorn},
	{regexp.MustCompile(`^\d+(?:\.\d+){2,}`), readVersion},
	{regexp.MustCompile(`^(\d+)/(\d+)`), readFraction},
}

// nearby bounds what a pattern sees of the text, in bytes.
const nearby = 64

// signs may stand before the digits of a number.
const signs = "¥$€£₩-−+±("

// number reads what is written with digits at i, and returns how many characters
// that is; none where there is no number.
func (s *scanner) number(i int) int {
	rest := s.rest(i)
	rest = rest[:min(len(rest), nearby)]
	if !isASCIIDigit(s.rune(i)) && (!strings.ContainsRune(signs, s.rune(i)) && !strings.Contains(rest[:min(len(rest), 3)], "$") ||
		!strings.ContainsAny(rest, "0123456789")) {
		return 0
	}
	before := s.narrow[max(0, s.at[i]-nearby):s.at[i]]
	for _, p := range patterns {
		m := p.match.FindStringSubmatch(rest)
		if m == nil {
			continue
		}
		n := utf8.RuneCountInString(m[0])
		if isASCIIDigit(s.rune(i + n)) {
			continue
		}
		after := s.rest(i + n)
		if words := p.read(m, before, after[:min(len(after), nearby)]); words != nil {
			s.say(words, i, i+n)
			return n
		}
	}
	return s.chain(i)
}

// operators are what may stand between quantities, and how it is said.
var operators = map[rune]string{'-': "到", '~': "到", '–': "到", '—': "到", '+': "加", '×': "乘", '*': "乘", '÷': "除以", '=': "等于"}

// sum is a calculation, in which - is minus.
var sum = regexp.MustCompile(`^\d[\d.]*(?: ?[-+−×÷*] ?\d[\d.]*)+ ?=`)

// chain reads quantities with operators between them.
func (s *scanner) chain(i int) int {
	q, end, ok := s.quantity(i)
	if !ok {
		return 0
	}
	rest := s.rest(i)
	minus := sum.MatchString(rest[:min(len(rest), nearby)])
	type link struct {
		operator string
		quantity quantity
	}
	links := []link{{"", q}}
	for {
		at := end
		if s.rune(at) == ' ' {
			at++
		}
		operator, ok := operators[s.rune(at)]
		if s.rune(at) == '−' || s.rune(at) == '-' && minus {
			operator, ok = "减", true
		}
		if at++; s.rune(at) == ' ' {
			at++
		}
		if !ok || !isASCIIDigit(s.rune(at)) && !strings.ContainsRune("¥$€£", s.rune(at)) {
			break
		}
		q, next, ok := s.quantity(at)
		if !ok {
			break
		}
		links, end = append(links, link{operator, q}), next
	}
	pair := s.counted(end) && s.rune(i-1) != '第'
	var out []said
	for _, l := range links {
		if l.operator != "" {
			out = append(out, said{l.operator, number})
		}
		out = append(out, l.quantity.say(pair)...)
	}
	if len(links) == 1 && !pair && likelyYear(q) && s.rune(i-1) != '第' {
		out = []said{{readDigits(q.amount), digits}}
	}
	s.say(out, i, end)
	return end - i
}

// likelyYear is of four digits without anything that makes them a quantity.
func likelyYear(q quantity) bool {
	return len(q.amount) == 4 && year(q.amount) && q.amount >= "1900" && q.amount < "2100" && !strings.HasSuffix(q.amount, "00") &&
		q.sign == "" && q.currency == "" && q.unit == unit{}
}

// say adds words for the characters from i to end.
func (s *scanner) say(words []said, i, end int) {
	for _, w := range words {
		text := w.text
		if s.traditional {
			text = chinese.Replace(text)
		}
		s.out = append(s.out, word{
			kind: w.kind, text: text, plain: []rune(w.text), phones: readFigures(w.text), class: 'm',
			start: s.chars[i].start, end: s.chars[end-1].end,
		})
	}
}

// readFigures reads each character by itself.
func readFigures(text string) []string {
	var phones []string
	for _, r := range text {
		phone := "yao1" // 幺
		if c, ok := words().Char(r); ok && r != '幺' {
			phone = c.Readings[0]
		}
		phones = append(phones, phone)
	}
	return phones
}

func within(s string, low, high int) bool {
	n, err := strconv.Atoi(s)
	return err == nil && n >= low && n <= high
}

func year(s string) bool { return len(s) == 4 && within(s, 1000, 2999) }

// readDate says 2026-11-26 as 二零二六年十一月二十六日.
func readDate(m []string, _, after string) []said {
	if m[2] != m[4] || !year(m[1]) || !within(m[3], 1, 12) || !within(m[5], 1, 31) || strings.HasPrefix(after, m[2]) {
		return nil
	}
	return []said{{readDigits(m[1]) + "年", digits}, {readInteger(m[3]) + "月", digits}, {readInteger(m[5]) + "日", digits}}
}

// readTime says 3:05 as 三点零五分, 10:00 as 十点.
func readTime(m []string, _, after string) []said {
	if !within(m[1], 0, 24) || !within(m[2], 0, 59) || m[3] != "" && !within(m[3], 0, 59) || strings.HasPrefix(after, ":") {
		return nil
	}
	hour := readInteger(m[1])
	if hour == "二" {
		hour = "两"
	}
	out := []said{{hour + "点", number}}
	if m[2] != "00" || m[3] != "" {
		out = append(out, said{minutes(m[2]) + "分", number})
	}
	if m[3] != "" {
		out = append(out, said{minutes(m[3]) + "秒", number})
	}
	return out
}

// minutes says two digits, a leading zero too.
func minutes(s string) string {
	if s[0] == '0' && s != "00" {
		return "零" + readInteger(s)
	}
	return readInteger(s)
}

func readRatio(m []string, _, after string) []said {
	if strings.HasPrefix(after, ":") {
		return nil
	}
	return []said{{readInteger(m[1]), number}, {"比", number}, {readInteger(m[2]), number}}
}

// readPhone says the digits of a telephone number in groups, 1 as 幺.
func readPhone(m []string, _, _ string) []said {
	var out []said
	for group := range strings.FieldsFuncSeq(m[0], func(r rune) bool { return r < '0' || r > '9' }) {
		for _, part := range phoneGroups(group) {
			out = append(out, said{strings.ReplaceAll(readDigits(part), "一", "幺"), digits})
		}
	}
	return out
}

// phoneGroups parts a long row of digits: three and fours, or fours.
func phoneGroups(s string) []string {
	var out []string
	if n := len(s) % 4; n > 0 && len(s) > 4 {
		out, s = append(out, s[:n]), s[n:]
	}
	for len(s) > 4 {
		out, s = append(out, s[:4]), s[4:]
	}
	return append(out, s)
}

// readSpan says two years with a dash between them; other four digits with one
// are a telephone number.
func readSpan(m []string, before, after string) []said {
	if !year(m[1]) || !year(m[2]) {
		return readPhone(m, before, after)
	}
	return []said{{readDigits(m[1]), digits}, {"到", number}, {readDigits(m[2]), digits}}
}

// called are the words before a telephone number.
var called = regexp.MustCompile(`(?:电话|電話|手机|手機|热线|熱線|号码|號碼|拨|撥|拨打|撥打|传真|傳真|致电|致電|微信|QQ)[^\d，。；！？,;!?]{0,4}$`)

func readCalled(m []string, before, after string) []said {
	if !called.MatchString(before) {
		return nil
	}
	return readPhone(m, before, after)
}

// ages follow 年 after a round number that is not a year.
var ages = regexp.MustCompile(`^年(?:的?历史|的?歷史|前|来|來|多|以|后|後|之|间|間)`)

// readYear says the digits of a year one by one.
func readYear(m []string, _, after string) []said {
	if !year(m[0]) || m[0] == "1000" || !strings.HasPrefix(after, "年") || strings.HasSuffix(m[0], "000") && ages.MatchString(after) {
		return nil
	}
	return []said{{readDigits(m[0]), digits}}
}

// readBorn says 90后 as 九零后, 08年 as 零八年.
func readBorn(m []string, _, after string) []said {
	born := strings.HasPrefix(after, "后") || strings.HasPrefix(after, "後")
	if born && strings.ContainsAny(m[0][1:], "05") || m[0][0] == '0' && strings.HasPrefix(after, "年") {
		return []said{{readDigits(m[0]), digits}}
	}
	return nil
}

func readVersion(m []string, _, _ string) []said {
	var parts []string
	for part := range strings.SplitSeq(m[0], ".") {
		text, _ := readDecimal(part)
		parts = append(parts, text)
	}
	return []said{{strings.Join(parts, "点"), digits}}
}

// readFraction says 3/4 as 四分之三.
func readFraction(m []string, _, after string) []said {
	if strings.HasPrefix(after, "/") || len(m[1]) > maxDigits || len(m[2]) > maxDigits {
		return nil
	}
	return []said{{readInteger(m[2]) + "分之" + readInteger(m[1]), number}}
}
