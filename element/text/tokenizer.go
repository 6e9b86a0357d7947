package text

import (
	"fmt"
	"math"
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
// once. Train, FromMetadata and FromTokenizerJSON make one.
type Tokenizer struct {
	pieces []string
	scores []float32
	kinds  []Kind
	ids    map[string]int32 // of every piece

	added       *addedTokens // matched in a text
	addedNormal *addedTokens // matched in a normalized text; nil without such
	normalizers []normalizer
	metaspace   []normalizer // steps between the added tokens of a normalized text and the splitters
	splitters   []splitter
	chars       charTable
	longest     int        // bytes of the longest piece that merging can give
	pairs       *pairTable // nil if pieces are merged by their scores
	byteIDs     [256]int32 // token of each byte
	text        []byte     // what the tokens decode to, one after another
	offsets     []int32    // token i decodes to text[offsets[i]:offsets[i+1]]

	special
	newline int
	rules
	origin
}

// origin is what a tokenizer was made from and keeps for its metadata.
type origin struct {
	pre    string   // the family, tokenizer.ggml.pre
	merges []string // as a model file lists them
	json   []byte   // a tokenizer.json
}

// special are the ids of tokens with a special place, none for those that the vocabulary lacks.
type special struct {
	bos, eos, unknown, mask, sep int
	eot                          int  // ends a turn of a conversation
	addBOS, addEOS               bool // a prompt has them
}

// rules say how text is spelled in tokens.
type rules struct {
	prefix    bool // decoding takes a space off the start
	byteLevel bool // the characters of a piece stand for bytes, as in byteRunes; else U+2581 for a space
	whole     bool // a part that is a token needs no merges
}

// vocabulary is what a tokenizer is built from: parallel lists, and what else there is to know. Scores may be missing
// if there are merges.
type vocabulary struct {
	pieces []string
	scores []float32
	kinds  []Kind
	special
	rules
	normalizers []normalizer
	metaspace   []normalizer
	splitters   []splitter
	pairs       *mergeList   // nil if pieces are merged by their scores
	added       []addedToken // nil if they are the user-defined and control tokens
	addedNormal []addedToken
	origin
}

// newTokenizer checks a vocabulary and builds the tables for encoding and decoding.
func newTokenizer(v vocabulary) (*Tokenizer, error) {
	if len(v.pieces) > math.MaxInt32/2 {
		return nil, fmt.Errorf("%s has %d entries, want at most %d", keyTokens, len(v.pieces), math.MaxInt32/2)
	}
	t := &Tokenizer{
		pieces: v.pieces, scores: v.scores, kinds: v.kinds,
		ids:     make(map[string]int32, len(v.pieces)),
		special: v.special, rules: v.rules, normalizers: v.normalizers, metaspace: v.metaspace, splitters: v.splitters, origin: v.origin,
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
		if id == none && !t.byteLevel {
			return nil, fmt.Errorf("%s lacks the byte token %s", keyTokens, bytePiece(b))
		}
	}
	if v.pairs != nil {
		if err := t.addMerges(v.pairs); err != nil {
			return nil, err
		}
	}
	t.match(v)
	t.newline = int(t.byteIDs['\n'])
	if id, ok := t.ids["\n"]; ok && (t.kinds[id] == Normal || t.kinds[id] == UserDefined) {
		t.newline = int(id)
	}
	return t, nil
}

// match prepares the tokens that are matched in text.
func (t *Tokenizer) match(v vocabulary) {
	if v.addedNormal != nil {
		t.addedNormal = newAddedTokens(v.addedNormal, true)
	}
	if v.added != nil {
		t.added = newAddedTokens(v.added, true)
		return
	}
	var tokens []addedToken
	for id, k := range t.kinds {
		switch k {
		case UserDefined, Control, Unknown:
			tokens = append(tokens, addedToken{text: t.pieces[id], id: int32(id), special: k != UserDefined})
		}
	}
	t.added = newAddedTokens(tokens, false)
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
		if t.byteLevel {
			start := len(t.text)
			if t.text = appendUnspelled(t.text, piece); len(t.text) == start+1 {
				t.byteIDs[t.text[start]] = id
			}
			break
		}
		t.chars.add(piece, id)
		t.longest = max(t.longest, len(piece))
		t.text = appendUnescaped(t.text, piece)
	case UserDefined:
		if t.json != nil && !t.byteLevel { // merges, too, may give it
			t.text = appendUnescaped(t.text, piece)
			break
		}
		t.text = append(t.text, piece...)
	case Byte:
		b, ok := parseByte(piece)
		if !ok {
			return fmt.Errorf("%s[%d] is %q, want <0x00> to <0xFF> for a token of type byte", keyTokens, id, piece)
		}
		if other := t.byteIDs[b]; other != none && !t.byteLevel {
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

// appendUnescaped appends a piece with spaces for U+2581.
func appendUnescaped(dst []byte, piece string) []byte {
	for {
		before, after, found := strings.Cut(piece, space)
		dst = append(dst, before...)
		if !found {
			return dst
		}
		dst = append(dst, ' ')
		piece = after
	}
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

// BOS returns the token that begins a sequence, -1 if there is none. [Tokenizer.Encode] does not add it.
func (t *Tokenizer) BOS() int { return t.bos }

// EOS returns the token that ends a sequence, -1 if there is none.
func (t *Tokenizer) EOS() int { return t.eos }

// AddBOS tells whether the model wants BOS before a prompt.
func (t *Tokenizer) AddBOS() bool { return t.addBOS }

// AddEOS tells whether the model wants EOS behind a prompt.
func (t *Tokenizer) AddEOS() bool { return t.addEOS }

// Unknown returns the token for what cannot be encoded, -1 if there is none. No text gives it, but for bytes that
// the vocabulary of a tokenizer.json lacks.
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

// Piece returns a token as the vocabulary writes it: "▁un", where ▁ is a space, "春", "<0xE5>", "</s>"; in a byte-level
// one "Ġun" and "æĺ¥". It is "" for an id that is out of range.
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
