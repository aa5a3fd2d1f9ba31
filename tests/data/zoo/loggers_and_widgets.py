# zoo: mnist | graded | note: wandb
import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

import wandb
from IPython.display import HTML, clear_output, display
from torch.utils.tensorboard import SummaryWriter
from tqdm.notebook import tqdm

wandb.init(project="digits", config={"rate": 0.01})
writer = SummaryWriter("runs/first")
train_set = datasets.MNIST("data", train=True, download=True, transform=transforms.ToTensor())
model = nn.Sequential(nn.Flatten(), nn.Linear(784, 32), nn.ReLU(), nn.Linear(32, 10))
wandb.watch(model)
optimizer = torch.optim.Adam(model.parameters(), lr=wandb.config.rate)
for step, (images, labels) in enumerate(tqdm(DataLoader(train_set, batch_size=64, shuffle=True))):
    loss = nn.functional.cross_entropy(model(images), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    writer.add_scalar("loss", loss.item(), step)
    wandb.log({"loss": loss.item()})
writer.close()
clear_output(wait=True)
display(HTML("<b>done</b>"))
wandb.finish()
