"""Compares the speed of stride with llama.cpp's on the same files, in turns.

    go build -o stride ./cmd/stride
    python3 network/testdata/llamacpp_speed.py ./stride PATH/llama-bench FILE.gguf ... [--ik PATH/llama-bench]
        [--threads 2,1] [--rounds 5] [--prompt 512] [--generate 128]

Each round runs every program once, one after the other; both warm up before they measure. It prints medians with the
smallest and the largest, tokens a second, and the ratio of stride's to the others' with its spread over the rounds.
All keep keys and values in f16.
--ik names the llama-bench of ik_llama.cpp, which is run with -rtr 1.
"""
import argparse
import json
import statistics
import subprocess


def stride(program, file, threads, prompt, generate):
    """Returns tokens a second of the prompt and of decoding, None for one that was not asked for."""
    out = subprocess.run(
        [program, "bench", file, "-p", str(prompt), "-n", str(generate), "-t", str(threads), "-r", "1", "--cache-type", "f16"],
        capture_output=True, text=True, check=True).stdout
    rates = {}
    for line in out.splitlines():
        words = line.split()
        for kind in ("pp", "tg"):
            for i, word in enumerate(words):
                if word.startswith(kind) and word[2:].isdigit():
                    rates[kind] = float(words[i + 1])
    return rates


def llama(program, file, threads, prompt, generate, extra=()):
    out = subprocess.run(
        [program, "-m", file, "-p", str(prompt), "-n", str(generate), "-t", str(threads), "-r", "1", "-o", "json", *extra],
        capture_output=True, text=True, check=True).stdout
    return {"pp" if t["n_prompt"] else "tg": t["avg_ts"] for t in json.loads(out)}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("stride")
    p.add_argument("llama")
    p.add_argument("files", nargs="+")
    p.add_argument("--ik")
    p.add_argument("--threads", default="2,1")
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--prompt", type=int, default=512)
    p.add_argument("--generate", type=int, default=128)
    a = p.parse_args()
    programs = {"stride": lambda *x: stride(a.stride, *x), "llama.cpp": lambda *x: llama(a.llama, *x)}
    if a.ik:
        programs["ik_llama.cpp"] = lambda *x: llama(a.ik, *x, extra=("-rtr", "1"))
    for file in a.files:
        for threads in a.threads.split(","):
            rounds = [{name: run(file, threads, a.prompt, a.generate) for name, run in programs.items()} for _ in range(a.rounds)]
            print(f"{file.rsplit('/', 1)[-1]}, {threads} threads")
            for kind in ("pp", "tg"):
                if kind not in rounds[0]["stride"]:
                    continue
                for name in programs:
                    rates = sorted(r[name][kind] for r in rounds)
                    line = f"  {kind} {name:13}{statistics.median(rates):8.1f} ({rates[0]:.1f} to {rates[-1]:.1f})"
                    if name != "stride":
                        ratios = sorted(r["stride"][kind] / r[name][kind] for r in rounds)
                        line += f"   stride : {name} {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
                    print(line, flush=True)


if __name__ == "__main__":
    main()
