package english

import (
	"strconv"
	"strings"
)

// clock reads times of the day: 3:45 pm, 10:00, 7 a.m., 10:30:15.
func (r *reader) clock(i int) int {
	if r.isJoined(i) {
		return 0
	}
	return r.timeOfDay(i)
}

func (r *reader) timeOfDay(i int) int {
	if !r.is(i, digits) || len(r.t[i].text) > 2 {
		return 0
	}
	hour, _ := strconv.ParseUint(r.t[i].text, 10, 8)
	words, n := count(hour), 1
	exact := false
	if r.gluedMark(i+1, ":") && r.isGlued(i+2) && r.is(i+2, digits) {
		minutes := r.t[i+2].text
		if len(minutes) != 2 || minutes >= "60" || hour > 24 {
			return r.ratio(i)
		}
		n = 3
		switch {
		case minutes == "00":
			exact = true
		case minutes[0] == '0':
			words = append(append([]string(nil), words...), "oh", ones[minutes[1]-'0'])
		default:
			words = append(append([]string(nil), words...), cardinal(minutes)...)
		}
		if r.gluedMark(i+3, ":") && r.isGlued(i+4) && r.is(i+4, digits) && len(r.t[i+4].text) == 2 {
			n = 5
			if exact {
				words = append(append([]string(nil), words...), "hundred")
				exact = false
			}
			words = append(append(append([]string(nil), words...), "and"), cardinal(strings.TrimPrefix(r.t[i+4].text, "0"))...)
			words = append(words, "seconds")
		}
	} else if hour == 0 || hour > 12 {
		return 0
	}
	half, m := r.halfOfDay(i + n)
	switch {
	case m == 0 && n == 1:
		return 0
	case m == 0 && exact && (hour == 0 || hour > 12):
		words = append(append([]string(nil), words...), "hundred")
	case m == 0 && exact && r.lower(i+n) != "o'clock":
		words = append(append([]string(nil), words...), "o'clock")
	}
	r.say(i, i+n, words...)
	if m > 0 {
		r.say(i+n, i+n+m, half...)
		if r.isMark(i+n+m-1, ".") && r.fullStop(i+n+m-1) {
			m--
		}
	}
	// A range: 9:00-5:00.
	if at := i + n + m; (r.gluedMark(at, "-") || r.gluedMark(at, "–")) && r.is(at+1, digits) && r.isGlued(at+1) {
		r.say(at, at+1, "to")
		m += 1 + r.timeOfDay(at+1)
	}
	return n + m
}

// halfOfDay reads am, p.m. and their like.
func (r *reader) halfOfDay(i int) (words []string, tokens int) {
	switch s := r.lower(i); {
	case (s == "am" || s == "pm") && (r.isGlued(i) || s == "pm" || r.t[i].upper() || !r.is(i+1, letters)):
		return spell(s), 1
	case (s == "a" || s == "p") && r.gluedMark(i+1, ".") && r.lower(i+2) == "m" && r.isGlued(i+2):
		if r.gluedMark(i+3, ".") {
			return spell(s + "m"), 4
		}
		return spell(s + "m"), 3
	}
	return nil, 0
}

// ratio reads 3:1 and 16:9.
func (r *reader) ratio(i int) int {
	if !r.is(i+2, digits) || r.gluedMark(i+3, ":") {
		return 0
	}
	r.say(i, i+3, append(append(append([]string(nil), cardinal(r.t[i].text)...), "to"), cardinal(r.t[i+2].text)...)...)
	return 3
}
