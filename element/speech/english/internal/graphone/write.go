package graphone

import (
	"encoding/binary"
	"fmt"

	"github.com/stride-ml/stride/element/speech/english/internal/sealed"
)

// write returns the file of a model: see file.go.
func write(graphones []Graphone, levels [][]node) ([]byte, error) {
	order := len(levels) - 1
	if len(graphones) > 1<<placeBits || order > mostOrder {
		return nil, fmt.Errorf("%d graphones and sequences of up to %d, want at most %d and %d", len(graphones), order, 1<<placeBits, mostOrder)
	}
	data := binary.LittleEndian.AppendUint16(nil, uint16(len(graphones)))
	for _, g := range graphones[1:] {
		data = append(append(data, g.Letter, byte(len(g.Phones))), g.Phones...)
	}
	data = append(data, byte(order))
	for n := 1; n <= order; n++ {
		if len(levels[n]) > 1<<24 {
			return nil, fmt.Errorf("%d sequences of %d graphones, want at most %d", len(levels[n])-1, n, 1<<24-1)
		}
		data = appendLevel(data, levels, n)
	}
	return sealed.Seal(data), nil
}

// packer puts bits behind each other, the lowest first.
type packer struct {
	data []byte
	n    int
}

func newPacker(bits int) *packer { return &packer{data: make([]byte, bytesOf(bits))} }

func (p *packer) put(x uint64, bits uint) {
	for i := range bits {
		p.data[p.n/8] |= byte(x>>i&1) << (p.n % 8)
		p.n++
	}
}

func appendLevel(data []byte, levels [][]node, n int) []byte {
	parents, nodes := levels[n-1], levels[n]
	size := len(nodes) - 1
	places := make([]uint32, size)
	follows := newPacker(len(parents) - 1 + size)
	for i, up := range parents[:len(parents)-1] {
		for at := up.first; at < parents[i+1].first; at++ {
			if places[at] = uint32(nodes[at].graphone); n > 1 {
				places[at] = nodes[at].shorter - levels[n-2][up.shorter].first
			}
			follows.put(1, 1)
		}
		follows.put(0, 1)
	}
	place, cost := widths(places, nodes)
	packed := newPacker(size * int(place+cost))
	var large []byte
	for at, p := range places {
		c := nodes[at].cost
		if fits(p, c, place, cost) {
			packed.put(uint64(p), place)
			packed.put(uint64(c), cost)
			continue
		}
		packed.put(1<<place-1, place)
		packed.put(0, cost)
		rest := uint16(p) | uint16(c)<<placeBits
		large = append(large, byte(at), byte(at>>8), byte(at>>16), byte(rest), byte(rest>>8))
	}
	data = append(data, byte(size), byte(size>>8), byte(size>>16), byte(place), byte(cost))
	count := len(large) / largeBytes
	data = append(data, byte(count), byte(count>>8), byte(count>>16))
	return append(append(append(data, follows.data...), packed.data...), large...)
}

// fits tells whether a sequence fits into so many bits, all ones of its place aside.
func fits(p uint32, c uint8, place, cost uint) bool { return p < 1<<place-1 && c < 1<<cost }

// widths returns the bits of a place and a cost by which a level is smallest.
func widths(places []uint32, nodes []node) (place, cost uint) {
	var times [1 << placeBits][1 << costBits]int
	for at, p := range places {
		times[p][nodes[at].cost]++
	}
	least := -1
	for wide := range uint(placeBits + 1) {
		for dear := range uint(costBits + 1) {
			bits := len(places) * int(wide+dear)
			for p := range times {
				for c, n := range times[p] {
					if !fits(uint32(p), uint8(c), wide, dear) {
						bits += n * largeBytes * 8
					}
				}
			}
			if least < 0 || bits < least {
				least, place, cost = bits, wide, dear
			}
		}
	}
	return place, cost
}
