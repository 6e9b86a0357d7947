//go:build !unix && !windows

package checkpoint

import "os"

// mapFile reads the file: this system has no mapping that Go offers.
func mapFile(path string) (data []byte, unmap func() error, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	size, err := mappable(f)
	if err != nil {
		return nil, nil, err
	}
	data, err = readWhole(f, size)
	return data, nil, err
}

// diskFull is not told apart from other errors on this system.
func diskFull(error) bool { return false }

// forget does nothing: the system takes memory back by itself.
func forget([]byte) {}
