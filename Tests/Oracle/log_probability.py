"""Log-densities of an atlas from a checkpoint alone: the formulas once more, in NumPy and float64.

Usage: log_probability.py CHECKPOINT.h5 POINTS.csv      prints log p(x) of each point, in nats
"""
import re
import sys

import h5py
import numpy as np


def log_probability(path, points):
    with h5py.File(path) as file:
        numbers = {name: np.float64(array) for name, array in file["parameters"].items()}
        codes, count = np.float64(file["model/codebook/codes"]), np.float64(file["model/chart-points"])
        mean = np.float64(file["model/standardisation/mean"])
        deviation = np.float64(file["model/standardisation/deviation"])
        permutations = file["model/permutations"][:] if "permutations" in file["model"] else None
        text = file["configuration"][()].decode()
    settings = dict(re.findall(r"^    (\w+): (\S+)", text.split("\n  flow:\n", 1)[1], re.M)[::-1])
    bound = float(settings["logScaleBound"])
    activation = {"relu": lambda a: np.maximum(a, 0), "tanh": np.tanh,
                  "sigmoid": lambda a: 1 / (1 + np.exp(-a))}[settings["activation"]]
    blocks = 1 + max(int(name.split(".")[1]) for name in numbers if name.startswith("flow."))
    size, dimension = points.shape
    by_chart = np.full((size, len(count)), -np.inf)
    for k in np.flatnonzero(count):
        x, log_det = (points - mean) / deviation, -np.log(deviation).sum() + np.zeros(size)
        for i in reversed(range(blocks)):  # data -> base
            at = f"flow.{i}."
            if at + "norm.shift" in numbers:
                x = (x - numbers[at + "norm.shift"]) * np.exp(-numbers[at + "norm.log-scale"])
                log_det -= numbers[at + "norm.log-scale"].sum()
            if at + "linear.lower" in numbers:
                s = numbers[at + "linear.log-diagonal"]
                lower = np.eye(dimension) + np.tril(numbers[at + "linear.lower"], -1)
                x = x @ lower @ (np.diag(np.exp(s)) + np.triu(numbers[at + "linear.upper"], 1))
                log_det += s.sum()
            if permutations is not None:
                x = x[:, np.argsort(permutations[i])]
            kept = dimension // 2 if i % 2 == 0 else dimension - dimension // 2
            a, b = (slice(kept), slice(kept, None)) if i % 2 == 0 else (slice(-kept, None), slice(-kept))
            context = np.tile(codes[k], (size, 1)) if len(count) > 1 else np.zeros((size, 0))
            layers = sum(name.startswith(at) and name.endswith(".bias") for name in numbers)
            h = np.hstack([x[:, a], context])
            for layer in range(layers):  # the last one is linear
                name = f"{at}coupling.conditioner.{layer}."
                h = (activation(h) if layer else h) @ numbers[name + "weight"] + numbers[name + "bias"]
            raw, shift = np.split(h, 2, axis=1)
            s = bound * np.tanh(raw / bound)
            x[:, b] = (x[:, b] - shift) * np.exp(-s)
            log_det -= s.sum(1)
        normal = -0.5 * (x**2).sum(1) - 0.5 * dimension * np.log(2 * np.pi)
        by_chart[:, k] = np.log(count[k] / count.sum()) + normal + log_det
    return np.logaddexp.reduce(by_chart, axis=1)


if __name__ == "__main__":
    for value in log_probability(sys.argv[1], np.loadtxt(sys.argv[2], delimiter=",", skiprows=1, ndmin=2)):
        print(repr(float(value)))
