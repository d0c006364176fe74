"""Log-densities of an atlas of autoregressive flows from a checkpoint alone, in NumPy and float64.

Usage: autoregressive_log_probability.py CHECKPOINT.h5 POINTS.csv      prints log p(x) of each point, in nats
"""
import re
import sys

import h5py
import numpy as np


def affine(x, raw, bound):
    raw, shift = np.split(raw, 2, axis=1)
    s = bound * np.tanh(raw / bound)
    return (x - shift) * np.exp(-s), -s.sum(1)


def spline(y, raw, bins, bound):  # Durkan et al. (2019), eq. 6-8 and 29-32
    raw = raw.reshape(*y.shape, 3 * bins - 1)

    def knots(raw):
        share = np.exp(raw - raw.max(-1, keepdims=True))
        share = 1e-3 + (1 - 1e-3 * bins) * share / share.sum(-1, keepdims=True)
        return np.insert(np.cumsum(share, -1), 0, 0, -1) * 2 * bound - bound
    xs, ys = knots(raw[..., :bins]), knots(raw[..., bins:2 * bins])
    slopes = 1e-3 + np.log1p(np.exp(raw[..., 2 * bins:] + np.log(np.exp(1 - 1e-3) - 1)))
    slopes = np.concatenate([np.ones((*y.shape, 1)), slopes, np.ones((*y.shape, 1))], -1)
    k = np.clip((ys <= y[..., None]).sum(-1, keepdims=True) - 1, 0, bins - 1)
    (x0, x1), (y0, y1), (d0, d1) = ([np.take_along_axis(a, k + j, -1)[..., 0] for j in (0, 1)]
                                    for a in (xs, ys, slopes))
    inside, s = np.abs(y) <= bound, (y1 - y0) / (x1 - x0)
    eta = np.where(inside, y, y0) - y0
    a = (y1 - y0) * (s - d0) + eta * (d0 + d1 - 2 * s)
    b = (y1 - y0) * d0 - eta * (d0 + d1 - 2 * s)
    xi = 2 * s * eta / (b + np.sqrt(b * b + 4 * a * s * eta))
    slope = (d1 * xi**2 + 2 * s * xi * (1 - xi) + d0 * (1 - xi)**2) * (
        s / (s + (d0 + d1 - 2 * s) * xi * (1 - xi)))**2
    return np.where(inside, x0 + xi * (x1 - x0), y), -np.where(inside, np.log(slope), 0).sum(1)


def unpacked(weight, groups, limits):  # one block of rows and columns after the other
    matrix = np.zeros((groups[:, 2].max(), len(limits)))
    for first, end, rows, offset in groups:
        block = weight[offset:offset + rows * (end - first)].reshape(rows, end - first)
        matrix[:rows, first:end] = block * (np.arange(rows)[:, None] < limits[first:end])
    return matrix


def log_probability(path, points):
    with h5py.File(path) as file:
        numbers = {name: np.float64(array) for name, array in file["parameters"].items()}
        matrices = {name: unpacked(numbers[name], file["model/staircase-groups"][name][:], limits[:])
                    for name, limits in file["model/staircase-limits"].items()}
        codes, count = np.float64(file["model/codebook/codes"]), np.float64(file["model/chart-points"])
        mean = np.float64(file["model/standardisation/mean"])
        deviation = np.float64(file["model/standardisation/deviation"])
        permutations = file["model/permutations"][:] if "permutations" in file["model"] else []
        text = file["configuration"][()].decode()
    settings = dict(re.findall(r"^    (\w+): (\S+)", text.split("\n  flow:\n", 1)[1], re.M)[::-1])
    activation = {"relu": lambda a: np.maximum(a, 0), "tanh": np.tanh,
                  "sigmoid": lambda a: 1 / (1 + np.exp(-a))}[settings["activation"]]
    blocks, (size, dimension) = int(settings["blocks"]), points.shape
    by_chart = np.full((size, len(count)), -np.inf)
    for k in np.flatnonzero(count):
        x, log_det = (points - mean) / deviation, -np.log(deviation).sum() + np.zeros(size)
        context = np.tile(codes[k], (size, 1)) if len(count) > 1 else np.zeros((size, 0))
        for i in reversed(range(blocks)):  # data -> base
            at, is_drawn = f"flow.{i}.", settings["linear"] == "permutation"
            if not is_drawn and i < len(permutations):  # the order is turned round
                x = x[:, np.argsort(permutations[i])]
            if at + "norm.shift" in numbers:
                x = (x - numbers[at + "norm.shift"]) * np.exp(-numbers[at + "norm.log-scale"])
                log_det = log_det - numbers[at + "norm.log-scale"].sum()
            if at + "linear.lower" in numbers:
                s = numbers[at + "linear.log-diagonal"]
                lower = np.eye(dimension) + np.tril(numbers[at + "linear.lower"], -1)
                x = x @ lower @ (np.diag(np.exp(s)) + np.triu(numbers[at + "linear.upper"], 1))
                log_det = log_det + s.sum()
            if is_drawn:
                x = x[:, np.argsort(permutations[i])]
            h, layers = np.hstack([context, x]), 1
            while f"{at}autoregressive.conditioner.{layers}.bias" in numbers:
                layers += 1
            for layer in range(layers):  # the last one is linear
                name, inputs = f"{at}autoregressive.conditioner.{layer}.", activation(h) if layer else h
                matrix = matrices[name + "weight"]
                h = inputs[:, :len(matrix)] @ matrix + numbers[name + "bias"]
            if settings["transform"] == "spline":
                x, term = spline(x, h, int(settings["bins"]), float(settings["splineBound"]))
            else:
                x, term = affine(x, h, float(settings["logScaleBound"]))
            log_det = log_det + term
        normal = -0.5 * (x**2).sum(1) - 0.5 * dimension * np.log(2 * np.pi)
        by_chart[:, k] = np.log(count[k] / count.sum()) + normal + log_det
    return np.logaddexp.reduce(by_chart, axis=1)


if __name__ == "__main__":
    for value in log_probability(sys.argv[1], np.loadtxt(sys.argv[2], delimiter=",", skiprows=1, ndmin=2)):
        print(repr(float(value)))
