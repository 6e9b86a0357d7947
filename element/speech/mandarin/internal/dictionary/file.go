package dictionary

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
)

// maxBytes bounds a dictionary before compression.
const maxBytes = 16 << 20

// Encode writes a dictionary so that [Decode] can read it.
func Encode(w io.Writer, d *Dictionary) error {
	var e encoder
	e.chars(d)
	e.words(d)
	z, err := flate.NewWriter(w, flate.BestCompression)
	if err != nil {
		return err
	}
	if _, err := z.Write(e.out); err != nil {
		return err
	}
	return z.Close()
}

type encoder struct{ out []byte }

func (e *encoder) uint(n int) { e.out = binary.AppendUvarint(e.out, uint64(n)) }

func (e *encoder) bytes(b []byte) {
	e.uint(len(b))
	e.out = append(e.out, b...)
}

func (e *encoder) chars(d *Dictionary) {
	var syllables []string
	for _, c := range d.chars {
		syllables = append(syllables, c.Readings...)
	}
	slices.Sort(syllables)
	syllables = slices.Compact(syllables)
	e.uint(len(syllables))
	for _, s := range syllables {
		e.bytes([]byte(s))
	}
	e.uint(len(d.chars))
	last := rune(0)
	for _, c := range d.chars {
		e.uint(int(c.Rune - last))
		last = c.Rune
	}
	for _, c := range d.chars {
		e.uint(len(c.Readings))
	}
	for _, c := range d.chars {
		for _, r := range c.Readings {
			i, _ := slices.BinarySearch(syllables, r)
			e.uint(i)
		}
	}
	for _, c := range d.chars {
		e.out = append(e.out, c.Cost)
	}
	for _, c := range d.chars {
		e.out = append(e.out, c.Class)
	}
	for _, c := range d.chars {
		n := 2 * len(c.Forms)
		if c.Own {
			n++
		}
		e.uint(n)
		for _, f := range c.Forms {
			e.uint(int(f))
		}
	}
}

func (e *encoder) words(d *Dictionary) {
	var shared, lengths, high, low, readings []byte
	var last []uint16
	for w := range d.costs {
		from, to := d.start[w], d.start[w+1]
		text := d.text[from:to]
		n := 0
		for n < len(last) && n < len(text) && last[n] == text[n] {
			n++
		}
		shared, lengths = append(shared, byte(n)), append(lengths, byte(len(text)))
		for _, c := range text[n:] {
			high, low = append(high, byte(c>>8)), append(low, byte(c))
		}
		readings = append(readings, d.readings[from:to]...)
		last = text
	}
	for _, b := range [][]byte{shared, lengths, high, low, readings, d.costs, d.classes} {
		e.bytes(b)
	}
}

// Decode reads what [Encode] wrote.
func Decode(data []byte) (*Dictionary, error) {
	z := flate.NewReader(bytes.NewReader(data))
	defer z.Close()
	raw, err := io.ReadAll(io.LimitReader(z, maxBytes+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > maxBytes {
		return nil, fmt.Errorf("longer than %d bytes", maxBytes)
	}
	in := &decoder{in: raw}
	d := new(Dictionary)
	if err := in.chars(d); err != nil {
		return nil, err
	}
	if err := in.words(d); err != nil {
		return nil, err
	}
	return d, nil
}

var errCut = errors.New("the dictionary is cut short or damaged")

// decoder reads until something is missing, and then zeros.
type decoder struct {
	in  []byte
	bad bool
}

func (d *decoder) uint(limit int) int {
	n, size := binary.Uvarint(d.in)
	if size <= 0 || limit < 0 || n > uint64(limit) {
		d.bad = true
		return 0
	}
	d.in = d.in[size:]
	return int(n)
}

func (d *decoder) take(n int) []byte {
	if n > len(d.in) {
		d.bad = true
		return make([]byte, n)
	}
	out := d.in[:n:n]
	d.in = d.in[n:]
	return out
}

func (d *decoder) bytes() []byte { return d.take(d.uint(len(d.in))) }

func (d *decoder) chars(out *Dictionary) error {
	syllables := make([]string, d.uint(1<<14))
	for i := range syllables {
		syllables[i] = string(d.bytes())
	}
	out.chars = make([]Char, d.uint(1<<16-1))
	last := 0
	for i := range out.chars {
		last += d.uint(1 << 21)
		out.chars[i].Rune = rune(last)
	}
	for i := range out.chars {
		out.chars[i].Readings = make([]string, d.uint(256))
	}
	for i := range out.chars {
		for k := range out.chars[i].Readings {
			n := d.uint(len(syllables) - 1)
			if d.bad {
				return errCut
			}
			out.chars[i].Readings[k] = syllables[n]
		}
	}
	costs, classes := d.take(len(out.chars)), d.take(len(out.chars))
	for i := range out.chars {
		out.chars[i].Cost, out.chars[i].Class = costs[i], classes[i]
	}
	for i := range out.chars {
		n := d.uint(64)
		out.chars[i].Own = n%2 == 1
		for range n / 2 {
			out.chars[i].Forms = append(out.chars[i].Forms, rune(d.uint(1<<21)))
		}
	}
	if d.bad {
		return errCut
	}
	return out.indexChars()
}

func (d *decoder) words(out *Dictionary) error {
	shared, lengths, high, low := d.bytes(), d.bytes(), d.bytes(), d.bytes()
	out.readings, out.costs, out.classes = d.bytes(), d.bytes(), d.bytes()
	n := len(out.costs)
	if d.bad || len(shared) != n || len(lengths) != n || len(out.classes) != n || len(high) != len(low) {
		return errCut
	}
	out.start = make([]uint32, 0, n+1)
	out.text = make([]uint16, 0, len(out.readings))
	next, last := 0, 0
	for w := range n {
		from, keep, fresh := len(out.text), int(shared[w]), int(lengths[w])-int(shared[w])
		if keep > from-last || fresh < 0 || lengths[w] < 2 || next+fresh > len(low) {
			return errCut
		}
		out.start = append(out.start, uint32(from))
		out.text = append(out.text, out.text[last:last+keep]...)
		for ; fresh > 0; fresh, next = fresh-1, next+1 {
			out.text = append(out.text, uint16(high[next])<<8|uint16(low[next]))
		}
		last = from
	}
	if len(out.text) != len(out.readings) || next != len(low) {
		return errCut
	}
	for i, c := range out.text {
		if int(c) >= len(out.chars) || int(out.readings[i]) >= len(out.chars[c].Readings) {
			return errCut
		}
	}
	out.finish()
	return nil
}
