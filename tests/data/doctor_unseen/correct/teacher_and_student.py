"""Knowledge distillation: a convolutional teacher is trained first, a small fast student learns from it."""
import torch
from torch import nn
from torch.nn import functional as F

TEMPERATURE = 3.0
ALPHA = 0.6


def make_teacher(num_classes):
    return nn.Sequential(
        nn.Conv2d(1, 16, 5, stride=2, padding=2), nn.ReLU(),
        nn.Conv2d(16, 24, 3, stride=2, padding=1), nn.ReLU(),
        nn.Flatten(),
        nn.Dropout(0.2),
        nn.Linear(24 * 7 * 7, num_classes),
    )


def make_student(num_classes):
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 96), nn.ReLU(), nn.Linear(96, num_classes))


def train_teacher(teacher, loader, epochs):
    optimizer = torch.optim.Adam(teacher.parameters(), lr=2e-3)
    teacher.train()
    for epoch in range(epochs):
        for images, labels in loader:
            loss = F.cross_entropy(teacher(images), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        print(f"teacher, epoch {epoch + 1}: loss of the last batch {loss.item():.4f}")


def distillation_loss(student_scores, teacher_scores, labels):
    soft = F.kl_div(
        F.log_softmax(student_scores / TEMPERATURE, dim=1),
        F.softmax(teacher_scores / TEMPERATURE, dim=1),
        reduction="batchmean",
    )
    hard = F.cross_entropy(student_scores, labels)
    return ALPHA * TEMPERATURE**2 * soft + (1 - ALPHA) * hard


def train_student(student, teacher, loader, epochs):
    optimizer = torch.optim.Adam(student.parameters(), lr=2e-3)
    teacher.eval()
    student.train()
    for epoch in range(epochs):
        total = 0.0
        for images, labels in loader:
            with torch.no_grad():
                teacher_scores = teacher(images)
            loss = distillation_loss(student(images), teacher_scores, labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
        print(f"student, epoch {epoch + 1}: mean loss {total / len(loader):.4f}")


def train(data):
    torch.manual_seed(data.seed)
    loader = data.loader(32)
    teacher = make_teacher(data.num_classes)
    student = make_student(data.num_classes)
    train_teacher(teacher, loader, epochs=3)
    train_student(student, teacher, loader, epochs=6)
    return student


def predict(model, inputs):
    model.eval()
    with torch.no_grad():
        return model(torch.tensor(inputs, dtype=torch.float32) / 255).numpy()
