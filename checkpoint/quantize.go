package checkpoint

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Quantizing says which types [File.Quantize] gives to the matrices of a file: types that can be written, or [Keep].
type Quantizing struct {
	Matrices  Type // all but those of the other fields
	Embedding Type // the table that tokens are looked up in, where it is not the output table too
	Output    Type // the table that gives the logits: errors in it are errors of the result
	// Progress is told, several times, how many bytes of the new file are written, of how many; nil: nobody is.
	Progress func(written, size int64)
}

// QuantizeTo gives matrices one type, and the output table 8 bits where they have fewer, as llama.cpp gives it more than
// the rest.
func QuantizeTo(t Type) Quantizing {
	q := Quantizing{Matrices: t, Embedding: t, Output: t}
	if t == Q4_0 || t == Q4_1 {
		q.Output = Q8_0
	}
	return q
}

// Quantize writes a copy of the file to path, all of it or nothing, whose matrices have other types. Metadata stays as it
// is, but for general.file_type and general.quantization_version, which say what the file now is. So do vectors, norms,
// biases, tables that route tokens, and matrices whose rows are no multiple of the type's block. A matrix of a type that
// cannot be read, or with a value that its new type cannot hold, is an error that names it. Memory does not grow with the
// file, but for the pages of it that the system keeps while it has room.
func (f *File) Quantize(ctx context.Context, path string, q Quantizing) error {
	b, err := f.quantized(q)
	if err != nil {
		return err
	}
	size := b.size()
	return WriteFileAtomic(path, func(w io.Writer) error {
		_, err := b.WriteTo(&meter{ctx: ctx, counter: counter{w: w}, size: size, progress: q.Progress})
		return err
	})
}

// meter tells how much has been written, and ends with its context.
type meter struct {
	counter
	ctx      context.Context
	size     int64
	progress func(written, size int64)
}

func (m *meter) Write(p []byte) (int, error) {
	if err := m.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := m.counter.Write(p)
	if m.progress != nil {
		m.progress(m.written, m.size)
	}
	return n, err
}

// quantized plans the copy: its tensors are converted when they are written.
func (f *File) quantized(q Quantizing) (*Builder, error) {
	for _, t := range []Type{q.Matrices, q.Embedding, q.Output} {
		if t != Keep && !t.writable() {
			return nil, fmt.Errorf("quantize to %v: want %s, or to keep types", t, namesOf(Type.writable))
		}
	}
	b := &Builder{pairs: slices.Clone(f.pairs), keys: maps.Clone(f.keys), names: map[string]bool{}}
	for _, t := range f.tensors {
		to := t
		if kind := f.target(t, q); kind != Keep && kind != t.Type && t.Shape[len(t.Shape)-1]%formats[kind].values == 0 {
			if !t.Type.readable() {
				return nil, f.wrongTensor(t, namesOf(Type.readable), "unsupported type %v (shape %v)", t.Type, t.Shape)
			}
			to.Type = kind
			_, to.Bytes, _, _ = kind.size(t.Shape) // no problem: the shape was checked, and float32 could hold it
		}
		b.add(to, func(w io.Writer) error { return f.convert(w, t, to.Type) })
	}
	if q.Matrices == Keep {
		return b, nil
	}
	if err := b.Set("general.file_type", formats[q.Matrices].file); err != nil {
		return nil, err
	}
	if !q.Matrices.quantised() {
		return b, nil
	}
	return b, b.Set("general.quantization_version", uint32(quantizationVersion))
}

// quantizationVersion counts changes to the layout of blocks in ggml (GGML_QNT_VERSION).
const quantizationVersion = 2

// target gives the type that a tensor is to have, by its shape and its name in llama.cpp.
func (f *File) target(t TensorInfo, q Quantizing) Type {
	const embedding, output = "token_embd.weight", "output.weight"
	name, rows := "."+t.Name, t.Values()/t.Shape[len(t.Shape)-1]
	switch {
	case rows == 1 || !strings.HasSuffix(name, ".weight") || strings.HasSuffix(name, "norm.weight") || strings.HasSuffix(name, ".ffn_gate_inp.weight"):
		return Keep
	case !t.Type.readable() && !t.Type.quantised(): // integers are no weights
		return Keep
	case strings.HasSuffix(name, "."+output):
		return q.Output
	case strings.HasSuffix(name, "."+embedding):
		if _, ok := f.names[strings.TrimSuffix(t.Name, embedding)+output]; ok {
			return q.Embedding
		}
		return q.Output
	}
	return q.Matrices
}

// convert writes the values of a tensor in the form of another type, in pieces that stay in the processor's cache.
func (f *File) convert(w io.Writer, t TensorInfo, to Type) error {
	const piece = 1 << 16 // values; a multiple of all blocks
	var values [piece]float32
	from := formats[t.Type]
	stored := make([]byte, piece/formats[to].values*formats[to].bytes)
	for first, n := 0, t.Values(); first < n; first += piece {
		some := values[:min(piece, n-first)]
		out := stored[:len(some)/formats[to].values*formats[to].bytes]
		err := f.visit(t, func(raw []byte) {
			raw = raw[first/from.values*from.bytes:][:len(some)/from.values*from.bytes]
			if to == t.Type {
				copy(out, raw)
			} else {
				decode(t.Type, some, raw)
			}
		})
		if err != nil {
			return err
		}
		if to != t.Type {
			if problem, want := fits(to, some, first); problem != "" {
				return f.wrongTensor(t, want, "%s", problem)
			}
			encode(to, out, some)
		}
		if _, err := w.Write(out); err != nil {
			return err
		}
	}
	return nil
}
