"""Times training steps of one model when asked: reads a number of seconds a line, answers with the
median milliseconds of a step within that time. Started by launch/compare-peers; one thread.

usage: worker.py {torch|torch-compile|jax} {RealNVP|MAF|FNO} D LAYERS HIDDEN BATCH [--ddp]

RealNVP: affine couplings with alternating halves, conditioner a -> H -> H -> 2b, ReLU. MAF: masked
networks D -> H -> H -> 2D, order reversed between them. Both: log-scale 2 tanh(raw / 2), standard normal
base, Adam with rate 1e-3, float32. FNO: functions on D points, HIDDEN channels, 16 modes by FFT, a head of
128, relative L2 error. The same work as workloads W1 to W6 of `portolan benchmark`, without reading data:
the batch stays in place.
"""

import os
import resource
import statistics
import sys
import time

LOG_2_PI = 1.8378770664093453


def torch_step(kind, dimension, layers, hidden, batch, is_compiled, is_distributed):
    import torch
    from torch import nn
    from torch.nn import functional

    torch.set_num_threads(1)
    torch.manual_seed(0)

    class Coupling(nn.Module):
        def __init__(self, is_odd):
            super().__init__()
            self.is_odd = is_odd
            self.kept = dimension - dimension // 2 if is_odd else dimension // 2
            self.moved = dimension - self.kept
            self.network = nn.Sequential(
                nn.Linear(self.kept, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(),
                nn.Linear(hidden, 2 * self.moved))
            nn.init.zeros_(self.network[-1].weight)
            nn.init.zeros_(self.network[-1].bias)

        def forward(self, x):
            kept, moved = (x[:, self.moved:], x[:, :self.moved]) if self.is_odd else (
                x[:, :self.kept], x[:, self.kept:])
            raw = self.network(kept)
            scale = 2 * torch.tanh(raw[:, :self.moved] / 2)
            moved = moved * torch.exp(scale) + raw[:, self.moved:]
            return torch.cat((moved, kept) if self.is_odd else (kept, moved), 1), scale.sum(1)

    class Masked(nn.Linear):
        def __init__(self, mask):
            super().__init__(mask.shape[1], mask.shape[0])
            self.register_buffer("mask", mask.float())

        def forward(self, x):
            return functional.linear(x, self.mask * self.weight, self.bias)

    class Autoregressive(nn.Module):
        def __init__(self):
            super().__init__()
            inputs = torch.arange(1, dimension + 1)
            units = torch.arange(hidden) % max(1, dimension - 1) + 1
            self.first = Masked(units[:, None] >= inputs[None])
            self.second = Masked(units[:, None] >= units[None])
            self.last = Masked(torch.cat((inputs, inputs))[:, None] > units[None])

        def forward(self, x):
            raw = self.last(functional.relu(self.second(functional.relu(self.first(x)))))
            scale = 2 * torch.tanh(raw[:, :dimension] / 2)
            return (x * torch.exp(scale) + raw[:, dimension:]).flip(1), scale.sum(1)

    class Density(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.ModuleList(
                Autoregressive() if kind == "MAF" else Coupling(i % 2 == 1) for i in range(layers))

        def forward(self, x):
            log_det = 0.0
            for layer in self.layers:
                x, term = layer(x)
                log_det = log_det + term
            return (0.5 * (x * x).sum(1) + 0.5 * dimension * LOG_2_PI - log_det).mean()

    class FourierLayer(nn.Module):
        modes = 16

        def __init__(self):
            super().__init__()
            # Pairs of reals, which the fused optimizer takes.
            self.weight = nn.Parameter(torch.rand(self.modes, hidden, hidden, 2) / hidden**2)
            self.skip = nn.Conv1d(hidden, hidden, 1)

        def forward(self, v):
            spectrum = torch.fft.rfft(v)
            weight = torch.view_as_complex(self.weight)
            kept = torch.einsum("bim,mio->bom", spectrum[..., :self.modes], weight)
            padded = functional.pad(kept, (0, spectrum.shape[-1] - self.modes))
            return torch.fft.irfft(padded, n=dimension) + self.skip(v)

    class OperatorError(nn.Module):
        def __init__(self):
            super().__init__()
            self.lifting = nn.Conv1d(2, hidden, 1)
            self.layers = nn.ModuleList(FourierLayer() for _ in range(layers))
            self.head = nn.Sequential(nn.Conv1d(hidden, 128, 1), nn.ReLU(), nn.Conv1d(128, 1, 1))
            place = torch.arange(dimension) / dimension
            self.register_buffer("place", place.expand(batch, 1, dimension))

        def forward(self, x):
            start, target = x[:, None, :dimension], x[:, dimension:]
            v = self.lifting(torch.cat((start, self.place), 1))
            for i, layer in enumerate(self.layers):
                v = layer(v) if i == layers - 1 else functional.relu(layer(v))
            error = self.head(v)[:, 0] - target
            return (error.norm(dim=1) / target.norm(dim=1)).mean()

    model = OperatorError() if kind == "FNO" else Density()
    if is_distributed:
        import torch.distributed

        torch.distributed.init_process_group("gloo")
        model = nn.parallel.DistributedDataParallel(model)
    if is_compiled:
        model = torch.compile(model)
    optimizer = torch.optim.Adam(model.parameters(), 1e-3, fused=True)
    x = torch.randn(batch, 2 * dimension if kind == "FNO" else dimension)

    def step():
        optimizer.zero_grad(set_to_none=True)
        model(x).backward()
        optimizer.step()

    return step


def jax_step(kind, dimension, layers, hidden, batch):
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    os.environ["OMP_NUM_THREADS"] = "1"
    import jax
    import jax.numpy as jnp

    assert kind == "RealNVP"
    key = jax.random.PRNGKey(0)

    def dense(key, inputs, outputs):
        return jax.random.normal(key, (inputs, outputs)) / jnp.sqrt(inputs), jnp.zeros(outputs)

    parameters = []
    for i in range(layers):
        kept = dimension - dimension // 2 if i % 2 else dimension // 2
        key, first, second = jax.random.split(key, 3)
        last = (jnp.zeros((hidden, 2 * (dimension - kept))), jnp.zeros(2 * (dimension - kept)))
        parameters.append((dense(first, kept, hidden), dense(second, hidden, hidden), last))

    def loss(parameters, x):
        log_det = 0.0
        for i, (first, second, last) in enumerate(parameters):
            kept = first[0].shape[0]
            moved = dimension - kept
            a, b = (x[:, moved:], x[:, :moved]) if i % 2 else (x[:, :kept], x[:, kept:])
            raw = jax.nn.relu(a @ first[0] + first[1])
            raw = jax.nn.relu(raw @ second[0] + second[1]) @ last[0] + last[1]
            scale = 2 * jnp.tanh(raw[:, :moved] / 2)
            b = b * jnp.exp(scale) + raw[:, moved:]
            log_det = log_det + scale.sum(1)
            x = jnp.concatenate((b, a) if i % 2 else (a, b), 1)
        return (0.5 * (x * x).sum(1) + 0.5 * dimension * LOG_2_PI - log_det).mean()

    @jax.jit
    def update(parameters, first, second, count, x):
        gradient = jax.grad(loss)(parameters, x)
        first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradient)
        second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, gradient)

        def moved(p, m, v):
            return p - 1e-3 * (m / (1 - 0.9**count)) / (jnp.sqrt(v / (1 - 0.999**count)) + 1e-8)

        return jax.tree.map(moved, parameters, first, second), first, second

    zeros = jax.tree.map(jnp.zeros_like, parameters)
    state = [parameters, zeros, zeros, 0]
    x = jax.random.normal(key, (batch, dimension))

    def step():
        state[3] += 1
        state[:3] = update(*state[:3], float(state[3]), x)
        jax.block_until_ready(state[0])

    return step


def main():
    program, kind = sys.argv[1:3]
    shape = [int(number) for number in sys.argv[3:7]]
    if program == "jax":
        step = jax_step(kind, *shape)
    else:
        step = torch_step(kind, *shape, program == "torch-compile", "--ddp" in sys.argv)
    for _ in range(10):
        step()
    speaks = int(os.environ.get("RANK", 0)) == 0
    if "--ddp" in sys.argv:
        rounds = int(os.environ["PEER_ROUNDS"])
        lines = [os.environ["PEER_STEPS"]] * rounds
    else:
        lines = sys.stdin
    if speaks:
        print("ready", flush=True)
    for line in lines:
        times = []
        if "--ddp" in sys.argv:  # All ranks must take the same number of steps.
            for _ in range(int(line)):
                start = time.perf_counter()
                step()
                times.append(time.perf_counter() - start)
        else:
            end = time.perf_counter() + float(line)
            while len(times) < 3 or time.perf_counter() < end:
                start = time.perf_counter()
                step()
                times.append(time.perf_counter() - start)
        if speaks:
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
            print(statistics.median(times) * 1e3, peak, flush=True)


main()
