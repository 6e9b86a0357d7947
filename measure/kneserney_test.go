package measure

import (
	"bytes"
	"encoding/json"
	"iter"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

// testPoems returns the poems of testdata/tang.jsonl.
func testPoems(t testing.TB) []Poem {
	t.Helper()
	data, err := os.ReadFile("testdata/tang.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var poems []Poem
	for line := range bytes.Lines(data) {
		var record struct{ Lines []string }
		if err := json.Unmarshal(line, &record); err != nil {
			t.Fatal(err)
		}
		poems = append(poems, record.Lines)
	}
	return poems
}

func trainOn(t testing.TB, order int, poems ...Poem) *KneserNey {
	t.Helper()
	m, err := TrainKneserNey(order, slices.Values(poems))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-12*max(1, math.Abs(want)) {
		t.Errorf("%s: got %.15g, want %.15g", what, got, want)
	}
}

// Poems "ab", "ab", "ac", with ^ for the beginning and $ for END.
//
// Bigrams: ^a 3, ab 2, ac 1, b$ 2, c$ 1; n1 = 2, n2 = 2, D = 2/(2+4) = 1/3.
// Symbols before a: ^; before b: a; before c: a; before $: b and c. In all 5;
// n1 = 3, n2 = 1, D = 3/5, and the uniform distribution has 4+1 symbols.
func TestKneserNeyByHand(t *testing.T) {
	m := trainOn(t, 2, Poem{"ab"}, Poem{"ab"}, Poem{"ac"})
	near(t, "D1", m.Discounts()[0], 3./5)
	near(t, "D2", m.Discounts()[1], 1./3)
	rest := 0.6 * 4 / 5 / 5 // what discounting the unigrams frees, for each of the 5 symbols
	b := (1-0.6)/5 + rest
	end := (2-0.6)/5 + rest
	for _, c := range []struct {
		text string
		next rune
		want float64
	}{
		{"a", 'b', (2-1./3)/3 + (1./3)*2/3*b},
		{"a", End, (1. / 3) * 2 / 3 * end},
		{"a", Unknown, (1. / 3) * 2 / 3 * rest},
		{"a", '風', (1. / 3) * 2 / 3 * rest},
		{"", 'a', (3-1./3)/3 + (1./3)*1/3*b},
		{"ab", End, (2-1./3)/2 + (1./3)*1/2*end},
		{"風", 'b', b}, // an unknown character leaves no context
	} {
		near(t, c.text+"+"+string(c.next), m.Prob(c.text, c.next), c.want)
	}
	bits, symbols, unknown := m.Score(Poem{"a風"}, true)
	near(t, "bits", bits, -math.Log2(m.Prob("", 'a')*m.Prob("a", Unknown)*end))
	if symbols != 3 || unknown != 1 {
		t.Errorf("got %d symbols, %d unknown, want 3 and 1", symbols, unknown)
	}
}

// slowKneserNey is the definition of the model, read off the counts of n-grams
// as strings.
type slowKneserNey struct {
	order int
	count []map[string]int // by length-1
	vocab map[string]bool
}

const beginMark = "^"

func newSlow(order int, poems []Poem) *slowKneserNey {
	s := &slowKneserNey{order: order, vocab: map[string]bool{}}
	plain := make([]map[string]int, order+1)
	for k := range plain {
		plain[k] = map[string]int{}
	}
	for _, p := range poems {
		text := []rune(beginMark + strings.Join(p, "\n") + "$")
		for _, r := range text[1:] {
			s.vocab[string(r)] = true
		}
		for k := 1; k <= order; k++ {
			for i := 0; i+k <= len(text); i++ {
				plain[k][string(text[i:i+k])]++
			}
		}
	}
	for k := 1; k <= order; k++ {
		c := map[string]int{}
		for gram, n := range plain[k] {
			if k == order || strings.HasPrefix(gram, beginMark) {
				c[gram] = n
			}
		}
		if k < order {
			for longer := range plain[k+1] {
				c[string([]rune(longer)[1:])]++
			}
		}
		delete(c, beginMark)
		s.count = append(s.count, c)
	}
	return s
}

func (s *slowKneserNey) prob(context []rune, next rune) float64 {
	k := len(context) + 1
	total, kinds, own := 0, 0, 0
	n1, n2 := 0., 0.
	for gram, c := range s.count[k-1] {
		switch c {
		case 1:
			n1++
		case 2:
			n2++
		}
		if r := []rune(gram); string(r[:k-1]) == string(context) {
			total += c
			kinds++
			if r[k-1] == next {
				own = c
			}
		}
	}
	d := 0.5
	if n1 > 0 && n2 > 0 {
		d = n1 / (n1 + 2*n2)
	}
	lower := 1 / float64(len(s.vocab)+1)
	if k > 1 {
		lower = s.prob(context[1:], next)
	}
	if total == 0 {
		return lower
	}
	return (max(float64(own)-d, 0) + d*float64(kinds)*lower) / float64(total)
}

func TestKneserNeyAgainstSlow(t *testing.T) {
	poems := testPoems(t)
	known, fresh := poems[:12], poems[30]
	for order := 1; order <= 5; order++ {
		fast, slow := trainOn(t, order, known...), newSlow(order, known)
		for _, p := range []Poem{known[3], fresh} {
			text := []rune(beginMark + strings.Join(p, "\n") + "$")
			for i := 1; i < len(text); i++ {
				context := text[max(0, i-order+1):i]
				next := text[i]
				if next == '$' {
					next = End
				}
				got := fast.Prob(string(text[1:i]), next)
				near(t, string(context)+"+"+string(text[i]), got, slow.prob(context, text[i]))
			}
		}
	}
}

func TestKneserNeySumsToOne(t *testing.T) {
	poems := testPoems(t)
	for _, order := range []int{1, 2, 3, 5, MaxOrder} {
		m := trainOn(t, order, poems...)
		contexts := []string{"", "春", "春眠不覺", "x", "春x", "\n", strings.Join(poems[0], "\n")}
		for i := range 20 {
			text := []rune(strings.Join(poems[i], "\n"))
			contexts = append(contexts, string(text[:i]), string(text[i:i+9]))
		}
		for _, context := range contexts {
			var sum float64
			for _, r := range m.Vocabulary() {
				p := m.Prob(context, r)
				if !(p > 0 && p < 1) {
					t.Fatalf("order %d, p(%q | %q) = %v", order, r, context, p)
				}
				sum += p
			}
			near(t, "sum after "+context, sum, 1)
		}
	}
}

func TestKneserNeyScore(t *testing.T) {
	poems := testPoems(t)
	m := trainOn(t, 3, poems[:30]...)
	var bits, symbols float64
	for _, p := range poems[30:] {
		text := strings.Join(p, "\n")
		for i, r := range text {
			bits -= math.Log2(m.Prob(text[:i], r))
			symbols++
		}
		cut, n, _ := m.Score(p, false)
		whole, n1, _ := m.Score(p, true)
		near(t, "END", whole-cut, -math.Log2(m.Prob(text, End)))
		if n1 != n+1 {
			t.Errorf("%d symbols with END, %d without", n1, n)
		}
		bits += whole - cut
		symbols++
	}
	near(t, "bits/char", m.BitsPerChar(slices.Values(poems[30:])), bits/symbols)
	if b := m.BitsPerChar(slices.Values([]Poem(nil))); !math.IsNaN(b) {
		t.Errorf("no poems: got %v bits a character, want NaN", b)
	}
}

func TestKneserNeyErrors(t *testing.T) {
	tooMany := func(yield func(Poem) bool) {
		var line []rune
		for r := rune(0x10000); r < 0x10000+0xFFFF; r++ {
			line = append(line, r)
		}
		yield(Poem{string(line)})
	}
	for _, c := range []struct {
		name  string
		order int
		poems iter.Seq[Poem]
		want  string
	}{
		{"order 0", 0, slices.Values([]Poem{{"春"}}), "order 0: expected 1 to 8"},
		{"order 9", 9, slices.Values([]Poem{{"春"}}), "order 9: expected 1 to 8"},
		{"no poems", 5, slices.Values([]Poem(nil)), "no poems"},
		{"vocabulary", 2, tooMany, "more than 65534 distinct characters"},
	} {
		if _, err := TrainKneserNey(c.order, c.poems); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want one with %q", c.name, err, c.want)
		}
	}
}

// Poems that no recipe makes must not break training or scoring.
func TestKneserNeyOddPoems(t *testing.T) {
	for _, p := range []Poem{nil, {""}, {"", ""}, {"\xff\xfe"}, {"a\nb", "\x00"}} {
		m := trainOn(t, 5, p, p)
		bits, n, _ := m.Score(p, true)
		if n == 0 || math.IsNaN(bits) || math.IsInf(bits, 0) {
			t.Errorf("%q: %v bits for %d symbols", p, bits, n)
		}
	}
}
