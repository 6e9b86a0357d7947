package explain

import (
	"math"
	"strings"

	"github.com/stride-ml/stride/internal/standin"
	"github.com/stride-ml/stride/strategy"
)

// slots is how many elements a life has.
const slots = 8

// sample is what tables know in a language.
type sample struct {
	professions map[string]float64 // of two elements
	lives       map[string]float64 // of slots elements
	rhymes      map[string]float64 // that repeat themselves
	space       string             // between elements
	unknown     string             // stands for one that is not known
}

// none is the element of an empty slot.
const none = "·"

const (
	house = "this is the house that Jack built / this is the malt that lay in the house that Jack built / " +
		"this is the rat that ate the malt that lay in the house that Jack built / this is "
	temple = "從前有座山/山上有座廟/廟裡有個老和尚/老和尚說故事"
)

var samples = map[string]sample{
	"en": {
		professions: map[string]float64{"te acher": 1, none + " actor": 1},
		lives: map[string]float64{
			"a teacher reads old books to small kids":  1,
			"an actor reads long lines to large halls": 1,
			"a baker sells warm bread to early guests": 1,
			"a sailor steers old ships to far islands": 1,
		},
		rhymes: map[string]float64{
			house + "the cat that killed the rat that ate the malt that lay in the house that Jack built": 1,
			house + "the cat that chased the rat that ate the malt that lay in the house that Jack built": 1,
		},
		space: " ", unknown: "____",
	},
	"zh": {
		professions: map[string]float64{"老師": 1, "演員": 1},
		lives: map[string]float64{
			"老師在校教書育人": 1,
			"演員上台演戲唱歌": 1,
			"醫師在院看病開藥": 1,
			"司機上路開車送貨": 1,
		},
		rhymes: map[string]float64{
			temple + "/" + temple: 1,
			temple + "/從前有座山/山上有座廟/廟裡有個小和尚/小和尚聽故事": 1,
		},
		unknown: "＿",
	},
}

// newTable knows texts and nothing else.
func newTable(texts map[string]float64) *standin.Table {
	t := standin.NewTable(texts)
	t.Noise, t.Miss, t.Rows = 0, 0, map[string][]float32{}
	return t
}

// options are those of all machines here: plain draws, of known length where there
// are slots to fill.
func options(seed uint64) strategy.Options {
	return strategy.Options{Sampling: strategy.Sampling{Temperature: 1}, Seed: seed, End: standin.End, Mask: standin.Mask}
}

// network is what tables are to strategies.
type network interface {
	strategy.Verifier
	strategy.Masked
}

// open makes the machine of ar, or of nar or refine over the slots of the table's
// texts, which all have the same length.
func open(name string, net network, passes int, seed uint64) (strategy.Machine, error) {
	o := options(seed)
	if name == "ar" {
		net.Rewind(0)
		return strategy.NewAR(net, standin.Prompt, o)
	}
	o.Length, o.Passes = strategy.LengthMode(net.MaxLength()), passes
	if name == "nar" {
		return strategy.NewNAR(net, standin.Prompt, o)
	}
	return strategy.NewRefine(net, standin.Prompt, o)
}

// answer runs a strategy of a table to its end.
func answer(name string, t *standin.Table, passes int, seed uint64) (tokens []int, made int, err error) {
	m, err := open(name, t, passes, seed)
	if err != nil {
		return nil, 0, err
	}
	for step, err := range strategy.Steps(m) {
		if err != nil {
			return nil, 0, err
		}
		tokens, made = append(tokens[:0], step.Tokens...), step.Pass
	}
	return tokens, made, nil
}

// mixed is how many of the answers to so many seeds are none of the table's.
func mixed(name string, t *standin.Table, passes int, seed uint64) (n int, err error) {
	for i := range uint64(tellsOfTable) {
		tokens, _, err := answer(name, t, passes, seed+i)
		if err != nil {
			return 0, err
		}
		if !t.Knows(tokens) {
			n++
		}
	}
	return n, nil
}

// apart is the share of mixed answers if all slots are drawn apart, exactly: one
// less the sum over the texts of the products of their slots' probabilities.
func apart(t *standin.Table) float64 {
	whole := 0.0
	for _, text := range t.Texts {
		product := 1.0
		for slot, token := range text {
			product *= t.Probabilities(nil, slot)[token]
		}
		whole += product
	}
	return 1 - whole
}

// lost is the total correlation of the slots in bits: the sum of their entropies
// less that of the whole.
func lost(t *standin.Table) float64 {
	bits := -entropy(t.Weights)
	for slot := range t.Longest {
		bits += entropy(t.Probabilities(nil, slot))
	}
	return bits
}

func entropy(weights []float64) (bits float64) {
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	for _, w := range weights {
		if w > 0 {
			bits -= w / sum * math.Log2(w/sum)
		}
	}
	return bits
}

// text is an answer as it is read. Slots that are not known, and the fresh ones,
// are told apart.
func (p *page) text(t *standin.Table, tokens, freshSlots []int, space string) string {
	var parts []string
	isFresh := map[int]bool{}
	for _, slot := range freshSlots {
		isFresh[slot] = true
	}
	for slot, token := range tokens {
		s := p.sample.unknown
		if token >= 0 {
			s = t.Pieces[token]
		}
		if isFresh[slot] {
			s = p.paint(fresh, "["+s+"]")
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, space)
}

// word is a profession as it is read.
func (p *page) word(t *standin.Table, tokens []int) string {
	return strings.ReplaceAll(p.text(t, tokens, nil, ""), none, "")
}
