package checkpoint

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// Builder collects the content of a model file and writes it. The same calls give the same bytes.
type Builder struct {
	pairs   []pair
	keys    map[string]int // into pairs
	tensors []builtTensor
	names   map[string]bool
}

type builtTensor struct {
	TensorInfo
	write func(io.Writer) error // writes the Bytes of the tensor
}

// NewBuilder begins a file with its first key, general.architecture, such as "llama".
func NewBuilder(architecture string) *Builder {
	return &Builder{
		pairs: []pair{{key: architectureKey, value: architecture}},
		keys:  map[string]int{architectureKey: 0},
		names: map[string]bool{},
	}
}

// Set gives a metadata key its value: a bool, string, float32, float64 or integer of stated width (uint8 to uint64,
// int8 to int64), or a slice of these, which is copied. Readers expect the very type that the format documents for a
// key, mostly uint32 for counts. Keys are written in the order of their first Set; setting a key again replaces its
// value.
func (b *Builder) Set(key string, value any) error {
	wrong := func(want, format string, args ...any) error {
		return &FormatError{Offset: -1, Key: key, Problem: fmt.Sprintf(format, args...), Want: want}
	}
	if len(key) < 1 || len(key) > maxKey || !utf8.ValidString(key) {
		return &FormatError{Offset: -1, Problem: "key " + excerpt(key), Want: fmt.Sprintf("1 to %d bytes of UTF-8", maxKey)}
	}
	if _, _, err := kindOf(value); err != nil {
		return fmt.Errorf("key %q: %w", key, err)
	}
	switch v := value.(type) {
	case string:
		if !utf8.ValidString(v) {
			return wrong("valid UTF-8", "string %s", excerpt(v))
		}
	case []string:
		if i := slices.IndexFunc(v, func(s string) bool { return !utf8.ValidString(s) }); i >= 0 {
			return wrong("valid UTF-8", "string %d of the array is %s", i, excerpt(v[i]))
		}
	}
	if key == alignmentKey {
		if n, ok := value.(uint32); !ok || n < 8 || n&(n-1) != 0 {
			return wrong("a power of two from 8 on as uint32", "alignment %T(%[1]v)", value)
		}
	}
	if i, ok := b.keys[key]; ok {
		b.pairs[i].value = cloned(value)
		return nil
	}
	b.keys[key] = len(b.pairs)
	b.pairs = append(b.pairs, pair{key: key, value: cloned(value)})
	return nil
}

// cloned copies slices, so that a caller may go on using its own.
func cloned(value any) any {
	switch v := value.(type) {
	case []uint8:
		return slices.Clone(v)
	case []int8:
		return slices.Clone(v)
	case []uint16:
		return slices.Clone(v)
	case []int16:
		return slices.Clone(v)
	case []uint32:
		return slices.Clone(v)
	case []int32:
		return slices.Clone(v)
	case []uint64:
		return slices.Clone(v)
	case []int64:
		return slices.Clone(v)
	case []float32:
		return slices.Clone(v)
	case []float64:
		return slices.Clone(v)
	case []bool:
		return slices.Clone(v)
	case []string:
		return slices.Clone(v)
	}
	return value
}

// Add stores a tensor: t is F32, F16, Q4_0, Q4_1 or Q8_0, shape is row-major, outermost first, of 1 to 4 dimensions,
// and data has the product of these values. It is converted at once and may be changed afterwards. Rows, the innermost
// dimension, must be multiples of the type's block. A value that the type cannot hold (beyond the range of its
// half-precision numbers, or not finite in a block) is an error.
func (b *Builder) Add(name string, t Type, shape []int, data []float32) error {
	if !t.writable() {
		return wrongTensor(name, namesOf(Type.writable), "unsupported type %v", t)
	}
	values, size, err := b.check(name, t, shape)
	if err != nil {
		return err
	}
	if len(data) != values {
		return wrongTensor(name, fmt.Sprintf("%d for shape %v", values, shape), "%d values", len(data))
	}
	if problem, want := fits(t, data, 0); problem != "" {
		return wrongTensor(name, want, "%s", problem)
	}
	raw := make([]byte, size)
	encode(t, raw, data)
	b.add(TensorInfo{Name: name, Type: t, Shape: slices.Clone(shape), Bytes: size}, writes(raw))
	return nil
}

// AddRaw stores a tensor whose data is in the form of its type already, which may be any of ggml. Later changes to data
// change what is written.
func (b *Builder) AddRaw(name string, t Type, shape []int, data []byte) error {
	if !t.known() {
		return wrongTensor(name, "a type of ggml", "unknown type %v", t)
	}
	_, size, err := b.check(name, t, shape)
	if err != nil {
		return err
	}
	if int64(len(data)) != size {
		return wrongTensor(name, fmt.Sprintf("%d for type %v and shape %v", size, t, shape), "%d bytes", len(data))
	}
	b.add(TensorInfo{Name: name, Type: t, Shape: slices.Clone(shape), Bytes: size}, writes(data))
	return nil
}

// check tells the values and bytes of a tensor of a known type that is to be added.
func (b *Builder) check(name string, t Type, shape []int) (values int, size int64, err error) {
	// One byte less than what is read, because ggml keeps names with a zero at the end.
	if len(name) < 1 || len(name) >= maxTensorName || !utf8.ValidString(name) {
		return 0, 0, wrongTensor(name, fmt.Sprintf("1 to %d bytes of UTF-8", maxTensorName-1), "a name of %d bytes", len(name))
	}
	if b.names[name] {
		return 0, 0, wrongTensor(name, "each tensor once", "the tensor was added before")
	}
	values, size, problem, want := t.size(shape)
	if problem != "" {
		return 0, 0, wrongTensor(name, want, "%s", problem)
	}
	return values, size, nil
}

func (b *Builder) add(info TensorInfo, write func(io.Writer) error) {
	b.names[info.Name] = true
	b.tensors = append(b.tensors, builtTensor{info, write})
}

func wrongTensor(name, want, format string, args ...any) error {
	return &FormatError{Offset: -1, Tensor: name, Problem: fmt.Sprintf(format, args...), Want: want}
}

// writes gives what writes the bytes.
func writes(data []byte) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	}
}

// WriteTo writes the file, as GGUF version 3, and returns the number of bytes written.
func (b *Builder) WriteTo(w io.Writer) (int64, error) {
	architecture := ""
	if i, ok := b.keys[architectureKey]; ok {
		architecture, _ = b.pairs[i].value.(string)
	}
	if strings.TrimSpace(architecture) == "" {
		return 0, &FormatError{Offset: -1, Key: architectureKey, Problem: "no architecture", Want: "a name such as \"llama\""}
	}
	alignment := b.alignment()
	out := &counter{w: w}
	var zeros [4096]byte // an alignment may be far more
	pad := func() error {
		for n := alignUp(out.written, alignment) - out.written; n > 0; n -= int64(len(zeros)) {
			if _, err := out.Write(zeros[:min(n, int64(len(zeros)))]); err != nil {
				return err
			}
		}
		return nil
	}
	if _, err := out.Write(b.header(alignment)); err != nil {
		return out.written, fmt.Errorf("model header: %w", err)
	}
	if err := pad(); err != nil {
		return out.written, fmt.Errorf("model header: %w", err)
	}
	for _, t := range b.tensors {
		if err := t.write(out); err != nil {
			if _, ok := errors.AsType[*FormatError](err); ok { // names it already
				return out.written, err
			}
			return out.written, fmt.Errorf("tensor %q: %w", t.Name, err)
		}
		if err := pad(); err != nil {
			return out.written, fmt.Errorf("tensor %q: %w", t.Name, err)
		}
	}
	return out.written, nil
}

// alignment gives the distance of which the places of tensors are multiples.
func (b *Builder) alignment() int64 {
	if i, ok := b.keys[alignmentKey]; ok {
		return int64(b.pairs[i].value.(uint32)) // neither Set nor the parser accepts another type
	}
	return defaultAlignment
}

// size is the number of bytes that WriteTo writes.
func (b *Builder) size() int64 {
	alignment := b.alignment()
	n := alignUp(int64(len(b.header(alignment))), alignment)
	for _, t := range b.tensors {
		n += alignUp(t.Bytes, alignment)
	}
	return n
}

// counter counts what is written.
type counter struct {
	w       io.Writer
	written int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.written += int64(n)
	if err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	return n, err
}

// header is all that comes before the tensors' data, without the padding between them.
func (b *Builder) header(alignment int64) []byte {
	le := binary.LittleEndian
	h := append([]byte(magic), 3, 0, 0, 0)
	h = le.AppendUint64(h, uint64(len(b.tensors)))
	h = le.AppendUint64(h, uint64(len(b.pairs)))
	for _, p := range b.pairs {
		h = appendString(h, p.key)
		h = appendValue(h, p.value)
	}
	var offset int64
	for _, t := range b.tensors {
		h = appendString(h, t.Name)
		h = le.AppendUint32(h, uint32(len(t.Shape)))
		for _, n := range slices.Backward(t.Shape) {
			h = le.AppendUint64(h, uint64(n))
		}
		h = le.AppendUint32(h, uint32(t.Type))
		h = le.AppendUint64(h, uint64(offset))
		offset += alignUp(t.Bytes, alignment)
	}
	return h
}

func appendString(h []byte, s string) []byte {
	return append(binary.LittleEndian.AppendUint64(h, uint64(len(s))), s...)
}

// appendValue appends a value that Set has accepted.
func appendValue(h []byte, value any) []byte {
	le := binary.LittleEndian
	k, array, _ := kindOf(value)
	if array {
		h = le.AppendUint32(h, uint32(kindArray))
	}
	h = le.AppendUint32(h, uint32(k))
	switch v := value.(type) {
	case string:
		return appendString(h, v)
	case []string:
		h = le.AppendUint64(h, uint64(len(v)))
		for _, s := range v {
			h = appendString(h, s)
		}
		return h
	}
	// Append cannot fail: the kinds that are left are all of fixed size.
	var raw bytes.Buffer
	_ = binary.Write(&raw, le, value)
	if array {
		h = le.AppendUint64(h, uint64(raw.Len()/kinds[k].size))
	}
	return append(h, raw.Bytes()...)
}

// WriteFile writes the file to path by way of [WriteFileAtomic].
func (b *Builder) WriteFile(path string) error {
	return WriteFileAtomic(path, func(w io.Writer) error {
		_, err := b.WriteTo(w)
		return err
	})
}
