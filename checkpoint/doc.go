// Package checkpoint reads and writes model files in the GGUF format, the one that llama.cpp uses: one file holds the
// hyperparameters, the tokenizer and the weights of a model. The source is "GGUF" in the documentation of ggml.
//
// Reading maps the file into memory, so that opening a model costs its header only; weights are read, and turned into
// float32, when they are asked for:
//
//	f, err := checkpoint.Open("tang.gguf")
//	if err != nil {
//		return err
//	}
//	defer f.Close()
//	width, err := f.Int("llama.embedding_length")
//	info, ok := f.Tensor("token_embd.weight") // Shape (V,C)
//	weights := make([]float32, info.Shape[0]*info.Shape[1])
//	err = f.Float32(info.Name, weights)
//
// Files of version 2 and 3 are read, version 3 is written. Tensors of each [Type] with a name here can be read as
// float32, those of F32, F16, Q4_0, Q4_1 and Q8_0 also written; a file may hold tensors of the other types of ggml, and
// asking for the values of one of these is an error. [File.Raw] gives the stored bytes of any, in blocks as [Type.Block]
// tells, and [File.Quantize] writes a copy of a file with other types.
//
// A file is never trusted: each count, length and offset in it is checked against the size of the file before it is
// used, and a file that does not hold together is refused with a [FormatError] that says where.
//
// Writing goes through a [Builder]; [Builder.WriteFile] and [WriteFileAtomic] never leave half a file behind.
package checkpoint
