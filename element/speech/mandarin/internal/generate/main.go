// The command generate makes dictionary.bin, the embedded dictionary of package
// mandarin. From the folder of the package:
//
//	go run ./internal/generate -sources FOLDER
//
// The folder holds four packages, each unpacked into a folder of its own name:
//
//	jieba       jieba 0.42.1 of PyPI: words, frequencies, parts of speech (MIT)
//	pypinyin    pypinyin 0.55.0 of PyPI: pinyin of characters and phrases (MIT)
//	pinyin-pro  pinyin-pro 3.29.4 of npm: pinyin of words (MIT)
//	opencc      opencc-python-reimplemented 0.1.7 of PyPI: traditional and
//	            simplified forms of characters (Apache-2.0)
//
// The text files beside this one add what those lack and correct what they have.
// Where sources differ these files come first, then pinyin-pro, then pypinyin. A
// word with a frequency but without pinyin is read as the words it consists of.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"log"
	"os"

	"github.com/stride-ml/stride/element/speech/mandarin/internal/dictionary"
)

func main() {
	log.SetFlags(0)
	sources := flag.String("sources", "", "the folder of the unpacked packages")
	out := flag.String("out", "dictionary.bin", "the file to write")
	lowest := flag.Int("frequency", 8, "leave out words of jieba that are rarer")
	flag.Parse()
	if err := run(*sources, *out, *lowest); err != nil {
		log.Fatal(err)
	}
}

func run(sources, out string, lowest int) error {
	s, err := read(os.DirFS(sources))
	if err != nil {
		return err
	}
	own, err := readOwn()
	if err != nil {
		return err
	}
	b := &builder{source: s, own: own, lowest: lowest}
	d, err := b.build()
	if err != nil {
		return err
	}
	var file bytes.Buffer
	if err := dictionary.Encode(&file, d); err != nil {
		return err
	}
	fmt.Printf("%d characters, %d words, %d bytes\n", len(b.chars), len(b.words), file.Len())
	return os.WriteFile(out, file.Bytes(), 0o666)
}
