"""Makes the reference values beside this file. None of the code tested had a part in them.

    pip install numpy==2.4.6 scipy==1.17.1 torch==2.15.0 librosa==0.11.0 jiwer==4.0.0 && python reference.py

sounds.json: distortions and distances of pairs of made-up sounds, by librosa (mel, dynamic time warping), scipy (cosine
transform) and PyTorch (STFT), and buzz by numpy.
labels.json: error rates by jiwer.
"""
import json
import jiwer
import librosa
import numpy as np
import scipy.fft
import torch

RATE, HOP, FFT = 16000, 160, 1024


def sound(n, hz, rise, tempo, hiss):
    """A voice that rises, in bursts, and hiss of a linear congruential generator; reference_test.go has the same."""
    t = np.arange(n, dtype=np.float64) / RATE
    x = np.zeros(n)
    for h in range(1, 9):
        # The formant wanders, so that there is something to align.
        gain = 1 / (1 + (h - 4 - 3 * np.sin(2 * np.pi * 1.5 * tempo * t)) ** 2)
        x += 0.2 * gain * np.sin(2 * np.pi * h * (hz * t + rise * t * t / 2))
    x *= np.sin(2 * np.pi * tempo * t) > -0.5
    state, noise = 1, []
    for _ in range(n):
        state = (1664525 * state + 1013904223) % 2**32
        noise.append(state / 2**31 - 1)
    return (x + hiss * np.array(noise)).astype(np.float32)


def framed(x):
    y = np.pad(x.astype(np.float64), (FFT - HOP) // 2, mode="reflect")
    return librosa.stft(y, n_fft=FFT, hop_length=HOP, center=False, dtype=np.complex128)


def cepstra(x):
    m = librosa.filters.mel(sr=RATE, n_fft=FFT, n_mels=80, fmin=0, fmax=8000, dtype=np.float64)
    logs = np.log(np.maximum(m @ np.abs(framed(x)), 1e-5))
    return scipy.fft.dct(logs, type=2, axis=0)[1:25] / 80  # scipy has 2 Σ


def distortion(a, b):
    return 10 / np.log(10) * np.sqrt(2 * ((a - b) ** 2).sum(axis=0))


def distances(x, y):
    n = min(len(x), len(y))
    convergence, logs = [], []
    for fft, hop, window in [(512, 50, 240), (1024, 120, 600), (2048, 240, 1200)]:
        def magnitude(v):
            z = torch.stft(torch.tensor(v[:n], dtype=torch.float64), fft, hop, window, torch.hann_window(window, dtype=torch.float64), return_complex=True)
            return torch.sqrt(torch.clamp(z.real**2 + z.imag**2, min=1e-7))
        a, b = magnitude(x), magnitude(y)
        convergence.append(float(torch.norm(a - b) / torch.norm(a)))
        logs.append(float(torch.nn.functional.l1_loss(torch.log(a), torch.log(b))))
    return np.mean(convergence), np.mean(logs)


def ripple(x):
    out = []
    for frame in framed(x).T:
        log = 10 * np.log10(np.abs(frame) ** 2 + 1e-6)
        cepstrum = np.fft.ifft(np.concatenate([log, log[-2:0:-1]])).real
        out.append(2 * max(0, cepstrum[RATE // 500 : RATE // 60 + 1].max()))
    return float(np.mean(out))


def number(x):
    return float(f"{x:.7g}")


def sounds():
    cases = []
    for first, second in [
        ([8000, 150, 20, 2, 0.002], [8100, 150, 20, 2, 0.01]),
        ([8000, 150, 20, 2, 0.002], [8000, 170, 0, 2, 0.002]),
        ([9000, 120, 40, 2, 0.002], [12000, 120, 30, 1.5, 0.002]),
    ]:
        x, y = sound(*first), sound(*second)
        a, b = cepstra(x), cepstra(y)
        cost = np.array([distortion(a[:, [i]], b) for i in range(a.shape[1])])
        _, path = librosa.sequence.dtw(C=cost)
        case = {
            "first": first, "second": second, "warped": number(cost[path[:, 0], path[:, 1]].mean()), "steps": len(path),
            "cepstrum": [number(v) for v in a[:, 10]], "ripples": [number(ripple(x)), number(ripple(y))],
        }
        if abs(len(x) - len(y)) < 800:
            n = min(a.shape[1], b.shape[1])
            convergence, logs = distances(x, y)
            case |= {"straight": number(distortion(a[:, :n], b[:, :n]).mean()), "convergence": number(convergence), "logMagnitude": number(logs)}
        cases.append(case)
    with open("sounds.json", "w") as f:
        f.write(json.dumps(cases, separators=(",", ":")).replace("},{", "},\n{") + "\n")


def labels():
    r = np.random.default_rng(4)
    cases = []
    for n in [1, 2, 3, 5, 8, 13, 21, 34]:
        reference = [str(v) for v in r.integers(0, 5, n)]
        heard = [v for v in reference if r.random() > 0.2]
        heard = [str(r.integers(0, 5)) if r.random() < 0.2 else v for v in heard] + [str(v) for v in r.integers(0, 5, r.integers(0, 3))]
        cases.append({"reference": " ".join(reference), "heard": " ".join(heard), "rate": number(jiwer.wer(" ".join(reference), " ".join(heard)))})
    with open("labels.json", "w") as f:
        f.write(json.dumps(cases, separators=(",", ":")).replace("},{", "},\n{") + "\n")


if __name__ == "__main__":
    sounds()
    labels()
