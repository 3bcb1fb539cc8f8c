#!/usr/bin/env python3
"""Makes features of CIFAR-10 for training one analog layer: a small convolutional network is trained on the first half
of the training images; its pooled activations of the other half and of the test images are the features.

usage: tools/make_cifar_features.py DATA OUT [--epochs N] [--width W] [--seed S] [--threads T] [--bfloat16]

DATA holds the official binary files, data_batch_1.bin ... data_batch_5.bin and test_batch.bin. OUT gets, as .npy files,

    train_features.npy  f32 [25000, 8 W]    train_labels.npy  u8 [25000]
    test_features.npy   f32 [10000, 8 W]    test_labels.npy   u8 [10000]

Features are averages of rectified values, divided by one number (the 0.999 quantile of the training features) and
limited to 0..1, so that they suit a converter as pixels do. The last lines printed are the test accuracy of the
network and that of a softmax layer trained in floating point on the features that were written.

It needs torch and numpy (Debian: python3-torch python3-numpy libopenblas0-openmp). Same seed, versions, threads and
kind of processor: same files.
"""

import argparse
import pathlib
import sys
import time
from typing import NoReturn

try:
    import numpy
    import torch
    from torch import nn
    from torch.nn import functional
except ImportError as missing:
    sys.exit(f"error: {missing}\nhint: apt-get install python3-torch python3-numpy libopenblas0-openmp")

NUM_CLASSES = 10
RECORD_BYTES = 1 + 3 * 32 * 32  # label, then the planes of red, green and blue
RECORDS_PER_FILE = 10_000
BATCH_SIZE = 250
PEAK_LEARNING_RATE = 0.2
WEIGHT_DECAY = 5e-4
CROP_MARGIN = 4


def fail(message: str, hint: str) -> NoReturn:
    sys.exit(f"error: {message}\nhint: {hint}")


def read_records(path: pathlib.Path) -> tuple[numpy.ndarray, numpy.ndarray]:
    """The labels, u8 [10000], and pixels, u8 [10000, 3, 32, 32], of one official file."""
    if not path.is_file():
        fail(f"{path} is missing", "DATA must hold the binary version, https://www.cs.toronto.edu/~kriz/cifar.html")
    data = numpy.fromfile(path, numpy.uint8)
    if data.size != RECORDS_PER_FILE * RECORD_BYTES:
        fail(f"{path} has {data.size} bytes instead of {RECORDS_PER_FILE * RECORD_BYTES}", "copy or download it again")
    data = data.reshape(RECORDS_PER_FILE, RECORD_BYTES)
    if data[:, 0].max() >= NUM_CLASSES:
        fail(f"{path} has a label of {data[:, 0].max()}", "CIFAR-100 and the Python version have other formats")
    return data[:, 0].copy(), data[:, 1:].reshape(-1, 3, 32, 32)


def read_images(paths: list[pathlib.Path]) -> tuple[torch.Tensor, torch.Tensor]:
    """Labels, i64 [N], and pixels, u8 [N, 3, 32, 32]."""
    labels, pixels = zip(*(read_records(path) for path in paths))
    all_labels = numpy.concatenate(labels).astype(numpy.int64)
    return torch.from_numpy(all_labels), torch.from_numpy(numpy.concatenate(pixels))


def convolution(inputs: int, outputs: int) -> nn.Sequential:
    layer = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
    return nn.Sequential(layer, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))


class Residual(nn.Module):
    def __init__(self, channels: int):
        super().__init__()
        self.branch = nn.Sequential(convolution(channels, channels), convolution(channels, channels))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.branch(x)


def make_network(width: int) -> nn.Sequential:
    """[N, 3, 32, 32] -> features [N, 8 width] -> classes [N, 10]; the features leave the part [:-1]."""
    return nn.Sequential(
        convolution(3, width), nn.MaxPool2d(2),
        convolution(width, 2 * width), nn.MaxPool2d(2), Residual(2 * width),
        convolution(2 * width, 4 * width), nn.MaxPool2d(2),
        convolution(4 * width, 8 * width), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        nn.Linear(8 * width, NUM_CLASSES),
    )


class Normalise(nn.Module):
    """u8 pixels to floats of mean 0 and deviation 1 in each colour of the images that it was made from."""

    def __init__(self, pixels: torch.Tensor):
        super().__init__()
        values = pixels.transpose(0, 1).reshape(3, -1).float()
        self.mean = values.mean(1).view(1, 3, 1, 1)
        self.deviation = values.std(1).view(1, 3, 1, 1)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        return ((pixels - self.mean) / self.deviation).contiguous(memory_format=torch.channels_last)


def augment(pixels: torch.Tensor, random: torch.Generator) -> torch.Tensor:
    """Every image moved by up to CROP_MARGIN pixels in both directions and, one of two, mirrored."""
    count = len(pixels)
    padded = functional.pad(pixels, (CROP_MARGIN,) * 4)
    top, left = (torch.randint(0, 2 * CROP_MARGIN + 1, (count, 1), generator=random) for _ in range(2))
    mirrored = torch.randint(0, 2, (count, 1), generator=random, dtype=torch.bool)
    steps = torch.arange(32)
    rows, columns = top + steps, left + torch.where(mirrored, 31 - steps, steps)
    images = torch.arange(count).view(-1, 1, 1)
    return padded.permute(0, 2, 3, 1)[images, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def train_network(network: nn.Module, normalise: Normalise, labels: torch.Tensor, pixels: torch.Tensor, epochs: int,
                  bfloat16: bool, random: torch.Generator) -> None:
    optimiser = torch.optim.SGD(network.parameters(), PEAK_LEARNING_RATE, momentum=0.9, nesterov=True,
                                weight_decay=WEIGHT_DECAY)
    steps_per_epoch = len(labels) // BATCH_SIZE
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, PEAK_LEARNING_RATE, epochs * steps_per_epoch,
                                                   pct_start=0.25, anneal_strategy="linear")
    start = time.process_time()
    for epoch in range(epochs):
        network.train()
        total = 0.0
        for chosen in torch.randperm(len(labels), generator=random).split(BATCH_SIZE)[:steps_per_epoch]:
            with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
                logits = network(normalise(augment(pixels[chosen], random)))
            loss = functional.cross_entropy(logits.float(), labels[chosen], label_smoothing=0.1)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.item()
        seconds = time.process_time() - start
        print(f"epoch {epoch + 1:>3}/{epochs}   loss {total / steps_per_epoch:.3f}   {seconds:.0f} CPU s", flush=True)


@torch.no_grad()
def apply(network: nn.Module, normalise: Normalise, pixels: torch.Tensor) -> torch.Tensor:
    network.eval()
    return torch.cat([network(normalise(batch)) for batch in pixels.split(BATCH_SIZE)])


def accuracy(logits: torch.Tensor, labels: torch.Tensor) -> float:
    return (logits.argmax(1) == labels).double().mean().item()


def train_last_layer(features: torch.Tensor, labels: torch.Tensor, random: torch.Generator,
                     epochs: int = 20) -> nn.Linear:
    layer = nn.Linear(features.shape[1], NUM_CLASSES)
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    optimiser = torch.optim.Adam(layer.parameters(), 3e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, epochs)
    for _ in range(epochs):
        for chosen in torch.randperm(len(labels), generator=random).split(BATCH_SIZE):
            optimiser.zero_grad()
            functional.cross_entropy(layer(features[chosen]), labels[chosen]).backward()
            optimiser.step()
        schedule.step()
    return layer


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("data", type=pathlib.Path, help="folder of CIFAR-10's binary files")
    parser.add_argument("out", type=pathlib.Path, help="folder for the features")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--width", type=int, default=32, help="channels of the first layer; features: 8 times as many")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--bfloat16", action="store_true",
                        help="train in bfloat16: twice as fast on processors that have it")
    arguments = parser.parse_args()

    torch.set_num_threads(arguments.threads)
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(arguments.seed)
    random = torch.Generator().manual_seed(arguments.seed)

    labels, pixels = read_images([arguments.data / f"data_batch_{i}.bin" for i in range(1, 6)])
    test_labels, test_pixels = read_images([arguments.data / "test_batch.bin"])
    half = len(labels) // 2
    normalise = Normalise(pixels[:half])
    network = make_network(arguments.width).to(memory_format=torch.channels_last)
    train_network(network, normalise, labels[:half], pixels[:half], arguments.epochs, arguments.bfloat16, random)

    body, head = network[:-1], network[-1]
    train_raw, test_raw = apply(body, normalise, pixels[half:]), apply(body, normalise, test_pixels)
    with torch.no_grad():
        network_accuracy = accuracy(head(test_raw), test_labels)
    scale = float(numpy.quantile(train_raw.numpy(), 0.999))
    features, test_features = (raw.div(scale).clamp(0, 1) for raw in (train_raw, test_raw))

    arguments.out.mkdir(parents=True, exist_ok=True)
    for name, values in (("train_features", features), ("test_features", test_features)):
        numpy.save(arguments.out / f"{name}.npy", values.numpy())
    for name, values in (("train_labels", labels[half:]), ("test_labels", test_labels)):
        numpy.save(arguments.out / f"{name}.npy", values.numpy().astype(numpy.uint8))

    layer = train_last_layer(features, labels[half:], random)
    with torch.no_grad():
        layer_accuracy = accuracy(layer(test_features), test_labels)
    print(f"network on the test images                     {100 * network_accuracy:.2f} %")
    print(f"softmax layer on the features of the test images {100 * layer_accuracy:.2f} %")
    return 0


if __name__ == "__main__":
    sys.exit(main())
