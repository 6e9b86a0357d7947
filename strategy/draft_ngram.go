package strategy

import "math/bits"

const (
	longestGram = 3  // tokens that are looked up by their hash
	mostTries   = 48 // earlier places that are compared
	mostMatch   = 24 // tokens of a match that are compared
	// Behind a token that was not copied a copy goes on; after so many others in a
	// row it has ended.
	mostMissed = 8
	nearby     = 12 // tokens from where a copy is: a match there goes on with it
)

// ngramRates are how often guesses of each kind were right in a few texts that a
// small language model edited, quoted and wrote: to begin with.
var ngramRates = []float64{.15, .4, .7, .85, .87, .92, .93, .96, .25, .35, .6}

// ngrams guesses that a text goes on as it did after the longest earlier match of
// its end. Places are found by the hashes of the one, two and three tokens before
// them, the most recent first, so that a step takes the same time in a long text.
//
// Of short matches it prefers those close to what it guessed before, and where
// there are none it goes on there: a text that is edited is copied around each
// change.
type ngrams struct {
	text    []int
	heads   [longestGram][]int32 // by hash of n+1 tokens, the last place behind such ones; 0 is none
	before  [longestGram][]int32 // by place, the one before it of the same hash
	source  int                  // place of the text that what comes next may be a copy of; 0 is none
	missed  int                  // tokens in a row that were not
	guesses []guess
}

// newNGrams makes room for a text of so many tokens.
func newNGrams(tokens, most int) *ngrams {
	d := &ngrams{text: make([]int, 0, tokens), guesses: make([]guess, 0, most)}
	size := 1 << bits.Len(uint(tokens))
	for n := range longestGram {
		d.heads[n] = make([]int32, size)
		d.before[n] = make([]int32, 1, tokens+1)
	}
	return d
}

// slot is where the place behind n+1 tokens is kept.
func (d *ngrams) slot(n, place int) *int32 {
	h := uint64(n)
	for _, t := range d.text[place-n-1 : place] {
		h = (h ^ uint64(t)) * 0x9e3779b97f4a7c15
		h ^= h >> 29
	}
	return &d.heads[n][h&uint64(len(d.heads[n])-1)]
}

func (d *ngrams) know(tokens []int) {
	for _, t := range tokens {
		place := len(d.text)
		d.follow(t)
		for n := range longestGram {
			earlier := int32(0)
			if n < place {
				head := d.slot(n, place)
				earlier, *head = *head, int32(place)
			}
			if place > 0 { // places are counted from 1
				d.before[n] = append(d.before[n], earlier)
			}
		}
		d.text = append(d.text, t)
	}
}

// follow moves the source of a copy on, of which t is the next token or a change.
func (d *ngrams) follow(t int) {
	if d.source == 0 {
		return
	}
	if d.missed++; d.text[d.source] == t {
		d.missed = 0
	}
	d.source++
	if d.missed > mostMissed {
		d.source = 0
	}
}

// near says whether a place is close to the source of a copy.
func (d *ngrams) near(place int) bool { return place > 0 && d.source > 0 && d.away(place) <= nearby }

// away is how far a place is from the source of a copy.
func (d *ngrams) away(place int) int { return max(place-d.source, d.source-place) }

// find returns the place behind the longest earlier match of the text's end, of
// equals the nearest one to the source of a copy, if near, or the most recent, and how many tokens
// match. Right behind a change it is the source itself, unless more than one token
// matches elsewhere. The place is 0 if there is none.
func (d *ngrams) find() (place, match int) {
	end := len(d.text)
	for n := min(longestGram, end) - 1; n >= 0 && match == 0; n-- {
		p := int(*d.slot(n, end))
		for tries := 0; p > 0 && tries < mostTries && match < mostMatch; tries++ {
			if m := d.matching(p); m > n && (m > match || m == match && d.near(p) && d.away(p) < d.away(place)) {
				place, match = p, m
			}
			p = int(d.before[n][p])
		}
	}
	if match < 2 && d.source > 0 && d.missed == 1 && !d.near(place) {
		return d.source, 0
	}
	return place, match
}

// matching is how many tokens before a place are those at the end of the text.
func (d *ngrams) matching(place int) int {
	m, end := 0, len(d.text)
	for m < min(place, mostMatch) && d.text[place-1-m] == d.text[end-1-m] {
		m++
	}
	return m
}

// The kinds of guesses near the source of a copy behind 0, 1 and 2 tokens that match.
const nearKind = 8

// kind tells guesses apart by the length of the match before them, the longer the
// surer, and short ones by whether they are near the source of a copy.
func (d *ngrams) kind(match int, near bool) int {
	if near && match < longestGram {
		return nearKind + match
	}
	return min(bits.Len(uint(match))+min(match/3, 3)-1, nearKind-1)
}

func (d *ngrams) look(most int) []guess {
	d.guesses = d.guesses[:0]
	place, match := d.find()
	if place == 0 {
		return nil
	}
	d.guesses = d.copies(d.guesses, place, match, most)
	d.source = place
	return d.guesses
}

// copies appends so many guesses: that the text goes on as it did from a place on,
// behind so many tokens that match.
func (d *ngrams) copies(guesses []guess, place, match, most int) []guess {
	near, first := d.near(place), len(guesses)
	for i := range most {
		// A repetition goes on beyond the end of the text.
		token := 0
		if at := place + i; at < len(d.text) {
			token = d.text[at]
		} else {
			token = guesses[first+at-len(d.text)].token
		}
		guesses = append(guesses, guess{token: token, kind: d.kind(match+i, near)})
	}
	return guesses
}

func (d *ngrams) complete(guesses []guess, _ []int) ([]guess, error) { return guesses, nil }

func (d *ngrams) shifted([]int) {}

func (d *ngrams) verified([]int, []float32, int) {}
