"""A tiny imitation of the fast.ai Learner. Everything that is not the training step itself is a callback."""
from types import SimpleNamespace

import torch
import torch.nn as nn
from torch.optim.lr_scheduler import StepLR


class Callback:
    def before_fit(self, run):
        pass

    def after_batch(self, run):
        pass

    def after_epoch(self, run):
        pass


class Progress(Callback):
    def before_fit(self, run):
        self.losses = []

    def after_batch(self, run):
        self.losses.append(run.loss.item())

    def after_epoch(self, run):
        print("epoch", run.epoch, "loss %.4f" % (sum(self.losses) / len(self.losses)))
        self.losses.clear()


class SmallerAndSmaller(Callback):
    """Begins with a large learning rate and reduces it."""

    def __init__(self, gamma):
        self.gamma = gamma

    def before_fit(self, run):
        self.sched = StepLR(run.opt, step_size=1, gamma=self.gamma)

    def after_batch(self, run):
        self.sched.step()


class Learner:
    def __init__(self, net, loader, cbs):
        self.net = net
        self.loader = loader
        self.cbs = cbs

    def call(self, name, run):
        for cb in self.cbs:
            getattr(cb, name)(run)

    def fit(self, epochs, lr):
        run = SimpleNamespace(net=self.net, opt=torch.optim.SGD(self.net.parameters(), lr=lr, momentum=0.9))
        run.loss_func = nn.CrossEntropyLoss()
        self.call("before_fit", run)
        for run.epoch in range(epochs):
            self.net.train()
            for run.xb, run.yb in self.loader:
                run.loss = run.loss_func(self.net(run.xb), run.yb)
                run.loss.backward()
                run.opt.step()
                run.opt.zero_grad()
                self.call("after_batch", run)
            self.call("after_epoch", run)
        return self.net


def conv(ni, nf, act=True):
    layers = [nn.Conv2d(ni, nf, kernel_size=3, stride=2, padding=1)]
    if act:
        layers.append(nn.ReLU())
    return nn.Sequential(*layers)


def get_net():
    # 28 -> 14 -> 7 -> 4, then one linear layer
    return nn.Sequential(conv(1, 16), conv(16, 32), conv(32, 32), nn.Flatten(), nn.Linear(32 * 4 * 4, 10))


def train(data):
    torch.manual_seed(data.seed)
    learner = Learner(get_net(), data.loader(64), [Progress(), SmallerAndSmaller(gamma=0.7)])
    return learner.fit(epochs=4, lr=0.03)


def predict(model, inputs):
    model.eval()
    xb = torch.as_tensor(inputs).float().div(255).unsqueeze(1)
    with torch.no_grad():
        return model(xb).numpy()
