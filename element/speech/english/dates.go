package english

import (
	"strconv"
	"strings"
)

var months = strings.Fields("january february march april may june july august september october november december")

// monthOf reads the name of a month at a token, with its full stop if it is
// shortened: its number, from 1, and how many tokens.
func (r *reader) monthOf(i int) (month, tokens int) {
	if !r.is(i, letters) || !r.t[i].capital() {
		return 0, 0
	}
	name := r.lower(i)
	for m, full := range months {
		switch {
		case name == full:
			return m + 1, 1
		case name == full[:3] || name == "sept" && m == 8:
			if r.gluedMark(i+1, ".") {
				return m + 1, 2
			}
			return m + 1, 1
		}
	}
	return 0, 0
}

// dayOf reads the number of a day, 26 or 26th.
func (r *reader) dayOf(i int) (day uint64, tokens int) {
	if !r.is(i, digits) || len(r.t[i].text) > 2 {
		return 0, 0
	}
	day, _ = strconv.ParseUint(r.t[i].text, 10, 8)
	if day < 1 || day > 31 {
		return 0, 0
	}
	tokens = 1
	if after := r.lower(i + 1); r.isGlued(i+1) && (after == "st" || after == "nd" || after == "rd" || after == "th") {
		tokens = 2
	}
	// 26.5 or 26:30 is no day, and 26k neither.
	if next := i + tokens; r.isGlued(next) && (!r.is(next, mark) || r.is(next+1, digits) && r.isGlued(next+1)) {
		return 0, 0
	}
	return day, tokens
}

// yearOf reads a year of four digits, with a comma before it or not.
func (r *reader) yearOf(i int) (words []string, tokens int) {
	if r.gluedMark(i, ",") {
		tokens = 1
	}
	if at := i + tokens; r.is(at, digits) && r.t[at].space && isFullYear(r.t[at].text) && !(r.is(at+1, digits) && r.isGlued(at+1)) {
		return inPairs(r.t[at].text), tokens + 1
	}
	return nil, 0
}

func isFullYear(s string) bool { return len(s) == 4 && s[0] != '0' && s < "3000" }

func (r *reader) date(i int) int {
	if n := r.monthFirst(i); n > 0 {
		return n
	}
	if n := r.dayFirst(i); n > 0 {
		return n
	}
	return r.dateOfNumbers(i)
}

// monthFirst reads Nov 26, 2026 and Nov. 2026.
func (r *reader) monthFirst(i int) int {
	month, n := r.monthOf(i)
	if month == 0 {
		return 0
	}
	name := months[month-1]
	if day, m := r.dayOf(i + n); m > 0 && r.t[i+n].space {
		r.say(i, i+n, name)
		r.say(i+n, i+n+m, ordinal(count(day))...)
		n += m
		// A range of days: Nov 26-28.
		if (r.gluedMark(i+n, "-") || r.gluedMark(i+n, "–")) && r.isGlued(i+n+1) {
			if last, m := r.dayOf(i + n + 1); m > 0 {
				r.say(i+n, i+n+1, "to")
				r.say(i+n+1, i+n+1+m, ordinal(count(last))...)
				n += 1 + m
			}
		}
		if year, m := r.yearOf(i + n); m > 0 {
			r.say(i+n, i+n+m, year...)
			n += m
		}
		return n
	}
	if year, m := r.yearOf(i + n); m > 0 && !(n == 1 && r.isMark(i+n, ",")) {
		r.say(i, i+n, name)
		r.say(i+n, i+n+m, year...)
		return n + m
	}
	// A shortened month by itself is read in full when it has its full stop.
	if n == 2 && r.lower(i) != "may" && r.lower(i) != "jun" && r.lower(i) != "mar" {
		r.say(i, i+1, name)
		if r.fullStop(i + 1) {
			return 1
		}
		return 2
	}
	return 0
}

// dayFirst reads 26 November 2026 as the twenty sixth of November.
func (r *reader) dayFirst(i int) int {
	day, n := r.dayOf(i)
	if n == 0 || r.isJoined(i) {
		return 0
	}
	of := n
	if r.lower(i+n) == "of" {
		of++
	}
	month, m := r.monthOf(i + of)
	if month == 0 || !r.t[i+of].space {
		return 0
	}
	words := ordinal(count(day))
	if i == 0 || r.lower(i-1) != "the" {
		words = append([]string{"the"}, words...)
	}
	r.say(i, i+n, words...)
	r.say(i+n, i+of+m, "of", months[month-1])
	n = of + m
	if year, m := r.yearOf(i + n); m > 0 {
		r.say(i+n, i+n+m, year...)
		n += m
	}
	return n
}

// dateOfNumbers reads 2026-11-26, and 11/26/2026 with the month first unless it cannot be one.
func (r *reader) dateOfNumbers(i int) int {
	if !r.is(i, digits) || r.isJoined(i) {
		return 0
	}
	separator := ""
	for _, s := range []string{"-", "/", "."} {
		if r.gluedMark(i+1, s) && r.gluedMark(i+3, s) && r.isGlued(i+2) && r.isGlued(i+4) && r.is(i+2, digits) && r.is(i+4, digits) {
			separator = s
		}
	}
	if separator == "" || r.gluedMark(i+5, separator) && r.is(i+6, digits) {
		return 0
	}
	var parts [3]int
	for n := range parts {
		s := r.t[i+2*n].text
		if len(s) != 2 && len(s) != 1 && len(s) != 4 {
			return 0
		}
		parts[n], _ = strconv.Atoi(s)
	}
	year, month, day := parts[2], parts[0], parts[1]
	yearText := r.t[i+4].text
	switch {
	case len(r.t[i].text) == 4 && separator != ".":
		year, month, day, yearText = parts[0], parts[1], parts[2], r.t[i].text
	case separator == "." || month > 12:
		month, day = day, month
	}
	if len(yearText) == 2 && separator != "." {
		yearText = "20" + yearText
		year += 2000
	}
	if month < 1 || month > 12 || day < 1 || day > 31 || year < 1000 || year > 2999 {
		return 0
	}
	r.say(i, i+5, append(append([]string{months[month-1]}, ordinal(count(uint64(day)))...), inPairs(yearText)...)...)
	return 5
}
