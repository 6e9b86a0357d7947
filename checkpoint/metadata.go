package checkpoint

import (
	"fmt"
	"math"
)

// Keys lists the metadata keys, in the order of the file.
func (f *File) Keys() []string {
	keys := make([]string, len(f.pairs))
	for i, p := range f.pairs {
		keys[i] = p.key
	}
	return keys
}

// Value gives the value of a key as the Go type that corresponds to the one in the file: uint8 to uint64, int8 to
// int64, float32, float64, bool, string, or a slice of one of these, which must not be changed.
func (f *File) Value(key string) (any, bool) {
	i, ok := f.keys[key]
	if !ok {
		return nil, false
	}
	return f.pairs[i].value, true
}

// String gives the text of a key. Like the other methods that name a type, it returns a *[FormatError] if the file
// lacks the key or the key has another type.
func (f *File) String(key string) (string, error) { return typed[string](f, key, "a string") }

// Bool gives the bool of a key.
func (f *File) Bool(key string) (bool, error) { return typed[bool](f, key, "a bool") }

// Strings gives the list of strings of a key, which must not be changed.
func (f *File) Strings(key string) ([]string, error) {
	return typed[[]string](f, key, "an array of strings")
}

// Ints gives the list of integers of a key, of 32 bits in the file, with or without sign.
func (f *File) Ints(key string) ([]int, error) {
	const want = "an array of integers of 32 bits"
	value, ok := f.Value(key)
	if !ok {
		return nil, f.missingKey(key, want)
	}
	switch v := value.(type) {
	case []uint32:
		return widened(v), nil
	case []int32:
		return widened(v), nil
	}
	return nil, f.wrongValue(key, fmt.Sprintf("a value of type %T", value), want)
}

func widened[T uint32 | int32](values []T) []int {
	out := make([]int, len(values))
	for i, v := range values {
		out[i] = int(v)
	}
	return out
}

// Int gives the integer of a key, whichever its width in the file. A value that an int cannot hold is an error.
func (f *File) Int(key string) (int, error) {
	const want = "an integer"
	value, ok := f.Value(key)
	if !ok {
		return 0, f.missingKey(key, want)
	}
	var n int64
	switch v := value.(type) {
	case uint8:
		n = int64(v)
	case int8:
		n = int64(v)
	case uint16:
		n = int64(v)
	case int16:
		n = int64(v)
	case uint32:
		n = int64(v)
	case int32:
		n = int64(v)
	case int64:
		n = v
	case uint64:
		if v > math.MaxInt64 {
			return 0, f.wrongValue(key, fmt.Sprint(v), fmt.Sprintf("at most %d", math.MaxInt))
		}
		n = int64(v)
	default:
		return 0, f.wrongValue(key, fmt.Sprintf("a value of type %T", value), want)
	}
	if n < math.MinInt || n > math.MaxInt {
		return 0, f.wrongValue(key, fmt.Sprint(n), fmt.Sprintf("%d to %d", math.MinInt, math.MaxInt))
	}
	return int(n), nil
}

// Float gives the float32 or float64 of a key, rounded to float32. A finite value beyond the range of float32 is an
// error.
func (f *File) Float(key string) (float32, error) {
	const want = "a float"
	value, ok := f.Value(key)
	if !ok {
		return 0, f.missingKey(key, want)
	}
	switch v := value.(type) {
	case float32:
		return v, nil
	case float64:
		if math.IsInf(float64(float32(v)), 0) && !math.IsInf(v, 0) {
			return 0, f.wrongValue(key, fmt.Sprint(v), "a value that float32 can hold")
		}
		return float32(v), nil
	}
	return 0, f.wrongValue(key, fmt.Sprintf("a value of type %T", value), want)
}

// StringOr is [File.String] with a value for files that lack the key; a key of another type is still an error.
func (f *File) StringOr(key, missing string) (string, error) {
	return or(f, key, missing, f.String)
}

// IntOr is [File.Int] with a value for files that lack the key; a key of another type is still an error.
func (f *File) IntOr(key string, missing int) (int, error) { return or(f, key, missing, f.Int) }

// FloatOr is [File.Float] with a value for files that lack the key; a key of another type is still an error.
func (f *File) FloatOr(key string, missing float32) (float32, error) {
	return or(f, key, missing, f.Float)
}

func or[T any](f *File, key string, missing T, get func(string) (T, error)) (T, error) {
	if _, ok := f.keys[key]; !ok {
		return missing, nil
	}
	return get(key)
}

func typed[T any](f *File, key, want string) (T, error) {
	value, ok := f.Value(key)
	v, is := value.(T)
	switch {
	case !ok:
		return v, f.missingKey(key, want)
	case !is:
		return v, f.wrongValue(key, fmt.Sprintf("a value of type %T", value), want)
	}
	return v, nil
}

func (f *File) missingKey(key, want string) error {
	return &FormatError{Name: f.name, Offset: -1, Key: key, Problem: "no such key in the file", Want: want}
}

func (f *File) wrongValue(key, problem, want string) error {
	return &FormatError{Name: f.name, Offset: f.pairs[f.keys[key]].offset, Key: key, Problem: problem, Want: want}
}
