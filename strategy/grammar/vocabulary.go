package grammar

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
)

// Vocabulary is the tokens of a model as bytes. It may be shared.
type Vocabulary struct {
	pieces [][]byte
	size   int
	ends   []int
	tree   tree
}

// tree is the bytes of all tokens as a tree, its nodes in order: each before
// those below it.
type tree struct {
	bytes   []byte
	depth   []int32 // of a node, 0 for the first byte of tokens
	skip    []int32 // the node after all below this one
	first   []int32 // of each node where its tokens begin in tokens, and where the last one's end
	tokens  []int32 // that end at a node
	deepest int
}

// sorted is a token and its first bytes, by which most are told apart.
type sorted struct {
	first uint64
	token int32
}

// NewVocabulary returns the vocabulary whose token i stands for pieces[i]. A token
// without bytes is never allowed. Each of ends is a token that ends a response, and
// allowed where that may end, whatever its bytes. The pieces must not be changed.
func NewVocabulary(pieces [][]byte, ends ...int) *Vocabulary {
	v := &Vocabulary{pieces: pieces, size: len(pieces), ends: ends}
	var order []sorted
	for i, p := range pieces {
		if len(p) > 0 && !slices.Contains(ends, i) {
			var first [8]byte
			copy(first[:], p)
			order = append(order, sorted{binary.BigEndian.Uint64(first[:]), int32(i)})
		}
	}
	slices.SortFunc(order, func(a, b sorted) int {
		if a.first != b.first {
			return cmp.Compare(a.first, b.first)
		}
		return cmp.Or(bytes.Compare(pieces[a.token], pieces[b.token]), cmp.Compare(a.token, b.token))
	})
	t := &v.tree
	var open []int32 // nodes from the root to the last one
	var last []byte
	closeTo := func(depth int) {
		for len(open) > depth {
			t.skip[open[len(open)-1]] = int32(len(t.bytes))
			open = open[:len(open)-1]
		}
	}
	for _, o := range order {
		p := pieces[o.token]
		if !bytes.Equal(p, last) {
			common := 0
			for common < len(last) && common < len(p) && last[common] == p[common] {
				common++
			}
			closeTo(common)
			for d := common; d < len(p); d++ {
				open = append(open, int32(len(t.bytes)))
				t.bytes, t.depth = append(t.bytes, p[d]), append(t.depth, int32(d))
				t.skip, t.first = append(t.skip, 0), append(t.first, int32(len(t.tokens)))
			}
			last = p
			t.deepest = max(t.deepest, len(p))
		}
		t.tokens = append(t.tokens, o.token)
	}
	closeTo(0)
	t.first = append(t.first, int32(len(t.tokens)))
	return v
}

// Size is the number of tokens V.
func (v *Vocabulary) Size() int { return v.size }
