"""Writes tokenizers/: small tokenizers in the forms of public models, and the tokens that they give.

pip install tokenizers==0.23.3; python make_tokenizers.py, in this folder. The vocabularies of public models are too large to
be kept here: these are trained on the texts below and the project's documentation, each with the normalizers, patterns
and decoders of a family's own tokenizer.json. NAME.json is the tokenizer, NAME.ids.json what it gives: "plain" with the
names of special tokens taken for text (encode_special_tokens), "marked" with them parsed, where that differs.
"""
import glob
import json
import random

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from tokenizers import __version__

LLAMA3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
QWEN2 = LLAMA3.replace(r"\p{N}{1,3}", r"\p{N}")
TEKKEN = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
          r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
          r"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
LLADA = (r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+")

CHAT = ["<|im_start|>", "<|im_end|>", "<|endoftext|>"]
MARKS = ["<unk>", "<s>", "</s>"]

TEXTS = [
    "", " ", "  ", "\n", "\n\n \n", "a", " a", "a ", "  a  b   c    d",
    "Hello, World! I'll say it's fine; they've gone, we're late, I'm sure he'd go, don't you?",
    "CAN'T WE'LL I'M HE'D O'Neil rock'n'roll 'tis ''quoted'' 's 'ſ don’t",
    "unbreakable unbelievable breaking ABLE HTTPServer iPhone McDonald camelCase snake_case CONST_NAME ÉCOLE naïve Straße ǅungla",
    "1 12 123 1234 12345 1,234.56 3.14159 0x1F 1e-9 2024-05-06 ９９ ½ ² Ⅷ ٣٤ १२३ 𝟘𝟙 ①",
    "春眠不覺曉，處處聞啼鳥。夜來風雨聲，花落知多少？", "学长今天还说他喜欢我呢 hello 世界 123 人工智能",
    "こんにちは、カタカナ。안녕하세요 가 각 한국어", "Привет, как дела? Ελληνικά γλώσσα",
    "שלום עולם السلام عليكم مرحبا \u202eabc\u200f ـ لا", "हिन्दी বাংলা தமிழ் ก็ นี้ ภาษาไทย",
    "e\u0301 é a\u0308\u0323 ệ \u0301 Å Z͑ͫ̓ͪ̂ͫ ﬃ \u0f71\u0f72",
    "😀 👩‍👩‍👧 🏳️‍🌈 👍🏽 🇩🇪❤️ 1️⃣ ☺✂️ 👨🏿‍🚀", "\x00\x01\x04\x1b[31m\x7f\x80\x9f\ufeff\ufffd\ue000\U0010ffff",
    "tab\tbetween\t\ttwo\r\nlines\r\rand\v\f\x85\xa0\u2003\u3000\u2028end \n x\n  y \t\n",
    " " * 7 + "x" + " " * 33 + "y" + "\n" * 5 + "z" + "\t" * 9, "a" * 70, "ab" * 40, "。" * 20 + "!" * 30 + "=" * 17,
    "func main() {\n\tfor i := range 10 {\n\t\tfmt.Println(i, \"x\", 'y')\n\t}\n}\n",
    "def f(x):\n    return x**2  # a comment\n\n\nclass A(B):\n    pass\n",
    "<div class=\"a\">&nbsp;</div> // path/to/file.go:12 /\n/// https://example.com/?q=1&r=2#frag",
    "int a[3]={0,1,2};if(a!=b&&c||!d){x->y+=~z;}", "SELECT * FROM t WHERE a='b' AND c<>'d';",
    "<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n", "<s>[INST] Hi [/INST] Hello</s> <s>",
    "x<unk>y</s>z<|endoftext|><|im_end|><|im_end", " <s> x </s> ", "<tool_call>{\"name\": 1}</tool_call> a<think>b",
    "\U0001fae9 \U00013460 \U0002ebf0 \U00010d41 \U0001e5f1", "\u0378\u0379 \u200b\u200c\u2060 \U000e0041",
]


def mixed(count):
    """Texts of random characters from the texts above and from all of Unicode, the same in every run."""
    r = random.Random(5)
    pool = [c for t in TEXTS for c in t] + [" ", "\n", "'", "s", "1"] * 20
    for _ in range(count):
        pick = lambda: r.choice(pool) if r.random() < 0.9 else chr(r.choice([r.randrange(0x20, 0x2581), r.randrange(0x2600, 0xD800), r.randrange(0x10000, 0x1F000)]))
        yield "".join(pick() for _ in range(r.randrange(1, 50)))


def byte_level(split, whole=False, normalizer=None, template=None, special=CHAT, regex=False):
    t = Tokenizer(models.BPE(ignore_merges=whole))
    byte = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=regex)
    t.pre_tokenizer = pre_tokenizers.Sequence(split + [byte]) if split else byte
    t.decoder = decoders.ByteLevel()
    if normalizer:
        t.normalizer = normalizer
    return t, dict(special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()), template, ["<tool_call>", "</tool_call>", "<think>"]


def spelled(normalizer, pre, decoder, template, added):
    t = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    if normalizer:
        t.normalizer = normalizer
    if pre:
        t.pre_tokenizer = pre
    t.decoder = decoder
    special = MARKS + ["<0x%02X>" % b for b in range(256)]
    return t, dict(special_tokens=special), template, added


def split(pattern):
    return pre_tokenizers.Split(Regex(pattern), "isolated")


def families():
    llama2 = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    gemma = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    yield "gpt-2", byte_level([], regex=True)
    yield "smollm", byte_level([pre_tokenizers.Digits(individual_digits=True)], regex=True)
    yield "llama-bpe", byte_level([split(LLAMA3)], whole=True, template="<|endoftext|> $A")
    yield "qwen2", byte_level([split(QWEN2)], normalizer=normalizers.NFC())
    yield "tekken", byte_level([split(TEKKEN)], whole=True, template="<s> $A", special=MARKS)
    yield "bailingmoe", byte_level([split(LLADA)])
    yield "tinyllama", spelled(normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]), None, llama2, "<s> $A", [])
    yield "mistral", spelled(None, pre_tokenizers.Metaspace("▁", "first", False), llama2, "<s> $A </s>", ["[INST]", "[/INST]"])
    yield "gemma", spelled(normalizers.Replace(" ", "▁"), pre_tokenizers.Split(" ", "merged_with_previous"), gemma, "<s> $A", ["\n\n", "\n\n\n", "<div", "</div>"])


def main():
    docs = [line for p in sorted(glob.glob("../../../docs/*.md")) for line in open(p, encoding="utf-8")]
    texts = TEXTS + list(mixed(40))
    for name, (t, options, template, added) in families():
        t.train_from_iterator(docs[:1500] + texts * 3, trainers.BpeTrainer(vocab_size=900, show_progress=False, max_token_length=12, **options))
        # Training makes added tokens of all special ones; only the first are so in the families' files.
        file = json.loads(t.to_str())
        keep = {a["content"] for a in file["added_tokens"] if not a["content"].startswith("<0x")}
        file["added_tokens"] = [a for a in file["added_tokens"] if a["content"] in keep]
        t = Tokenizer.from_str(json.dumps(file))
        t.add_tokens([AddedToken(a, normalized=False) for a in added])
        if template:
            marks = [m for m in template.split() if m != "$A"]
            t.post_processor = processors.TemplateProcessing(single=template, special_tokens=[(m, t.token_to_id(m)) for m in marks])
        with open("tokenizers/%s.json" % name, "w", encoding="utf-8") as f:
            f.write(json.dumps(json.loads(t.to_str()), ensure_ascii=False, separators=(",", ":")) + "\n")
        cases = []
        for text in texts:
            t.encode_special_tokens = True
            case = {"text": text, "plain": t.encode(text, add_special_tokens=False).ids}
            t.encode_special_tokens = False
            marked = t.encode(text, add_special_tokens=False).ids
            if marked != case["plain"]:
                case["marked"] = marked
            cases.append(case)
        with open("tokenizers/%s.ids.json" % name, "w", encoding="utf-8") as f:
            rows = ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases)
            prompt = t.encode("Hello").ids
            f.write('{"made_by":"tokenizers %s","prompt":%s,"cases":[\n%s]}\n' % (__version__, json.dumps({"text": "Hello", "ids": prompt}), rows))
        print(name, t.get_vocab_size(), "tokens", len(cases), "texts")


main()
