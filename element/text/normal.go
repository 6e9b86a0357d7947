package text

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// normalizer is a step that changes a text before it is cut and merged.
type normalizer struct {
	op       normalOp
	old, new string    // of replace; new of the others
	form     norm.Form // of compose
}

type normalOp uint8

const (
	replace       normalOp = iota // every old by new
	prepend                       // new before a text
	prependUnless                 // the same unless it begins with new
	prependFirst                  // the same, only to what begins the whole text
	compose                       // a normalization form of Unicode
)

// escapeSpaces is how tokenizers in the form of SentencePiece write spaces.
var escapeSpaces = normalizer{op: replace, old: " ", new: space}

// normalize changes a text. start is false behind a literal U+2581: nothing is prepended there. first tells whether the
// text begins the whole text.
func normalize(steps []normalizer, s string, start, first bool) string {
	for _, n := range steps {
		switch n.op {
		case replace:
			s = strings.ReplaceAll(s, n.old, n.new)
		case compose:
			s = composed(n.form, s)
		case prepend:
			if start {
				s = n.new + s
			}
		case prependUnless, prependFirst:
			if start && s != "" && !strings.HasPrefix(s, n.new) && (first || n.op == prependUnless) {
				s = n.new + s
			}
		}
	}
	return s
}

// joiner is U+034F, COMBINING GRAPHEME JOINER.
const joiner = "\u034F"

// composed brings a text to a normalization form. Package norm puts a joiner behind each 30 marks of one letter, which no
// reference does: what lies between the text's own joiners is taken alone, and those put there are taken away.
func composed(form norm.Form, s string) string {
	if form.IsNormalString(s) {
		return s
	}
	parts := strings.Split(s, joiner)
	for i, p := range parts {
		parts[i] = strings.ReplaceAll(form.String(p), joiner, "")
	}
	return strings.Join(parts, joiner)
}
