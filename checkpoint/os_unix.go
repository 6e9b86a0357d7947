//go:build unix

package checkpoint

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// mapFile maps a whole file into memory, for reading.
func mapFile(path string) (data []byte, unmap func() error, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	size, err := mappable(f)
	if size == 0 || err != nil {
		return nil, nil, err
	}
	data, err = unix.Mmap(int(f.Fd()), 0, size, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		// Some network and user-space file systems cannot map files.
		data, err = readWhole(f, size)
		return data, nil, err
	}
	return data, func() error { return unix.Munmap(data) }, nil
}

// forget is advice only: that it fails changes nothing.
func forget(data []byte) { _ = unix.Madvise(data, unix.MADV_DONTNEED) }

// diskFull tells whether there is no room for a file: the disk, a quota or the limit on the size of files.
func diskFull(err error) bool {
	return errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT) || errors.Is(err, unix.EFBIG)
}
