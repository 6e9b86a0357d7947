package grammar

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
)

// largest is the largest integer that can come, of maxDigits digits.
const largest = 1e16 - 1

// bounded is an integer between minimum and maximum.
func (s *schema) bounded(pointer string, o *object) *expr {
	lo, hi := int64(-largest), int64(largest)
	limited := false
	for _, k := range []struct {
		name string
		set  func(x float64)
	}{
		{"minimum", func(x float64) { lo = max(lo, int64(math.Ceil(x))) }},
		{"exclusiveMinimum", func(x float64) { lo = max(lo, int64(math.Floor(x))+1) }},
		{"maximum", func(x float64) { hi = min(hi, int64(math.Floor(x))) }},
		{"exclusiveMaximum", func(x float64) { hi = min(hi, int64(math.Ceil(x))-1) }},
	} {
		v, ok := o.get(k.name)
		if !ok {
			continue
		}
		limited = true
		n, isNumber := v.(json.Number)
		x, err := strconv.ParseFloat(string(n), 64)
		if !isNumber || err != nil {
			return s.fail(child(pointer, k.name), "found %s, want a number", spell(v))
		}
		if math.Abs(x) > 1<<53 {
			return s.fail(child(pointer, k.name), "found %s, want a number of at most 2^53", spell(v))
		}
		k.set(x)
	}
	switch {
	case !limited:
		return s.integer
	case lo > hi:
		return s.fail(pointer, "no integer is from %d to %d", lo, hi)
	}
	var parts []*expr
	if lo < 0 {
		parts = append(parts, seq(text("-"), between(max(1, -hi), -lo)))
	}
	if hi >= 0 {
		parts = append(parts, between(max(0, lo), hi))
	}
	return oneOf(parts...)
}

// between is a number from lo to hi, neither below 0.
func between(lo, hi int64) *expr {
	a, b := strconv.FormatInt(lo, 10), strconv.FormatInt(hi, 10)
	var parts []*expr
	for len(a) < len(b) {
		parts = append(parts, digits(a, strings.Repeat("9", len(a))))
		a = "1" + strings.Repeat("0", len(a))
	}
	return oneOf(append(parts, digits(a, b))...)
}

// digits is a number of as many digits as a and b have, from a to b.
func digits(a, b string) *expr {
	if a == "" {
		return seq()
	}
	n := len(a) - 1
	if a[0] == b[0] {
		return seq(text(a[:1]), digits(a[1:], b[1:]))
	}
	zeros, nines := strings.Repeat("0", n), strings.Repeat("9", n)
	lo, hi := a[0], b[0]
	var parts []*expr
	if a[1:] != zeros {
		parts = append(parts, seq(text(a[:1]), digits(a[1:], nines)))
		lo++
	}
	if b[1:] != nines {
		parts = append(parts, seq(text(b[:1]), digits(zeros, b[1:])))
		hi--
	}
	if lo <= hi {
		parts = append(parts, seq(set(span{rune(lo), rune(hi)}), times(set(span{'0', '9'}), n, n)))
	}
	return oneOf(parts...)
}
