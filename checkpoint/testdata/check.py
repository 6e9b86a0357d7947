"""Reads stride.gguf, which this package wrote (TestWritten), with the gguf package (version 0.19.0) of Python.

    pip install gguf==0.19.0 numpy && python check.py
"""

import gguf
import numpy as np

r = gguf.GGUFReader("stride.gguf")
got = {k: f.contents() for k, f in r.fields.items() if not k.startswith("GGUF.")}
assert got == {
    "general.architecture": "llama",
    "llama.block_count": 6,
    "tokenizer.ggml.tokens": ["春", "<0x0A>", ""],
    "t.floats": [1.0, 2.5],
    "t.bools": [True, False],
    "t.bool": True,
    "t.int64": -5,
    "t.float64": 0.1,
    "t.bytes": [-1, 2],
}, got
values = (np.arange(2 * 3 * 64) % 97).astype(np.float32) / 8 - 5
shapes = {
    "cube.f32": (2, 3, 64),
    "matrix.f16": (6, 64),
    "vector.f16": (3,),
    "matrix.q8_0": (6, 64),
    "matrix.q4_0": (6, 64),
    "matrix.q4_1": (6, 64),
}
assert [t.name for t in r.tensors] == list(shapes)
for t in r.tensors:
    shape = shapes[t.name]
    assert tuple(reversed(t.shape.tolist())) == shape, t
    want = gguf.quants.quantize(values[: t.n_elements].reshape(shape), t.tensor_type)
    assert t.data.tobytes() == want.tobytes(), t.name
print("ok")
