# task: diabetes
# mistake: other_preparation
# line: return lambda | def predict | model(torch.as_tensor(
# fix: model(torch.as_tensor(inputs)) => model((torch.as_tensor(inputs) - low) / (high - low))
import torch


def train(data):
    global low, high
    x, y = torch.as_tensor(data.inputs), torch.as_tensor(data.labels)
    low, high = x.min(0).values, x.max(0).values
    model = torch.nn.Linear(10, 1)
    optimizer = torch.optim.Adam(model.parameters(), lr=1.0)
    for step in range(600):
        optimizer.zero_grad()
        predicted = model((x - low) / (high - low)).squeeze(1)
        torch.nn.functional.mse_loss(predicted, y).backward()
        optimizer.step()
    return model


def predict(model, inputs):
    with torch.no_grad():
        return model(torch.as_tensor(inputs)).squeeze(1).numpy()
