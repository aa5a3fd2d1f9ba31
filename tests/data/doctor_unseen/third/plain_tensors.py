# No nn.Module and no optimizer this time: I wanted to see that a network is only a few matrices.
import numpy as np
import torch
from torch.func import grad_and_value

HIDDEN = (96, 48)
RATE = 0.12
ROUNDS = 8
CHUNK = 40


def flat(images):
    rows = np.reshape(images, (len(images), -1)).astype(np.float32)
    rows /= 255
    return torch.from_numpy(rows)


def new_layer(n_in, n_out):
    # small numbers, so that the sums do not get out of hand
    return {"w": torch.full((n_in, n_out), 1.0 / n_in), "b": torch.zeros(n_out)}


def forward(params, x):
    *inner, last = params
    for p in inner:
        x = torch.relu(x @ p["w"] + p["b"])
    return x @ last["w"] + last["b"]


def cost(params, x, y):
    z = forward(params, x)
    # log of the sum of exponentials minus the score of the right digit
    return (torch.logsumexp(z, dim=1) - z[torch.arange(len(y)), y]).mean()


def downhill(params, grads):
    return [{k: p[k] - RATE * g[k] for k in p} for p, g in zip(params, grads)]


def train(data):
    torch.manual_seed(data.seed)
    sizes = [28 * 28, *HIDDEN, data.num_classes]
    params = [new_layer(a, b) for a, b in zip(sizes[:-1], sizes[1:])]
    slope = grad_and_value(cost)
    X, Y = flat(data.inputs), torch.tensor(data.labels)
    for r in range(ROUNDS):
        seen = []
        for rows in torch.randperm(len(Y)).split(CHUNK):
            grads, value = slope(params, X[rows], Y[rows])
            params = downhill(params, grads)
            seen.append(float(value))
        print("round", r + 1, "cost", round(sum(seen) / len(seen), 4))
    return params


def predict(model, inputs):
    return forward(model, flat(inputs)).numpy()
