package checkpoint

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
)

// The limits of the format. Those on names and dimensions are also the ones of ggml.
const (
	magic            = "GGUF"
	architectureKey  = "general.architecture"
	alignmentKey     = "general.alignment"
	defaultAlignment = 32
	maxDims          = 4
	maxKey           = 65535 // bytes
	maxTensorName    = 64    // bytes
)

// maxHeader is the most bytes of all that comes before the tensors' data, of our own making: vocabularies of a million
// tokens take a tenth of it. Without it a damaged count in a file of many gigabytes could ask for as much memory.
const maxHeader = 256 << 20

// The fewest bytes that an entry can take: they bound the counts in the header by the size of the file.
const (
	minPair   = 8 + 1 + 4 + 1         // name length, name, kind, value
	minTensor = 8 + 1 + 4 + 8 + 4 + 8 // name length, name, dimension count, dimension, type, offset
)

// parser walks over the header of a file. The first problem ends the walk: what is read after it is zero.
type parser struct {
	file *File
	data []byte // the file as far as its header can reach
	rest string // what counts and lengths must fit in, for errors
	off  int
	err  *FormatError

	key, tensor string // what is being read, for errors
}

// fail notes a problem at an offset, unless there was one before.
func (p *parser) fail(offset int, want, format string, args ...any) {
	if p.err == nil {
		p.err = &FormatError{Name: p.file.name, Offset: int64(offset), Key: p.key, Tensor: p.tensor,
			Problem: fmt.Sprintf(format, args...), Want: want}
	}
}

// take gives the next n bytes, or nil if the file ends before.
func (p *parser) take(n int, what string) []byte {
	if p.err != nil {
		return nil
	}
	if left := len(p.data) - p.off; n > left {
		p.fail(p.off, fmt.Sprintf("%d bytes of %s", n, what), "%s ends after %d bytes", p.rest, left)
		return nil
	}
	b := p.data[p.off : p.off+n]
	p.off += n
	return b
}

func (p *parser) uint32(what string) uint32 {
	if b := p.take(4, what); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (p *parser) uint64(what string) uint64 {
	if b := p.take(8, what); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// count reads how many entries follow, each of at least size bytes. A count that the rest of the file cannot hold is
// refused, so nothing is ever allocated for entries that are not there.
func (p *parser) count(size int, what string) int {
	at := p.off
	n := p.uint64("the number of " + what)
	if most := (len(p.data) - p.off) / size; p.err == nil && n > uint64(most) {
		p.fail(at, fmt.Sprintf("at most %d, which is what the rest of %s can hold", most, p.rest), "%d %s", n, what)
		return 0
	}
	return int(n)
}

// name reads the name of a key or tensor.
func (p *parser) name(longest int, what string) string {
	at := p.off
	n := p.uint64("the length of a " + what)
	if p.err == nil && (n < 1 || n > uint64(longest)) {
		p.fail(at, fmt.Sprintf("1 to %d", longest), "a %s of %d bytes", what, n)
		return ""
	}
	return string(p.take(int(n), "a "+what))
}

// parse reads everything before the tensors' data into f, which has its name and data already.
func (f *File) parse() error {
	p := &parser{file: f, data: f.data, rest: "the file"}
	if len(p.data) > maxHeader {
		p.data, p.rest = p.data[:maxHeader], fmt.Sprintf("a header of %d bytes, the most that is read,", maxHeader)
	}
	p.header()
	if p.err != nil {
		return p.err
	}
	return nil
}

func (p *parser) header() {
	f := p.file
	if !strings.HasPrefix(string(p.data[:min(len(p.data), len(magic))]), magic) {
		p.fail(0, fmt.Sprintf("%q", magic), "not a GGUF file: it begins with %q", p.data[:min(len(p.data), len(magic))])
		return
	}
	p.off = len(magic)
	switch version := p.uint32("the version"); {
	case p.err != nil:
		return
	case version != 0 && version&0xffff == 0:
		p.fail(4, "little-endian", "the file is big-endian")
	case version != 2 && version != 3:
		p.fail(4, "2 or 3", "GGUF version %d", version)
	}
	countAt := p.off
	tensors := p.count(minTensor, "tensors")
	pairs := p.count(minPair, "metadata keys")
	// The two share the rest of the file; each fits, but do both?
	if p.err == nil && tensors*minTensor > len(p.data)-p.off-pairs*minPair {
		p.fail(countAt, "fewer", "%d tensors and %d metadata keys are more than %s can hold", tensors, pairs, p.rest)
	}
	if p.err != nil {
		return
	}
	// No more is allocated than what entries that were really there have filled.
	f.pairs = make([]pair, 0, min(pairs, 1<<10))
	f.keys = make(map[string]int, min(pairs, 1<<10))
	for range pairs {
		if p.pair(); p.err != nil {
			return
		}
	}
	p.whole()
	alignment := p.alignment()
	f.tensors = make([]TensorInfo, 0, min(tensors, 1<<10))
	f.names = make(map[string]int, min(tensors, 1<<10))
	infoAt := make([]int, 0, min(tensors, 1<<10))
	for range tensors {
		infoAt = append(infoAt, p.off)
		if p.info(alignment); p.err != nil {
			return
		}
	}
	p.place(alignUp(int64(p.off), alignment), infoAt)
}

// pair reads one metadata key and its value.
func (p *parser) pair() {
	at := p.off
	key := p.name(maxKey, "key")
	if p.err != nil {
		return
	}
	if _, twice := p.file.keys[key]; twice {
		p.key = key
		p.fail(at, "each key once", "the key occurs twice")
		return
	}
	p.key = key
	valueAt := p.off
	value := p.value()
	p.key = ""
	p.file.keys[key] = len(p.file.pairs)
	p.file.pairs = append(p.file.pairs, pair{key: key, value: value, offset: int64(valueAt)})
}

// kind reads the number of a kind.
func (p *parser) kind() kind {
	at := p.off
	k := kind(p.uint32("a value type"))
	if p.err == nil && int64(k) >= int64(len(kinds)) {
		p.fail(at, fmt.Sprintf("0 to %d", len(kinds)-1), "unknown value type %d", k)
	}
	return k
}

func (p *parser) value() any {
	k := p.kind()
	switch {
	case p.err != nil:
		return nil
	case k == kindString:
		return p.stringArray(1)[0]
	case k == kindArray:
		return p.array()
	}
	raw := p.take(kinds[k].size, "a value")
	if p.checkBools(k, raw); p.err != nil {
		return nil
	}
	return kinds[k].scalar(raw)
}

func (p *parser) array() any {
	at := p.off
	k := p.kind()
	switch {
	case p.err != nil:
		return nil
	case k == kindArray:
		p.fail(at, "an array of single values", "an array of arrays")
		return nil
	case k == kindString:
		return p.stringArray(p.count(8, "strings in an array"))
	}
	n := p.count(kinds[k].size, "values in an array")
	raw := p.take(n*kinds[k].size, "an array")
	if p.checkBools(k, raw); p.err != nil {
		return nil
	}
	return kinds[k].slice(raw, n)
}

func (p *parser) checkBools(k kind, raw []byte) {
	if k != kindBool {
		return
	}
	if i := slices.IndexFunc(raw, func(b byte) bool { return b > 1 }); i >= 0 {
		p.fail(p.off-len(raw)+i, "0 or 1", "a bool of value %d", raw[i])
	}
}

// stringArray reads n strings. It finds where they end first and then copies them out of the file all at once: a
// vocabulary of many thousand pieces is one allocation, not thousands.
func (p *parser) stringArray(n int) []string {
	start := p.off
	for i := 0; i < n; i++ {
		at := p.off
		length := p.uint64("a string's length")
		if left := len(p.data) - p.off; p.err == nil && length > uint64(left) {
			p.fail(at, fmt.Sprintf("at most %d, which is what the rest of %s can hold", left, p.rest), "a string of %d bytes", length)
		}
		if p.err != nil {
			return make([]string, 1)
		}
		p.off += int(length)
	}
	list := make([]string, n)
	all := string(p.data[start:p.off])
	for i, at := 0, start; i < n; i++ {
		length := int(binary.LittleEndian.Uint64(p.data[at:]))
		at += 8
		list[i] = all[at-start : at-start+length]
		at += length
	}
	return list
}

// alignment gives the distance of which tensor offsets are multiples.
func (p *parser) alignment() int64 {
	i, ok := p.file.keys[alignmentKey]
	if !ok || p.err != nil {
		return defaultAlignment
	}
	n, ok := p.file.pairs[i].value.(uint32)
	if !ok || n == 0 || n&(n-1) != 0 {
		p.key = alignmentKey
		found := fmt.Sprintf("alignment of type %T", p.file.pairs[i].value)
		if ok {
			found = fmt.Sprintf("alignment %d", n)
		}
		p.fail(int(p.file.pairs[i].offset), "a power of two as uint32", "%s", found)
		return defaultAlignment
	}
	return int64(n)
}

// whole refuses one file of a model that was split into several, of which each has a part of the tensors.
func (p *parser) whole() {
	const countKey, numberKey = "split.count", "split.no"
	i, ok := p.file.keys[countKey]
	if !ok || p.err != nil {
		return
	}
	// What is no integer is no split that any program makes.
	if n, err := p.file.Int(countKey); err == nil && n > 1 {
		part := "a part"
		if number, err := p.file.Int(numberKey); err == nil && number >= 0 && number < n {
			part = fmt.Sprintf("part %d", number+1)
		}
		p.key = countKey
		p.fail(int(p.file.pairs[i].offset), "the whole model in one file: join the parts with \"llama-gguf-split --merge\"",
			"the file is %s of %d of a model", part, n)
	}
}

func alignUp(n, alignment int64) int64 { return (n + alignment - 1) / alignment * alignment }

// info reads one tensor's description. Its offset stays relative until place.
func (p *parser) info(alignment int64) {
	at := p.off
	p.tensor = p.name(maxTensorName, "tensor name")
	if p.err != nil {
		return
	}
	if _, twice := p.file.names[p.tensor]; twice {
		p.fail(at, "each tensor once", "the tensor occurs twice")
		return
	}
	dimsAt := p.off
	dims := p.uint32("the number of dimensions")
	if p.err == nil && (dims < 1 || dims > maxDims) {
		p.fail(dimsAt, fmt.Sprintf("1 to %d", maxDims), "%d dimensions", dims)
		return
	}
	shape := make([]int, dims)
	for i := range shape {
		at := p.off
		n := p.uint64("a dimension")
		if p.err == nil && (n < 1 || n > math.MaxInt) {
			p.fail(at, fmt.Sprintf("1 to %d", math.MaxInt), "a dimension of %d", n)
		}
		shape[len(shape)-1-i] = int(n) // the file has the innermost first
	}
	typeAt := p.off
	number := p.uint32("a tensor type")
	offsetAt := p.off
	offset := p.uint64("a tensor offset")
	if p.err != nil {
		return
	}
	t := Type(min(number, math.MaxInt32)) // so that int holds it on each platform
	if !t.known() {
		p.fail(typeAt, fmt.Sprintf("a type of ggml, 0 to %d", len(formats)-1), "unknown tensor type %d", number)
		return
	}
	_, size, problem, want := t.size(shape)
	if problem != "" {
		p.fail(dimsAt, want, "%s", problem)
		return
	}
	if offset > math.MaxInt64 || int64(offset)%alignment != 0 {
		p.fail(offsetAt, fmt.Sprintf("a multiple of the alignment %d", alignment), "data at %d", offset)
		return
	}
	p.file.names[p.tensor] = len(p.file.tensors)
	p.file.tensors = append(p.file.tensors, TensorInfo{Name: p.tensor, Type: t, Shape: shape, Offset: int64(offset), Bytes: size})
	p.tensor = ""
}

// place turns offsets from the start of the data into offsets from the start of the file, and checks that each tensor
// lies in the file, on its own. infoAt has the place of each tensor's description.
func (p *parser) place(start int64, infoAt []int) {
	size, tensors := p.file.size, p.file.tensors
	for i := range tensors {
		t := &tensors[i]
		// Both sides of each comparison are small enough for int64: start is at most the size of the file and 2^31.
		if room := size - start; t.Offset > room || t.Bytes > room-t.Offset {
			p.tensor = t.Name
			p.fail(infoAt[i], fmt.Sprintf("all of it within the file of %d bytes: the file is cut off or damaged", size),
				"data of %d bytes (%v of shape %v) at %d past the header's %d bytes", t.Bytes, t.Type, t.Shape, t.Offset, start)
			return
		}
		t.Offset += start
	}
	order := make([]int, len(tensors))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return int(min(1, max(-1, tensors[a].Offset-tensors[b].Offset))) })
	for i := 1; i < len(order); i++ {
		a, b := &tensors[order[i-1]], &tensors[order[i]]
		if a.Offset+a.Bytes > b.Offset {
			p.tensor = b.Name
			p.fail(infoAt[order[i]], "data of its own", "its data overlaps that of tensor %q", a.Name)
			return
		}
	}
}
