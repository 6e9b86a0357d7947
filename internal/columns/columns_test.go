package columns

import (
	"slices"
	"testing"
)

func TestAlign(t *testing.T) {
	got := Align([][]string{{"name", "n"}, {"老師", "12"}, {"\x1b[1mab\x1b[m", "3"}, {"c"}}, 1)
	want := []string{"name   n", "老師  12", "\x1b[1mab\x1b[m     3", "c"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
