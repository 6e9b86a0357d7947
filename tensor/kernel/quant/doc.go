// Package quant multiplies activations by quantised weights as they are, in 8-bit integers.
//
// A [Matrix] holds the weights of one linear layer in one of the formats of ggml ([Formats]). It is laid out anew when it is
// loaded, because the order of a file, row after row, makes every product end in a horizontal sum. Here 8 rows are
// interleaved: a vector of 32 bytes holds four neighbouring values of each of 8 rows, so that its products with the same
// four activations are 8 results. A layout takes no more memory than the file does (formats of superblocks 2 to 3 % more).
//
// Activations are quantised row by row to [Rows]: blocks of 32 bytes with a scale, the largest magnitude becoming 127, as in
// llama.cpp's Q8_0, and sums by which offsets and minima of the weights are taken away.
//
// # Blocks
//
// A weight of a block of 32 is scale*(u-offset), or scale*u + minimum, with u of 4, 5, 6 or 8 bits. Products of 4-bit u with
// activations, two to a sum, stay below 1<<15 over a whole block, so that one widening is enough for 32 values; with 5 bits
// it takes two, with 6 bits four, and with 8 bits one for each product.
//
// # Bits
//
// Integers are exact; each result is one chain of float32 operations over the blocks of its row, whatever the number of
// rows in the call. So a row gets the same bits alone or with others, as the products of package kernel do. The portable
// implementation agrees with the assembly to rounding of fused operations.
package quant

//go:generate go run -C ../gen ./quant -out ../quant/asm_amd64.s -stubs ../quant/asm_amd64.go -pkg quant
