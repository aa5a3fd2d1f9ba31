"""Fashion-MNIST: 60,000 and 10,000 pictures of clothing, 28 by 28 pixels (Zalando; MIT licence)."""

from __future__ import annotations

from grader.course.idx_files import IdxFiles
from grader.course.pictures import brightness_and_noise
from grader.course.warps import warped

NAME = "fashion-mnist"
FOLDER = "FashionMNIST"
CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
SHA256 = {
    "train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "t10k-images-idx3-ubyte": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "t10k-labels-idx1-ubyte": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
}

files = IdxFiles(FOLDER, CLASSES, SHA256, get=f"grader data get {NAME}")
load = files.load
stand_in = files.stand_in
perturb = brightness_and_noise
vary = warped
