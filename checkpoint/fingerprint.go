package checkpoint

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// Of a larger file than wholeFingerprint a fingerprint covers the beginning, where
// metadata is, and samplePieces pieces of samplePiece bytes, evenly spaced.
const (
	wholeFingerprint = 32 << 20
	beginning        = 8 << 20
	samplePieces     = 256
	samplePiece      = 4096
)

// Fingerprint is a short text that tells one model file from others: a part of the
// SHA-256 of its length and content. Of files of over 32 MiB it covers the metadata
// and samples of the weights, so that it takes no longer for large ones.
func (f *File) Fingerprint() (string, error) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	if f.data == nil {
		return "", errClosed
	}
	h := sha256.New()
	err := f.touch(func() {
		h.Write(binary.LittleEndian.AppendUint64(nil, uint64(f.size)))
		if f.size <= wholeFingerprint {
			h.Write(f.data)
			return
		}
		h.Write(f.data[:beginning])
		for i := range int64(samplePieces) {
			at := beginning + (f.size-beginning-samplePiece)*i/(samplePieces-1)
			h.Write(f.data[at : at+samplePiece])
		}
	})
	if err != nil {
		return "", fmt.Errorf("fingerprint of %s: %w", f.name, err)
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:16]), nil
}
