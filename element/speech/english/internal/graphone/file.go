package graphone

import (
	"encoding/binary"
	"errors"
	"math/bits"

	"github.com/stride-ml/stride/element/speech/english/internal/arpabet"
	"github.com/stride-ml/stride/element/speech/english/internal/sealed"
)

// A file is the graphones and then, by their length, the sequences of graphones,
// which are read in place. All that go on from a sequence stand together, in the
// order of the sequences that they go on from:
//
//   - how many follow each sequence, a 1 for each and then a 0;
//   - of each its place among what follows the shorter sequence, the one without the
//     first graphone, and its cost, in as many bits as nearly all need;
//   - the few that need more bits.
//
// Graphones are found by these places; that of a single one is its number.

const (
	mostOrder = 7
	placeBits = 9 // of places in the list of those that need more bits
	costBits  = 6
	slack     = 8  // bytes behind bits, so that eight can be read at once anywhere
	every     = 64 // zeros from one that is known to the next
)

// level is the sequences of a length.
type level struct {
	size    int
	parents int
	zeros   []uint32 // where some 0 of follows stand
	follows []byte
	packed  []byte
	place   uint // how many bits of a packed sequence are its place
	cost    uint // and how many its cost
	large   []byte
}

// largeBytes are those of a sequence that needs more bits: where it is, its place and its cost.
const largeBytes = 5

var errDamaged = errors.New("the model is damaged")

// bits64 returns the 57 bits from a bit on, and perhaps more.
func bits64(data []byte, at uint) uint64 { return binary.LittleEndian.Uint64(data[at/8:]) >> (at % 8) }

// sequence returns the place of a sequence among those that follow the shorter
// one, and its cost. Of one that is not there, in a damaged file, it returns 0.
func (l *level) sequence(at uint32) (place uint32, cost uint8) {
	if int(at) >= l.size {
		return 0, 0
	}
	x := bits64(l.packed, uint(at)*(l.place+l.cost))
	place, cost = uint32(x&(1<<l.place-1)), uint8(x>>l.place&(1<<l.cost-1))
	if place < 1<<l.place-1 {
		return place, cost
	}
	low, high := 0, len(l.large)/largeBytes
	for low < high {
		middle := (low + high) / 2
		entry := l.large[middle*largeBytes:]
		switch x := binary.LittleEndian.Uint32(entry) & (1<<24 - 1); {
		case x == at:
			rest := uint32(entry[3]) | uint32(entry[4])<<8
			return rest & (1<<placeBits - 1), uint8(rest >> placeBits & (1<<costBits - 1))
		case x < at:
			low = middle + 1
		default:
			high = middle
		}
	}
	return place, cost
}

// follow returns where those stand that follow a sequence of the level above.
func (l *level) follow(parent uint32) (first, end uint32) {
	if int(parent) >= l.parents {
		return 0, 0
	}
	// Those before it end with the 0 before it.
	from := uint32(0)
	if parent > 0 {
		from = l.zero(parent-1) + 1
	}
	return from - parent, l.zero(parent) - parent
}

// zero returns where a 0 of follows stands, of which there are enough.
func (l *level) zero(n uint32) uint32 {
	at, left := l.zeros[n/every], int(n%every)
	if left == 0 {
		return at
	}
	for at++; ; at += 56 {
		x := ^bits64(l.follows, uint(at)) & (1<<56 - 1)
		if zeros := bits.OnesCount64(x); zeros < left {
			left -= zeros
			continue
		}
		for ; left > 1; left-- {
			x &= x - 1
		}
		return at + uint32(bits.TrailingZeros64(x))
	}
}

// find looks for a place among some sequences, which are in the order of it.
func (l *level) find(first, end, place uint32) (at uint32, cost uint8, ok bool) {
	// Places leave gaps at most, so that this one stands no further than without any.
	end = min(end, first+place+1)
	for middle := end - 1; first < end; middle = (first + end) / 2 {
		switch p, cost := l.sequence(middle); {
		case p == place:
			return middle, cost, true
		case p < place:
			first = middle + 1
		default:
			end = middle
		}
	}
	return 0, 0, false
}

// Read reads a model; it keeps the file, and hardly more.
func Read(file []byte) (*Model, error) {
	data, err := sealed.Open(file)
	if err != nil {
		return nil, err
	}
	r := &reader{data}
	m := &Model{}
	if m.Graphones = r.graphones(); m.Graphones == nil {
		return nil, errDamaged
	}
	for n, g := range m.Graphones {
		if n != edge {
			m.letters[g.Letter-'a'] = append(m.letters[g.Letter-'a'], uint16(n))
		}
	}
	order := r.number(1)
	if order == 0 || order > mostOrder {
		return nil, errDamaged
	}
	parents := 1
	for range order {
		l, ok := r.level(parents)
		if !ok {
			return nil, errDamaged
		}
		m.levels = append(m.levels, l)
		parents = l.size
	}
	return m, nil
}

// reader takes from a file; past its end it takes zeros or nothing.
type reader struct{ data []byte }

func (r *reader) number(size int) int {
	var b [8]byte
	copy(b[:size], r.bytes(size))
	return int(binary.LittleEndian.Uint64(b[:]))
}

func (r *reader) bytes(n int) []byte {
	if n > len(r.data) {
		n = 0
	}
	b := r.data[:n:n]
	r.data = r.data[n:]
	return b
}

func (r *reader) graphones() []Graphone {
	g := make([]Graphone, max(r.number(2), 1))
	for i := 1; i < len(g); i++ {
		letter, n := r.number(1), r.number(1)
		g[i] = Graphone{byte(letter), r.bytes(n)}
		if letter < 'a' || letter > 'z' || len(g[i].Phones) != n {
			return nil
		}
		for _, p := range g[i].Phones {
			if p >= arpabet.Count {
				return nil
			}
		}
	}
	return g
}

func (r *reader) level(parents int) (level, bool) {
	l := level{parents: parents, size: r.number(3), place: uint(r.number(1)), cost: uint(r.number(1))}
	large := r.number(3)
	if l.place > placeBits || l.cost > costBits {
		return l, false
	}
	l.follows = r.bytes(bytesOf(parents + l.size))
	l.packed = r.bytes(bytesOf(l.size * int(l.place+l.cost)))
	l.large = r.bytes(large * largeBytes)
	return l, len(l.follows) > 0 && len(l.packed) > 0 && l.index()
}

// bytesOf is how many bytes some bits have, with those behind them.
func bytesOf(bits int) int { return (bits+7)/8 + slack }

// index finds every 64th 0, and whether there are as many as parents, and a 1 for each sequence.
func (l *level) index() bool {
	l.zeros = make([]uint32, 0, l.parents/every+1)
	seen, length := 0, l.parents+l.size
	for at := 0; at < length; at += 32 {
		x := ^bits64(l.follows, uint(at)) & (1<<min(32, length-at) - 1)
		zeros := bits.OnesCount64(x)
		if skip := (every - seen%every) % every; skip < zeros {
			rest := x
			for range skip {
				rest &= rest - 1
			}
			l.zeros = append(l.zeros, uint32(at+bits.TrailingZeros64(rest)))
		}
		seen += zeros
	}
	return seen == l.parents
}
