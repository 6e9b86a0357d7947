package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/stride-ml/stride/element/speech/english/internal/dictionary"
	"github.com/stride-ml/stride/element/speech/english/internal/graphone"
)

const few = "cat\tK AE1 T\ncan\tK AE1 N\ntan\tT AE1 N # a colour\nant\tAE1 N T\nact\tAE1 K T\nact(2)\tAE1 K\ntat\tT AE1 T\nc3\tS IY1\n" +
	"nan\tN AE1 N\ncant\tK AE1 N T\ntact\tT AE1 K T\ncat's\tK AE1 T S\ntan\tT AE1 N\n"

// The same dictionary makes the same files.
func TestGenerate(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Mkdir("testdata", 0o777); err != nil {
		t.Fatal(err)
	}
	var first [3][]byte
	for round := range 2 {
		if err := os.WriteFile("words.tsv", []byte(few), 0o666); err != nil {
			t.Fatal(err)
		}
		if err := generate("words.tsv"); err != nil {
			t.Fatal(err)
		}
		for i, name := range []string{"dictionary.bin", "letters.bin", "testdata/heldout.tsv"} {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if round == 0 {
				first[i] = data
			} else if !bytes.Equal(data, first[i]) {
				t.Errorf("%s differs", name)
			}
		}
	}
	d, err := dictionary.Read(first[0])
	if err != nil {
		t.Fatal(err)
	}
	at, ok := d.Find("act")
	if !ok || len(d.Said(at)) != 2 || d.Len() != 10 {
		t.Errorf("%d words, act %t", d.Len(), ok)
	}
	if _, err := graphone.Read(first[1]); err != nil {
		t.Error(err)
	}
}

func TestParseErrors(t *testing.T) {
	for text, want := range map[string]string{
		"a\tAH0\nb":  "line 2 has no tab",
		"a\tAH0 X\n": `line 1: "X" is no phone`,
	} {
		if _, err := parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
