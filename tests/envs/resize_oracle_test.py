"""ScreenResizer against OpenCV's INTER_AREA and TensorFlow's formula of resize_bilinear(align_corners=True)."""

import os
import subprocess
import sys
import unittest

try:
    import cv2
    import numpy as np
except ImportError:
    print("SKIPPED: numpy or opencv is not installed, nothing was compared")
    sys.exit(1 if os.environ.get("CI") == "true" else 77)

SIDE, WIDTH = 84, 160


def screens(height):
    """Noise, few grey levels, and blocks with hard edges as games have them."""
    rng = np.random.default_rng(height)
    noise = rng.integers(0, 256, (20, height, WIDTH), np.uint8)
    levels = rng.choice(np.array([0, 142, 200, 255], np.uint8), (20, height, WIDTH))
    blocks = np.repeat(np.repeat(rng.integers(0, 256, (20, 50, 20), np.uint8), 5, 1), 8, 2)[:, :height]
    return np.concatenate([noise, levels, blocks])


def resized(method, batch, height=SIDE, width=SIDE):
    """batch: [screens, rows, 160] or [screens, rows, 160, 3]."""
    channels = batch.shape[3:]
    command = [os.environ["ENVS_TOOL"], "resize", method, *map(str, (batch.shape[1], height, width, *(channels or (1,))))]
    done = subprocess.run(command, input=batch.tobytes(), capture_output=True, check=True)
    return np.frombuffer(done.stdout, np.uint8).reshape(-1, height, width, *channels)


def bilinear_positions(size):
    scale = np.float32(size - 1) / np.float32(SIDE - 1)
    position = np.arange(SIDE, dtype=np.float32) * scale
    lower = position.astype(np.int64)
    return lower, np.minimum(lower + 1, size - 1), (position - lower.astype(np.float32)).astype(np.float32)


def bilinear(batch):
    pixels = batch.astype(np.float32)
    left, right, x = bilinear_positions(WIDTH)
    top, bottom, y = bilinear_positions(batch.shape[1])
    rows = pixels[:, :, left] + (pixels[:, :, right] - pixels[:, :, left]) * x
    blended = rows[:, top] + (rows[:, bottom] - rows[:, top]) * y[:, None]
    assert blended.dtype == np.float32
    return np.rint(blended).astype(np.uint8)


class ResizeOracle(unittest.TestCase):
    def test_area_equals_opencv_bit_for_bit(self):
        for height in range(210, 251):
            batch = screens(height)
            expected = np.stack([cv2.resize(s, (SIDE, SIDE), interpolation=cv2.INTER_AREA) for s in batch])
            np.testing.assert_array_equal(resized("area", batch), expected, str(height))

    def test_every_size_equals_opencv_bit_for_bit(self):
        sizes = [(84, 80), (105, 80), (70, 40), (42, 160), (210, 160), (1, 1), (209, 159), (64, 64), (96, 96),  # smaller
                 (256, 256), (210, 161), (211, 80), (84, 200), (420, 320), (500, 7), (1024, 1024)]  # larger on a side
        grey = screens(210)[::6]
        colour = np.stack([grey, grey[::-1], np.roll(grey, 3, 2)], -1)
        for batch in (grey, colour):
            for height, width in sizes:
                expected = np.stack([cv2.resize(s, (width, height), interpolation=cv2.INTER_AREA) for s in batch])
                np.testing.assert_array_equal(resized("area", batch, height, width), expected, f"{height} {width}")

    def test_bilinear_equals_tensorflows_formula(self):
        for height in (210, 214, 220, 230, 250):
            batch = screens(height)
            np.testing.assert_array_equal(resized("bilinear", batch), bilinear(batch), str(height))


if __name__ == "__main__":
    unittest.main()
