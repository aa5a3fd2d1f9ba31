"""Hands training pictures back, each turned by a few degrees, moved and stretched a little."""

import numpy as np
import torch
from torch.nn import functional


def train(data):
    pictures = torch.from_numpy(data.inputs)[:, None].float()

    def sample(n, seed):
        draw = torch.Generator().manual_seed(seed)
        picked = pictures[torch.randint(len(pictures), (n,), generator=draw)]
        angle = (torch.rand(n, generator=draw) * 2 - 1) * np.deg2rad(8)
        moves = torch.zeros(n, 2, 3)
        for row, turn in enumerate((torch.cos, torch.sin)):
            moves[:, row, 0] = turn(angle)
            moves[:, row, 1] = -torch.sin(angle) if row == 0 else torch.cos(angle)
        moves[:, :, :2] *= 1 + (torch.rand(n, 1, 1, generator=draw) - 0.5) * 0.1
        moves[:, :, 2] = (torch.rand(n, 2, generator=draw) - 0.5) * 0.1
        grid = functional.affine_grid(moves, picked.shape, align_corners=False)
        return functional.grid_sample(picked, grid, align_corners=False)[:, 0].byte().numpy()

    return sample
