package checkpoint

import (
	"testing"
)

// Any byte of a small file counts, of a large one its length, its beginning and
// the last of its samples.
func TestFingerprint(t *testing.T) {
	large := wholeFingerprint + 12345
	for _, c := range []struct {
		name   string
		size   int
		at     int // of the byte that differs
		differ bool
	}{
		{"small, first", 1000, 0, true}, {"small, last", 1000, 999, true},
		{"large, header", large, beginning - 1, true}, {"large, last", large, large - 1, true},
		{"large, between samples", large, beginning + samplePiece + 1, false},
	} {
		one, two := make([]byte, c.size), make([]byte, c.size)
		two[c.at] = 1
		if got := fingerprintOf(t, one) != fingerprintOf(t, two); got != c.differ {
			t.Errorf("%s: differ is %v, want %v", c.name, got, c.differ)
		}
	}
	if fingerprintOf(t, make([]byte, large)) == fingerprintOf(t, make([]byte, large+1)) {
		t.Error("two lengths have one fingerprint")
	}
	f := &File{}
	if _, err := f.Fingerprint(); err == nil {
		t.Error("a closed file has a fingerprint")
	}
}

func fingerprintOf(t *testing.T, data []byte) string {
	t.Helper()
	s, err := (&File{data: data, size: int64(len(data))}).Fingerprint()
	if err != nil {
		t.Fatal(err)
	}
	return s
}
