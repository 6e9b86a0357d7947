package text

// behaviour is what becomes of the matches of a splitter.
type behaviour uint8

// The behaviours of Hugging Face's pre-tokenizers.
const (
	isolated     behaviour = iota // a match is a part of its own
	removed                       // a match is dropped
	contiguous                    // matches that touch are one part
	withPrevious                  // a match ends the part before it
	withNext                      // a match begins the part behind it
)

// splitter cuts a text into parts that are merged apart: at the matches of a pattern.
type splitter struct {
	pattern   *pattern
	behaviour behaviour
	invert    bool // what does not match is taken for the match
}

// cut is a part of a text.
type cut struct {
	start, end int
	match      bool
}

// cut calls f with the matches of a pattern in a text and what lies between.
func (p *pattern) cut(s string, f func(cut)) { p.cutWithin(patience(s), s, f) }

func (p *pattern) cutWithin(left int, s string, f func(cut)) {
	var c *careful
	start := 0
	for i := 0; i < len(s); {
		end := tired
		if c == nil {
			if end = p.match(s, i, &left); end == tired {
				c = newCareful(p, s)
			}
		}
		if c != nil {
			end = c.first(i)
		}
		if end == none {
			i += runeLen(s, i)
			continue
		}
		if start < i {
			f(cut{start, i, false})
		}
		f(cut{i, end, true})
		start, i = end, end
	}
	if start < len(s) {
		f(cut{start, len(s), false})
	}
}

// split appends the parts of a text, matches or not.
func (sp *splitter) split(dst []cut, s string) []cut {
	from := len(dst)
	sp.pattern.cut(s, func(c cut) { dst = append(dst, c) })
	if sp.behaviour == isolated {
		return dst
	}
	cuts := dst[from:]
	kept := cuts[:0]
	before := false // whether the cut before was a match, in withPrevious only one that ended a part
	for i, c := range cuts {
		c.match = c.match != sp.invert
		join := false
		switch sp.behaviour {
		case removed:
			if c.match {
				continue
			}
		case contiguous:
			join = i > 0 && c.match == before
		case withPrevious:
			join = i > 0 && c.match && !before
		case withNext:
			join = i > 0 && before && !c.match
		}
		before = c.match
		if join {
			kept[len(kept)-1].end = c.end
			continue
		}
		kept = append(kept, c)
	}
	return dst[:from+len(kept)]
}
