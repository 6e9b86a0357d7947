package english

import "strings"

// symbolNames are read wherever they stand.
var symbolNames = map[string]string{
	"&": "and", "@": "at", "%": "percent", "°": "degrees", "×": "times", "÷": "divided by", "±": "plus or minus", "≈": "about",
	"≤": "less than or equal to", "≥": "greater than or equal to", "≠": "not equal to", "§": "section", "€": "euros", "£": "pounds",
	"¥": "yen", "₹": "rupees", "$": "dollars", "¢": "cents", "µ": "micro", "²": "squared", "³": "cubed", "=": "equals", "№": "number",
}

// symbol reads signs that stand for words.
func (r *reader) symbol(i int) int {
	if !r.is(i, mark) {
		return 0
	}
	if r.isMark(i, "'") {
		return r.apostrophe(i)
	}
	numberBefore, numberAfter := r.is(i-1, digits), r.is(i+1, digits)
	words := symbolNames[r.t[i].text]
	switch m := r.t[i].text; m {
	case "#":
		switch {
		case numberAfter && r.isGlued(i+1):
			words = "number"
		case r.isGlued(i) && r.is(i-1, letters) && len(r.t[i-1].text) == 1:
			words = "sharp"
		case r.is(i+1, letters) && r.isGlued(i+1):
			words = "hashtag"
		}
	case "+":
		if r.isGlued(i) && i > 0 || r.t[i].space && i+1 < len(r.t) && (r.t[i+1].space || numberAfter) {
			words = "plus"
		}
	case "-", "–":
		switch {
		case r.t[i].space && numberBefore && numberAfter && r.t[i+1].space:
			words = "minus"
		case numberAfter && r.isGlued(i) && r.isGlued(i+1) && (r.isMark(i-1, "%") || r.isMark(i-1, "°")),
			numberBefore && r.isGlued(i) && r.isGlued(i+1) && r.is(i+1, mark) && currencies[r.t[i+1].text].one != "":
			words = "to"
		}
	case "*":
		if numberBefore && numberAfter {
			words = "times"
		}
	case "/":
		if r.unitBefore(i) {
			words = "per"
		}
	case "<", ">":
		if i+1 < len(r.t) && r.t[i].space && numberAfter {
			words = map[string]string{"<": "less than", ">": "greater than"}[m]
		}
	case "~":
		if numberAfter && r.isGlued(i+1) {
			words = "about"
		}
	case "=":
		if r.isGlued(i) && r.isMark(i-1, "=") {
			words = ""
		}
	}
	if words == "" {
		return 0
	}
	r.say(i, i+1, strings.Fields(words)...)
	return 1
}

// unitBefore tells whether the last words read were an amount: $20/hour, 5 kg/day.
func (r *reader) unitBefore(i int) bool {
	if !r.isGlued(i) || !r.is(i+1, letters) || !r.isGlued(i+1) || len(r.out) < 2 {
		return false
	}
	last := &r.out[len(r.out)-1]
	return last.End == r.t[i-1].end && isDigit(last.Text[len(last.Text)-1]) && last.Spoken != "" && !isNumberWord(last.Spoken)
}

func isNumberWord(w string) bool {
	for _, list := range [][]string{ones, tens, scales, {"hundred"}} {
		for _, n := range list {
			if n == w {
				return true
			}
		}
	}
	return false
}

// apostrophe reads words that begin with one: 'twas, 'em, 'n'.
func (r *reader) apostrophe(i int) int {
	if r.isJoined(i) || !r.is(i+1, letters) || !r.isGlued(i+1) {
		return 0
	}
	word := "'" + r.lower(i+1)
	closed := r.gluedMark(i+2, "'")
	if !known(word) || closed && word != "'n" || len(word) == 2 && word != "'n" {
		return 0
	}
	n := 2
	if closed {
		n = 3
	}
	r.say(i, i+n, word)
	return n
}
