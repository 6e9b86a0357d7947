package checkpoint

import (
	"strconv"
	"strings"
)

// FormatError says what is wrong with a model file, or with what was asked of it, and where.
type FormatError struct {
	Name    string // the file, as given to Open or Parse; "" where a file is only being built
	Offset  int64  // bytes from the start of the file; -1 if the problem has no place in the file, such as a missing key
	Tensor  string // the tensor concerned, or ""
	Key     string // the metadata key concerned, or ""
	Problem string // what was found
	Want    string // what was expected, or ""
}

// Error gives all of it in one line: file, key or tensor, offset, problem, what was expected.
func (e *FormatError) Error() string {
	var parts []string
	if e.Name != "" {
		parts = append(parts, e.Name)
	}
	if e.Key != "" {
		parts = append(parts, "key "+excerpt(e.Key))
	}
	if e.Tensor != "" {
		parts = append(parts, "tensor "+strconv.Quote(e.Tensor))
	}
	if e.Offset >= 0 {
		parts = append(parts, "offset "+strconv.FormatInt(e.Offset, 10))
	}
	text := strings.Join(append(parts, e.Problem), ": ")
	if e.Want != "" {
		text += ", want " + e.Want
	}
	return text
}

// excerpt quotes s for an error, cut where it is too long to be read there.
func excerpt(s string) string {
	const longest = 80
	if len(s) > longest {
		return strconv.Quote(s[:longest]) + "..."
	}
	return strconv.Quote(s)
}
