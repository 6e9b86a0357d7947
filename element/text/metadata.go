package text

import (
	"fmt"
	"math"
	"strings"
)

// Keys of a tokenizer in a model file, as the GGUF specification names them ("seperator" is so spelled there).
const (
	keyModel   = "tokenizer.ggml.model"
	keyTokens  = "tokenizer.ggml.tokens"
	keyScores  = "tokenizer.ggml.scores"
	keyTypes   = "tokenizer.ggml.token_type"
	keyBOS     = "tokenizer.ggml.bos_token_id"
	keyEOS     = "tokenizer.ggml.eos_token_id"
	keyUnknown = "tokenizer.ggml.unknown_token_id"
	keyMask    = "tokenizer.ggml.mask_token_id"
	keySep     = "tokenizer.ggml.seperator_token_id"
	keyAddBOS  = "tokenizer.ggml.add_bos_token"
	keyAddEOS  = "tokenizer.ggml.add_eos_token"
	keyPrefix  = "tokenizer.ggml.add_space_prefix"
	keySpaces  = "tokenizer.ggml.remove_extra_whitespaces"
)

// model is the value of keyModel for the tokenizer of SentencePiece with byte-pair merges.
const model = "llama"

// Metadata returns the tokenizer as keys and values of a GGUF file, tokenizer.ggml.*, from which [FromMetadata] and
// llama.cpp make it again. The lists are the tokenizer's own and must not be changed.
func (t *Tokenizer) Metadata() map[string]any {
	types := make([]int32, len(t.kinds))
	for i, k := range t.kinds {
		types[i] = int32(k)
	}
	m := map[string]any{
		keyModel:   model,
		keyTokens:  t.pieces,
		keyScores:  t.scores,
		keyTypes:   types,
		keyBOS:     uint32(t.bos),
		keyEOS:     uint32(t.eos),
		keyUnknown: uint32(t.unknown),
		keyAddBOS:  false,
		keyAddEOS:  false,
		keyPrefix:  t.prefix,
		keySpaces:  false,
	}
	if t.mask != none {
		m[keyMask] = uint32(t.mask)
	}
	if t.sep != none {
		m[keySep] = uint32(t.sep)
	}
	return m
}

// FromMetadata makes a tokenizer from the keys and values of a model file; get returns the value of a key as
// [Tokenizer.Metadata] has it. An error names the key, and the index in a list, that is not as it must be.
//
// As in llama.cpp, the ids of <unk>, <s> and </s> are 0, 1 and 2 where the file does not tell, and a space goes before
// the text unless the file forbids it. Without a key for it, the mask or separator is the control token <mask> or <sep>.
func FromMetadata(get func(key string) (any, bool)) (*Tokenizer, error) {
	name, err := value[string](get, keyModel)
	if err != nil {
		return nil, err
	}
	if name != model {
		return nil, fmt.Errorf("%s is %q, want %q", keyModel, name, model)
	}
	v := vocabulary{prefix: true}
	if v.pieces, err = value[[]string](get, keyTokens); err != nil {
		return nil, err
	}
	if v.scores, err = value[[]float32](get, keyScores); err != nil {
		return nil, err
	}
	types, err := value[[]int32](get, keyTypes)
	if err != nil {
		return nil, err
	}
	if err := sameLength(keyScores, len(v.scores), len(v.pieces)); err != nil {
		return nil, err
	}
	if err := sameLength(keyTypes, len(types), len(v.pieces)); err != nil {
		return nil, err
	}
	for i, s := range v.scores {
		if s != s {
			return nil, fmt.Errorf("%s[%d] is not a number", keyScores, i)
		}
	}
	v.kinds = make([]Kind, len(types))
	for i, k := range types {
		v.kinds[i] = Kind(k)
	}
	if _, ok := get(keyPrefix); ok {
		if v.prefix, err = value[bool](get, keyPrefix); err != nil {
			return nil, err
		}
	}
	for _, f := range []struct {
		key     string
		id      *int
		missing int
	}{
		{keyBOS, &v.bos, 1}, {keyEOS, &v.eos, 2}, {keyUnknown, &v.unknown, 0}, {keyMask, &v.mask, none}, {keySep, &v.sep, none},
	} {
		if *f.id, err = tokenID(get, f.key, f.missing, len(v.pieces)); err != nil {
			return nil, err
		}
	}
	t, err := newTokenizer(v)
	if err != nil {
		return nil, err
	}
	t.mask = t.controlOr(t.mask, maskPiece)
	t.sep = t.controlOr(t.sep, sepPiece)
	return t, nil
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
