#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Training steps of the networks of benchmarks/nets.hpp beside PyTorch's, one core, in turn:

    pytorch.py PROGRAM [--rounds N] [--only NAME]

PROGRAM is the built benchmarks/networks.  Times are CPU time; a ratio is PyTorch's time over lnn's, the median of the rounds
with the least and the greatest.  The name of the BLAS is printed: with the reference BLAS, which Debian's package uses where
no other is installed, PyTorch is many times slower, and no comparison is fair.
"""
import argparse
import ctypes
import json
import os
import statistics
import subprocess
import time

os.environ["OMP_NUM_THREADS"] = "1"
# Where new memory is dear, as on some virtual machines, asking for it at every step would double PyTorch's time.
TRIM_THRESHOLD, TOP_PAD, MMAP_MAX = -1, -2, -4  # of mallopt(3)
for option, value in ((TRIM_THRESHOLD, 2**31 - 1), (TOP_PAD, 1 << 28), (MMAP_MAX, 0)):
    ctypes.CDLL(None).mallopt(option, value)
for name in [n for n in os.environ if n.startswith("OPENBLAS_")]:  # OpenBLAS chooses its kernels itself, the best ones
    del os.environ[name]
import torch  # noqa: E402  (after the number of threads)
from torch import nn  # noqa: E402

torch.set_num_threads(1)


def mlp():
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10)), (64, 1, 28, 28)


def lenet():
    layers, deep = [], 1
    for i in (1, 2):
        layers += [nn.Conv2d(deep, 32 * i, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
        deep = 32 * i
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(64 * 49, 128), nn.ReLU(), nn.Linear(128, 10)), (64, 1, 28, 28)


def block(i, o, k, **rest):
    return [nn.Conv2d(i, o, k, bias=False, **rest), nn.BatchNorm2d(o), nn.ReLU()]


def ds_cnn():
    layers = [nn.ZeroPad2d((1, 1, 4, 5))] + block(1, 64, (10, 4), stride=2)
    for _ in range(4):
        layers += block(64, 64, 3, padding=1, groups=64) + block(64, 64, 1)
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 12)), (64, 1, 49, 10)


class Residual(nn.Module):
    def __init__(self, i, o, stride):
        super().__init__()
        self.body = nn.Sequential(*block(i, o, 3, padding=1, stride=stride), *block(o, o, 3, padding=1)[:2])
        self.side = nn.Sequential(*block(i, o, 1, stride=2)[:2]) if stride > 1 else nn.Identity()
        self.sum = nn.quantized.FloatFunctional()
        self.relu = nn.ReLU()

    def forward(self, x):
        return self.relu(self.sum.add(self.body(x), self.side(x)))


def resnet(channels, stages, depth, batch):
    layers, deep = block(3, channels, 3, padding=1), channels
    for s in range(stages):
        for d in range(depth):
            layers.append(Residual(deep, channels << s, 2 if s > 0 and d == 0 else 1))
            deep = channels << s
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(deep, 10)), (batch, 3, 32, 32)


class Lstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.classes = nn.LSTM(10, 128, batch_first=True), nn.Linear(128, 12)

    def forward(self, x):
        return self.classes(self.lstm(x)[0][:, 48])


NETS = {
    "MLP/64": mlp,
    "LeNet/64": lenet,
    "DS-CNN/64": ds_cnn,
    "LSTM/32": lambda: (Lstm(), (32, 49, 10)),
    "ResNet20/64": lambda: resnet(16, 3, 3, 64),
    "ResNet18/32": lambda: resnet(64, 4, 2, 32),
}
GOALS = {
    "float": {"MLP/64": 1.0, "LeNet/64": 1.0, "DS-CNN/64": 1.6, "LSTM/32": 1.6, "ResNet18/32": 0.8},
    "qat": {"MLP/64": 2.0, "LeNet/64": 1.7, "DS-CNN/64": 1.7, "ResNet18/32": 1.1},
}


def quantized(model):
    """Fake quantization of every weight and activation, with moving ranges, batch norms folded where PyTorch folds them."""
    quantization = torch.ao.quantization
    model = nn.Sequential(quantization.QuantStub(), model)
    model.train()
    pairs = []
    for path, module in model.named_modules():
        if not isinstance(module, nn.Sequential):
            continue
        children = [(f"{path}.{n}" if path else n, c) for n, c in module.named_children()]
        i = 0
        while i < len(children):
            kinds = [type(c) for _, c in children[i : i + 3]]
            for pattern in ([nn.Conv2d, nn.BatchNorm2d, nn.ReLU], [nn.Conv2d, nn.BatchNorm2d], [nn.Conv2d, nn.ReLU], [nn.Linear, nn.ReLU]):
                if kinds[: len(pattern)] == pattern:
                    pairs.append([n for n, _ in children[i : i + len(pattern)]])
                    i += len(pattern) - 1
                    break
            i += 1
    if pairs:
        quantization.fuse_modules_qat(model, pairs, inplace=True)
    everything = quantization.FakeQuantize
    model.qconfig = quantization.QConfig(
        activation=everything.with_args(observer=quantization.MovingAverageMinMaxObserver, quant_min=0, quant_max=255),
        weight=everything.with_args(
            observer=quantization.MovingAverageMinMaxObserver, quant_min=-128, quant_max=127, dtype=torch.qint8, qscheme=torch.per_tensor_symmetric
        ),
    )
    return quantization.prepare_qat(model)


def steps(name, kind):
    """A function that makes n steps and returns their CPU seconds."""
    model, shape = NETS[name]()
    model = quantized(model) if kind == "qat" else model.train()
    x, labels = torch.rand(shape) * 2 - 1, torch.arange(shape[0]) % 10
    rule = torch.optim.SGD(model.parameters(), lr=1e-4, momentum=0.9)
    loss = nn.CrossEntropyLoss()

    def run(n):
        begin = time.process_time()
        for _ in range(n):
            rule.zero_grad()
            loss(model(x), labels).backward()
            rule.step()
        return time.process_time() - begin

    run(2)
    return run


def ours(program, kind, name, seconds):
    found = subprocess.run(
        [program, f"--benchmark_filter=^{kind}/{name}/real_time$", f"--benchmark_min_time={seconds}", "--benchmark_format=json"],
        check=True, capture_output=True, text=True)
    entry = json.loads(found.stdout)["benchmarks"][0]
    return entry["cpu_time"] * {"ns": 1e-9, "us": 1e-6, "ms": 1e-3}[entry["time_unit"]]


def blas():
    """The libraries that PyTorch multiplies with, and what OpenBLAS chose for this processor."""
    with open("/proc/self/maps") as maps:
        found = sorted({os.path.realpath(line.split()[-1]) for line in maps if "blas" in line})
    found = [path for path in found if "openblas" in path] or found  # others merely hand on to it
    names = []
    for path in found:
        try:
            core = ctypes.CDLL(path).openblas_get_corename
            core.restype = ctypes.c_char_p
            names.append(f"{os.path.basename(path)} with the kernels for {core().decode()}")
        except AttributeError:
            names.append(os.path.basename(path))
    return ", ".join(names) or "within PyTorch"


def main():
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("program")
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--only", default="")
    a = asked.parse_args()
    print("BLAS:", blas())
    print(f"{'':34} {'lnn ms':>10} {'torch ms':>10}  {'ratio (all)':20} goal")
    for kind, goals in GOALS.items():
        for name in NETS:
            if a.only not in f"{kind}/{name}" or (kind == "qat" and name == "LSTM/32"):  # PyTorch has no such QAT
                continue
            run = steps(name, kind)
            n = max(1, int(0.5 / (run(1) + 1e-9)))
            pairs = [(ours(a.program, kind, name, 0.3), run(n) / n) for _ in range(a.rounds)]
            ratios = sorted(theirs / mine for mine, theirs in pairs)
            goal = goals.get(name)
            ratio = statistics.median(ratios)
            verdict = "" if goal is None else f">= {goal:.2f}" + ("" if ratio >= goal else "  below")
            print(f"{kind + '/' + name:34} {statistics.median(p[0] for p in pairs) * 1e3:10.2f} {statistics.median(p[1] for p in pairs) * 1e3:10.2f}"
                  f"  {ratio:.2f} ({ratios[0]:.2f}-{ratios[-1]:.2f})     {verdict}", flush=True)
            if goal is not None:  # in the columns of docs/performance.md
                print(f"= {kind} step of {name} | PyTorch | {ratio:.2f} ({ratios[0]:.2f}-{ratios[-1]:.2f}) | {goal:.2f} | {'yes' if ratio >= goal else 'no'}", flush=True)


main()
