import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

# from the tutorial: zero mean and unit variance make training easier
MEAN = 33.3
STD = 78.6


def make_net():
    net = nn.Sequential()
    net.add_module("flat", nn.Flatten())
    net.add_module("lin1", nn.Linear(784, 96))
    net.add_module("act1", nn.Tanh())
    net.add_module("lin2", nn.Linear(96, 10))
    return net


def train(data):
    torch.manual_seed(data.seed)
    pictures = (data.inputs.astype(np.float32) - MEAN) / STD
    dataset = TensorDataset(torch.tensor(pictures), torch.tensor(data.labels))
    net = make_net()
    opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    ce = nn.CrossEntropyLoss()
    for epoch in range(2):
        for x, y in DataLoader(dataset, batch_size=128, shuffle=True):
            opt.zero_grad()
            l = ce(net(x), y)
            l.backward()
            opt.step()
        print(epoch, l.item())
    net.eval()
    return net


def predict(net, inputs):
    x = torch.tensor(inputs.astype(np.float32))
    with torch.no_grad():
        out = net(x)
    return out.numpy()
