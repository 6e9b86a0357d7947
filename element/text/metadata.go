package text

import (
	"fmt"
	"math"
	"strings"
)

// Keys of a tokenizer in a model file, as the GGUF specification names them ("seperator" is so spelled there).
const (
	keyModel   = "tokenizer.ggml.model"
	keyPre     = "tokenizer.ggml.pre"
	keyTokens  = "tokenizer.ggml.tokens"
	keyScores  = "tokenizer.ggml.scores"
	keyTypes   = "tokenizer.ggml.token_type"
	keyMerges  = "tokenizer.ggml.merges"
	keyBOS     = "tokenizer.ggml.bos_token_id"
	keyEOS     = "tokenizer.ggml.eos_token_id"
	keyUnknown = "tokenizer.ggml.unknown_token_id"
	keyMask    = "tokenizer.ggml.mask_token_id"
	keySep     = "tokenizer.ggml.seperator_token_id"
	keyEOT     = "tokenizer.ggml.eot_token_id"
	keyAddBOS  = "tokenizer.ggml.add_bos_token"
	keyAddEOS  = "tokenizer.ggml.add_eos_token"
	keyPrefix  = "tokenizer.ggml.add_space_prefix"
	keySpaces  = "tokenizer.ggml.remove_extra_whitespaces"
	keyJSON    = "tokenizer.huggingface.json"
)

// Values of keyModel.
const (
	modelScores = "llama" // SentencePiece, whose byte-pair merges go by scores
	modelBytes  = "gpt2"  // byte-level, with a list of merges
)

// Metadata returns the tokenizer as keys and values of a GGUF file, from which [FromMetadata] makes it again:
// tokenizer.ggml.*, which llama.cpp reads too, or of one made from a tokenizer.json that file as
// tokenizer.huggingface.json. The lists are the tokenizer's own and must not be changed.
func (t *Tokenizer) Metadata() map[string]any {
	m := map[string]any{keyAddBOS: t.addBOS, keyAddEOS: t.addEOS}
	for _, f := range t.idKeys() {
		if *f.id != none {
			m[f.key] = uint32(*f.id)
		}
	}
	if t.json != nil {
		m[keyJSON] = string(t.json)
		return m
	}
	types := make([]int32, len(t.kinds))
	for i, k := range t.kinds {
		types[i] = int32(k)
	}
	m[keyTokens], m[keyTypes] = t.pieces, types
	if t.byteLevel {
		m[keyModel], m[keyPre], m[keyMerges] = modelBytes, t.pre, t.merges
		return m
	}
	m[keyModel], m[keyScores], m[keyPrefix], m[keySpaces] = modelScores, t.scores, t.prefix, false
	return m
}

// idKey is the key of a token with a special place, and where its id is.
type idKey struct {
	key string
	id  *int
}

func (s *special) idKeys() []idKey {
	return []idKey{{keyBOS, &s.bos}, {keyEOS, &s.eos}, {keyUnknown, &s.unknown}, {keyMask, &s.mask}, {keySep, &s.sep}, {keyEOT, &s.eot}}
}

// FromMetadata makes a tokenizer from the keys and values of a model file; get returns the value of a key as
// [Tokenizer.Metadata] has it. An error names the key, and the index in a list, that is not as it must be.
//
// The tokenizer model is "llama", SentencePiece with merges by scores, or "gpt2", byte-level with a list of merges and a
// family in tokenizer.ggml.pre that says how text is cut before; a file without one has the family "default". A file
// with tokenizer.huggingface.json only is read by that.
//
// As in llama.cpp, the ids of <unk>, <s> and </s> of a "llama" are 0, 1 and 2 where the file does not tell, and a space
// goes before the text unless the file forbids it. Without a key for it, the mask or separator is the control token
// <mask> or <sep>.
func FromMetadata(get func(key string) (any, bool)) (*Tokenizer, error) {
	_, ggml := get(keyModel)
	if _, ok := get(keyJSON); ok && !ggml {
		return fromMetadataJSON(get)
	}
	name, err := value[string](get, keyModel)
	if err != nil {
		return nil, err
	}
	v := vocabulary{special: special{unknown: none, bos: none, eos: none, mask: none, sep: none, eot: none}}
	if v.pieces, err = value[[]string](get, keyTokens); err != nil {
		return nil, err
	}
	if err := v.readKinds(get); err != nil {
		return nil, err
	}
	switch name {
	case modelScores:
		err = v.readScores(get)
	case modelBytes:
		err = v.readMerges(get)
	default:
		err = fmt.Errorf("%s is %q, want %q or %q", keyModel, name, modelScores, modelBytes)
	}
	if err != nil {
		return nil, err
	}
	if err := v.special.read(get, len(v.pieces)); err != nil {
		return nil, err
	}
	t, err := newTokenizer(v)
	if err != nil {
		return nil, err
	}
	t.mask = t.controlOr(t.mask, maskPiece)
	t.sep = t.controlOr(t.sep, sepPiece)
	return t, nil
}

func (v *vocabulary) readKinds(get func(string) (any, bool)) error {
	types, err := value[[]int32](get, keyTypes)
	if err != nil {
		return err
	}
	if err := sameLength(keyTypes, len(types), len(v.pieces)); err != nil {
		return err
	}
	v.kinds = make([]Kind, len(types))
	for i, k := range types {
		v.kinds[i] = Kind(k)
	}
	return nil
}

// readScores reads what a "llama" has.
func (v *vocabulary) readScores(get func(string) (any, bool)) (err error) {
	if v.scores, err = value[[]float32](get, keyScores); err != nil {
		return err
	}
	if err := sameLength(keyScores, len(v.scores), len(v.pieces)); err != nil {
		return err
	}
	for i, s := range v.scores {
		if s != s {
			return fmt.Errorf("%s[%d] is not a number", keyScores, i)
		}
	}
	if v.prefix, err = valueOr(get, keyPrefix, true); err != nil {
		return err
	}
	v.normalizers = spaceNormalizers(v.prefix)
	v.unknown, v.bos, v.eos, v.addBOS = 0, 1, 2, true
	return nil
}

// spaceNormalizers are those of SentencePiece.
func spaceNormalizers(prefix bool) []normalizer {
	if prefix {
		return []normalizer{{op: prepend, new: space}, escapeSpaces}
	}
	return []normalizer{escapeSpaces}
}

// readMerges reads what a "gpt2" has.
func (v *vocabulary) readMerges(get func(string) (any, bool)) (err error) {
	if v.pre, err = valueOr(get, keyPre, defaultFamily); err != nil {
		return err
	}
	var f family
	if f, v.splitters, err = findFamily(v.pre); err != nil {
		return err
	}
	v.byteLevel, v.whole, v.addBOS = true, f.whole, f.bos
	if v.merges, err = value[[]string](get, keyMerges); err != nil {
		return err
	}
	v.pairs = &mergeList{name: keyMerges, pairs: make([][2]string, len(v.merges))}
	for i, m := range v.merges {
		if v.pairs.pairs[i], err = parseMerge(m); err != nil {
			return fmt.Errorf("%s[%d] %w", keyMerges, i, err)
		}
	}
	return nil
}

// read reads the ids that a file tells, and whether a prompt has BOS and EOS.
func (s *special) read(get func(string) (any, bool), size int) (err error) {
	for _, f := range s.idKeys() {
		if *f.id, err = tokenID(get, f.key, *f.id, size); err != nil {
			return err
		}
	}
	if s.addBOS, err = valueOr(get, keyAddBOS, s.addBOS); err != nil {
		return err
	}
	if s.addEOS, err = valueOr(get, keyAddEOS, s.addEOS); err != nil {
		return err
	}
	if s.addBOS && s.bos == none {
		return fmt.Errorf("no %s, want the token that the model begins with", keyBOS)
	}
	if s.addEOS && s.eos == none {
		return fmt.Errorf("no %s, want the token that the model ends with", keyEOS)
	}
	return nil
}

// controlOr returns an id, or if there is none that of a control token.
func (t *Tokenizer) controlOr(id int, piece string) int {
	if found, ok := t.ids[piece]; id == none && ok && t.kinds[found] == Control {
		return int(found)
	}
	return id
}

func sameLength(key string, n, want int) error {
	if n != want {
		return fmt.Errorf("%s has %d entries, want %d, one for each of %s", key, n, want, keyTokens)
	}
	return nil
}

// value reads a key that must be there.
func value[T any](get func(key string) (any, bool), key string) (T, error) {
	var want T
	v, ok := get(key)
	if !ok {
		return want, fmt.Errorf("no %s, want %s", key, typeName(want))
	}
	got, ok := v.(T)
	if !ok {
		return want, fmt.Errorf("%s is %s, want %s", key, typeName(v), typeName(want))
	}
	return got, nil
}

// valueOr reads a key that may be missing.
func valueOr[T any](get func(key string) (any, bool), key string, missing T) (T, error) {
	if _, ok := get(key); !ok {
		return missing, nil
	}
	return value[T](get, key)
}

// typeName is the type of a value as the authors of model files call it.
func typeName(v any) string {
	name := fmt.Sprintf("%T", v)
	if element, ok := strings.CutPrefix(name, "[]"); ok {
		return "an array of " + element
	}
	return "of type " + name
}

// tokenID reads the id of a token, of any width of integer; it is missing if the file lacks the key.
func tokenID(get func(key string) (any, bool), key string, missing, size int) (int, error) {
	v, ok := get(key)
	if !ok {
		if missing >= size {
			return 0, fmt.Errorf("%s has %d entries, want more than %d, the default of %s", keyTokens, size, missing, key)
		}
		return missing, nil
	}
	var id int64
	switch v := v.(type) {
	case uint8:
		id = int64(v)
	case int8:
		id = int64(v)
	case uint16:
		id = int64(v)
	case int16:
		id = int64(v)
	case uint32:
		id = int64(v)
	case int32:
		id = int64(v)
	case int64:
		id = v
	case uint64:
		id = int64(min(v, math.MaxInt64))
	default:
		return 0, fmt.Errorf("%s is %s, want an integer", key, typeName(v))
	}
	if id < 0 || id >= int64(size) {
		return 0, fmt.Errorf("%s is %v, want 0 to %d, an index of %s", key, v, size-1, keyTokens)
	}
	return int(id), nil
}
