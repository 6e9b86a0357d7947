"""The acoustic network in PyTorch: reference values for the tests.

    python acoustic.py tiny-acoustic.gguf > tiny-acoustic.frames.json

Needs torch, gguf and numpy. All is computed in float64.
"""
import json
import sys

import gguf
import numpy as np
import torch
import torch.nn.functional as F

SYMBOLS, PLACES, SPEAKER, FRAMES = [3, 0, 4, 1, 2], [0, 2, 3, 4, 0], 1, [3, 2, 5, 1, 4]


def load(path):
    """Returns the keys and the weights of a model file."""
    reader = gguf.GGUFReader(path)
    keys = {name.removeprefix("stride.acoustic."): np.array([f.parts[i] for i in f.data]).reshape(-1)
            for name, f in reader.fields.items() if name.startswith("stride.acoustic.")}
    weights = {t.name: torch.from_numpy(t.data.astype(np.float64).reshape([int(n) for n in reversed(t.shape)])) for t in reader.tensors}
    return keys, weights


class Acoustic:
    def __init__(self, keys, w):
        self.size = lambda name: int(keys[name][0])
        self.w, self.kernel, self.group = w, self.size("kernel_length"), self.size("group_length")

    def norm(self, h, name):
        return F.rms_norm(h, (h.shape[1],), self.w[name + ".weight"].view(-1), 1e-6)

    def linear(self, h, name):
        y = h @ self.w[name + ".weight"].T
        return y + self.w[name + ".bias"].view(-1) if name + ".bias" in self.w else y

    def block(self, h, name, left):
        """A block of ConvNeXt over h (T,C), its convolution padded by so many rows before."""
        x = F.pad(h.T[None], (left, self.kernel - 1 - left))
        c = F.conv1d(x, self.w[f"{name}.conv.weight"].T[:, None], groups=h.shape[1])[0].T
        c = F.gelu(self.linear(self.norm(c, f"{name}.norm"), f"{name}.ffn_up"), approximate="tanh")
        return h + self.linear(c, f"{name}.ffn_down") * self.w[f"{name}.scale.weight"].view(-1)

    def encode(self):
        h = self.w["symbol_embd.weight"][SYMBOLS] + self.w["place_embd.weight"][PLACES] + self.w["voice_embd.weight"][SPEAKER]
        for i in range(self.size("encoder_block_count")):
            h = self.block(h, f"enc.{i}", self.kernel // 2)
        return self.norm(h, "enc_norm")

    def predict(self, h):
        for i in range(2):
            h = self.block(h, f"prosody.{i}", self.kernel // 2)
        return self.linear(self.norm(h, "prosody_norm"), "prosody")

    def condition(self, h, tune):
        h = h + self.linear(tune, "intonation")
        frames = FRAMES.copy()
        frames[-1] += -sum(frames) % self.group
        unit = [u for u, n in enumerate(frames) for _ in range(n)]
        within = torch.tensor([[(k + 0.5) / n, (k + 1) / 20, (n - k) / 20] for n in frames for k in range(n)])
        y = self.linear(within.reshape(-1, 3 * self.group), "within")
        for g in range(self.group):
            y = y + self.linear(h, f"spread.{g}")[unit[g::self.group]]
        return self.norm(y, "condition_norm")

    def ar(self, cond, previous):
        h = self.linear(F.silu(self.linear(previous, "prenet_in")), "prenet_out") + self.linear(cond, "ar_condition")
        for i in range(self.size("causal_block_count")):
            h = self.block(h, f"ar.{i}", self.kernel - 1)
        return self.linear(self.norm(h, "ar_norm"), "ar_output")

    def flow(self, cond, x, time):
        n = 32
        angle = 1000 * time * 10000 ** (-torch.arange(n) / n)
        when = F.silu(self.linear(F.silu(self.linear(torch.cat([angle.sin(), angle.cos()])[None], "time_in")), "time_out"))
        h = self.linear(x, "flow_in") + self.linear(cond, "flow_condition")
        for i in range(self.size("block_count")):
            h = self.block(h + self.linear(when, f"flow.{i}.time"), f"flow.{i}", self.kernel // 2)
        return self.linear(self.norm(h, "flow_norm"), "flow_output")


def wave(n, width):
    """Any input that both sides can make."""
    return torch.sin(torch.arange(n * width) * 0.7).view(n, width)


if __name__ == "__main__":
    torch.set_default_dtype(torch.float64)
    net = Acoustic(*load(sys.argv[1]))
    h = net.encode()
    cond = net.condition(h, wave(len(SYMBOLS), 2))
    frames = wave(len(cond), net.group * net.size("mel_bands"))
    out = {"prosody": net.predict(h), "continued": net.ar(cond, frames), "finished": net.flow(cond, frames, 0.3)}
    print(json.dumps({name: [round(float(v), 7) for v in y.flatten()] for name, y in out.items()}))
