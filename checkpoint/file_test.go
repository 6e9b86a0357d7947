package checkpoint

import (
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestGetters(t *testing.T) {
	b := NewBuilder("test")
	for key, value := range map[string]any{
		"u8": uint8(255), "i8": int8(-128), "u16": uint16(9), "i16": int16(-9), "u32": uint32(1 << 31), "i32": int32(-7),
		"u64": uint64(math.MaxUint64), "i64": int64(5), "f32": float32(1.5), "f64": 0.25, "f64.large": 1e300,
		"bool": true, "list": []string{"a"}, "inf": math.Inf(-1),
	} {
		must(t, b.Set(key, value))
	}
	f := parsed(t, b)
	for key, want := range map[string]int{"u8": 255, "i8": -128, "u16": 9, "i16": -9, "i32": -7, "i64": 5} {
		if got, err := f.Int(key); got != want || err != nil {
			t.Errorf("%s is %d, %v, want %d", key, got, err, want)
		}
	}
	for key, want := range map[string]float32{"f32": 1.5, "f64": 0.25, "inf": float32(math.Inf(-1))} {
		if got, err := f.Float(key); got != want || err != nil {
			t.Errorf("%s is %g, %v, want %g", key, got, err, want)
		}
	}
	if got, err := f.Bool("bool"); !got || err != nil {
		t.Errorf("bool is %v, %v", got, err)
	}
	if got, err := f.Strings("list"); len(got) != 1 || got[0] != "a" || err != nil {
		t.Errorf("list is %v, %v", got, err)
	}
	if got, err := f.StringOr("general.architecture", "x"); got != "test" || err != nil {
		t.Errorf("architecture is %q, %v", got, err)
	}
	if got, err := f.StringOr("missing", "x"); got != "x" || err != nil {
		t.Errorf("a missing string is %q, %v", got, err)
	}
	if got, err := f.IntOr("missing", 3); got != 3 || err != nil {
		t.Errorf("a missing integer is %d, %v", got, err)
	}
	if got, err := f.FloatOr("missing", 0.5); got != 0.5 || err != nil {
		t.Errorf("a missing float is %g, %v", got, err)
	}
	for name, c := range map[string]struct {
		get  func() (any, error)
		want string
	}{
		"missing":       {func() (any, error) { return f.String("x") }, `built: key "x": no such key in the file, want a string`},
		"missing int":   {func() (any, error) { return f.Int("x") }, "no such key in the file, want an integer"},
		"missing float": {func() (any, error) { return f.Float("x") }, "no such key in the file, want a float"},
		"string":        {func() (any, error) { return f.String("u8") }, "a value of type uint8, want a string"},
		"bool":          {func() (any, error) { return f.Bool("u8") }, "a value of type uint8, want a bool"},
		"strings":       {func() (any, error) { return f.Strings("bool") }, "a value of type bool, want an array of strings"},
		"int":           {func() (any, error) { return f.Int("f32") }, "a value of type float32, want an integer"},
		"large int":     {func() (any, error) { return f.Int("u64") }, "18446744073709551615, want at most"},
		"float":         {func() (any, error) { return f.Float("u8") }, "a value of type uint8, want a float"},
		"large float":   {func() (any, error) { return f.Float("f64.large") }, "1e+300, want a value that float32 can hold"},
		"or, of a type": {func() (any, error) { return f.IntOr("bool", 1) }, "a value of type bool, want an integer"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.get()
			wantFormatError(t, err, c.want)
		})
	}
}

func TestTensorErrors(t *testing.T) {
	file := head(2, 0).tensor("q", 23, 0, 256, 2).tensor("w", 0, 288, 2, 3).align(32).zeros(288 + 24)
	f, err := Parse("m.gguf", file)
	must(t, err)
	wantFormatError(t, f.Float32("q", make([]float32, 512)), `m.gguf: tensor "q": offset 128: unsupported type IQ4_XS (shape [2 256]), want F32, F16, Q4_0, `)
	wantFormatError(t, f.Float32("w", make([]float32, 5)), `m.gguf: tensor "w": offset 416: shape [3 2] has 6 values, want 5`)
	wantFormatError(t, f.Float32("x", nil), `m.gguf: tensor "x": no such tensor in the file`)
	_, err = f.Raw("x")
	wantFormatError(t, err, "no such tensor")
	if _, ok := f.Tensor("x"); ok {
		t.Error("there is no tensor x")
	}
	must(t, f.Close())
	must(t, f.Close())
	if err := f.Float32("w", make([]float32, 6)); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("a closed file gives %v", err)
	}
	if _, err := f.Raw("w"); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("a closed file gives %v", err)
	}
}

func TestOpenErrors(t *testing.T) {
	folder := t.TempDir()
	empty := filepath.Join(folder, "empty.gguf")
	must(t, os.WriteFile(empty, nil, 0o600))
	if _, err := Open(filepath.Join(folder, "none.gguf")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file gives %v", err)
	}
	if _, err := Open(folder); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("a folder gives %v", err)
	}
	_, err := Open(empty)
	wantFormatError(t, err, "empty.gguf: offset 0: not a GGUF file")
}

// TestOpenShrunk holds that a file that is cut off while it is mapped gives an error, where touching the memory would
// end the program.
func TestOpenShrunk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model.gguf")
	const n = 1 << 18
	b := NewBuilder("test")
	must(t, b.Add("w", F32, []int{n}, make([]float32, n)))
	must(t, b.WriteFile(path))
	f, err := Open(path)
	must(t, err)
	defer f.Close()
	if f.Name() != path || f.Size() < 4*n {
		t.Errorf("name %s, size %d", f.Name(), f.Size())
	}
	if f.unmap == nil {
		t.Skip("this system reads files without mapping them")
	}
	if err := os.Truncate(path, 100); err != nil {
		t.Skip("this system does not let a mapped file shrink")
	}
	wantFormatError(t, f.Float32("w", make([]float32, n)), "the file was cut off or its disk failed")
}

func TestParseType(t *testing.T) {
	for name, want := range map[string]Type{"f32": F32, "F16": F16, "q8_0": Q8_0, "Q4_0": 2} {
		if got, err := ParseType(name); got != want || err != nil {
			t.Errorf("%s is %v, %v", name, got, err)
		}
		if !strings.EqualFold(want.String(), name) {
			t.Errorf("%d is called %v, want %s", int(want), want, name)
		}
	}
	for _, name := range []string{"", "q9", "Q4_K", strings.Repeat("x", 1000)} {
		if _, err := ParseType(name); err == nil || !strings.Contains(err.Error(), "want F32, F16, Q4_0, Q4_1 or Q8_0") || len(err.Error()) > 200 {
			t.Errorf("%q gives %v", name, err)
		}
	}
	if Type(4).String() != "Type(4)" || Type(-1).String() != "Type(-1)" {
		t.Error("unknown types need a name too")
	}
}
