#!/usr/bin/env python
# coding: utf-8

# # Digits

# In[1]:


get_ipython().run_line_magic('matplotlib', 'inline')
get_ipython().system('pip install torchvision')
import torch
import torchvision
from torchvision import transforms


# In[2]:


trainset = torchvision.datasets.MNIST('data', train=True, download=True, transform=transforms.ToTensor())
display(trainset)


# In[3]:


model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(784, 32), torch.nn.ReLU(), torch.nn.Linear(32, 10))
optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
for epoch in range(3):
    for images, labels in torch.utils.data.DataLoader(trainset, batch_size=32, shuffle=True):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(images), labels).backward()
        optimizer.step()
