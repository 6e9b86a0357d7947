package checkpoint

import (
	"fmt"
	"io"
	"math"
	"os"
)

// mappable gives the size of a file, which must be one that a slice can have.
func mappable(f *os.File) (int, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	if info.Size() > math.MaxInt {
		return 0, fmt.Errorf("%s has %d bytes, want at most %d on this system", f.Name(), info.Size(), math.MaxInt)
	}
	return int(info.Size()), nil
}

// readWhole reads the size bytes of a file where it cannot be mapped.
func readWhole(f *os.File, size int) ([]byte, error) {
	data := make([]byte, size)
	if _, err := io.ReadFull(f, data); err != nil {
		return nil, fmt.Errorf("read %s: %w", f.Name(), err)
	}
	return data, nil
}
