"""The recogniser in PyTorch: reference values for the tests.

    python recogniser.py tiny-recogniser.gguf > tiny-recogniser.logits.json

Needs torch, gguf and numpy. All is computed in float64.
"""
import json
import sys

import gguf
import numpy as np
import torch
import torch.nn.functional as F


def load(path):
    """Returns the keys, of which numbers alone, and the weights of a model file."""
    reader = gguf.GGUFReader(path)
    prefix = "stride.recogniser."
    keys = {name.removeprefix(prefix): np.array([f.parts[i] for i in f.data]).reshape(-1)
            for name, f in reader.fields.items() if name.startswith(prefix) and f.types[-1] != gguf.GGUFValueType.STRING}
    weights = {t.name: torch.from_numpy(t.data.astype(np.float64).reshape([int(n) for n in reversed(t.shape)])) for t in reader.tensors}
    return keys, weights


def recogniser(keys, w, mel):
    """mel (T,Bands), natural logarithms -> logits (ceil(T/Group),symbols+1)."""
    size = lambda name: int(keys[name][0])
    kernel, group, width = size("kernel_length"), size("group_length"), size("embedding_length")
    norm = lambda h, name: F.rms_norm(h, (width,), w[name].view(-1), 1e-6)
    x = (mel - torch.from_numpy(keys["mel_mean"].astype(np.float64))) / torch.from_numpy(keys["mel_deviation"].astype(np.float64))
    x = F.pad(x, (0, 0, 0, -len(x) % group)).reshape(-1, group * x.shape[1])
    first = w["conv_in.weight"].view(width, kernel, -1).permute(0, 2, 1)
    h = F.conv1d(x.T[None], first, w["conv_in.bias"].view(-1), padding=kernel // 2)[0].T
    h = norm(h, "input_norm.weight")
    for i in range(size("block_count")):
        g = lambda name: w[f"blk.{i}.{name}.weight"]
        c = F.conv1d(h.T[None], g("conv").T[:, None], padding=kernel // 2, groups=width)[0].T
        c = F.gelu(norm(c, f"blk.{i}.norm.weight") @ g("ffn_up").T, approximate="tanh") @ g("ffn_down").T
        h = h + c * g("scale").view(-1)
    return norm(h, "output_norm.weight") @ w["head.weight"].T + w["head.bias"].view(-1)


if __name__ == "__main__":
    torch.set_default_dtype(torch.float64)
    keys, weights = load(sys.argv[1])
    bands, frames = int(keys["mel_bands"][0]), 19
    mel = -3 + 2 * torch.sin(torch.arange(frames * bands) * 0.7)  # any input that both sides can make
    logits = recogniser(keys, weights, mel.view(frames, bands))
    print(json.dumps({"frames": frames, "logits": [round(float(v), 7) for v in logits.flatten()]}))
