package checkpoint

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// modelParts are the kinds of tensors that a file can have: all of F32, but for integers.
var modelParts = []struct {
	name  string
	shape []int
}{
	{"token_embd.weight", []int{5, 64}},
	{"output_norm.weight", []int{64}},
	{"blk.0.attn_q.weight", []int{96, 1024}}, // more values than are converted at once
	{"blk.0.attn_q.bias", []int{2, 64}},
	{"blk.0.attn_q_norm.weight", []int{2, 64}},
	{"blk.0.attn_output.weight", []int{64, 64}},
	{"blk.0.ffn_down.weight", []int{64, 48}},
	{"blk.0.ffn_gate_inp.weight", []int{4, 64}},
	{"blk.0.ffn_up_exps.weight", []int{4, 3, 64}},
	{"blk.0.scale.weight", []int{1, 64}},
	{"order.weight", []int{2, 32}},
}

// model builds a file of these parts, and of more matrices.
func model(t testing.TB, more ...string) *Builder {
	b := NewBuilder("llama")
	must(t, b.Set("general.file_type", int32(0)))
	must(t, b.Set("tokenizer.ggml.tokens", []string{"春", ""}))
	must(t, b.Set(alignmentKey, uint32(64)))
	for _, part := range modelParts {
		values, size, _, _ := F32.size(part.shape)
		if part.name == "order.weight" {
			must(t, b.AddRaw(part.name, 26, part.shape, make([]byte, size)))
			continue
		}
		must(t, b.Add(part.name, F32, part.shape, wave(values)))
	}
	for _, name := range more {
		must(t, b.Add(name, F16, []int{5, 64}, wave(5*64)))
	}
	return b
}

func wave(n int) []float32 {
	values := make([]float32, n)
	for i := range values {
		values[i] = float32(math.Sin(float64(i) * float64(i)))
	}
	return values
}

// quantized writes f as q says, by way of a file.
func quantized(t *testing.T, f *File, q Quantizing) *File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "out.gguf")
	must(t, f.Quantize(context.Background(), path, q))
	out, err := Open(path)
	must(t, err)
	t.Cleanup(func() { must(t, out.Close()) })
	return out
}

func TestQuantize(t *testing.T) {
	const matrices = "blk.0.attn_q.weight blk.0.attn_output.weight blk.0.ffn_up_exps.weight "
	for name, c := range map[string]struct {
		q       Quantizing
		more    []string
		changed map[Type]string // names by the type that they are to have; all others stay
		file    uint32
	}{
		"Q8_0": {QuantizeTo(Q8_0), nil, map[Type]string{Q8_0: matrices + "token_embd.weight"}, 7},
		"Q4_0": {QuantizeTo(Q4_0), nil, map[Type]string{Q4_0: matrices, Q8_0: "token_embd.weight"}, 2},
		"Q4_1": {QuantizeTo(Q4_1), []string{"output.weight"}, map[Type]string{Q4_1: matrices + "token_embd.weight", Q8_0: "output.weight"}, 3},
		"F16":  {QuantizeTo(F16), nil, map[Type]string{F16: matrices + "token_embd.weight blk.0.ffn_down.weight"}, 1},
		"kept tables": {Quantizing{Matrices: Q4_0, Embedding: Keep, Output: Keep}, []string{"output.weight"},
			map[Type]string{Q4_0: matrices}, 2},
		"only the output": {Quantizing{Matrices: Keep, Embedding: Keep, Output: F32}, []string{"output.weight"},
			map[Type]string{F32: "output.weight"}, 0},
		"tables of a part": {QuantizeTo(Q4_0), []string{"pixel.token_embd.weight", "row.token_embd.weight", "row.output.weight"},
			map[Type]string{Q4_0: matrices + "row.token_embd.weight", Q8_0: "token_embd.weight pixel.token_embd.weight row.output.weight"}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			in := parsed(t, model(t, c.more...))
			out := quantized(t, in, c.q)
			types := map[string]Type{}
			for kind, names := range c.changed {
				for name := range strings.FieldsSeq(names) {
					types[name] = kind
				}
			}
			for i, info := range out.Tensors() {
				was := in.Tensors()[i]
				want, ok := types[info.Name]
				if !ok {
					want = was.Type
				}
				if info.Name != was.Name || info.Type != want || !slices.Equal(info.Shape, was.Shape) {
					t.Errorf("tensor %d is %+v, want %v of %+v", i, info, want, was)
					continue
				}
				got, err := out.Raw(info.Name)
				must(t, err)
				if !bytes.Equal(got, convertedAtOnce(t, in, was, want)) {
					t.Errorf("%s has other bytes than what %v gives", info.Name, want)
				}
			}
			wantKeys := []string{architectureKey, "general.file_type", "tokenizer.ggml.tokens", alignmentKey}
			if v, ok := out.Value("general.quantization_version"); ok != c.q.Matrices.quantised() || ok && v != uint32(2) {
				t.Errorf("quantization version is %T(%[1]v)", v)
			} else if ok {
				wantKeys = append(wantKeys, "general.quantization_version")
			}
			if diff := cmp.Diff(wantKeys, out.Keys()); diff != "" {
				t.Errorf("keys: %s", diff)
			}
			for _, key := range []string{architectureKey, "tokenizer.ggml.tokens", alignmentKey} {
				was, _ := in.Value(key)
				if is, _ := out.Value(key); !cmp.Equal(is, was) {
					t.Errorf("%s is %v, want %v", key, is, was)
				}
			}
			if n, err := out.Int("general.file_type"); n != int(c.file) || err != nil {
				t.Errorf("file type is %d, %v, want %d", n, err, c.file)
			}
		})
	}
}

// convertedAtOnce gives a tensor's bytes in another type.
func convertedAtOnce(t *testing.T, f *File, info TensorInfo, to Type) []byte {
	t.Helper()
	raw, err := f.Raw(info.Name)
	must(t, err)
	if to == info.Type {
		return raw
	}
	values := make([]float32, info.Values())
	must(t, f.Float32(info.Name, values))
	_, size, _, _ := to.size(info.Shape)
	out := make([]byte, size)
	encode(to, out, values)
	return out
}

func TestQuantizeErrors(t *testing.T) {
	build := func(kind Type, values ...float32) *File {
		b := NewBuilder("test")
		if len(values) > 0 {
			must(t, b.Add("w.weight", kind, []int{2, 32}, append(make([]float32, 64-len(values)), values...)))
		} else {
			size := 256 / formats[kind].values * formats[kind].bytes
			must(t, b.AddRaw("w.weight", kind, []int{2, 256}, make([]byte, 2*size)))
		}
		return parsed(t, b)
	}
	nan := float32(math.NaN())
	for name, c := range map[string]struct {
		f    *File
		q    Quantizing
		want string
	}{
		"type":          {build(F32, 1), QuantizeTo(Q6_K), "quantize to Q6_K: want F32, F16, Q4_0, Q4_1 or Q8_0, or to keep types"},
		"table type":    {build(F32, 1), Quantizing{Matrices: F16, Embedding: -2, Output: F16}, "quantize to Type(-2): want"},
		"of which type": {build(23), QuantizeTo(Q8_0), `built: tensor "w.weight": offset 128: unsupported type IQ4_XS (shape [2 256]), want F32, F16, `},
		"NaN":           {build(F16, nan), QuantizeTo(Q4_0), `built: tensor "w.weight": offset 128: value NaN at index 63, want finite values for type Q4_0`},
		"range":         {build(F32, 1e9, 0), QuantizeTo(F16), `value 1e+09 at index 62, want at most 65504 for type F16`},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "out.gguf")
			must(t, os.WriteFile(path, []byte("before"), 0o600))
			err := c.f.Quantize(context.Background(), path, c.q)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error is %v, want in it %q", err, c.want)
			}
			wantUntouched(t, path)
		})
	}
	closed := build(F32, 1)
	must(t, closed.Close())
	if err := closed.Quantize(context.Background(), filepath.Join(t.TempDir(), "x"), QuantizeTo(Q8_0)); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("a closed file gives %v", err)
	}
}

func wantUntouched(t *testing.T, path string) {
	t.Helper()
	if data, err := os.ReadFile(path); string(data) != "before" {
		t.Errorf("the file is %q, %v, want what it was", data, err)
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
		t.Errorf("left in the folder: %v", left)
	}
}

// TestQuantizeProgress holds that progress goes up to the size of the file, and that a cancelled copy leaves nothing.
func TestQuantizeProgress(t *testing.T) {
	f := parsed(t, model(t))
	path := filepath.Join(t.TempDir(), "out.gguf")
	must(t, os.WriteFile(path, []byte("before"), 0o600))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	q := QuantizeTo(Q4_0)
	q.Progress = func(written, size int64) {
		if written > size/2 {
			cancel()
		}
	}
	if err := f.Quantize(ctx, path, q); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	wantUntouched(t, path)

	var last, all int64
	q.Progress = func(written, size int64) {
		if written < last || written > size || all != 0 && all != size {
			t.Errorf("%d of %d after %d of %d", written, size, last, all)
		}
		last, all = written, size
	}
	must(t, f.Quantize(context.Background(), path, q))
	info, err := os.Stat(path)
	must(t, err)
	if last != all || info.Size() != all {
		t.Errorf("written %d of %d, the file has %d", last, all, info.Size())
	}
}

// TestQuantizeMemory holds that memory does not grow with the file.
func TestQuantizeMemory(t *testing.T) {
	b := NewBuilder("test")
	const rows = 4096
	must(t, b.AddRaw("w.weight", F32, []int{rows, 1024}, make([]byte, rows*4096)))
	must(t, b.AddRaw("v.bias", F32, []int{rows, 1024}, make([]byte, rows*4096)))
	q, err := parsed(t, b).quantized(QuantizeTo(Q4_0))
	must(t, err)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err = q.WriteTo(io.Discard)
	must(t, err)
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 2<<20 {
		t.Errorf("%d bytes were allocated for tensors of %d", used, 2*rows*4096)
	}
}

// FuzzQuantize holds that each file that can be read can be quantised, or an error says why not, and that the copy can
// be read and has the same tensors and keys.
func FuzzQuantize(f *testing.F) {
	whole, err := os.ReadFile("testdata/stride.gguf")
	must(f, err)
	for to := range Type(len(formats)) {
		if to.writable() {
			f.Add(whole, int(to))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, to int) {
		if len(data) > 1<<16 {
			return
		}
		in, err := Parse("f", data)
		if err != nil {
			return
		}
		b, err := in.quantized(QuantizeTo(Type(to)))
		if err != nil {
			return
		}
		if b.size() > 1<<22 { // of a great alignment
			return
		}
		var file bytes.Buffer
		if n, err := b.WriteTo(&file); err != nil {
			return
		} else if n != b.size() {
			t.Fatalf("%d bytes, want %d", n, b.size())
		}
		out, err := Parse("copy", file.Bytes())
		must(t, err)
		for _, key := range in.Keys() {
			if _, ok := out.Value(key); !ok {
				t.Errorf("the copy lacks key %q", key)
			}
		}
		for i, info := range in.Tensors() {
			if got := out.Tensors()[i]; got.Name != info.Name || !slices.Equal(got.Shape, info.Shape) {
				t.Errorf("tensor %d is %+v, want %+v", i, got, info)
			}
		}
	})
}
