package checkpoint

import (
	"bytes"
	"encoding/binary"
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
	data []byte
}

// NewBuilder begins a file with its first key, general.architecture, such as "llama".
func NewBuilder(architecture string) *Builder {
	const key = "general.architecture"
	return &Builder{
		pairs: []pair{{key: key, value: architecture}},
		keys:  map[string]int{key: 0},
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

// Add stores a tensor: t is F32, F16 or Q8_0, shape is row-major, outermost first, of 1 to 4 dimensions, and data has
// the product of these values. It is converted at once and may be changed afterwards. Rows, the innermost dimension,
// of Q8_0 must be multiples of 32 values. A value that the type cannot hold (beyond the range of F16, or not finite in
// Q8_0) is an error.
func (b *Builder) Add(name string, t Type, shape []int, data []float32) error {
	wrong := func(want, format string, args ...any) error {
		return &FormatError{Offset: -1, Tensor: name, Problem: fmt.Sprintf(format, args...), Want: want}
	}
	// One byte less than what is read, because ggml keeps names with a zero at the end.
	if len(name) < 1 || len(name) >= maxTensorName || !utf8.ValidString(name) {
		return wrong(fmt.Sprintf("1 to %d bytes of UTF-8", maxTensorName-1), "a name of %d bytes", len(name))
	}
	if b.names[name] {
		return wrong("each tensor once", "the tensor was added before")
	}
	if !t.supported() {
		return wrong(supportedTypes, "unsupported type %v", t)
	}
	values, size, problem, want := t.size(shape)
	if problem != "" {
		return wrong(want, "%s", problem)
	}
	if len(data) != values {
		return wrong(fmt.Sprintf("%d for shape %v", values, shape), "%d values", len(data))
	}
	raw := make([]byte, size)
	if err := encode(t, raw, data); err != nil {
		return fmt.Errorf("tensor %q: %w", name, err)
	}
	b.names[name] = true
	b.tensors = append(b.tensors, builtTensor{
		TensorInfo: TensorInfo{Name: name, Type: t, Shape: slices.Clone(shape), Bytes: size}, data: raw})
	return nil
}

// WriteTo writes the file, as GGUF version 3, and returns the number of bytes written.
func (b *Builder) WriteTo(w io.Writer) (int64, error) {
	if architecture, ok := b.pairs[0].value.(string); !ok || strings.TrimSpace(architecture) == "" {
		return 0, &FormatError{Offset: -1, Key: b.pairs[0].key, Problem: "no architecture", Want: "a name such as \"llama\""}
	}
	alignment := int64(defaultAlignment)
	if i, ok := b.keys[alignmentKey]; ok {
		alignment = int64(b.pairs[i].value.(uint32)) // Set accepts no other type
	}
	header := b.header(alignment)
	var written int64
	put := func(p []byte) error {
		n, err := w.Write(p)
		written += int64(n)
		if err == nil && n < len(p) {
			err = io.ErrShortWrite
		}
		return err
	}
	pad := func() error {
		return put(make([]byte, alignUp(written, alignment)-written))
	}
	if err := put(header); err != nil {
		return written, fmt.Errorf("model header: %w", err)
	}
	if err := pad(); err != nil {
		return written, fmt.Errorf("model header: %w", err)
	}
	for _, t := range b.tensors {
		if err := put(t.data); err != nil {
			return written, fmt.Errorf("tensor %q: %w", t.Name, err)
		}
		if err := pad(); err != nil {
			return written, fmt.Errorf("tensor %q: %w", t.Name, err)
		}
	}
	return written, nil
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
