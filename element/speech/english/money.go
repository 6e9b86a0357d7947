package english

import (
	"slices"
	"strings"
)

// currency is how amounts of money are read.
type currency struct{ one, many, cent, cents string }

var currencies = map[string]currency{
	"$": {"dollar", "dollars", "cent", "cents"},
	"£": {"pound", "pounds", "penny", "pence"},
	"€": {"euro", "euros", "cent", "cents"},
	"¥": {"yen", "yen", "sen", "sen"},
	"₹": {"rupee", "rupees", "paisa", "paise"},
}

var magnitudes = map[string]string{
	"k": "thousand", "K": "thousand", "m": "million", "M": "million", "mn": "million", "mm": "million", "b": "billion", "B": "billion",
	"bn": "billion", "tn": "trillion", "T": "trillion",
	"thousand": "thousand", "million": "million", "billion": "billion", "trillion": "trillion", "hundred": "hundred",
}

// magnitude reads million, bn or k behind a number; the short ones have no space before.
func (r *reader) magnitude(i int) string {
	if !r.is(i, letters) {
		return ""
	}
	s := r.t[i].text
	if !r.isGlued(i) && (len(s) < 4 && s != "bn" && s != "mn" && s != "tn") {
		return ""
	}
	return magnitudes[s]
}

// money reads $5, £3.50, €1.2 million, US$10, 5 € and 50c.
func (r *reader) money(i int) int {
	at := i
	var before []string
	if r.isMinus(at) {
		before = []string{"minus"}
		at++
	}
	if r.is(at, letters) && r.t[at].upper() && len(r.t[at].text) <= 2 && r.gluedMark(at+1, "$") {
		before = append(before, spell(r.t[at].text)...)
		at++
	}
	if r.is(at, mark) {
		if c, ok := currencies[r.t[at].text]; ok {
			// Also -£5 written £-5.
			from := at + 1
			if r.gluedMark(from, "-") && r.isGlued(from+1) {
				before = append(before, "minus")
				from++
			}
			if n, ok := r.number(from); ok && (r.isGlued(from) || from == at+1) {
				return r.amountOfMoney(i, from, n, c, before)
			}
		}
		return 0
	}
	n, ok := r.number(at)
	if !ok {
		return 0
	}
	end := at + n.tokens
	switch {
	case r.is(end, mark) && r.t[end].text != "$" && currencies[r.t[end].text].one != "":
		return r.amountOfMoney(i, at, n, currencies[r.t[end].text], before) + 1
	case r.gluedMark(end, "¢"), r.is(end, letters) && r.isGlued(end) && r.t[end].text == "c" && len(n.whole) <= 2 && n.decimals == "":
		name := "cents"
		if n.isOne() || r.attributive(i, end+1) {
			name = "cent"
		}
		r.say(i, end+1, append(append(before, n.words()...), name)...)
		return end + 1 - i
	}
	return 0
}

// amountOfMoney reads a number of a currency; the tokens from i on are its text.
func (r *reader) amountOfMoney(i, at int, n number, c currency, words []string) int {
	end := at + n.tokens
	name := c.many
	if n.isOne() || r.attributive(i, end) {
		name = c.one
	}
	switch big := r.magnitude(end); {
	case big != "":
		name = c.many
		if r.attributive(i, end+1) {
			name = c.one
		}
		words = append(append(append(words, n.words()...), big), name)
		end++
	case len(n.decimals) == 2 && n.whole != "":
		words = append(words, cardinal(n.whole)...)
		if strings.TrimLeft(n.whole, "0") == "1" {
			name = c.one
		}
		cents := cardinal(strings.TrimPrefix(n.decimals, "0"))
		switch {
		case strings.Trim(n.whole, "0") == "" && n.decimals != "00":
			words = nil
		case n.decimals != "00":
			words = append(words, name, "and")
		default:
			words = append(words, name)
		}
		if n.decimals == "01" {
			words = append(words, cents[0], c.cent)
		} else if n.decimals != "00" {
			words = append(append(words, cents...), c.cents)
		}
	default:
		words = append(words, n.words()...)
		if n.decimals == "" {
			if to, m := r.rangeEnd(end); m > 0 {
				words, name = append(append(words, "to"), to...), c.many
				end += m
				if big := r.magnitude(end); big != "" {
					words = append(words, big)
					end++
				}
			}
		}
		words = append(words, name)
	}
	r.say(i, end, words...)
	return end - i
}

// attributive tells whether an amount up to a token stands before its noun: a $5
// bill, a 10 km run.
func (r *reader) attributive(i, end int) bool {
	if !slices.Contains([]string{"a", "an", "the", "this", "that", "every", "each"}, r.lower(i-1)) || !r.is(end, letters) {
		return false
	}
	next := r.lower(end)
	return r.t[end].space && !isFunctionWord(next) && next == r.t[end].text
}
