"""Makes the reference values beside this file. None of the code tested had a part in them.

    pip install numpy==2.4.6 torch==2.15.0 librosa==0.11.0 soundfile==0.14.0 && python reference.py

stft.json, mel.json, mulaw.json: numbers of librosa, PyTorch and numpy.
*.wav, *.flac, *.mp3: sounds written by libsndfile.
"""
import json
import librosa
import numpy as np
import soundfile
import torch


def signal(n, rate):
    """Two tones, a rising one and noise of a linear congruential generator; reference_test.go has the same."""
    i = np.arange(n, dtype=np.float64)
    x = 0.3 * np.sin(2 * np.pi * 220 * i / rate) + 0.1 * np.sin(2 * np.pi * 3100 * i / rate)
    x += 0.2 * np.sin(2 * np.pi * (500 + 1000 * i / n) * i / rate)
    state, noise = 1, []
    for _ in range(n):
        state = (1664525 * state + 1013904223) % 2**32
        noise.append(state / 2**31 - 1)
    return (x + 0.02 * np.array(noise)).astype(np.float32)


def numbers(x, digits=6):
    return [float(f"%.{digits}g" % v) for v in np.asarray(x, dtype=np.float64).ravel()]


def write(name, value):
    with open(name, "w") as f:
        f.write(json.dumps(value, separators=(",", ":")).replace('],"', '],\n"').replace("},{", "},\n{") + "\n")


def hann(window, fft):
    return librosa.util.pad_center(librosa.filters.get_window("hann", window), size=fft)


def stft():
    cases = []
    for n, fft, hop, window, same in [(88, 32, 8, 32, False), (60, 32, 6, 20, False), (9, 32, 8, 32, False), (70, 64, 16, 64, True)]:
        x = signal(n, 16000)
        pad = (fft - hop) // 2 if same else fft // 2
        y = np.pad(x.astype(np.float64), pad, mode="reflect")
        z = librosa.stft(y, n_fft=fft, hop_length=hop, win_length=window, window="hann", center=False, dtype=np.complex128)
        if not same and n > pad:
            w = torch.hann_window(window, dtype=torch.float64)
            torch_z = torch.stft(torch.tensor(x, dtype=torch.float64), fft, hop, window, w, center=True, return_complex=True)
            assert np.abs(torch_z.numpy() - z).max() < 1e-6
        # The inverse of what is no transform of a sound.
        r = np.random.default_rng(n)
        s = (r.uniform(-1, 1, z.shape) + 1j * r.uniform(-1, 1, z.shape)).astype(np.complex64)
        s = (s * 64).round() / 64
        length = hop * z.shape[1] if same else n
        wide = np.zeros(length + 2 * pad + fft)
        weight = np.zeros_like(wide)
        for t in range(z.shape[1]):
            wide[t * hop :][:fft] += np.fft.irfft(s[:, t]) * hann(window, fft)
            weight[t * hop :][:fft] += hann(window, fft) ** 2
        inverse = (wide / np.maximum(weight, 1e-12))[pad:][:length]
        if not same and n > pad:
            torch_y = torch.istft(torch.tensor(s.astype(np.complex128)), fft, hop, window, w, center=True, length=length)
            assert np.abs(torch_y.numpy() - inverse).max() < 1e-6
        cases.append({
            "samples": n, "fft": fft, "hop": hop, "window": window, "same": same,
            "real": numbers(z.T.real, 6), "imag": numbers(z.T.imag, 6),
            "madeReal": numbers(s.T.real), "madeImag": numbers(s.T.imag), "inverse": numbers(inverse),
        })
    write("stft.json", cases)


def mel():
    cases = []
    for rate, fft, hop, window, bands, low, high, n in [
        (16000, 1024, 160, 1024, 80, 0, 8000, 1700), (22050, 1024, 256, 1024, 80, 0, 8000, 1500), (16000, 512, 200, 400, 40, 60, 7600, 1000),
    ]:
        x = signal(n, rate).astype(np.float64)
        x[n // 2 :] = 0
        y = np.pad(x, (fft - hop) // 2, mode="reflect")
        z = np.abs(librosa.stft(y, n_fft=fft, hop_length=hop, win_length=window, center=False, dtype=np.complex128))
        m = librosa.filters.mel(sr=rate, n_fft=fft, n_mels=bands, fmin=low, fmax=high, dtype=np.float64)
        cases.append({
            "rate": rate, "fft": fft, "hop": hop, "window": window, "bands": bands, "low": low, "high": high, "samples": n,
            "log": numbers(np.log(np.maximum(m @ z, 1e-5)).T, 6), "sums": numbers(m.sum(axis=1)),
        })
    write("mel.json", cases)


def mulaw():
    x = np.concatenate([np.linspace(-1, 1, 41), [1e-3, -1e-3, 1e-5, -1e-5, 1 / 256]])
    y = np.sign(x) * np.log1p(255 * np.abs(x)) / np.log1p(255)
    q = np.floor((y + 1) / 2 * 255 + 0.5).astype(int)
    z = 2 * np.arange(256) / 255 - 1
    write("mulaw.json", {"samples": numbers(x, 17), "levels": q.tolist(), "decoded": numbers(np.sign(z) * (256 ** np.abs(z) - 1) / 255)})


def files():
    left, right = signal(600, 16000).astype(np.float64), 0.5 * signal(600, 8000).astype(np.float64)
    both = np.stack([left, right], axis=1)
    soundfile.write("float64.wav", both[:200], 16000, subtype="DOUBLE")
    soundfile.write("extensible24.wav", both[:200], 16000, subtype="PCM_24", format="WAVEX")
    soundfile.write("unsigned8.wav", left[:200], 16000, subtype="PCM_U8")
    soundfile.write("stereo24.flac", both, 16000, subtype="PCM_24")
    soundfile.write("mono16.flac", left, 16000, subtype="PCM_16")
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(8000) / 16000)
    soundfile.write("mono.mp3", tone, 16000, compression_level=0.9)
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(11025) / 44100)
    soundfile.write("stereo.mp3", np.stack([tone, 0 * tone], axis=1), 44100, compression_level=0.9)


if __name__ == "__main__":
    stft()
    mel()
    mulaw()
    files()
