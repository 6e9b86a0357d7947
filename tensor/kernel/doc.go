// Package kernel holds the inner loops of Stride: single-threaded functions over float32 slices that everything above is
// built from. Splitting work over processors is the caller's business.
//
// # Two implementations
//
// Every kernel has one Go signature. Its portable implementation (generic.go, gemmGeneric, exp) is the specification and
// runs everywhere. On amd64 with AVX2 and FMA the same function runs assembly, which the module in gen writes with avo
// ("go generate" in this folder; asm_amd64.s is its output). The build tag noasm leaves the assembly out; the environment
// variable STRIDE_NOASM=1 turns it off when the program starts. Accelerated and Name tell which one is in use. The two agree
// to rounding, not bit for bit.
//
// # Kernels
//
//	PackedSize, PackB, Gemm          matrix product with a packed right side
//	GemmPanels, GemmHalf             the same with panels apart, also in half precision: attention with a cache
//	GemmInt8                         the same of integers
//	QuantiseInt16, ExpInt16          what rounds its left side: queries, and weights of positions
//	QuantiseInt8                     what rounds its right side: keys and values
//	WidenHalf, NarrowHalf            copies between float32 and half precision
//	Dot, Sum, SumSquares, Max        reductions
//	Axpy, Add, Mul, Scale, Lerp      elementwise
//	ExpSum, Softmax                  exponentials
//	Polar                            complex numbers of given logarithms
//	RMSNorm, RMSNormGrad             normalisation
//	SwiGLU, SwiGLUGrad               gated activation
//	GELU, GELUGrad                   activation
//	SoftCap                          bound on scores and logits
//	Rope, RopeHalves                 rotary positions
//	DotColumns                       columns against columns: convolution of each channel by itself and its gradients
//	AdamW                            optimiser step
//	PeakFMA                          the yardstick: what the processor could do
//
// The length of the first slice counts; the others must be at least as long. A slice that is too short is an error of
// the programmer and panics before assembly runs, because assembly checks no bounds. Unless a comment says otherwise an
// output may be the same slice as an input but must not overlap it partly. One call into assembly lasts some
// microseconds, because it cannot be preempted.
//
// # Bits
//
// What an element gets never depends on how many others share the call:
//
//   - An element of Gemm is one chain of fused multiply-adds over k = 0..K-1, whatever the tile, the block or the number of
//     rows. Verifying eight tokens in one pass gives exactly the logits of eight passes.
//   - DotColumns goes through the rows in order.
//   - Elementwise kernels handle the end of a slice with the same instructions under a mask, so splitting a slice changes
//     nothing.
//
// # How Gemm works
//
// The large tile is 6 rows by 16 columns: 12 vectors of sums, 2 of B and 2 broadcast elements of A fill the 16 registers,
// and 12 chains are enough to keep two FMA units busy over their latency of 4 cycles. B is packed into panels of 16 columns,
// so that a tile reads it as one stream; weights are packed once, when they are loaded. At most 384 rows of a panel, 24 KB,
// are used at a time: they stay in the first-level cache while 144 rows of A, which stay in the second level, pass by.
// There is no blocking over N, as each panel is read once for those 144 rows. Blocks of k continue from the sums in C.
//
// A is read where it lies if its rows are contiguous. Packing it, as the textbook does, was measured to cost 4 to 23 % of the
// peak here, because broadcasts do not care where they load from. Only an A with spread rows (transposed, for the gradient
// of a weight) is packed, tile by tile, into scratch from a pool.
//
// For 1 to 5 rows, tiles are wider instead of higher (1x96, 2x48, 3x32, 4x16, 5x16), as a single row of 16 columns would
// wait for its two chains. One row reads each weight once, so that it is bound by loads: two a cycle allow half the peak as
// long as the weights are in the cache, and memory allows less. Prefetching was measured to make no difference.
//
// Measured on one core of an AMD EPYC with Zen 4 cores (2 virtual processors, other load present), share of the peak that
// PeakFMA reached in the same run, 118 GFLOP/s, best of many products:
//
//	M,K,N            share
//	512,512,512       98 %
//	1024,1024,1024    89 %
//	512,384,1536      97 %
//	64,384,1536       98 %
//	576,224,224       99 %   training
//	576,608,224       98 %   training
//	224,4096,608      88 %   training, A transposed
//	1,576,1536        39 %   decoding, 3.5 MB of weights
//
// Reproduce with: go test -run '^$' -bench Gemm ./tensor/kernel
package kernel

//go:generate go run -C gen . -out ../asm_amd64.s -stubs ../asm_amd64.go -pkg kernel
