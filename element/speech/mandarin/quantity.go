package mandarin

import (
	"strings"
	"unicode/utf8"
)

// quantity is a number in digits with what belongs to it.
type quantity struct {
	sign      string // - + ± or empty
	currency  string // what the money is called, or empty
	amount    string // digits, commas and a point
	magnitude string // 万 and such between an amount of money and its currency
	unit      unit
}

// unit is a unit of measure, or a share.
type unit struct {
	before, after string // what is said before and after the number
	cold          bool   // below zero is 零下 and not 负
}

// currencies are what signs before an amount mean.
var currencies = []struct{ sign, name string }{
	{"HK$", "港元"}, {"NT$", "新台币"}, {"US$", "美元"}, {"¥", "元"}, {"$", "美元"}, {"€", "欧元"}, {"£", "英镑"}, {"₩", "韩元"},
}

// units are the signs after an amount.
var units = map[string]unit{
	"%": {before: "百分之"}, "‰": {before: "千分之"},
	"°C": {after: "摄氏度", cold: true}, "℃": {after: "摄氏度", cold: true}, "°": {after: "度", cold: true},
	"°F": {after: "华氏度", cold: true}, "℉": {after: "华氏度", cold: true},
	"km": {after: "公里"}, "m": {after: "米"}, "dm": {after: "分米"}, "cm": {after: "厘米"}, "mm": {after: "毫米"},
	"μm": {after: "微米"}, "µm": {after: "微米"}, "nm": {after: "纳米"}, "㎞": {after: "公里"}, "㎝": {after: "厘米"}, "㎜": {after: "毫米"},
	"km²": {after: "平方公里"}, "m²": {after: "平方米"}, "㎡": {after: "平方米"}, "㎢": {after: "平方公里"}, "cm²": {after: "平方厘米"},
	"m³": {after: "立方米"}, "cm³": {after: "立方厘米"}, "ha": {after: "公顷"},
	"km/h": {after: "公里每小时"}, "m/s": {after: "米每秒"},
	"t": {after: "吨"}, "kg": {after: "公斤"}, "g": {after: "克"}, "mg": {after: "毫克"}, "㎏": {after: "公斤"}, "㎎": {after: "毫克"},
	"l": {after: "升"}, "L": {after: "升"}, "ml": {after: "毫升"}, "mL": {after: "毫升"},
	"h": {after: "小时"}, "min": {after: "分钟"}, "s": {after: "秒"}, "ms": {after: "毫秒"},
	"W": {after: "瓦"}, "kW": {after: "千瓦"}, "MW": {after: "兆瓦"}, "kWh": {after: "千瓦时"}, "V": {after: "伏"}, "kV": {after: "千伏"},
	"Hz": {after: "赫兹"}, "kHz": {after: "千赫"}, "MHz": {after: "兆赫"}, "GHz": {after: "吉赫"},
	"dB": {after: "分贝"}, "Pa": {after: "帕"}, "kPa": {after: "千帕"}, "cal": {after: "卡"}, "kcal": {after: "千卡"},
}

// longestUnit is in bytes.
var longestUnit = func() int {
	n := 0
	for sign := range units {
		n = max(n, len(sign))
	}
	return n
}()

// measures are the words that count things: 2 is said 两 before them, and a
// number of digits is not a year. Characters that begin other words as well are
// words of their own here (个人, 位置).
var measures = map[string]bool{}

func init() {
	for m := range strings.FieldsSeq(`
		个 位 名 只 条 张 本 件 家 间 把 杯 瓶 碗 台 辆 部 所 座 层 栋 幢 种 样 类 次 遍 回 场 趟 倍 双 对 副 套 份 股 项 门
		首 篇 段 句 行 页 册 幅 颗 粒 块 片 根 支 枝 朵 棵 株 头 匹 群 批 队 排 串 盒 箱 袋 包 桶 盘 盆 壶 滴 口 顿 天 年 岁
		周 秒 元 毛 角 米 克 斤 吨 升 亩 顷 尺 寸 里 人 点 度 成 步 圈 笔 枚 架 艘 节 集 课 道 封 束 滩 阵 番 届 国 省 市
		个月 小时 分钟 刻钟 点钟 秒钟 星期 礼拜 公里 公斤 公顷 公分 英里 厘米 毫米 千米 平方米 立方米 毫升 千克 美元 欧元
		日元 英镑 港元 块钱 毛钱 学期 世纪 年级 年代 人次 摄氏度`) {
		measures[m] = true
	}
}

// measure is how many of the characters after a number are to be parted from
// what follows: 百 千 万 亿, and a measure.
func measure(chars []char) int {
	n := 0
	for n < len(chars) && strings.ContainsRune("百千万亿", simplify(chars[n].r)) {
		n++
	}
	for size := min(3, len(chars)-n); size > 0; size-- {
		var b strings.Builder
		for _, c := range chars[n : n+size] {
			b.WriteRune(simplify(c.r))
		}
		if measures[b.String()] {
			return n + size
		}
	}
	return n
}

// counted tells whether a measure follows at i.
func (s *scanner) counted(i int) bool {
	return measure(s.chars[i:min(len(s.chars), i+4)]) > 0
}

// quantity reads a quantity at i and gives the characters after it.
func (s *scanner) quantity(i int) (q quantity, end int, ok bool) {
	if r := s.rune(i); r == '-' || r == '−' || r == '+' || r == '±' {
		if before := s.rune(i - 1); isASCIIDigit(before) || isLetter(before) || before == r {
			return q, i, false
		}
		q.sign = strings.Replace(string(r), "−", "-", 1)
		i++
	}
	for _, c := range currencies {
		if strings.HasPrefix(s.rest(i), c.sign) {
			q.currency = c.name
			i += utf8.RuneCountInString(c.sign)
			if s.rune(i) == ' ' {
				i++
			}
			break
		}
	}
	n := s.amount(i)
	if n == 0 {
		return q, i, false
	}
	q.amount = s.narrow[s.at[i]:s.at[i+n]]
	i += n
	if q.currency != "" {
		for strings.ContainsRune("百千万亿", simplify(s.rune(i))) && s.rune(i) != 0 {
			q.magnitude += string(simplify(s.rune(i)))
			i++
		}
		if strings.ContainsRune("元块塊圆圓", s.rune(i)) && s.rune(i) != 0 {
			q.currency = string(simplify(s.rune(i)))
			i++
		}
		return q, i, true
	}
	var size int
	q.unit, size = s.unit(i)
	return q, i + size, true
}

// amount is how many characters at i are digits, with commas before every three
// and at most one point.
func (s *scanner) amount(i int) int {
	digits := func(at int) int {
		n := at
		for isASCIIDigit(s.rune(n)) {
			n++
		}
		return n - at
	}
	n := digits(i)
	if n == 0 {
		return 0
	}
	if n <= 3 {
		for s.rune(i+n) == ',' && digits(i+n+1) == 3 {
			n += 4
		}
	}
	if s.rune(i+n) == '.' {
		if f := digits(i + n + 1); f > 0 {
			n += 1 + f
		}
	}
	return n
}

// unit is that at i, after a space or none, and how many characters it has. A
// letter may not follow it.
func (s *scanner) unit(i int) (unit, int) {
	space := 0
	if s.rune(i) == ' ' {
		space = 1
	}
	rest := s.rest(min(i+space, len(s.chars)))
	for n := min(len(rest), longestUnit); n > 0; n-- {
		u, ok := units[rest[:n]]
		if !ok {
			continue
		}
		size := space + utf8.RuneCountInString(rest[:n])
		if isLetter(s.rune(i+size)) && u.before == "" {
			continue
		}
		return u, size
	}
	return unit{}, 0
}

// say is the words of a quantity; pair is set where 2 is 两.
func (q quantity) say(pair bool) []said {
	text, counted := readDecimal(q.amount)
	kind := number
	if !counted {
		kind = digits
	}
	if text == "二" && (pair || q.unit.after != "" || q.currency != "") {
		text = "两"
	}
	if text == "一百" && q.unit.before != "" {
		text = "百"
	}
	var out []said
	sign := map[string]string{"-": "负", "+": "正", "±": "正负"}[q.sign]
	if sign == "负" && q.unit.cold {
		out, sign = append(out, said{"零下", number}), ""
	}
	if q.currency == "元" && q.magnitude == "" {
		if coins, ok := readCoins(q.amount); ok {
			return append(out, said{sign + coins, number})
		}
	}
	out = append(out, said{sign + q.unit.before + text + q.magnitude, kind})
	if after := q.unit.after + q.currency; after != "" {
		out = append(out, said{after, number})
	}
	return out
}

// readCoins says an amount of yuan with two places: 12.50 is 十二元五角.
func readCoins(amount string) (string, bool) {
	whole, coins, ok := strings.Cut(strings.ReplaceAll(amount, ",", ""), ".")
	if !ok || len(coins) != 2 || len(whole) > maxDigits {
		return "", false
	}
	var b strings.Builder
	if yuan := readInteger(whole); yuan != "零" || coins == "00" {
		if yuan == "二" {
			yuan = "两"
		}
		b.WriteString(yuan + "元")
	}
	jiao, fen := coins[0]-'0', coins[1]-'0'
	if jiao > 0 {
		b.WriteString(figures[jiao] + "角")
	} else if fen > 0 && b.Len() > 0 {
		b.WriteString("零")
	}
	if fen > 0 {
		b.WriteString(figures[fen] + "分")
	}
	return b.String(), true
}
