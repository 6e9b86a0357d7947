"""The vocoder in PyTorch: reference values for the tests, and the peer that its speed is compared with.

    python vocoder.py values tiny-vocoder.gguf > tiny-vocoder.samples.json
    python vocoder.py time MODEL.gguf BENCH [ROUNDS [CASE]]

The first computes in float64. The second makes sound of frames that are all there, in turns with the benchmark of
this repository (BENCH is a directory with network.test, made by go test -c), and prints ratios. PyTorch, eager or
compiled, or onnxruntime evaluates the network up to log magnitudes and phases; the rest is PyTorch's, eager, in all.
Needs torch, gguf and numpy, and onnx, onnxscript and onnxruntime for the second.
"""
import json
import os
import statistics
import sys
import tempfile

import gguf
import numpy as np
import torch
import torch.nn.functional as F

from flow import best_of, go


def load(path):
    """Returns the keys and the weights of a model file."""
    reader = gguf.GGUFReader(path)
    keys = {name.removeprefix("stride.vocoder."): np.array([f.parts[i] for i in f.data]).reshape(-1)
            for name, f in reader.fields.items() if name.startswith("stride.vocoder.")}
    weights = {}
    for t in reader.tensors:
        data = gguf.quants.dequantize(t.data, t.tensor_type).astype(np.float32)
        weights[t.name] = torch.from_numpy(data.reshape([int(n) for n in reversed(t.shape)]).copy())
    return keys, weights


class Heads(torch.nn.Module):
    """mel (T,Bands), natural logarithms -> log magnitudes and phases (T,2F)."""

    def __init__(self, keys, weights):
        super().__init__()
        self.kernel, self.width, self.blocks = (int(keys[k][0]) for k in ("kernel_length", "embedding_length", "block_count"))
        self.mean, self.deviation = (torch.nn.Buffer(torch.from_numpy(keys[k].astype(np.float32))) for k in ("mel_mean", "mel_deviation"))
        self.w = torch.nn.ParameterDict({k.replace(".", "/"): torch.nn.Parameter(self.lay(k, w), requires_grad=False) for k, w in weights.items()})

    def lay(self, name, w):
        """Lays a weight out as PyTorch has it."""
        if name == "conv_in.weight":
            return w.view(self.width, self.kernel, -1).permute(0, 2, 1).contiguous()
        if name.endswith(".conv.weight"):
            return w.T[:, None].contiguous()
        return w.view(-1) if w.shape[0] == 1 else w

    def get(self, name):
        return self.w[name.replace(".", "/")]

    def forward(self, mel):
        norm = lambda h, name: F.rms_norm(h, (self.width,), self.get(name), 1e-6)
        x = (mel - self.mean) / self.deviation
        h = F.conv1d(x.T[None], self.get("conv_in.weight"), self.get("conv_in.bias"), padding=self.kernel // 2)[0].T
        h = norm(h, "input_norm.weight")
        for i in range(self.blocks):
            g = lambda name: self.get(f"blk.{i}.{name}.weight")
            c = F.conv1d(h.T[None], g("conv"), padding=self.kernel // 2, groups=self.width)[0].T
            c = F.gelu(F.linear(norm(c, f"blk.{i}.norm.weight"), g("ffn_up")), approximate="tanh")
            h = h + F.linear(c, g("ffn_down")) * g("scale")
        return F.linear(norm(h, "output_norm.weight"), self.get("head.weight"), self.get("head.bias"))


class Synthesis(torch.nn.Module):
    """Heads (T,2F) -> samples (T·Hop): inverse transforms, and the overlap of windowed frames over that of squared
    windows, less the padding of either end."""

    def __init__(self, keys, frames):
        super().__init__()
        self.fft, self.hop, self.frames = int(keys["fft_length"][0]), int(keys["hop_length"][0]), frames
        self.window = torch.nn.Buffer(torch.hann_window(self.fft))
        self.squares = torch.nn.Buffer(self.overlap((self.window ** 2).expand(frames, -1)).clamp(min=1e-8))

    def overlap(self, x):
        """Adds frames (T,FFT), each Hop after the one before."""
        hops = -(-self.fft // self.hop)
        parts = F.pad(x, (0, hops * self.hop - self.fft)).view(self.frames, hops, self.hop)
        out = x.new_zeros(self.frames + hops - 1, self.hop)
        for i in range(hops):
            out[i:i + self.frames] += parts[:, i]
        pad = (self.fft - self.hop) // 2
        return out.view(-1)[pad:pad + self.frames * self.hop]

    def forward(self, heads):
        magnitude, phase = heads.chunk(2, 1)
        spectrum = torch.polar(magnitude.clamp(max=6).exp(), phase)
        return self.overlap(torch.fft.irfft(spectrum, self.fft) * self.window) / self.squares


def frames_of(keys, frames):
    """Any log-mel frames that both sides can make."""
    bands = int(keys["mel_bands"][0])
    return (-3 + 2 * torch.sin(torch.arange(frames * bands, dtype=torch.float64) * 0.7)).view(frames, bands)


def values(path):
    torch.set_default_dtype(torch.float64)
    keys, weights = load(path)
    with torch.inference_mode():
        samples = Synthesis(keys, 19)(Heads(keys, weights).double()(frames_of(keys, 19)))
    print(json.dumps({"frames": 19, "samples": [round(float(v), 7) for v in samples]}))


def session(heads, mel, threads):
    """Exports the network for frames as many as mel has, and loads it in onnxruntime."""
    import onnxruntime
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "heads.onnx")
        torch.onnx.export(heads, (mel,), path, dynamo=True, external_data=False, verbose=False)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        s = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    name = s.get_inputs()[0].name
    return lambda mel: torch.from_numpy(s.run(None, {name: mel.numpy()})[0])


def time_all(path, bench, rounds, only):
    threads = 2
    torch.set_num_threads(threads)
    keys, weights = load(path)
    heads = Heads(keys, weights).eval()
    second = int(keys["sample_rate"][0]) // int(keys["hop_length"][0])
    flags = ["-vocoder", os.path.abspath(path)]
    for seconds in (10, 1):
        name = f"{seconds} s"
        if only and only != name:
            continue
        mel, synthesis = frames_of(keys, seconds * second).float(), Synthesis(keys, seconds * second)
        networks = {"eager": heads, "compiled": torch.compile(heads, dynamic=False), "onnxruntime": session(heads, mel, threads)}

        def sound(network):
            with torch.inference_mode():
                return synthesis(network(mel))

        peers = {k: (lambda n=n: sound(n)) for k, n in networks.items()}
        with tempfile.TemporaryDirectory() as folder:
            written = os.path.join(folder, "samples")
            go(f"{bench}/network.test", f"^BenchmarkVocoder$/^{seconds}s$", "network", *flags, "-samples", written)
            ours = torch.from_numpy(np.fromfile(written, "<f4"))
        for k, f in peers.items():
            print(f"{name}: samples of {k} differ from ours by {float((f() - ours).abs().max() / ours.abs().max()):.1e} of the largest")
        ratios = {"PyTorch": [], "onnxruntime": []}
        own = []
        for _ in range(rounds):
            theirs = {k: best_of(f) for k, f in peers.items()}
            own.append(go(f"{bench}/network.test", f"^BenchmarkVocoder$/^{seconds}s$", "network", *flags))
            ratios["PyTorch"].append(min(theirs["eager"], theirs["compiled"]) / own[-1])
            ratios["onnxruntime"].append(theirs["onnxruntime"] / own[-1])
            took = {"ours": own[-1]} | theirs
            print(f"{name}: " + ", ".join(f"{k} {v * 1e3:.1f} ms ({seconds / v:.0f} times real time)" for k, v in took.items()), flush=True)
        print(f"{name}: ours {statistics.median(own) * 1e3:.1f} ms ({min(own) * 1e3:.1f} to {max(own) * 1e3:.1f}), {seconds / statistics.median(own):.0f} times real time")
        for k, r in ratios.items():
            print(f"{name}: {k} / ours {statistics.median(r):.2f} ({min(r):.2f} to {max(r):.2f})", flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "values":
        values(sys.argv[2])
    else:
        time_all(sys.argv[2], sys.argv[3], int(sys.argv[4]) if len(sys.argv) > 4 else 5, sys.argv[5] if len(sys.argv) > 5 else "")
