// Package sealed puts a checksum before a file, so that what is read bit by bit
// and only where it is needed is known to be whole.
package sealed

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
)

const size = 4

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Seal returns a file of a body.
func Seal(body []byte) []byte {
	return append(binary.LittleEndian.AppendUint32(nil, crc32.Checksum(body, castagnoli)), body...)
}

// Open returns the body of a file, which it does not copy.
func Open(file []byte) ([]byte, error) {
	if len(file) < size || binary.LittleEndian.Uint32(file) != crc32.Checksum(file[size:], castagnoli) {
		return nil, errors.New("the checksum is wrong: the file is damaged")
	}
	return file[size:], nil
}
