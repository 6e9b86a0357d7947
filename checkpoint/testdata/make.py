"""Makes python.gguf, python.json, quants.bin and blocks.bin with the gguf package (version 0.19.0) and numpy, which the tests of
this folder read: another implementation of the format and of the quantisations.

    pip install gguf==0.19.0 numpy && python make.py
"""

import json

import gguf
import numpy as np

rng = np.random.default_rng(1)
w = gguf.GGUFWriter("python.gguf", "llama")
w.add_name("made by python")
w.add_uint8("t.uint8", 200)
w.add_int8("t.int8", -100)
w.add_uint16("t.uint16", 60000)
w.add_int16("t.int16", -30000)
w.add_uint32("t.uint32", 4000000000)
w.add_int32("t.int32", -2000000000)
w.add_uint64("t.uint64", 2**63 + 1)
w.add_int64("t.int64", -(2**62))
w.add_float32("t.float32", 0.1)
w.add_float64("t.float64", 0.1)
w.add_bool("t.bool", True)
w.add_string("t.string", "生成學習")
w.add_array("t.strings", ["春", "眠", "", "<0x0A>"])
w.add_array("t.ints", [1, -2, 3])
w.add_array("t.floats", [0.5, -1.25])
w.add_array("t.bools", [True, False, True])

tensors = {
    "vector": (rng.standard_normal(5).astype(np.float32), "F32"),
    "matrix.f16": (rng.standard_normal((3, 7)).astype(np.float32), "F16"),
    "cube.q8_0": (rng.standard_normal((2, 3, 64)).astype(np.float32), "Q8_0"),
    "other.q4_0": (rng.standard_normal((2, 32)).astype(np.float32), "Q4_0"),
}
expected = {}
for name, (data, kind) in tensors.items():
    t = gguf.GGMLQuantizationType[kind]
    raw = gguf.quants.quantize(data, t)
    if kind in ("F32", "F16"):
        w.add_tensor(name, raw)
    else:
        w.add_tensor(name, raw, raw_dtype=t)
    expected[name] = {
        "type": kind,
        "shape": list(data.shape),
        "values": [float(v) for v in gguf.quants.dequantize(raw, t).ravel()],
    }
w.write_header_to_file()
w.write_kv_data_to_file()
w.write_tensors_to_file()
w.close()
with open("python.json", "w") as f:
    json.dump(expected, f, indent=1)
    f.write("\n")

# quants.bin: 4096 values as float32, then the same as float16, Q8_0, Q4_0 and Q4_1. Every magnitude that float16 has, its
# ties, subnormals, zero blocks, and values that lie on halves after scaling.
x = (rng.standard_normal(4096) * 10.0 ** rng.uniform(-9, 4, 4096)).astype(np.float32)
x[0:32] = 0
x[32:64] = np.arange(-16, 16) * 0.5 / 16 * 127  # halves: scale 1/..., ties away from zero
x[64] = 127
x[65:96] = np.arange(31) - 15.5
x[96:128] = rng.standard_normal(32) * 1e-7  # scale below the smallest float16
x[128:160] = np.float32(2.0**-24) * np.arange(32) * 0.5  # ties between subnormals
x[160:192] = 1 + np.arange(32) * np.float32(2.0**-11)  # ties between normals
x[192:224] = -65504
x[224:256] = 2047 + np.arange(32) * 0.5
x = np.clip(x, -65504, 65504).astype(np.float32)
with open("quants.bin", "wb") as f:
    f.write(x.tobytes())
    f.write(x.astype(np.float16).tobytes())
    for kind in ("Q8_0", "Q4_0", "Q4_1"):
        f.write(gguf.quants.quantize(x.reshape(-1, 32), gguf.GGMLQuantizationType[kind]).tobytes())

# blocks.bin: for each type 1024 values as stored, at random but for scales that are finite, then as float32. The scales
# are the half-precision numbers at these places of a block.
scales = {
    "BF16": [], "Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0],
    "Q2_K": [80, 82], "Q3_K": [108], "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208],
}  # fmt: skip
with open("blocks.bin", "wb") as f:
    for kind, places in scales.items():
        t = gguf.GGMLQuantizationType[kind]
        values, size = gguf.GGML_QUANT_SIZES[t]
        raw = rng.integers(0, 256, (1024 // values, size), dtype=np.uint8)
        if kind == "BF16":
            raw[:, 1] &= 0xBF  # no infinities
        for at in places:
            half = rng.standard_normal(len(raw)) * 10.0 ** rng.uniform(-7, 3, len(raw))
            raw[:, at : at + 2] = half.astype(np.float16).reshape(-1, 1).view(np.uint8)
        f.write(raw.tobytes())
        f.write(gguf.quants.dequantize(raw, t).tobytes())
