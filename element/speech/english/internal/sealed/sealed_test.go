package sealed

import "testing"

func TestOpen(t *testing.T) {
	file := Seal([]byte("body"))
	if body, err := Open(file); err != nil || string(body) != "body" {
		t.Errorf("got %q, %v", body, err)
	}
	for i := range file {
		file[i] ^= 4
		if _, err := Open(file); err == nil {
			t.Errorf("no error with byte %d changed", i)
		}
		file[i] ^= 4
		if _, err := Open(file[:i]); err == nil {
			t.Errorf("no error of %d of %d bytes", i, len(file))
		}
	}
}
