package checkpoint

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// raw builds files by hand, also ones that a Builder would refuse.
type raw []byte

func (r raw) u32(v uint32) raw       { return binary.LittleEndian.AppendUint32(r, v) }
func (r raw) u64(v uint64) raw       { return binary.LittleEndian.AppendUint64(r, v) }
func (r raw) str(s string) raw       { return append(r.u64(uint64(len(s))), s...) }
func (r raw) zeros(n int) raw        { return append(r, make([]byte, n)...) }
func (r raw) align(n int) raw        { return r.zeros((n - len(r)%n) % n) }
func head(tensors, pairs uint64) raw { return raw("GGUF").u32(3).u64(tensors).u64(pairs) }

// tensor appends a description; dimensions are in the order of the file.
func (r raw) tensor(name string, t uint32, offset uint64, ne ...uint64) raw {
	r = r.str(name).u32(uint32(len(ne)))
	for _, n := range ne {
		r = r.u64(n)
	}
	return r.u32(t).u64(offset)
}

func TestHostile(t *testing.T) {
	const huge = 1 << 60
	longest := strings.Repeat("k", maxKey)
	for name, c := range map[string]struct {
		file raw
		want string // in the error
	}{
		"empty":                    {nil, `offset 0: not a GGUF file: it begins with "", want "GGUF"`},
		"other format":             {raw("PK\x03\x04 and so on"), `not a GGUF file: it begins with "PK\x03\x04"`},
		"only magic":               {raw("GGUF"), "offset 4: the file ends after 0 bytes, want 4 bytes of the version"},
		"version 1":                {raw("GGUF").u32(1).u32(0).u32(0), "offset 4: GGUF version 1, want 2 or 3"},
		"version 4":                {raw("GGUF").u32(4).u64(0).u64(0), "offset 4: GGUF version 4, want 2 or 3"},
		"big-endian":               {raw("GGUF\x00\x00\x00\x03").u64(0).u64(0), "the file is big-endian, want little-endian"},
		"tensor count":             {head(huge, 0), "offset 8: 1152921504606846976 tensors, want at most 0"},
		"key count":                {head(0, huge), "offset 16: 1152921504606846976 metadata keys, want at most 0"},
		"largest counts":           {head(math.MaxUint64, math.MaxUint64), "18446744073709551615 tensors"},
		"both counts":              {head(2, 4).zeros(70), "2 tensors and 4 metadata keys are more than the file can hold"},
		"key length":               {head(0, 1).u64(huge).zeros(40), "offset 24: a key of 1152921504606846976 bytes, want 1 to 65535"},
		"empty key":                {head(0, 1).str("").u32(4).u32(1).zeros(8), "a key of 0 bytes"},
		"key past the end":         {head(0, 1).u64(100).zeros(40), "the file ends after 40 bytes, want 100 bytes of a key"},
		"duplicate key":            {head(0, 2).str("a").u32(4).u32(1).str("a").u32(4).u32(2), `key "a": offset 41: the key occurs twice`},
		"value type":               {head(0, 1).str("a").u32(13).zeros(20), `key "a": offset 33: unknown value type 13, want 0 to 12`},
		"largest value type":       {head(0, 1).str("a").u32(math.MaxUint32).zeros(20), "unknown value type 4294967295"},
		"value cut off":            {head(0, 1).str("a").u32(12).zeros(7), "the file ends after 7 bytes, want 8 bytes of a value"},
		"bool of 2":                {append(head(0, 1).str("a").u32(7), 2), `key "a": offset 37: a bool of value 2, want 0 or 1`},
		"bools":                    {append(head(0, 1).str("a").u32(9).u32(7).u64(3), 1, 0, 255), "offset 51: a bool of value 255"},
		"string length":            {head(0, 1).str("a").u32(8).u64(huge).zeros(9), "a string of 1152921504606846976 bytes, want at most 9"},
		"array length":             {head(0, 1).str("a").u32(9).u32(4).u64(huge), "1152921504606846976 values in an array, want at most 0"},
		"array overflow":           {head(0, 1).str("a").u32(9).u32(12).u64(1 << 61).zeros(64), "2305843009213693952 values in an array, want at most 8"},
		"string array length":      {head(0, 1).str("a").u32(9).u32(8).u64(huge).zeros(64), "1152921504606846976 strings in an array, want at most 8"},
		"string in array":          {head(0, 1).str("a").u32(9).u32(8).u64(2).str("x").u64(huge), "a string of 1152921504606846976 bytes, want at most 0"},
		"array of arrays":          {head(0, 1).str("a").u32(9).u32(9).u64(1).u32(9).u64(1), "an array of arrays, want an array of single values"},
		"array of unknown":         {head(0, 1).str("a").u32(9).u32(77).u64(1).zeros(8), "unknown value type 77"},
		"alignment 0":              {head(0, 1).str(alignmentKey).u32(4).u32(0), `key "general.alignment": offset 49: alignment 0, want a power of two as uint32`},
		"alignment 24":             {head(0, 1).str(alignmentKey).u32(4).u32(24), "alignment 24, want a power of two as uint32"},
		"alignment type":           {head(0, 1).str(alignmentKey).u32(10).u64(32), "alignment of type uint64, want a power of two as uint32"},
		"alignment too large":      {head(1, 1).str(alignmentKey).u32(4).u32(1<<31).tensor("w", 0, 0, 8).align(32).zeros(32), "past the header's 2147483648 bytes"},
		"tensor name":              {head(1, 0).tensor(strings.Repeat("x", 65), 0, 0, 8).align(32).zeros(32), "a tensor name of 65 bytes, want 1 to 64"},
		"duplicate tensor":         {head(2, 0).tensor("w", 0, 0, 8).tensor("w", 0, 32, 8).align(32).zeros(64), `tensor "w": offset 57: the tensor occurs twice`},
		"no dimensions":            {head(1, 0).tensor("w", 0, 0).align(32).zeros(32), "0 dimensions, want 1 to 4"},
		"five dimensions":          {head(1, 0).tensor("w", 0, 0, 1, 1, 1, 1, 1).align(32).zeros(32), "5 dimensions, want 1 to 4"},
		"many dimensions":          {head(1, 0).str("w").u32(math.MaxUint32).zeros(64), "4294967295 dimensions"},
		"dimension 0":              {head(1, 0).tensor("w", 0, 0, 8, 0).align(32).zeros(32), "a dimension of 0"},
		"dimension 2^64-1":         {head(1, 0).tensor("w", 0, 0, math.MaxUint64).align(32).zeros(32), "a dimension of 18446744073709551615"},
		"product overflow":         {head(1, 0).tensor("w", 0, 0, 1<<30, 1<<30, 1<<30).align(32).zeros(32), "too many values"},
		"product of 2^64":          {head(1, 0).tensor("w", 0, 0, 1<<30, 1<<30, 16).align(32).zeros(32), "too many values"},
		"byte overflow":            {head(1, 0).tensor("w", 28, 0, 1<<30, 1<<30, 4).align(32).zeros(32), "too many"},
		"row not of blocks":        {head(1, 0).tensor("w", 8, 0, 33).align(32).zeros(64), `tensor "w": offset 33: rows of 33 values, want a multiple of 32 for type Q8_0`},
		"tensor type":              {head(1, 0).tensor("w", 4, 0, 8).align(32).zeros(32), "unknown tensor type 4, want a type of ggml, 0 to 41"},
		"largest tensor type":      {head(1, 0).tensor("w", math.MaxUint32, 0, 8).align(32).zeros(32), "unknown tensor type 4294967295"},
		"misaligned":               {head(1, 0).tensor("w", 0, 4, 8).align(32).zeros(64), "data at 4, want a multiple of the alignment 32"},
		"offset outside":           {head(1, 0).tensor("w", 0, 64, 8).align(32).zeros(32), "cut off or damaged"},
		"offset of 2^60":           {head(1, 0).tensor("w", 0, huge, 8).align(32).zeros(32), "cut off or damaged"},
		"offset below 2^64":        {head(1, 0).tensor("w", 0, math.MaxUint64-31, 8).align(32).zeros(32), "data at 18446744073709551584"},
		"data cut off":             {head(1, 0).tensor("w", 0, 0, 8).align(32).zeros(31), "data of 32 bytes (F32 of shape [8]) at 0 past the header's 64 bytes"},
		"overlap":                  {head(2, 0).tensor("v", 0, 32, 8).tensor("w", 0, 0, 9).align(32).zeros(96), `tensor "v": offset 24: its data overlaps that of tensor "w"`},
		"row not of blocks of 256": {head(1, 0).tensor("w", 12, 0, 576, 2).align(32).zeros(2048), "rows of 576 values, want a multiple of 256 for type Q4_K"},
		"values not of blocks":     {head(1, 0).tensor("w", 2, 0, 16, 2).align(32).zeros(64), "rows of 16 values, want a multiple of 32 for type Q4_0"},
		"blocks cut off":           {head(1, 0).tensor("w", 14, 0, 256, 3).align(32).zeros(629), "data of 630 bytes (Q6_K of shape [3 256])"},
		"blocks of 2^62":           {head(1, 0).tensor("w", 14, 0, 1<<32, 1<<30).align(32).zeros(64), "data of 3783023686991216640 bytes"},
		"tensor name cut off":      {head(1, 0).u64(60).zeros(40), "the file ends after 40 bytes, want 60 bytes of a tensor name"},
		"shape cut off":            {head(1, 0).str("name of many bytes").u32(4).u64(8), `tensor "name of many bytes": offset 62: the file ends after 0 bytes, want 8 bytes of a dimension`},
		"type withdrawn":           {head(1, 0).tensor("w", 31, 0, 32).align(32).zeros(32), "unknown tensor type 31"},
		"long key":                 {head(0, 2).str(longest).u32(7).zeros(1).str(longest).u32(7).zeros(1), `kkkk"...: offset 65572: the key occurs twice`},
		"alignment of text":        {head(0, 1).str(alignmentKey).u32(8).str(longest), "alignment of type string, want"},
		"alignment of many":        {head(0, 1).str(alignmentKey).u32(9).u32(4).u64(2).u32(32).u32(32), "alignment of type []uint32, want"},
		"arrays in arrays":         {append(head(0, 1).str("a"), bytes.Repeat(raw{}.u32(9), 5000)...), "an array of arrays"},
		"strings past the end":     {head(0, 1).str("a").u32(9).u32(8).u64(3).str("x").str("y").u64(1), "a string of 1 bytes, want at most 0"},
		"length of 2^64-1":         {head(0, 1).str("a").u32(8).u64(math.MaxUint64), "a string of 18446744073709551615 bytes, want at most 0"},
		"split":                    {head(0, 2).str("split.no").u32(4).u32(1).str("split.count").u32(4).u32(3), `hostile.gguf: key "split.count": offset 67: the file is part 2 of 3 of a model, want the whole model in one file`},
		"split without number":     {head(0, 1).str("split.count").u32(4).u32(2), "the file is a part of 2 of a model"},
		"split with wrong number":  {head(0, 2).str("split.no").u32(4).u32(7).str("split.count").u32(4).u32(2), "the file is a part of 2 of a model"},
		"same place":               {head(2, 0).tensor("v", 0, 0, 8).tensor("w", 0, 0, 8).align(32).zeros(96), "overlaps"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("hostile.gguf", c.file)
			wantFormatError(t, err, c.want)
			if err != nil && (!strings.HasPrefix(err.Error(), "hostile.gguf: ") || len(err.Error()) > 500) {
				t.Errorf("%v does not begin with the file's name, or is too long to read", err)
			}
		})
	}
}

func wantFormatError(t *testing.T, err error, text string) {
	t.Helper()
	if _, ok := errors.AsType[*FormatError](err); !ok {
		t.Errorf("%T (%[1]v), want a *FormatError", err)
		return
	}
	if !strings.Contains(err.Error(), text) {
		t.Errorf("error is\n%v\nwant in it\n%s", err, text)
	}
}

// TestTolerated holds what is unusual but right.
func TestTolerated(t *testing.T) {
	for name, file := range map[string]raw{
		"nothing in it":           head(0, 0),
		"version 2":               raw("GGUF").u32(2).u64(0).u64(0),
		"empty arrays":            head(0, 2).str("a").u32(9).u32(8).u64(0).str("b").u32(9).u32(7).u64(0),
		"unaligned end":           head(1, 0).tensor("w", 0, 0, 1).align(32).zeros(4),
		"alignment of 8":          head(2, 1).str(alignmentKey).u32(4).u32(8).tensor("v", 0, 0, 1).tensor("w", 0, 8, 1).align(8).zeros(12),
		"not in order, with gaps": head(2, 0).tensor("v", 0, 96, 8).tensor("w", 0, 0, 8).align(32).zeros(128),
		"type without a decoder":  head(1, 0).tensor("w", 23, 0, 256).align(32).zeros(136),
		"one part of one":         head(0, 2).str("split.no").u32(4).u32(0).str("split.count").u32(4).u32(1),
		"splits of another kind":  head(0, 1).str("split.count").u32(8).str("three"),
	} {
		t.Run(name, func(t *testing.T) {
			f, err := Parse("x", file)
			if err != nil {
				t.Fatal(err)
			}
			for _, info := range f.Tensors() {
				if _, err := f.Raw(info.Name); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// TestHostileMemory holds that what is allocated for a header grows with what is there, not with what it promises: here
// the rest of the file is a hole that would have room for what the counts say.
func TestHostileMemory(t *testing.T) {
	for name, header := range map[string]raw{
		"tensors": head(1<<29, 0).tensor("w", 0, 0, 8),
		"keys":    head(0, 1<<30).str("a").u32(4).u32(1),
		"array":   head(0, 1).str("a").u32(9).u32(10).u64(1 << 31),
		"strings": head(0, 1).str("a").u32(9).u32(8).u64(1 << 31),
		"string":  head(0, 1).str("a").u32(8).u64(1 << 34),
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "hole.gguf")
			must(t, os.WriteFile(path, header, 0o600))
			if err := os.Truncate(path, 1<<36); runtime.GOOS != "linux" || err != nil {
				t.Skip("files with holes are not known to be cheap here")
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := Open(path)
			runtime.ReadMemStats(&after)
			wantFormatError(t, err, "hole.gguf: ")
			if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
				t.Errorf("%d bytes were allocated", used)
			}
		})
	}
}

// TestTruncated cuts a file at each byte, in memory and on disk: an error, and never a panic.
func TestTruncated(t *testing.T) {
	whole, err := os.ReadFile("testdata/python.gguf")
	must(t, err)
	f, err := Parse("whole", whole)
	must(t, err)
	end := 0 // of the data; only padding follows
	for _, info := range f.Tensors() {
		end = max(end, int(info.Offset+info.Bytes))
	}
	path := filepath.Join(t.TempDir(), "cut.gguf")
	for n := range end {
		if _, err := Parse("cut", whole[:n:n]); err == nil {
			t.Fatalf("a file of %d bytes, cut from %d, was accepted", n, len(whole))
		}
		if n%97 == 0 {
			must(t, os.WriteFile(path, whole[:n], 0o600))
			_, err := Open(path)
			wantFormatError(t, err, "cut.gguf: ")
		}
	}
}

// TestEveryByte changes each byte of a file: an error or a file, and never a panic.
func TestEveryByte(t *testing.T) {
	whole, err := os.ReadFile("testdata/python.gguf")
	must(t, err)
	for i := range whole {
		for _, bits := range []byte{1, 0x80, 0xff} {
			changed := append([]byte(nil), whole...)
			changed[i] ^= bits
			use(t, changed)
		}
	}
}

// use does with a file all that can be done with it, if it is one, and holds what must be true of it then.
func use(t *testing.T, data []byte) {
	f, err := Parse("f", data)
	if err != nil {
		wantFormatError(t, err, "f: ")
		return
	}
	for _, key := range f.Keys() {
		if _, ok := f.Value(key); !ok {
			t.Errorf("key %q is listed and missing", key)
		}
		_, _ = f.String(key)
		_, _ = f.Int(key)
		_, _ = f.Float(key)
		_, _ = f.Bool(key)
		_, _ = f.Strings(key)
	}
	var end int64
	for _, info := range f.Tensors() {
		stored, err := f.Raw(info.Name)
		if err != nil || int64(len(stored)) != info.Bytes {
			t.Errorf("tensor %+v: %d bytes, %v", info, len(stored), err)
		}
		end = max(end, info.Offset+info.Bytes)
		if err := f.Float32(info.Name, make([]float32, info.Values())); (err == nil) != info.Type.readable() {
			t.Errorf("tensor %+v: %v", info, err)
		}
	}
	if end > int64(len(data)) {
		t.Errorf("tensors end at %d, the file at %d", end, len(data))
	}
}

// FuzzParse looks for files that make the reader panic or accept what it must not; "go test -fuzz FuzzParse" searches
// on from the files in testdata/fuzz.
func FuzzParse(f *testing.F) {
	whole, err := os.ReadFile("testdata/python.gguf")
	must(f, err)
	f.Add(whole)
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) <= 1<<20 {
			use(t, data)
		}
	})
}
