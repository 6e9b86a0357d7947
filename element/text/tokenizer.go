package text

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// space is how a space is written in a piece: U+2581, LOWER ONE EIGHTH BLOCK.
const (
	space     = "▁"
	spaceRune = '▁'
)

// Tokens of every trained tokenizer, with the ids 0, 1 and 2.
const (
	unknownPiece = "<unk>"
	bosPiece     = "<s>"
	eosPiece     = "</s>"
)

// Names of the control tokens that [Tokenizer.Mask] and [Tokenizer.Sep] look for.
const (
	maskPiece = "<mask>"
	sepPiece  = "<sep>"
)

// none is the id of a token that does not exist.
const none = -1

// Tokenizer maps text to token ids, 0 to Size-1, and back. It does not change and may be used by several goroutines at
// once. Train and FromMetadata make one.
type Tokenizer struct {
	pieces []string
	scores []float32
	kinds  []Kind
	ids    map[string]int32 // of every piece

	chars   charTable
	longest int        // bytes of the longest piece that merging can give
	byteIDs [256]int32 // token of each byte
	user    []int32    // user-defined tokens, longest first
	text    []byte     // what the tokens decode to, one after another
	offsets []int32    // token i decodes to text[offsets[i]:offsets[i+1]]

	bos, eos, unknown  int
	mask, sep, newline int // none if the vocabulary lacks it
	prefix             bool
}

// vocabulary is what a tokenizer is built from: parallel lists, and the ids of tokens with a special place. Without a
// mask or separator their ids are none.
type vocabulary struct {
	pieces                       []string
	scores                       []float32
	kinds                        []Kind
	bos, eos, unknown, mask, sep int
	prefix                       bool // a space is put before the text
}

// newTokenizer checks a vocabulary and builds the tables for encoding and decoding.
func newTokenizer(v vocabulary) (*Tokenizer, error) {
	if len(v.pieces) > math.MaxInt32/2 {
		return nil, fmt.Errorf("%s has %d entries, want at most %d", keyTokens, len(v.pieces), math.MaxInt32/2)
	}
	t := &Tokenizer{
		pieces: v.pieces, scores: v.scores, kinds: v.kinds,
		ids: make(map[string]int32, len(v.pieces)),
		bos: v.bos, eos: v.eos, unknown: v.unknown, mask: v.mask, sep: v.sep,
		prefix:  v.prefix,
		offsets: make([]int32, 1, len(v.pieces)+1),
	}
	for i := range t.byteIDs {
		t.byteIDs[i] = none
	}
	for i, piece := range v.pieces {
		if err := t.add(int32(i), piece); err != nil {
			return nil, err
		}
	}
	for b, id := range t.byteIDs {
		if id == none {
			return nil, fmt.Errorf("%s lacks the byte token %s", keyTokens, bytePiece(b))
		}
	}
	slices.SortStableFunc(t.user, func(a, b int32) int { return len(t.pieces[b]) - len(t.pieces[a]) })
	t.newline = int(t.byteIDs['\n'])
	if id, ok := t.ids["\n"]; ok && (t.kinds[id] == Normal || t.kinds[id] == UserDefined) {
		t.newline = int(id)
	}
	return t, nil
}

// add enters a token in the tables.
func (t *Tokenizer) add(id int32, piece string) error {
	if other, ok := t.ids[piece]; ok {
		return fmt.Errorf("%s[%d] is %q, as is [%d]; want distinct tokens", keyTokens, id, piece, other)
	}
	if piece == "" {
		return fmt.Errorf("%s[%d] is empty", keyTokens, id)
	}
	t.ids[piece] = id
	switch kind := t.kinds[id]; kind {
	case Normal:
		if !utf8.ValidString(piece) {
			return fmt.Errorf("%s[%d] is %q, which is not UTF-8", keyTokens, id, piece)
		}
		t.chars.add(piece, id)
		t.longest = max(t.longest, len(piece))
		for {
			before, after, found := strings.Cut(piece, space)
			t.text = append(t.text, before...)
			if !found {
				break
			}
			t.text = append(t.text, ' ')
			piece = after
		}
	case UserDefined:
		t.user = append(t.user, id)
		t.text = append(t.text, piece...)
	case Byte:
		b, ok := parseByte(piece)
		if !ok {
			return fmt.Errorf("%s[%d] is %q, want <0x00> to <0xFF> for a token of type byte", keyTokens, id, piece)
		}
		if other := t.byteIDs[b]; other != none {
			return fmt.Errorf("%s[%d] is %q, the byte of [%d]; want distinct tokens", keyTokens, id, piece, other)
		}
		t.byteIDs[b] = id
		t.text = append(t.text, b)
	case Unknown, Control, Unused: // decode to nothing
	default:
		return fmt.Errorf("%s[%d] is %d, want 1 to 6", keyTypes, id, kind)
	}
	if len(t.text) > math.MaxInt32 {
		return fmt.Errorf("%s is longer than %d bytes", keyTokens, math.MaxInt32)
	}
	t.offsets = append(t.offsets, int32(len(t.text)))
	return nil
}

// bytePiece is the piece of a byte: <0x00> to <0xFF>.
func bytePiece(b int) string { return fmt.Sprintf("<0x%02X>", b) }

func parseByte(piece string) (byte, bool) {
	if len(piece) != len("<0x00>") || piece[:3] != "<0x" || piece[5] != '>' {
		return 0, false
	}
	b, err := strconv.ParseUint(piece[3:5], 16, 8)
	return byte(b), err == nil
}

// Size returns the number of tokens.
func (t *Tokenizer) Size() int { return len(t.pieces) }

// BOS returns the token that begins a sequence. [Tokenizer.Encode] does not add it.
func (t *Tokenizer) BOS() int { return t.bos }

// EOS returns the token that ends a sequence.
func (t *Tokenizer) EOS() int { return t.eos }

// Unknown returns the token for what cannot be encoded. No text gives it.
func (t *Tokenizer) Unknown() int { return t.unknown }

// Newline returns the token of "\n".
func (t *Tokenizer) Newline() int { return t.newline }

// Mask returns the token <mask>, that stands for an element not yet known.
func (t *Tokenizer) Mask() (int, bool) { return t.mask, t.mask != none }

// Sep returns the token <sep>, that separates a prompt from its response.
func (t *Tokenizer) Sep() (int, bool) { return t.sep, t.sep != none }

// ID returns the token with the given piece, as [Tokenizer.Piece] writes it.
func (t *Tokenizer) ID(piece string) (int, bool) {
	id, ok := t.ids[piece]
	return int(id), ok
}

// Piece returns a token as a person reads it: "▁un", where ▁ is a space, "春", "<0xE5>", "</s>". It is "" for an id that
// is out of range.
func (t *Tokenizer) Piece(id int) string {
	if id < 0 || id >= len(t.pieces) {
		return ""
	}
	return t.pieces[id]
}

// Kind returns what a token is for. An id that is out of range is Unknown.
func (t *Tokenizer) Kind(id int) Kind {
	if id < 0 || id >= len(t.kinds) {
		return Unknown
	}
	return t.kinds[id]
}

// Bytes returns what a token decodes to, which may be a part of a character; [Stream] joins such parts. It is empty for
// unknown, control and unused tokens and for an id that is out of range. The slice must not be changed.
func (t *Tokenizer) Bytes(id int) []byte {
	if id < 0 || id >= len(t.pieces) {
		return nil
	}
	start, end := t.offsets[id], t.offsets[id+1]
	return t.text[start:end:end]
}

// Decode returns the text of tokens: what [Tokenizer.Encode] was given. Tokens that have no text, and ids that are out
// of range, are skipped. Tokens in another order than Encode gives may decode to invalid UTF-8.
func (t *Tokenizer) Decode(ids []int) string {
	n := 0
	for _, id := range ids {
		n += len(t.Bytes(id))
	}
	var b strings.Builder
	b.Grow(n)
	for _, id := range ids {
		b.Write(t.Bytes(id))
	}
	if t.prefix {
		return strings.TrimPrefix(b.String(), " ")
	}
	return b.String()
}
