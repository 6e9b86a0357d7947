"""Writes sampling.json: for random logits and histories, the probability that each token is drawn with.

    python sampling.py > sampling.json

Written from the papers and the OpenAI API reference in float64 with numpy, not from Stride's code: bias, penalties, top-k, typical,
top-p, min-p, temperature, in this order.
"""
import json
import numpy as np


def softmax(x):
    e = np.exp(x - x.max())
    return e / e.sum()


def probabilities(logits, prompt, response, o):
    x = np.array(logits, float)
    for token, value in o.get("bias", {}).items():
        x[int(token)] += -np.inf if value is None else value
    last = (prompt + response)[-o.get("repeat_last", 64):]
    for token in set(last):
        r = o.get("repeat_penalty", 1)
        x[token] = x[token] / r if x[token] > 0 else x[token] * r
    for token in set(response):
        x[token] -= response.count(token) * o.get("frequency_penalty", 0) + o.get("presence_penalty", 0)
    keep = np.argsort(-x, kind="stable")
    keep = keep[np.isfinite(x[keep])]
    if "top_k" in o:
        keep = keep[: o["top_k"]]
    if "typical" in o:
        p = softmax(x[keep])
        surprise = -np.log(p)
        order = np.argsort(np.abs(surprise - (p * surprise).sum()), kind="stable")
        n = np.searchsorted(np.cumsum(p[order]), o["typical"], side="right") + 1
        keep = keep[np.sort(order[:n])]
    if "top_p" in o:
        p = softmax(x[keep])
        keep = keep[: np.searchsorted(np.cumsum(p), o["top_p"]) + 1]
    if "min_p" in o:
        p = softmax(x[keep])
        keep = keep[p >= o["min_p"] * p.max()]
    out = np.zeros(len(x))
    out[keep] = softmax(x[keep] / o["temperature"])
    return out


rng = np.random.default_rng(5)
cases = []
for options in [
    {"temperature": 1, "typical": 0.5},
    {"temperature": 0.7, "typical": 0.2},
    {"temperature": 1, "typical": 0.9, "top_k": 6},
    {"temperature": 1, "typical": 0.9, "top_p": 0.7, "min_p": 0.3},
    {"temperature": 1, "repeat_penalty": 1.3},
    {"temperature": 1, "repeat_penalty": 2, "repeat_last": 3},
    {"temperature": 1, "frequency_penalty": 0.8},
    {"temperature": 1, "presence_penalty": 1.5},
    {"temperature": 1.2, "frequency_penalty": -0.5, "presence_penalty": 0.25, "repeat_penalty": 1.1, "top_k": 8},
    {"temperature": 1, "bias": {"3": 2.5, "4": -1.0, "5": None}},
    {"temperature": 0.8, "bias": {"0": 1.0}, "repeat_penalty": 1.5, "presence_penalty": 0.5, "top_k": 9, "typical": 0.95, "top_p": 0.9, "min_p": 0.05},
]:
    for _ in range(4):
        v = 16
        logits = np.round(rng.normal(0, 2, v), 3).tolist()
        prompt = rng.integers(0, v, 4).tolist()
        response = rng.integers(0, v // 2, rng.integers(0, 8)).tolist()
        p = probabilities(logits, prompt, response, options)
        cases.append({"options": options, "logits": logits, "prompt": prompt, "response": response, "p": [round(float(x), 9) for x in p]})
print("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]")
