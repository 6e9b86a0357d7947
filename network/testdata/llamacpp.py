"""Writes tiny-llama.logits.json: the logits of llama.cpp for tiny-llama.gguf.

pip install llama-cpp-python gguf; python llamacpp.py, in this folder.
"""
import json

import llama_cpp
import numpy as np

FLOAT32 = 0  # GGML_TYPE_F32: keys and values are not rounded either
TEXT = "春曉 the sheen\n夜來風雨聲 unbreakable\n生"

# Scores of llama.cpp come without rounding only where weights, cache and arithmetic are all float32.
model = llama_cpp.Llama("tiny-llama.gguf", n_ctx=64, logits_all=True, type_k=FLOAT32, type_v=FLOAT32, flash_attn=False, verbose=False)
tokens = [model.token_bos()] + model.tokenize(TEXT.encode(), add_bos=False, special=False)
model.eval(tokens)
with open("tiny-llama.logits.json", "w") as f:
    rows = ",\n".join("[" + ",".join(f"{x:.7g}" for x in row) + "]" for row in np.array(model.scores[: len(tokens)]))
    f.write('{"made_by":"llama-cpp-python %s","text":%s,\n"tokens":%s,\n"logits":[\n%s]}\n'
            % (llama_cpp.__version__, json.dumps(TEXT, ensure_ascii=False), json.dumps(tokens), rows))
print(len(tokens), "tokens", model.n_vocab(), "logits each")
