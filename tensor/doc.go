// Package tensor is Stride's compute core: float32 tensors, the operations
// that networks are made of, reverse-mode differentiation and the worker pool.
//
// A [Run] evaluates operations eagerly. Its buffers come from an arena that
// [Run.Reset] empties without freeing, so that a generation in steady state
// allocates nothing. A Run made for training also keeps a tape; [Run.Backward]
// walks it in reverse and adds to the Grad of every [Tensor] and [Param].
//
//	r := tensor.NewRun(pool, tensor.Training(seed))
//	x := r.Embed(table, ids)          // (T,C)
//	h := r.RMSNorm(x, norm, eps)      // (T,C)
//	y := r.Linear(h, w)               // (T,N)
//	loss := r.CrossEntropy(y, head, targets, weights, scale)
//	r.Backward()
//
// Data is contiguous and row-major; a tensor's last dimension is its row.
// Results do not depend on the number of workers: work is cut along outputs,
// and where a sum runs over rows its parts are fixed in number and added in
// order. What a row gets does not depend on the other rows of the pass, so
// that one position at a time and many at once agree bit for bit.
//
// Shapes are checked where a tensor enters an operation; a mismatch there is a
// mistake of the caller's code and panics. Sizes that come from files are
// checked when a network is loaded, before any operation runs.
package tensor
