package page

import (
	"encoding/base64"
	stdimage "image"
	"reflect"
	"strings"
	"testing"

	"github.com/stride-ml/stride/element/audio"
)

func TestSpans(t *testing.T) {
	for _, c := range []struct {
		name   string
		pieces []string
		passes []int
		most   int
		want   []Span
	}{
		{"none", nil, nil, 3, nil},
		{"joins neighbours of a pass", []string{"a", "b", "c"}, []int{1, 1, 2}, 2, []Span{{"ab", 1, 230}, {"c", 2, 0}}},
		{"one pass", []string{"春", "曉"}, []int{1, 1}, 1, []Span{{"春曉", 1, 230}}},
		{"bytes of a character", []string{"\xe6", "\x98", "\xa5", "!"}, []int{1, 2, 3, 3}, 3, []Span{{"春!", 3, 0}}},
		{"no character", []string{"\xff"}, []int{2}, 3, []Span{{"\uFFFD", 2, 115}}},
		{"unknown is left out", []string{"a", "", "b"}, []int{1, 0, 1}, 1, []Span{{"ab", 1, 230}}},
	} {
		if got := Spans(c.pieces, c.passes, c.most); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

func TestHue(t *testing.T) {
	for _, c := range [][3]int{{1, 5, 230}, {3, 5, 115}, {5, 5, 0}, {0, 5, 230}, {9, 5, 0}, {1, 1, 230}, {1, 0, 230}} {
		if got := Hue(c[0], c[1]); got != c[2] {
			t.Errorf("pass %d of %d: got %d, want %d", c[0], c[1], got, c[2])
		}
	}
}

func TestData(t *testing.T) {
	if got := Data("text/plain", []byte("hi")); got != "data:text/plain;base64,aGk=" {
		t.Errorf("got %s", got)
	}
	picture, err := PNG(stdimage.NewNRGBA(stdimage.Rect(0, 0, 2, 2)))
	check(t, string(picture), err, "data:image/png;base64,", "\x89PNG")
	sound, err := WAV(audio.Sound{Samples: make([]float32, 8), Rate: 8000})
	check(t, string(sound), err, "data:audio/wav;base64,", "RIFF")
}

// check checks that an address holds a file that begins so.
func check(t *testing.T, address string, err error, prefix, begin string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	data, is := strings.CutPrefix(address, prefix)
	file, err := base64.StdEncoding.DecodeString(data)
	if !is || err != nil || !strings.HasPrefix(string(file), begin) {
		t.Errorf("got %q (%v), want %s and a file that begins with %q", address, err, prefix, begin)
	}
}
