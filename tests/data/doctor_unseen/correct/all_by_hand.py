"""No nn, no optim: I want to see every formula once.

    loss = mean( logsumexp(z) - z[right class] )
    v <- 0.9 v + g ;  w <- w - lr v
"""
import math
import torch


def forward(p, x):
    h = torch.clamp(x @ p["W1"] + p["b1"], min=0.0)
    h = torch.clamp(h @ p["W2"] + p["b2"], min=0.0)
    return h @ p["W3"] + p["b3"]


def cross_entropy(z, y):
    right = z[torch.arange(z.shape[0]), y]
    return (torch.logsumexp(z, dim=1) - right).mean()


def as_rows(images):
    return torch.tensor(images, dtype=torch.float32).reshape(-1, 784) / 255.0


def train(data):
    g = torch.Generator().manual_seed(data.seed)
    x_all, y_all = as_rows(data.inputs), torch.tensor(data.labels)
    n = len(y_all)

    params, velocity = {}, {}
    for k, (fan_in, fan_out) in enumerate([(784, 400), (400, 150), (150, 10)], start=1):
        params[f"W{k}"] = torch.randn(fan_in, fan_out, generator=g) * math.sqrt(2.0 / fan_in)
        params[f"b{k}"] = torch.zeros(fan_out)
    for name in params:
        params[name].requires_grad_(True)
        velocity[name] = torch.zeros_like(params[name])

    lr, momentum, batch = 0.05, 0.9, 50
    for epoch in range(12):
        perm = torch.randperm(n, generator=g)
        for s in range(0, n, batch):
            i = perm[s:s + batch]
            loss = cross_entropy(forward(params, x_all[i]), y_all[i])
            loss.backward()
            with torch.no_grad():
                for name, w in params.items():
                    velocity[name].mul_(momentum).add_(w.grad)
                    w -= lr * velocity[name]
                    w.grad = None
        if epoch % 3 == 2:
            lr *= 0.5
        print(f"epoch {epoch}: loss of the last batch {loss.item():.4f}")

    return {name: w.detach() for name, w in params.items()}


def predict(model, inputs):
    return forward(model, as_rows(inputs)).numpy()
