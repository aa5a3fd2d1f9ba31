#!/usr/bin/env python
# coding: utf-8

# # MNIST project, week 3

# In[1]:
import copy

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

# In[2]:
batch_size = 50
max_epochs = 4
patience = 2
learning_rate = 0.00001

net = None
best_weights = None
history = {"train": [], "valid": []}


# In[3]:
def prep(a):
    a = np.array(a, dtype="float32")
    a /= 255.0
    a -= 0.5
    return torch.from_numpy(a).unsqueeze(1)


# In[4]:
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(1, 8, 5)
        self.c2 = nn.Conv2d(8, 16, 5)
        self.drop = nn.Dropout(0.2)
        self.out = nn.Linear(256, 10)

    def forward(self, x):
        x = F.relu(F.max_pool2d(self.c1(x), 2))
        x = F.relu(F.max_pool2d(self.c2(x), 2))
        x = self.drop(x.flatten(1))
        return self.out(x)


# In[5]:
def valid_loss(xv, yv):
    net.eval()
    with torch.no_grad():
        loss = F.cross_entropy(net(xv), yv).item()
    net.train()
    return loss


# In[6]:
def train(data):
    global net, best_weights
    torch.manual_seed(data.seed)
    n_valid = len(data.labels) // 6
    x, y = prep(data.inputs), torch.tensor(data.labels)
    xv, yv = x[:n_valid], y[:n_valid]
    x, y = x[n_valid:], y[n_valid:]

    net = Net()
    opt = torch.optim.SGD(net.parameters(), lr=learning_rate, momentum=0.9)
    best = float("inf")
    epoch = waited = 0
    while epoch < max_epochs and waited < patience:
        perm = torch.randperm(len(y))
        start, total = 0, 0.0
        while start < len(y):
            sel = perm[start:start + batch_size]
            opt.zero_grad()
            loss = F.cross_entropy(net(x[sel]), y[sel])
            loss.backward()
            opt.step()
            total += loss.item() * len(sel)
            start += batch_size
        history["train"].append(total / len(y))
        history["valid"].append(valid_loss(xv, yv))
        if history["valid"][-1] < best:
            best = history["valid"][-1]
            best_weights = copy.deepcopy(net.state_dict())
            waited = 0
        else:
            waited += 1
        epoch += 1
        print(epoch, "train:", round(history["train"][-1], 4), "valid:", round(history["valid"][-1], 4))
    net.load_state_dict(best_weights)
    net.eval()
    return net


# In[7]:
def predict(model, inputs):
    with torch.no_grad():
        return F.softmax(model(prep(inputs)), dim=1).numpy()
