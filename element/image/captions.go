package image

import (
	"bufio"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// Splits of a data set.
const (
	Train = "train"
	Valid = "valid"
	Test  = "test"
)

// row is a line of the captions: a picture yet to be read, or why the line is bad.
type row struct {
	line                           int // 0 where there is no captions file
	file, caption, category, split string
	err                            error
}

// maxLine is the longest line of captions, in bytes.
const maxLine = 1 << 20

// parseCaptions reads tab-separated captions. The first line names the columns: file, and if wanted caption, category
// and split, in any order; others are ignored. A bad line is a row with an error; empty lines are ignored. The error is
// for a file that cannot be read or lacks the column file.
func parseCaptions(r io.Reader) ([]row, error) {
	in := bufio.NewReaderSize(r, 1<<16)
	var columns map[string]int
	var rows []row
	for n := 1; ; n++ {
		line, err := readLine(in)
		if err == io.EOF {
			break
		}
		if err != nil && (!errors.Is(err, errLong) || columns == nil) {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		switch {
		case err != nil:
			rows = append(rows, row{line: n, err: err})
		case columns == nil:
			if columns, err = header(strings.TrimPrefix(line, "\ufeff")); err != nil {
				return nil, fmt.Errorf("line %d: %w", n, err)
			}
		case line != "":
			rows = append(rows, parseRow(line, n, columns))
		}
	}
	if columns == nil {
		return nil, errors.New("empty, want a line that names the columns, file among them")
	}
	return rows, nil
}

var errLong = fmt.Errorf("longer than %d bytes", maxLine)

// readLine returns the next line without its end; all of a line that is too long is read.
func readLine(in *bufio.Reader) (string, error) {
	var line []byte
	long := false
	for {
		part, err := in.ReadSlice('\n')
		if len(line)+len(part) > maxLine {
			long, line = true, line[:0]
		} else if !long {
			line = append(line, part...)
		}
		switch {
		case err == bufio.ErrBufferFull:
		case long && (err == nil || err == io.EOF):
			return "", errLong
		case err == nil, err == io.EOF && len(line) > 0:
			return strings.TrimRight(string(line), "\r\n"), nil
		default:
			return "", err
		}
	}
}

func header(line string) (map[string]int, error) {
	columns := map[string]int{}
	for i, name := range strings.Split(line, "\t") {
		if _, twice := columns[name]; twice {
			return nil, fmt.Errorf("two columns named %q", name)
		}
		columns[name] = i
	}
	if _, ok := columns["file"]; !ok {
		return nil, fmt.Errorf("the columns are %q, want one named file", strings.ReplaceAll(line, "\t", ", "))
	}
	return columns, nil
}

func parseRow(line string, n int, columns map[string]int) row {
	fields := strings.Split(line, "\t")
	get := func(name string) string {
		if i, ok := columns[name]; ok && i < len(fields) {
			return fields[i]
		}
		return ""
	}
	r := row{line: n, file: get("file"), caption: get("caption"), category: get("category"), split: get("split")}
	switch {
	case !utf8.ValidString(line):
		r.err = errors.New("not valid UTF-8")
		r.file = strings.ToValidUTF8(r.file, "\ufffd")
	case r.file == "":
		r.err = errors.New("no file, want its name")
	case !filepath.IsLocal(filepath.FromSlash(r.file)) || strings.ContainsRune(r.file, 0):
		r.err = fmt.Errorf("file is %q, want one inside the folder", r.file)
	case r.split != "" && !slices.Contains([]string{Train, Valid, Test}, r.split):
		r.err = fmt.Errorf("split is %q, want %s, %s or %s", r.split, Train, Valid, Test)
	}
	return r
}

// split is the part of the data that a picture belongs to where nothing tells: 90 of 100 train, 5 validate, 5 test, by a
// hash of category and caption, so that pictures of one caption stay together. A picture without a caption goes by its file.
func split(category, caption, file string) string {
	if caption == "" {
		caption = file
	}
	sum := sha1.Sum([]byte(category + "\t" + caption))
	switch h := binary.BigEndian.Uint32(sum[:]) % 100; {
	case h < 90:
		return Train
	case h < 95:
		return Valid
	}
	return Test
}
