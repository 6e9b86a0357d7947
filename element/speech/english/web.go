package english

import (
	"slices"
	"strings"
)

var domains = strings.Fields("com org net edu gov mil int io dev co uk de fr eu ca au jp cn ru ch nl info app ai tv biz xyz")

var addressMarks = map[string]string{
	".": "dot", "@": "at", "/": "slash", "-": "dash", "_": "underscore", "?": "question mark", "=": "equals", "&": "and", "#": "hash",
	"%": "percent", "~": "tilde", ":": "colon", "+": "plus",
}

// address reads URLs and e-mail addresses. The scheme of a URL is not read.
func (r *reader) address(i int) int {
	if !r.is(i, letters) && !r.is(i, digits) || r.isGlued(i) && !(r.is(i-1, mark) && strings.Contains(`"'([{<:,—`, r.t[i-1].text)) {
		return 0
	}
	from := i
	if r.gluedMark(i+1, ":") && r.gluedMark(i+2, "/") && r.gluedMark(i+3, "/") && r.isGlued(i+4) {
		from = i + 4
	}
	end := from
	for end < len(r.t) && (end == from || r.isGlued(end)) && (r.t[end].kind == letters || r.t[end].kind == digits ||
		r.t[end].kind == mark && addressMarks[r.t[end].text] != "") {
		end++
	}
	for end > from && r.t[end-1].kind == mark && r.t[end-1].text != "/" {
		end--
	}
	if end == from || from == i && !r.isAddress(from, end) {
		return 0
	}
	last := end
	if r.isMark(end-1, "/") {
		last--
	}
	for at := from; at < last; at++ {
		place := at + 1
		if at == last-1 {
			place = end
		}
		start := at
		if at == from {
			start = i
		}
		t := &r.t[at]
		switch {
		case t.kind == mark:
			r.say(start, place, strings.Fields(addressMarks[t.text])...)
		case t.kind == digits:
			r.say(start, place, model(t.text)...)
		default:
			r.say(start, place, r.addressPart(at)...)
		}
	}
	return end - i
}

// isAddress tells whether tokens have the form of an address: something @ and a
// domain, www, or names up to a known domain.
func (r *reader) isAddress(from, end int) bool {
	at, domain := false, false
	for i := from; i < end; i++ {
		if r.isMark(i, "@") {
			at = i > from
		}
		if r.isMark(i, "/") && !domain {
			return false
		}
		if r.isMark(i, ".") && i > from && slices.Contains(domains, r.lower(i+1)) && (i+2 >= end || r.t[i+2].kind == mark) {
			domain = true
		}
		if i > from && at && r.isMark(i, ".") {
			domain = true
		}
	}
	www := r.lower(from) == "www" && r.isMark(from+1, ".") && from+2 < end
	return www || domain && (at || r.is(from, letters) && len(r.t[from].text) > 1 && !strings.Contains(r.t[from].text, "'"))
}

func (r *reader) addressPart(i int) []string {
	lower := r.lower(i)
	switch {
	case lower == "www", len(lower) == 1, len(lower) == 2 && r.isMark(i-1, ".") && slices.Contains(domains, lower):
		return spell(lower)
	case !known(lower) && len(lower) <= 3:
		return spell(lower)
	}
	return r.inWords(i)
}
