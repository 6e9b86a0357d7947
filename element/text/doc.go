// Package text turns text into elements and back: tokens of a byte-pair tokenizer. One that it trains is in the form of
// SentencePiece, which llama.cpp reads from a model file as the tokenizer model "llama"; those of public models are read
// from GGUF files and from tokenizer.json.
//
// A Han character is one token, whatever stands beside it. Other scripts are cut into pieces that were learned from a
// corpus, so that "unbreakable" may become un, break, able. What the vocabulary lacks is spelled in bytes, so every
// string can be encoded and [Tokenizer.Decode] gives it back unchanged:
//
//	t, err := text.Train(corpus, text.TrainOptions{Pieces: 4000, MinCount: 3, Controls: []string{"<sep>"}})
//	if err != nil {
//		return err
//	}
//	ids := t.Encode("春眠不覺曉")
//	fmt.Println(t.Decode(ids)) // 春眠不覺曉
//
// A model file stores a tokenizer as the keys and values of [Tokenizer.Metadata]; [FromMetadata] reads these, and those
// of public models: SentencePiece (Llama 2, TinyLlama, Mistral, Gemma) and byte-level merges (GPT-2, SmolLM2, Llama 3,
// Qwen, LLaDA). [FromTokenizerJSON] reads both from a tokenizer.json of Hugging Face. The way of a text to tokens is the
// same for all: tokens that are matched as they stand ([Tokenizer.AppendMarked] matches control tokens too), normalizers,
// splitters that cut it into parts, and merges within these. Families of models differ in data: families.go.
//
// A [Stream] decodes tokens one at a time into whole characters. A [Format] lays
// out the prompt of a model in tokens.
package text
