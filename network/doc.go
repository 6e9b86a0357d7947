// Package network holds Stride's networks, one file each.
//
// [Trunk] is the transformer that the text networks share, in the form of Llama
// (Touvron et al., arXiv 2302.13971): RMS norm before each half of a block,
// rotary positions, SwiGLU, grouped-query attention, no biases, the output
// table tied to the input one. In what public families differ from that, a
// [Config] says. Two networks stand on it:
//
//   - [Decoder], causal, with a key-value cache: what one element at a time needs.
//     Decoders of one [Batch] share passes.
//   - [Masked], full attention (LLaDA, Nie et al., arXiv 2502.09992), with a
//     length head if it was trained here: what all at once and N passes need.
//
// Both read and write GGUF with the names and keys that llama.cpp uses.
package network
