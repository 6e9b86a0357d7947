package text

import (
	"fmt"
	"math/bits"
	"strings"
)

// merge is what two neighbouring tokens become, and when: the lower rank first.
type merge struct {
	rank, id int32
}

// pairTable maps pairs of tokens to merges: a hash table with open addressing, at most half full. A lookup costs about a
// third of one in a map.
type pairTable struct {
	keys   []uint64 // of each slot: both ids plus 1, 0 if it is empty
	merges []merge
	shift  int
}

// newPairTable makes a table for n pairs.
func newPairTable(n int) *pairTable {
	logSize := bits.Len(uint(2*n) | 1)
	return &pairTable{make([]uint64, 1<<logSize), make([]merge, 1<<logSize), 64 - logSize}
}

func pairKey(left, right int32) uint64 { return uint64(left+1)<<32 | uint64(right+1) }

// slot returns where a key is, or where it would be.
func (t *pairTable) slot(key uint64) int {
	const golden = 0x9E3779B97F4A7C15 // 2^64 divided by the golden ratio spreads keys (Knuth, volume 3, 6.4)
	i := int(key * golden >> t.shift)
	for t.keys[i] != key && t.keys[i] != 0 {
		i = (i + 1) & (len(t.keys) - 1)
	}
	return i
}

// get returns the merge of two tokens; one may be none.
func (t *pairTable) get(left, right int32) (merge, bool) {
	i := t.slot(pairKey(left, right))
	return t.merges[i], t.keys[i] != 0
}

// put enters a merge unless the pair has one already.
func (t *pairTable) put(left, right int32, m merge) {
	key := pairKey(left, right)
	if i := t.slot(key); t.keys[i] == 0 {
		t.keys[i], t.merges[i] = key, m
	}
}

// maxMerges is the most merges that there may be: up to it, float32 has every rank.
const maxMerges = 1 << 24

// mergeList is the merges of a vocabulary in the order of their ranks.
type mergeList struct {
	name     string // where they stand, for errors
	pairs    [][2]string
	lastWins bool // of several merges of the same pair, in Hugging Face's tokenizers
}

// addMerges enters a list of merges.
func (t *Tokenizer) addMerges(list *mergeList) error {
	n := len(list.pairs)
	if n >= maxMerges {
		return fmt.Errorf("%s has %d entries, want at most %d", list.name, n, maxMerges-1)
	}
	t.pairs = newPairTable(n)
	var joined []byte
	for k := range n {
		rank := k
		if list.lastWins {
			rank = n - 1 - k
		}
		pair := list.pairs[rank]
		joined = append(append(joined[:0], pair[0]...), pair[1]...)
		left, okLeft := t.ids[pair[0]]
		right, okRight := t.ids[pair[1]]
		both, ok := t.ids[string(joined)]
		if !ok || !okLeft || !okRight {
			return fmt.Errorf("%s[%d] joins %q and %q to %q, want three tokens", list.name, rank, pair[0], pair[1], joined)
		}
		if !t.byteLevel {
			for _, id := range [3]int32{left, right, both} {
				t.chars.add(t.pieces[id], id)
			}
		}
		t.pairs.put(left, right, merge{int32(rank), both})
	}
	return nil
}

// parseMerge reads a merge as a line has it.
func parseMerge(line string) (pair [2]string, err error) {
	left, right, ok := strings.Cut(line, " ")
	if !ok || left == "" || right == "" || strings.Contains(right, " ") {
		return pair, fmt.Errorf("is %q, want two pieces with a space between", line)
	}
	return [2]string{left, right}, nil
}
