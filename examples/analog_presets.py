"""One layer of softmax regression on digits, trained in numpy with its weights in the devices of each preset.

    pip install .
    python examples/analog_presets.py

What differs between the rows is what the weights are made of: samples, their order and learning rate are the same.
The last rows are two schemes with more than one device a weight: Tiki-Taka, for devices whose steps fall towards their
bounds, and the cell of Ambrogio et al. 2018, which also transfers what it learned to phase-change memory.
"""

import argparse

import numpy as np
from quern import analog

PRESETS = ("rpu_baseline", "reram_soft_bounds", "reram_exponential", "pcm_pair", "ecram_like", "capacitor", "ideal")


def with_bias(x):
    """The bias is one more input line, which is always 1."""
    return np.hstack([x, np.ones((len(x), 1), np.float32)])


def train_epoch(tile, x, labels, order, learning_rate):
    classes = np.eye(tile.outputs, dtype=np.float32)
    for i in order:
        outputs = tile.forward(x[i])
        probabilities = np.exp(outputs - outputs.max())
        gradient = probabilities / probabilities.sum() - classes[labels[i]]
        tile.update(x[i], gradient, learning_rate)
        if tile.transfer_due:
            tile.transfer()


def accuracy(tile, x, labels):
    return np.mean(tile.forward(x).argmax(1) == labels)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--learning-rate", type=float, default=0.01)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()

    x, labels, test_x, test_labels = analog.load_data("digits")
    x, test_x = with_bias(x), with_bias(test_x)
    choices = [("ideal", None, {})] + [("rpu", name, {}) for name in PRESETS]
    choices.append(("tiki-taka", "reram_soft_bounds", {"tiki_taka.transfer_rate": 0.01}))
    choices.append(("nature", None, {}))

    print(f"{'tile':<30} {'test accuracy':>13} {'pulses a weight':>16}")
    for kind, preset, options in choices:
        tile = analog.Tile(10, x.shape[1], preset, options, kind=kind, seed=arguments.seed)
        dice = np.random.default_rng(arguments.seed)
        for _ in range(arguments.epochs):
            train_epoch(tile, x, labels, dice.permutation(len(x)), arguments.learning_rate)
        name = f"{kind} {preset or ''}"
        print(f"{name:<30} {100 * accuracy(tile, test_x, test_labels):>11.1f} % {tile.pulses / (10 * x.shape[1]):>16.1f}")


if __name__ == "__main__":
    main()
