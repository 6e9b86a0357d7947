package text

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// maxTokenID bounds the ids of a tokenizer.json: some leave gaps, which are filled, and no vocabulary is near to it.
const maxTokenID = 1 << 21

// tokenizerFile is a tokenizer.json of Hugging Face's tokenizers, the parts of it that make tokens.
type tokenizerFile struct {
	Added         []addedTokenJSON `json:"added_tokens"`
	Normalizer    *component       `json:"normalizer"`
	PreTokenizer  *component       `json:"pre_tokenizer"`
	PostProcessor *component       `json:"post_processor"`
	Decoder       *component       `json:"decoder"`
	Model         json.RawMessage  `json:"model"`
}

type addedTokenJSON struct {
	ID         int    `json:"id"`
	Content    string `json:"content"`
	SingleWord bool   `json:"single_word"`
	LStrip     bool   `json:"lstrip"`
	RStrip     bool   `json:"rstrip"`
	Normalized bool   `json:"normalized"`
	Special    bool   `json:"special"`
}

// modelJSON is a model of byte-pair merges.
type modelJSON struct {
	Vocab        map[string]int `json:"vocab"`
	Merges       mergesJSON     `json:"merges"`
	Unknown      *string        `json:"unk_token"`
	Dropout      float64        `json:"dropout"`
	Prefix       string         `json:"continuing_subword_prefix"`
	Suffix       string         `json:"end_of_word_suffix"`
	ByteFallback bool           `json:"byte_fallback"`
	IgnoreMerges bool           `json:"ignore_merges"`
}

// mergesJSON is a list of merges, each "a b" or, in newer files, ["a", "b"].
type mergesJSON [][2]string

// UnmarshalJSON implements [json.Unmarshaler].
func (m *mergesJSON) UnmarshalJSON(data []byte) error {
	if rest := bytes.TrimLeft(bytes.TrimPrefix(data, []byte("[")), " \t\r\n"); len(rest) > 0 && rest[0] == '[' {
		return m.readPairs(data)
	}
	var lines []string
	if err := json.Unmarshal(data, &lines); err != nil {
		return fmt.Errorf("model.merges: %w", err)
	}
	*m = make(mergesJSON, len(lines))
	for i, line := range lines {
		var err error
		if (*m)[i], err = parseMerge(line); err != nil {
			return fmt.Errorf("model.merges[%d] %w", i, err)
		}
	}
	return nil
}

func (m *mergesJSON) readPairs(data []byte) error {
	var pairs [][]string
	if err := json.Unmarshal(data, &pairs); err != nil {
		return fmt.Errorf("model.merges: %w", err)
	}
	*m = make(mergesJSON, len(pairs))
	for i, p := range pairs {
		if len(p) != 2 {
			return fmt.Errorf("model.merges[%d] has %d pieces, want 2", i, len(p))
		}
		(*m)[i] = [2]string(p)
	}
	return nil
}

// FromTokenizerJSON makes a tokenizer from the tokenizer.json of a model on Hugging Face: byte-pair merges, on bytes
// (GPT-2, Llama 3, Qwen, SmolLM, LLaDA) or in the form of SentencePiece with byte fallback (Llama 2, TinyLlama, Mistral,
// Gemma). Its tokens are those that Hugging Face's tokenizers give, without truncation and padding.
//
// config is the model's tokenizer_config.json, which names the tokens that begin and end a sequence and that mask an
// element; without one (nil), they are what the file puts around a prompt, if anything.
//
// An error tells which part of the file is wrong, or not among those that are known.
func FromTokenizerJSON(data, config []byte) (*Tokenizer, error) {
	var file tokenizerFile
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("tokenizer.json: %w", err)
	}
	v := vocabulary{special: special{unknown: none, bos: none, eos: none, mask: none, sep: none, eot: none}}
	v.json = data
	t, err := v.fromFile(&file, config)
	if err != nil {
		return nil, fmt.Errorf("tokenizer.json: %w", err)
	}
	return t, nil
}

// fromMetadataJSON makes a tokenizer from what Metadata gives for one of a tokenizer.json.
func fromMetadataJSON(get func(string) (any, bool)) (*Tokenizer, error) {
	data, err := value[string](get, keyJSON)
	if err != nil {
		return nil, err
	}
	t, err := FromTokenizerJSON([]byte(data), nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", keyJSON, err)
	}
	return t, t.special.read(get, t.Size())
}

func (v *vocabulary) fromFile(file *tokenizerFile, config []byte) (*Tokenizer, error) {
	m, err := parseModel(file.Model)
	if err != nil {
		return nil, err
	}
	p := pipeline{v: v}
	if err := p.normalizer(file.Normalizer, "normalizer"); err != nil {
		return nil, err
	}
	if err := p.preTokenizer(file.PreTokenizer, "pre_tokenizer"); err != nil {
		return nil, err
	}
	if err := p.decoder(file.Decoder, "decoder"); err != nil {
		return nil, err
	}
	if !v.byteLevel && !m.ByteFallback {
		return nil, fmt.Errorf("model.byte_fallback is false and pre_tokenizer has no ByteLevel, want one of them: else not every text has tokens")
	}
	v.whole = m.IgnoreMerges
	if err := v.readVocab(m, file.Added); err != nil {
		return nil, err
	}
	if err := v.readAdded(file.Added); err != nil {
		return nil, err
	}
	v.pairs = &mergeList{name: "model.merges", pairs: m.Merges, lastWins: true}
	if err := p.postProcessor(file.PostProcessor, "post_processor"); err != nil {
		return nil, err
	}
	t, err := newTokenizer(*v)
	if err != nil {
		return nil, err
	}
	if m.Unknown != nil {
		t.setUnknown(*m.Unknown)
	}
	if config != nil {
		if err := t.readConfig(config); err != nil {
			return nil, fmt.Errorf("tokenizer_config.json: %w", err)
		}
	}
	t.mask = t.controlOr(t.mask, maskPiece)
	t.sep = t.controlOr(t.sep, sepPiece)
	return t, nil
}

// setUnknown names the token that stands for bytes that the vocabulary lacks.
func (t *Tokenizer) setUnknown(piece string) {
	id, ok := t.ids[piece]
	if !ok {
		return
	}
	t.unknown = int(id)
	for b, known := range t.byteIDs {
		if known == none {
			t.byteIDs[b] = id
		}
	}
}

func parseModel(data json.RawMessage) (*modelJSON, error) {
	var kind struct {
		Type string `json:"type"`
	}
	if len(data) == 0 {
		return nil, fmt.Errorf("no model, want one of type \"BPE\"")
	}
	if err := json.Unmarshal(data, &kind); err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	if kind.Type != "BPE" && kind.Type != "" { // old files do not tell
		return nil, fmt.Errorf("model.type is %q, want \"BPE\"", kind.Type)
	}
	var m modelJSON
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	switch {
	case len(m.Vocab) == 0:
		return nil, fmt.Errorf("model.vocab is empty, want tokens")
	case m.Dropout != 0:
		return nil, fmt.Errorf("model.dropout is %g, want none", m.Dropout)
	case m.Prefix != "":
		return nil, fmt.Errorf("model.continuing_subword_prefix is %q, want none", m.Prefix)
	case m.Suffix != "":
		return nil, fmt.Errorf("model.end_of_word_suffix is %q, want none", m.Suffix)
	}
	return &m, nil
}

// readVocab lists the tokens by their ids, with unused ones where the file has none.
func (v *vocabulary) readVocab(m *modelJSON, added []addedTokenJSON) error {
	last := 0
	for piece, id := range m.Vocab {
		if id < 0 || id > maxTokenID {
			return fmt.Errorf("model.vocab has %q with id %d, want 0 to %d", piece, id, maxTokenID)
		}
		last = max(last, id)
	}
	for i, a := range added {
		if a.ID < 0 || a.ID > maxTokenID {
			return fmt.Errorf("added_tokens[%d].id is %d, want 0 to %d", i, a.ID, maxTokenID)
		}
		last = max(last, a.ID)
	}
	v.pieces, v.kinds = make([]string, last+1), make([]Kind, last+1)
	for _, piece := range slices.Sorted(maps.Keys(m.Vocab)) {
		id := m.Vocab[piece]
		if v.kinds[id] != 0 {
			return fmt.Errorf("model.vocab has %q and %q with id %d, want distinct ids", v.pieces[id], piece, id)
		}
		v.pieces[id], v.kinds[id] = piece, Normal
		if _, ok := parseByte(piece); ok && !v.byteLevel {
			v.kinds[id] = Byte
		}
	}
	for i, a := range added {
		if id, ok := m.Vocab[a.Content]; ok && id != a.ID {
			return fmt.Errorf("added_tokens[%d] is %q with id %d, model.vocab has it with id %d", i, a.Content, a.ID, id)
		}
		if v.kinds[a.ID] != 0 && v.pieces[a.ID] != a.Content {
			return fmt.Errorf("added_tokens[%d] is %q with id %d, which is that of %q", i, a.Content, a.ID, v.pieces[a.ID])
		}
		v.pieces[a.ID], v.kinds[a.ID] = a.Content, UserDefined
		if a.Special {
			v.kinds[a.ID] = Control
		}
	}
	for id, k := range v.kinds {
		if k == 0 {
			v.pieces[id], v.kinds[id] = fmt.Sprintf("[PAD%d]", id), Unused
		}
	}
	return nil
}

// readAdded lists the tokens that are matched in text, and those that are matched in normalized text.
func (v *vocabulary) readAdded(added []addedTokenJSON) error {
	v.added = []addedToken{}
	for i, a := range added {
		if a.SingleWord {
			return fmt.Errorf("added_tokens[%d].single_word is true, want false", i)
		}
		if a.Content == "" {
			return fmt.Errorf("added_tokens[%d].content is empty", i)
		}
		t := addedToken{text: a.Content, id: int32(a.ID), special: a.Special, lstrip: a.LStrip, rstrip: a.RStrip}
		if !a.Normalized {
			v.added = append(v.added, t)
			continue
		}
		if t.text = normalize(v.normalizers, a.Content, true, true); t.text != "" {
			v.addedNormal = append(v.addedNormal, t)
		}
	}
	return nil
}

// readConfig reads the names of tokens with a special place.
func (t *Tokenizer) readConfig(config []byte) error {
	var c struct {
		BOS  nameJSON `json:"bos_token"`
		EOS  nameJSON `json:"eos_token"`
		Mask nameJSON `json:"mask_token"`
		Sep  nameJSON `json:"sep_token"`
	}
	if err := json.Unmarshal(config, &c); err != nil {
		return err
	}
	for _, f := range []struct {
		key  string
		name nameJSON
		id   *int
	}{{"bos_token", c.BOS, &t.bos}, {"eos_token", c.EOS, &t.eos}, {"mask_token", c.Mask, &t.mask}, {"sep_token", c.Sep, &t.sep}} {
		if f.name == "" {
			continue
		}
		id, ok := t.ids[string(f.name)]
		if !ok {
			return fmt.Errorf("%s is %q, which is no token", f.key, f.name)
		}
		*f.id = int(id)
	}
	return nil
}

// nameJSON is the name of a token, alone or with how it is matched.
type nameJSON string

// UnmarshalJSON implements [json.Unmarshaler].
func (n *nameJSON) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '{' {
		var full struct {
			Content string `json:"content"`
		}
		err := json.Unmarshal(data, &full)
		*n = nameJSON(full.Content)
		return err
	}
	return json.Unmarshal(data, (*string)(n))
}
