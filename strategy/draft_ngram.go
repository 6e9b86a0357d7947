package strategy

import "math/bits"

const (
	longestGram = 3  // tokens that are looked up by their hash
	mostTries   = 48 // earlier places that are compared
	mostMatch   = 24 // tokens of a match that are compared
)

// ngrams guesses that a text goes on as it did after the longest earlier match of
// its end. Places are found by the hashes of the one, two and three tokens before
// them, the most recent first, so that a step takes the same time in a long text.
type ngrams struct {
	text    []int
	heads   [longestGram][]int32 // by hash of n+1 tokens, the last place behind such ones; 0 is none
	before  [longestGram][]int32 // by place, the one before it of the same hash
	guesses []guess
}

// newNGrams makes room for a text of so many tokens.
func newNGrams(tokens, most int) *ngrams {
	d := &ngrams{text: make([]int, 0, tokens), guesses: make([]guess, 0, most)}
	size := 1 << bits.Len(uint(tokens))
	for n := range longestGram {
		d.heads[n] = make([]int32, size)
		d.before[n] = make([]int32, tokens+1)
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
		for n := range min(longestGram, place) {
			head := d.slot(n, place)
			d.before[n][place], *head = *head, int32(place)
		}
		d.text = append(d.text, t)
	}
}

// find returns the place behind the longest earlier match of the text's end, the
// most recent of equals, and how many tokens match, 0 if there is none.
func (d *ngrams) find() (place, match int) {
	end := len(d.text)
	for n := min(longestGram, end) - 1; n >= 0 && match == 0; n-- {
		p := int(*d.slot(n, end))
		for tries := 0; p > 0 && tries < mostTries && match < mostMatch; tries++ {
			if m := d.matching(p); m > n && m > match {
				place, match = p, m
			}
			p = int(d.before[n][p])
		}
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

// gramKind tells matches apart by their length: the longer, the surer.
func gramKind(match int) int {
	return min(bits.Len(uint(match))+min(match/3, 3)-1, kinds-1)
}

func (d *ngrams) look(most int) []guess {
	d.guesses = d.guesses[:0]
	place, match := d.find()
	if match == 0 {
		return nil
	}
	for i := range most {
		// A repetition goes on beyond the end of the text.
		token := 0
		if at := place + i; at < len(d.text) {
			token = d.text[at]
		} else {
			token = d.guesses[at-len(d.text)].token
		}
		d.guesses = append(d.guesses, guess{token, gramKind(match + i)})
	}
	return d.guesses
}

func (d *ngrams) complete(guesses []guess, _ []int) ([]guess, error) { return guesses, nil }

func (d *ngrams) verified([]int, []float32, int) {}
