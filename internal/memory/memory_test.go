package memory

import (
	"runtime"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]int64{
		"MemTotal:       16303428 kB\nMemFree:         1234 kB\nMemAvailable:   8151714 kB\nBuffers: 1 kB\n": 8151714 << 10,
		"MemAvailable:   0 kB\n":                  0,
		"MemTotal:       16303428 kB\n":           -1,
		"MemAvailable:   many kB\n":               -1,
		"MemAvailable:   99999999999999999999 kB": -1,
		"": -1,
	} {
		got, ok := parse(strings.NewReader(text))
		if ok != (want >= 0) || ok && got != want {
			t.Errorf("%q: %d, %v; want %d", text, got, ok, want)
		}
	}
}

func TestAvailable(t *testing.T) {
	got, ok := Available()
	if runtime.GOOS == "linux" && !ok || ok && got < 1<<20 {
		t.Errorf("%d bytes, %v", got, ok)
	}
}
