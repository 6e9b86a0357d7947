package checkpoint

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRoundTrip writes and reads files of random content.
func TestRoundTrip(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 0))
		b := NewBuilder("test")
		keys := []string{"general.architecture"}
		pairs := map[string]any{keys[0]: "test"}
		if r.IntN(2) == 0 {
			must(t, b.Set(alignmentKey, uint32(8)<<r.IntN(6)))
			keys = append(keys, alignmentKey)
		}
		for i := range r.IntN(20) {
			key, value := fmt.Sprint("key.", i, randomString(r)), randomValue(r)
			must(t, b.Set(key, value))
			keys, pairs[key] = append(keys, key), value
		}
		type tensor struct {
			kind  Type
			shape []int
			data  []float32
		}
		tensors := map[string]tensor{}
		var names []string
		for i := range r.IntN(8) {
			w := tensor{kind: []Type{F32, F16, Q8_0, Q4_0, Q4_1}[r.IntN(5)], shape: make([]int, 1+r.IntN(4))}
			n := 1
			for d := range w.shape {
				w.shape[d] = 1 + r.IntN(5)
				if values, _ := w.kind.Block(); d == len(w.shape)-1 {
					w.shape[d] *= values
				}
				n *= w.shape[d]
			}
			w.data = make([]float32, n)
			for j := range w.data {
				w.data[j] = float32(r.NormFloat64())
			}
			name := fmt.Sprint("tensor.", i)
			must(t, b.Add(name, w.kind, w.shape, w.data))
			tensors[name], names = w, append(names, name)
		}
		var file bytes.Buffer
		n, err := b.WriteTo(&file)
		if err != nil || n != int64(file.Len()) {
			t.Fatalf("seed %d: %d bytes, %v, want %d", seed, n, err, file.Len())
		}
		f, err := Parse("round trip", file.Bytes())
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if diff := cmp.Diff(keys, f.Keys()); diff != "" {
			t.Fatalf("seed %d: keys\n%s", seed, diff)
		}
		for key, want := range pairs {
			if got, _ := f.Value(key); !cmp.Equal(got, want) {
				t.Fatalf("seed %d: key %s is %T(%[3]v), want %T(%[4]v)", seed, key, got, want)
			}
		}
		for i, info := range f.Tensors() {
			want := tensors[info.Name]
			if info.Name != names[i] || info.Type != want.kind || !slices.Equal(info.Shape, want.shape) {
				t.Fatalf("seed %d: tensor %d is %+v, want %+v", seed, i, info, want)
			}
			got := make([]float32, len(want.data))
			if err := f.Float32(info.Name, got); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			for j, v := range want.data {
				// Half precision keeps 11 bits; blocks half a step, at the end of the range that Q4_0 lacks a whole one, where
				// the greatest are below 6.
				tolerance := map[Type]float64{F32: 0, F16: math.Abs(float64(v))/2048 + 0x1p-25, Q8_0: 6.0 / 250, Q4_0: 6.1 / 8, Q4_1: 12.1 / 30}[info.Type]
				if math.Abs(float64(v-got[j])) > tolerance {
					t.Fatalf("seed %d: tensor %s value %d is %g, want %g", seed, info.Name, j, got[j], v)
				}
			}
		}
	}
}

func randomString(r *rand.Rand) string {
	all := []rune("abc .<>詩\n\x00é▁𝄞")
	s := make([]rune, r.IntN(6))
	for i := range s {
		s[i] = all[r.IntN(len(all))]
	}
	return string(s)
}

func randomValue(r *rand.Rand) any {
	many := func() int { return r.IntN(5) }
	switch r.IntN(24) {
	case 0:
		return uint8(r.Uint64())
	case 1:
		return int8(r.Uint64())
	case 2:
		return uint16(r.Uint64())
	case 3:
		return int16(r.Uint64())
	case 4:
		return r.Uint32()
	case 5:
		return int32(r.Uint32())
	case 6:
		return r.Uint64()
	case 7:
		return int64(r.Uint64())
	case 8:
		return float32(r.NormFloat64())
	case 9:
		return r.NormFloat64()
	case 10:
		return r.IntN(2) == 0
	case 11:
		return randomString(r)
	case 12:
		return list(many(), func() uint8 { return uint8(r.Uint64()) })
	case 13:
		return list(many(), func() int8 { return int8(r.Uint64()) })
	case 14:
		return list(many(), func() uint16 { return uint16(r.Uint64()) })
	case 15:
		return list(many(), func() int16 { return int16(r.Uint64()) })
	case 16:
		return list(many(), r.Uint32)
	case 17:
		return list(many(), func() int32 { return int32(r.Uint32()) })
	case 18:
		return list(many(), r.Uint64)
	case 19:
		return list(many(), func() int64 { return int64(r.Uint64()) })
	case 20:
		return list(many(), func() float32 { return float32(r.NormFloat64()) })
	case 21:
		return list(many(), r.NormFloat64)
	case 22:
		return list(many(), func() bool { return r.IntN(2) == 0 })
	}
	return list(many(), func() string { return randomString(r) })
}

func list[T any](n int, value func() T) []T {
	v := make([]T, n)
	for i := range v {
		v[i] = value()
	}
	return v
}

// TestSet holds that order is that of the first Set, that the last value counts, and that slices are copied.
func TestSet(t *testing.T) {
	b := NewBuilder("first")
	numbers := []int32{1, 2}
	must(t, b.Set("b", numbers))
	must(t, b.Set("a", true))
	must(t, b.Set("b", numbers))
	must(t, b.Set("general.architecture", "second"))
	numbers[0] = 9
	f := parsed(t, b)
	if got := f.Keys(); !slices.Equal(got, []string{"general.architecture", "b", "a"}) {
		t.Errorf("keys are %q", got)
	}
	if got, _ := f.Value("b"); !cmp.Equal(got, []int32{1, 2}) {
		t.Errorf("b is %v", got)
	}
	if got, _ := f.String("general.architecture"); got != "second" {
		t.Errorf("architecture is %q", got)
	}
}

func parsed(t testing.TB, b *Builder) *File {
	t.Helper()
	var file bytes.Buffer
	_, err := b.WriteTo(&file)
	must(t, err)
	f, err := Parse("built", file.Bytes())
	must(t, err)
	return f
}

func TestBuilderErrors(t *testing.T) {
	inf := float32(math.Inf(1))
	block := func(v float32) []float32 { return append(make([]float32, 31), v) }
	add := func(name string, kind Type, shape []int, data []float32) func(*Builder) error {
		return func(b *Builder) error { return b.Add(name, kind, shape, data) }
	}
	addRaw := func(kind Type, shape []int, bytes int) func(*Builder) error {
		return func(b *Builder) error { return b.AddRaw("w", kind, shape, make([]byte, bytes)) }
	}
	set := func(key string, value any) func(*Builder) error {
		return func(b *Builder) error { return b.Set(key, value) }
	}
	for name, c := range map[string]struct {
		do   func(*Builder) error
		want string
	}{
		"int":              {set("n", 3), `key "n": value of Go type int, want`},
		"nil":              {set("n", nil), "value of Go type <nil>"},
		"empty key":        {set("", true), `key "", want 1 to 65535 bytes of UTF-8`},
		"long key":         {set(strings.Repeat("k", 65536), true), "want 1 to 65535 bytes"},
		"key not UTF-8":    {set("\xff", true), "UTF-8"},
		"string not UTF-8": {set("s", "a\xff"), `key "s": string "a\xff", want valid UTF-8`},
		"strings":          {set("s", []string{"a", "\xff"}), `string 1 of the array is "\xff"`},
		"alignment":        {set(alignmentKey, uint32(12)), "alignment uint32(12), want a power of two"},
		"alignment type":   {set(alignmentKey, int32(32)), "alignment int32(32), want a power of two"},
		"name":             {add("", F32, []int{1}, []float32{1}), "a name of 0 bytes"},
		"long name":        {add(strings.Repeat("n", 64), F32, []int{1}, []float32{1}), "a name of 64 bytes, want 1 to 63"},
		"type":             {add("w", Type(12), []int{256}, make([]float32, 256)), `tensor "w": unsupported type Q4_K, want F32, F16, Q4_0, Q4_1 or Q8_0`},
		"unknown type":     {add("w", Type(-1), []int{1}, []float32{1}), "unsupported type Type(-1)"},
		"no shape":         {add("w", F32, nil, nil), "0 dimensions, want 1 to 4"},
		"five dimensions":  {add("w", F32, []int{1, 1, 1, 1, 1}, []float32{1}), "5 dimensions"},
		"zero":             {add("w", F32, []int{0, 4}, nil), "shape [0 4] has a dimension below 1"},
		"negative":         {add("w", F32, []int{-1, -4}, make([]float32, 4)), "shape [-1 -4] has a dimension below 1"},
		"overflow":         {add("w", F32, []int{math.MaxInt, 4}, nil), "too many values"},
		"count":            {add("w", F32, []int{2, 3}, make([]float32, 5)), "5 values, want 6 for shape [2 3]"},
		"row":              {add("w", Q8_0, []int{32, 33}, make([]float32, 32*33)), "rows of 33 values, want a multiple of 32 for type Q8_0"},
		"F16 overflow":     {add("w", F16, []int{2}, []float32{1, -65520}), `tensor "w": value -65520 at index 1, want at most 65504`},
		"Q8_0 NaN":         {add("w", Q8_0, []int{32}, block(float32(math.NaN()))), `tensor "w": value NaN at index 31, want finite values for type Q8_0`},
		"Q8_0 infinity":    {add("w", Q8_0, []int{2, 32}, append(block(1), block(-inf)...)), "value -Inf at index 63, want finite values"},
		"Q8_0 overflow":    {add("w", Q8_0, []int{32}, block(1e7)), "value 1e+07 at index 31, want at most 8.319008e+06 for type Q8_0"},
		"Q4_0 row":         {add("w", Q4_0, []int{2, 48}, make([]float32, 96)), "rows of 48 values, want a multiple of 32 for type Q4_0"},
		"Q4_0 infinity":    {add("w", Q4_0, []int{32}, block(-inf)), "value -Inf at index 31, want finite values for type Q4_0"},
		"Q4_0 overflow":    {add("w", Q4_0, []int{32}, block(-6e5)), "value -600000 at index 31, want at most 524032 for type Q4_0"},
		"Q4_1 overflow":    {add("w", Q4_1, []int{32}, block(65536)), "value 65536 at index 31, want at most 65504 for type Q4_1"},
		"raw type":         {addRaw(4, []int{32}, 18), `tensor "w": unknown type Type(4), want a type of ggml`},
		"raw shape":        {addRaw(Q4_K, []int{2, 32}, 144), "rows of 32 values, want a multiple of 256 for type Q4_K"},
		"raw bytes":        {addRaw(Q4_K, []int{2, 256}, 144), "144 bytes, want 288 for type Q4_K and shape [2 256]"},
		"twice": {func(b *Builder) error {
			return errors.Join(b.Add("w", F32, []int{1}, []float32{1}), b.Add("w", F32, []int{1}, []float32{1}))
		}, `tensor "w": the tensor was added before`},
	} {
		t.Run(name, func(t *testing.T) {
			b := NewBuilder("test")
			err := c.do(b)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error is %v, want in it %q", err, c.want)
			}
			parsed(t, b) // what was refused does no harm
		})
	}
	if _, err := NewBuilder("").WriteTo(&bytes.Buffer{}); err == nil {
		t.Error("a file without an architecture was written")
	}
}

// TestSpecialValues holds which values come through as they are, and that tiny ones in blocks become zero.
func TestSpecialValues(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	b := NewBuilder("test")
	special := []float32{inf, -inf, nan, float32(math.Copysign(0, -1))}
	must(t, b.Add("f32", F32, []int{4}, special))
	must(t, b.Add("f16", F16, []int{4}, special))
	tiny := slices.Repeat([]float32{math.SmallestNonzeroFloat32, -1e-39}, 16)
	for _, kind := range []Type{Q8_0, Q4_0, Q4_1} {
		must(t, b.Add(kind.String(), kind, []int{32}, tiny))
	}
	f := parsed(t, b)
	for _, name := range []string{"f32", "f16"} {
		got := make([]float32, 4)
		must(t, f.Float32(name, got))
		if got[0] != inf || got[1] != -inf || got[2] == got[2] || !math.Signbit(float64(got[3])) {
			t.Errorf("%s: %v", name, got)
		}
	}
	for _, name := range []string{"Q8_0", "Q4_0", "Q4_1"} {
		got := make([]float32, 32)
		must(t, f.Float32(name, got))
		if !slices.Equal(got, make([]float32, 32)) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestWriteFile writes a file, opens it, and replaces it while it is open.
func TestWriteFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model.gguf")
	build := func(v float32) *Builder {
		b := NewBuilder("test")
		must(t, b.Add("w", F32, []int{1}, []float32{v}))
		return b
	}
	must(t, build(1).WriteFile(path))
	f, err := Open(path)
	must(t, err)
	if replaced := build(2).WriteFile(path); replaced != nil {
		t.Logf("this system keeps open files: %v", replaced)
	}
	got := make([]float32, 1)
	if err := f.Float32("w", got); err != nil || got[0] != 1 {
		t.Errorf("the open file has %v, %v, want what it had", got, err)
	}
	must(t, f.Close())
}
