"""The flow network in PyTorch: reference values for the tests, and the peer that its speed is compared with.

    python flow.py values tiny-flow.gguf > tiny-flow.velocity.json
    python flow.py time MODEL.gguf BENCH [ROUNDS [CASE]]

The second times one evaluation and one training step in turns with the benchmarks of this repository (BENCH is a
directory with network.test and train.test, made by go test -c) and prints ratios. Needs torch, gguf and numpy.
"""
import json
import math
import re
import statistics
import subprocess
import sys
import time

import gguf
import numpy as np
import torch
import torch.nn.functional as F


def load(path):
    """Returns the sizes and the weights of a model file."""
    reader = gguf.GGUFReader(path)
    keys = {name: field.parts[field.data[0]][0] for name, field in reader.fields.items()
            if len(field.data) == 1 and field.types[0] in (gguf.GGUFValueType.UINT32, gguf.GGUFValueType.FLOAT32)}
    weights = {}
    for t in reader.tensors:
        data = gguf.quants.dequantize(t.data, t.tensor_type).astype(np.float32)
        weights[t.name] = torch.from_numpy(data.reshape([int(n) for n in reversed(t.shape)]).copy())
    return {k.removeprefix("stride.flow."): v for k, v in keys.items()}, weights


class Flow(torch.nn.Module):
    def __init__(self, sizes, weights):
        super().__init__()
        self.s = {k: int(v) for k, v in sizes.items() if float(v).is_integer()}
        self.w = torch.nn.ParameterDict({k.replace(".", "/"): torch.nn.Parameter(v) for k, v in weights.items()})

    def get(self, name):
        return self.w[(name + ".weight").replace(".", "/")]

    def captions(self, ids):
        """Encodes captions of equal length, (B,T) tokens, as (B,C)."""
        heads = self.s["caption.attention.head_count"]
        x = F.embedding(ids, self.get("caption.token_embd"))
        b, t, c = x.shape
        d = c // heads
        angle = torch.arange(t)[:, None] * 10000.0 ** (-2 * torch.arange(d // 2) / d)
        sin, cos = angle.sin(), angle.cos()

        def rotate(x):
            x = x.view(b, t, heads, d // 2, 2)
            re, im = x[..., 0], x[..., 1]
            si, co = sin[:, None], cos[:, None]
            return torch.stack([re * co - im * si, re * si + im * co], -1).view(b, t, heads, d).transpose(1, 2)

        for i in range(self.s["caption.block_count"]):
            g = lambda n: self.get(f"caption.blk.{i}.{n}")
            h = F.rms_norm(x, (c,), g("attn_norm"), 1e-5)
            q, k = rotate(h @ g("attn_q").T), rotate(h @ g("attn_k").T)
            v = (h @ g("attn_v").T).view(b, t, heads, d).transpose(1, 2)
            a = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(b, t, c)
            x = x + a @ g("attn_output").T
            h = F.rms_norm(x, (c,), g("ffn_norm"), 1e-5)
            x = x + (F.silu(h @ g("ffn_gate").T) * (h @ g("ffn_up").T)) @ g("ffn_down").T
        x = F.rms_norm(x, (c,), self.get("caption.output_norm"), 1e-5)
        return x.mean(1) @ self.get("caption_in").T

    def clock(self, t, name):
        freq = 10000.0 ** (-torch.arange(32) / 32)
        e = 1000 * t[:, None] * freq
        h = torch.cat([e.sin(), e.cos()], 1)
        return F.silu(h @ self.get(name + "_in").T) @ self.get(name + "_out").T

    def conv(self, x, name):
        w = self.get(name)
        return F.conv2d(x, w.view(w.shape[0], 3, 3, -1).permute(0, 3, 1, 2), padding=1)

    def forward(self, x, t, span, caption):
        """x (B,Ch,H,W) at times t (B) -> the finished objects that the network expects."""
        s, b = self.s, x.shape[0]
        d, heads, p, stem = s["embedding_length"], s["attention.head_count"], s["patch_size"], s["stem_length"]
        cond = F.silu(self.clock(t, "time") + self.clock(span, "span") + caption)
        pixels = self.conv(x, "stem")
        hh, ww = s["height"] // p, s["width"] // p
        h = pixels.view(b, stem, hh, p, ww, p).permute(0, 2, 4, 3, 5, 1).reshape(b, hh * ww, p * p * stem)
        guess = (caption @ self.get("guess_out").T).view(b, hh * ww, s["channels"])
        h = h @ self.get("patch_in").T + self.get("position") + guess @ self.get("guess_in").T
        norm = lambda h, shift, scale: F.rms_norm(h, (d,), None, 1e-5) * (1 + scale[:, None]) + shift[:, None]
        split = lambda h: h.view(b, -1, heads, d // heads).transpose(1, 2)
        for i in range(s["block_count"]):
            g = lambda n: self.get(f"blk.{i}.{n}")
            m = (cond @ g("mod").T).chunk(6, 1)
            n = norm(h, m[0], m[1])
            a = F.scaled_dot_product_attention(split(n @ g("attn_q").T), split(n @ g("attn_k").T), split(n @ g("attn_v").T))
            h = h + m[2][:, None] * (a.transpose(1, 2).reshape(b, -1, d) @ g("attn_output").T)
            n = norm(h, m[3], m[4])
            h = h + m[5][:, None] * ((F.silu(n @ g("ffn_gate").T) * (n @ g("ffn_up").T)) @ g("ffn_down").T)
        m = (cond @ self.get("head_mod").T).chunk(2, 1)
        h = norm(h, m[0], m[1]) @ self.get("patch_out").T
        h = h.view(b, hh, ww, p, p, stem).permute(0, 5, 1, 3, 2, 4).reshape(b, stem, s["height"], s["width"])
        return self.conv(F.silu(self.conv(F.silu(h + pixels), "mix")), "head")


def values(path):
    net = Flow(*load(path)).double()
    torch.set_default_dtype(torch.float64)
    s = net.s
    size = s["width"] * s["height"] * s["channels"]
    x = torch.sin(torch.arange(size) * 0.7)  # any input that both sides can make
    tokens, t, span = [3, 4, 19], 0.25, 0.125
    with torch.no_grad():
        caption = net.captions(torch.tensor([tokens]))
        picture = x.view(1, s["height"], s["width"], s["channels"]).permute(0, 3, 1, 2)
        out = net(picture, torch.tensor([t]), torch.tensor([span]), caption).permute(0, 2, 3, 1).reshape(-1)
    print(json.dumps({"tokens": tokens, "time": t, "span": span, "velocity": [round(float(v), 7) for v in (out - x) / (1 - t)]}))


def once(f, *args):
    start = time.perf_counter()
    f(*args)
    return time.perf_counter() - start


def best_of(f, seconds=1.5):
    f()
    times = []
    while sum(times) < seconds or len(times) < 3:
        times.append(once(f))
    return statistics.median(times)


def go(binary, name, directory, *flags):
    out = subprocess.run([binary, "-test.run", "^$", "-test.bench", name, "-test.benchtime", "2s", *flags], cwd=directory, capture_output=True, text=True).stdout
    return float(re.search(r"\s(\d+) ns/op", out).group(1)) / 1e9


def time_all(path, bench, rounds, only):
    torch.set_num_threads(2)
    sizes, weights = load(path)
    net = Flow(sizes, weights)
    s = net.s
    compiled = torch.compile(net)

    def evaluate(model, b):
        x, t, c = torch.randn(b, s["channels"], s["height"], s["width"]), torch.full((b,), 0.3), torch.randn(b, s["embedding_length"])
        def f():
            with torch.inference_mode():
                model(x, t, torch.zeros(b), c)
        return f

    opt = torch.optim.AdamW(net.parameters(), lr=1e-5, fused=True)
    ema = [p.detach().clone() for p in net.parameters()]

    def step(model, micro):
        data = torch.randn(64, s["channels"], s["height"], s["width"])
        ids = torch.randint(0, 100, (64, 8))
        def f():
            for lo in range(0, 64, micro):
                x1 = data[lo:lo + micro]
                t = torch.rand(micro)
                x = (1 - t)[:, None, None, None] * torch.randn_like(x1) + t[:, None, None, None] * x1
                y = model(x, t, torch.zeros(micro), net.captions(ids[lo:lo + micro]))
                blurred = F.avg_pool2d(x1, s["patch_size"])
                guess = (net.captions(ids[lo:lo + micro]) @ net.get("guess_out").T).view(micro, -1, s["channels"])
                taught = ((guess - blurred.flatten(2).transpose(1, 2)) ** 2).sum() * 0.5 / blurred.numel() * micro / 64
                loss = taught + (((y - x1) / (1 - t).clamp(min=0.05)[:, None, None, None]) ** 2).sum() / data.numel()
                loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            opt.step()
            opt.zero_grad()
            torch._foreach_lerp_(ema, list(net.parameters()), 0.001)
        return f

    cases = [
        ("1 picture", "network.test", "^BenchmarkFlow$/^1$", {"eager": evaluate(net, 1), "compiled": evaluate(compiled, 1)}),
        ("16 pictures", "network.test", "^BenchmarkFlow$/^16$", {"eager": evaluate(net, 16), "compiled": evaluate(compiled, 16)}),
        ("training step of 64", "train.test", "^BenchmarkTrainFlow$", {"eager 16": step(net, 16), "eager 64": step(net, 64), "compiled 16": step(compiled, 16), "compiled 64": step(compiled, 64)}),
    ]
    for name, binary, pattern, peers in cases:
        if only not in name:
            continue
        ratios = []
        for _ in range(rounds):
            theirs = {k: best_of(f) for k, f in peers.items()}
            ours = go(f"{bench}/{binary}", pattern, "network" if binary.startswith("network") else "train")
            ratios.append(min(theirs.values()) / ours)
            print(f"{name}: ours {ours * 1e3:.2f} ms; " + ", ".join(f"{k} {v * 1e3:.2f}" for k, v in theirs.items()) + f"; ratio {ratios[-1]:.2f}", flush=True)
        print(f"{name}: best of PyTorch / ours {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})", flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "values":
        values(sys.argv[2])
    else:
        time_all(sys.argv[2], sys.argv[3], int(sys.argv[4]) if len(sys.argv) > 4 else 5, sys.argv[5] if len(sys.argv) > 5 else "")
