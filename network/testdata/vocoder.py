"""The vocoder in PyTorch: reference values for the tests.

    python vocoder.py tiny-vocoder.gguf > tiny-vocoder.samples.json

Needs torch, gguf and numpy. All is computed in float64.
"""
import json
import sys

import gguf
import numpy as np
import torch
import torch.nn.functional as F


def load(path):
    """Returns the keys and the weights of a model file."""
    reader = gguf.GGUFReader(path)
    keys = {name.removeprefix("stride.vocoder."): np.array([f.parts[i] for i in f.data]).reshape(-1)
            for name, f in reader.fields.items() if name.startswith("stride.vocoder.")}
    weights = {t.name: torch.from_numpy(t.data.astype(np.float64).reshape([int(n) for n in reversed(t.shape)])) for t in reader.tensors}
    return keys, weights


def vocoder(keys, w, mel):
    """mel (T,Bands), natural logarithms -> samples (T·Hop)."""
    size = lambda name: int(keys[name][0])
    kernel, fft, hop, width = size("kernel_length"), size("fft_length"), size("hop_length"), size("embedding_length")
    norm = lambda h, name: F.rms_norm(h, (width,), w[name].view(-1), 1e-6)
    x = (mel - torch.from_numpy(keys["mel_mean"].astype(np.float64))) / torch.from_numpy(keys["mel_deviation"].astype(np.float64))
    first = w["conv_in.weight"].view(width, kernel, -1).permute(0, 2, 1)
    h = F.conv1d(x.T[None], first, w["conv_in.bias"].view(-1), padding=kernel // 2)[0].T
    h = norm(h, "input_norm.weight")
    for i in range(size("block_count")):
        g = lambda name: w[f"blk.{i}.{name}.weight"]
        c = F.conv1d(h.T[None], g("conv").T[:, None], padding=kernel // 2, groups=width)[0].T
        c = F.gelu(norm(c, f"blk.{i}.norm.weight") @ g("ffn_up").T, approximate="tanh") @ g("ffn_down").T
        h = h + c * g("scale").view(-1)
    out = norm(h, "output_norm.weight") @ w["head.weight"].T + w["head.bias"].view(-1)
    magnitude, phase = out.chunk(2, 1)
    frames = torch.fft.irfft(torch.polar(magnitude.clamp(max=6).exp(), phase), fft)
    # Overlap of windowed frames over that of squared windows, less the padding of either end.
    window = torch.hann_window(fft)
    total = (len(frames) - 1) * hop + fft
    fold = lambda f: F.fold(f.T[None], (1, total), (1, fft), stride=(1, hop)).view(-1)
    pad = (fft - hop) // 2
    samples = fold(frames * window) / fold((window ** 2).expand(len(frames), -1)).clamp(min=1e-8)
    return samples[pad:pad + len(frames) * hop]


if __name__ == "__main__":
    torch.set_default_dtype(torch.float64)
    keys, weights = load(sys.argv[1])
    bands, frames = int(keys["mel_bands"][0]), 19
    mel = -3 + 2 * torch.sin(torch.arange(frames * bands) * 0.7)  # any input that both sides can make
    samples = vocoder(keys, weights, mel.view(frames, bands))
    print(json.dumps({"frames": frames, "samples": [round(float(v), 7) for v in samples]}))
