"""Writes a tiny model of each family of public language models, with random weights, as tiny-FAMILY.gguf, and what
transformers computes from it in float32 as tiny-FAMILY.values.json: the residual stream before the first and after each
layer, behind the last norm, and the logits.

pip install torch transformers gguf; python tiny_families.py [NAME ...], in this folder.
"""
import json
import sys

import gguf
import torch
import transformers as tf

VOCAB, WIDTH, FFN, CONTEXT, ROWS = 64, 16, 20, 64, 24
SIZES = dict(vocab_size=VOCAB, hidden_size=WIDTH, intermediate_size=FFN, max_position_embeddings=CONTEXT,
             num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=1, rms_norm_eps=1e-5,
             bos_token_id=None, eos_token_id=None, pad_token_id=None, attn_implementation="eager")
TIED = dict(tie_word_embeddings=True)


def rope(theta, **more):
    return dict(rope_parameters=dict(rope_type="default", rope_theta=theta) | more)


GEMMA = dict(head_dim=12, query_pre_attn_scalar=12, hidden_activation="gelu_pytorch_tanh") | TIED
# Each file: its architecture, the model whose values are taken, how that is configured, and what the file says of it
# beside its sizes. Masked networks have no model of their own in transformers: theirs is the causal one that they share
# their blocks with, and all positions are shown to it.
FILES = {
    # Llama 3: frequencies scaled by a tensor, logits by a table of their own.
    "llama3": ("llama", tf.LlamaForCausalLM, tf.LlamaConfig, dict(tie_word_embeddings=False, **rope(
        500.0, rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=24)), {}),
    # Llama with biases and linearly scaled frequencies.
    "linear": ("llama", tf.LlamaForCausalLM, tf.LlamaConfig, dict(attention_bias=True, **TIED, **rope(
        700.0, rope_type="linear", factor=4.0)), {"rope.scaling.type": "linear", "rope.scaling.factor": 4.0}),
    # Mistral: heads of a width of their own, a window in all layers.
    "mistral": ("llama", tf.MistralForCausalLM, tf.MistralConfig, dict(
        head_dim=12, sliding_window=7, tie_word_embeddings=False, **rope(900.0)), {"attention.sliding_window": 7}),
    "qwen2": ("qwen2", tf.Qwen2ForCausalLM, tf.Qwen2Config, dict(**TIED, **rope(1000.0)), {}),
    # Qwen 3, with YaRN as its makers propose for long texts.
    "qwen3": ("qwen3", tf.Qwen3ForCausalLM, tf.Qwen3Config, dict(head_dim=12, attention_bias=False, tie_word_embeddings=False, **rope(
        300.0, rope_type="yarn", factor=4.0, original_max_position_embeddings=32, beta_fast=4.0, beta_slow=1.0)),
        {"rope.scaling.type": "yarn", "rope.scaling.factor": 4.0, "rope.scaling.original_context_length": 32,
         "rope.scaling.yarn_beta_fast": 4.0, "rope.scaling.yarn_beta_slow": 1.0}),
    "gemma": ("gemma", tf.GemmaForCausalLM, tf.GemmaConfig, dict(head_dim=12, hidden_act="gelu_pytorch_tanh", **TIED, **rope(600.0)), {}),
    # Gemma 2: caps so low that they have a say; each second layer sees all.
    "gemma2": ("gemma2", tf.Gemma2ForCausalLM, tf.Gemma2Config, dict(
        GEMMA, sliding_window=5, attn_logit_softcapping=1.5, final_logit_softcapping=2.0, **rope(600.0)),
        {"attention.sliding_window": 5, "attn_logit_softcapping": 1.5, "final_logit_softcapping": 2.0}),
    # Gemma 3: each sixth layer sees all, with frequencies of its own, scaled as in its larger models.
    "gemma3": ("gemma3", tf.Gemma3ForCausalLM, tf.Gemma3TextConfig, dict(
        GEMMA, num_hidden_layers=7, intermediate_size=16, sliding_window=6, rope_parameters=dict(
            full_attention=dict(rope_type="linear", rope_theta=5000.0, factor=8.0),
            sliding_attention=dict(rope_type="default", rope_theta=200.0))),
        {"attention.sliding_window": 6, "rope.freq_base_swa": 200.0, "rope.scaling.type": "linear", "rope.scaling.factor": 8.0}),
    "llada": ("llada", tf.LlamaForCausalLM, tf.LlamaConfig, dict(num_key_value_heads=2, tie_word_embeddings=False, **rope(800.0)),
              {"attention.causal": False, "diffusion.shift_logits": False}),
    "dream": ("dream", tf.Qwen2ForCausalLM, tf.Qwen2Config, dict(tie_word_embeddings=False, **rope(800.0)), {"attention.causal": False}),
}
NEIGHBOURS = ("llama", "llada")  # files of these have the halves of heads interleaved
MASKED = ("llada", "dream")


def randomise(model, seed):
    torch.manual_seed(seed)
    with torch.no_grad():
        for name, p in model.named_parameters():
            if "norm" in name:  # those of Gemma are used plus 1
                p.copy_(0.3 * torch.randn_like(p) + (0.0 if "Gemma" in type(model).__name__ else 1.0))
            else:
                p.copy_(0.25 * torch.randn_like(p))


def interleave(w, heads):
    return w.reshape(heads, 2, w.shape[0] // heads // 2, *w.shape[1:]).transpose(1, 2).reshape(w.shape)


def tensors(model, arch, layers):
    names = gguf.get_tensor_name_map({v: k for k, v in gguf.MODEL_ARCH_NAMES.items()}[arch], layers)
    heads, kv = model.config.num_attention_heads, model.config.num_key_value_heads
    for name, p in model.named_parameters():
        w = p.detach()
        if arch in NEIGHBOURS and ".q_proj." in name:
            w = interleave(w, heads)
        if arch in NEIGHBOURS and ".k_proj." in name:
            w = interleave(w, kv)
        if "norm" in name and arch.startswith("gemma"):
            w = w + 1
        yield names.get_name(name, (".weight", ".bias")), w


def llama3_factors(model):
    """By what the frequencies that transformers uses are smaller than the usual ones."""
    usual = model.config.rope_parameters["rope_theta"] ** (-torch.arange(0, 8, 2, dtype=torch.float64) / 8)
    return usual / model.model.rotary_emb.inv_freq.double()


def write(name, arch, make, configure, options, says, seed):
    options = SIZES | options
    config = configure(**options)
    model = make(config).eval().float()
    randomise(model, seed)
    w = gguf.GGUFWriter(f"tiny-{name}.gguf", arch)
    w.add_context_length(CONTEXT)
    w.add_embedding_length(WIDTH)
    w.add_block_count(config.num_hidden_layers)
    w.add_feed_forward_length(config.intermediate_size)
    w.add_head_count(config.num_attention_heads)
    w.add_head_count_kv(config.num_key_value_heads)
    w.add_layer_norm_rms_eps(config.rms_norm_eps)
    w.add_vocab_size(VOCAB)
    w.add_tokenizer_model("none")  # so that llama.cpp opens the file
    if "head_dim" in options:
        w.add_key_length(config.head_dim)
        w.add_value_length(config.head_dim)
    p = config.rope_parameters
    w.add_rope_freq_base(p.get("full_attention", p)["rope_theta"])
    for key, value in says.items():
        key = key if key.startswith("diffusion.") else f"{arch}.{key}"
        {bool: w.add_bool, int: w.add_uint32, float: w.add_float32, str: w.add_string}[type(value)](key, value)
    for tensor, data in tensors(model, arch, config.num_hidden_layers):
        w.add_tensor(tensor, data.float().numpy())
    if name == "llama3":
        w.add_tensor("rope_freqs.weight", llama3_factors(model).float().numpy())
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()

    tokens = [(7 * i * i + 3 * i + seed) % VOCAB for i in range(ROWS)]
    full = {"attention_mask": torch.zeros(1, 1, ROWS, ROWS)} if arch in MASKED else {}
    with torch.no_grad():
        out = model(torch.tensor([tokens]), output_hidden_states=True, use_cache=False, **full)
        # The last is behind the norm already.
        hidden = [model.model.norm(h)[0] for h in out.hidden_states[:-1]] + [out.hidden_states[-1][0]]
    logits = out.logits[0]
    if arch == "dream":  # a position's logits come from the row before it
        logits = torch.cat([logits[:1], logits[:-1]])

    def rows(m):
        return [[float(f"{x:.7g}") for x in row] for row in m.tolist()]
    with open(f"tiny-{name}.values.json", "w") as f:
        json.dump({"made_by": f"transformers {tf.__version__}", "tokens": tokens, "hidden": [rows(h) for h in hidden], "logits": rows(logits)},
                  f, separators=(",", ":"))
        f.write("\n")
    print(name, "logits from", logits.min().item(), "to", logits.max().item())


for i, name in enumerate(FILES):
    if len(sys.argv) < 2 or name in sys.argv[1:]:
        write(name, *FILES[name], i + 1)
