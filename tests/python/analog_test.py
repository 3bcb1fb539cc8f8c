"""quern.analog.Tile: exact against numpy, in the mean as the devices say, and what is wrong is said."""

import copy
import os
import pickle
import sys
import threading
import unittest

try:
    import numpy as np

    from quern import analog
except ImportError:
    print("SKIPPED: numpy is not installed")
    sys.exit(1 if os.environ.get("CI") == "true" else 77)

KINDS = [("ideal", None, {}), ("rpu", "capacitor", {"tile.count_pulses": True}), ("rpu", "pcm_pair", {}),
         ("tiki-taka", "reram_soft_bounds", {"tiki_taka.gamma": 0.5}), ("nature", None, {}),
         ("nature", None, {"nature.pcm_only": True})]


def tiles(outputs=20, inputs=30, seed=5):
    for kind, preset, options in KINDS:
        yield analog.Tile(outputs, inputs, preset, options, kind=kind, seed=seed)


def vectors(*shape, seed=1):
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype(np.float32)


def within(test, mean, expected, error, sigmas=4):
    """Each mean within so many standard errors."""
    away = np.abs(mean - expected) / error
    test.assertLess(away.max(), sigmas, f"{(away > sigmas).sum()} of {away.size} are too far away")


class Own(analog.Tile):
    """A user's class of tiles."""


class Exported:
    """What another library's array is to us."""

    def __init__(self, array):
        self.array = array

    def __dlpack__(self, **arguments):
        return self.array.__dlpack__(**arguments)

    def __dlpack_device__(self):
        return self.array.__dlpack_device__()


class Ideal(unittest.TestCase):
    """The sums have a fixed order: forward over the inputs, backward in 16 partial sums joined pairwise."""

    def setUp(self):
        self.tile = analog.Tile(37, 50, kind="ideal")
        self.weights = vectors(37, 50, seed=2)
        self.tile.weights = self.weights

    def test_forward_backward_and_update_have_the_bits_of_numpy(self):
        x, d = vectors(6, 50), vectors(6, 37)
        x[:, ::3] = 0
        expected_y = np.zeros((6, 37), np.float32)
        for i in range(50):
            expected_y += x[:, i : i + 1] * self.weights[:, i]
        np.testing.assert_array_equal(self.tile.forward(x), expected_y)

        lanes = np.zeros((6, 50, 16), np.float32)
        for o in range(37):
            lanes[:, :, o % 16] += d[:, o : o + 1] * self.weights[o]
        for half in (8, 4, 2, 1):
            lanes = lanes[:, :, :half] + lanes[:, :, half : 2 * half]
        np.testing.assert_array_equal(self.tile.backward(d), lanes[:, :, 0])

        expected = self.weights
        for one_x, one_d in zip(x, d):
            expected = expected - np.outer(one_d, np.float32(0.1) * one_x)
        self.tile.update(x, d, 0.1)
        np.testing.assert_array_equal(self.tile.weights, expected)

    def test_weights_are_copies_and_come_back(self):
        np.testing.assert_array_equal(self.tile.weights, self.weights)
        self.tile.weights[:] = 7
        np.testing.assert_array_equal(self.tile.weights, self.weights)
        self.assertEqual((self.tile.weights.dtype, self.tile.weights.flags.c_contiguous), (np.float32, True))

    def test_arrays_of_any_layout(self):
        x = vectors(6, 50)
        y = self.tile.forward(x)
        self.assertEqual((y.dtype, y.shape), (np.float32, (6, 37)))
        frozen = x.copy()
        frozen.flags.writeable = False
        for same in (np.asfortranarray(x), np.repeat(x, 2, axis=0)[::2], frozen):
            np.testing.assert_array_equal(self.tile.forward(same), y)
        np.testing.assert_array_equal(self.tile.forward(memoryview(x)), y)
        np.testing.assert_array_equal(self.tile.forward(Exported(x)), y)
        np.testing.assert_array_equal(self.tile.forward(x[2]), y[2])
        self.assertEqual(self.tile.forward(x[2]).shape, (37,))
        self.assertEqual(self.tile.forward(x[:0]).shape, (0, 37))
        np.testing.assert_array_equal(x, vectors(6, 50))


class Devices(unittest.TestCase):
    def test_the_mean_of_updates_is_what_each_device_does_to_it(self):
        tile = analog.Tile(10, 12, seed=3)
        x, d = vectors(12, seed=4), vectors(10, seed=5)
        start, rounds, changes = np.zeros((10, 12), np.float32), 2000, []
        for _ in range(rounds):
            tile.weights = start
            tile.update(x, d, 0.01)
            changes.append(tile.weights)
        product = -0.01 * np.outer(d, x)
        steps = np.where(product > 0, tile.devices["step_up"], tile.devices["step_down"])
        expected = product / tile.options["device.step"] * steps
        changes = np.array(changes, np.float64)
        within(self, changes.mean(0), expected, changes.std(0) / rounds**0.5)

    def test_the_mean_over_tiles_is_the_outer_product(self):
        x, d, slopes = vectors(40, seed=4), vectors(30, seed=5), []
        product = -0.01 * np.outer(d, x).astype(np.float64)
        for seed in range(200):  # each with devices and trains of its own; none at a bound from the start
            tile = analog.Tile(30, 40, options={"device.w_max_d2d": 0, "device.w_min_d2d": 0}, seed=seed)
            tile.update(x, d, 0.01)
            slopes.append((tile.weights * product).sum() / (product**2).sum())
        error = np.std(slopes) / 200**0.5
        self.assertLess(error, 0.01)
        within(self, np.mean(slopes), 1, error)

    def test_reads_are_exact_but_for_the_noise_of_the_converters(self):
        tile = analog.Tile(300, 20, seed=3)
        tile.weights = 0.3 * vectors(300, 20)
        x = np.ones(20, np.float32)  # an exact level of the converter at the inputs
        reads = np.array([tile.forward(x) for _ in range(400)], np.float64)
        step = tile.options["forward.output_resolution"] * 2 * tile.options["forward.output_bound"]
        noise = np.hypot(tile.options["forward.output_noise"], step / 12**0.5)
        within(self, reads.mean(0), tile.weights.sum(1), noise / 20, sigmas=4.5)  # of 300 means
        np.testing.assert_allclose(reads.std(), np.hypot(noise, tile.weights.sum(1).std()), rtol=0.02)
        self.assertLess(np.abs(np.round(reads / step) * step - reads).max(), 1e-4)

    def test_weights_stay_within_the_bounds_of_their_devices(self):
        for preset in ("rpu_baseline", "reram_soft_bounds", "reram_exponential", "ecram_like", "capacitor"):
            tile = analog.Tile(30, 40, preset)
            devices = tile.devices
            tile.weights = np.full((30, 40), 9, np.float32)
            np.testing.assert_array_equal(tile.weights, devices["w_max"])
            tile.weights = np.full((30, 40), -9, np.float32)
            np.testing.assert_array_equal(tile.weights, devices["w_min"])
            tile.update(vectors(50, 40), vectors(50, 30), 0.5)
            weights = tile.weights
            self.assertTrue(np.all((devices["w_min"] <= weights) & (weights <= devices["w_max"])))
            self.assertTrue(np.any(weights != devices["w_min"]))

    def test_parameters_have_the_statistics_of_the_options(self):
        tile = analog.Tile(200, 300, "ecram_like", {"device": {"step_d2d": 0.2}, "device.lifetime": 1000})
        devices, count = tile.devices, 60_000
        self.assertEqual(set(devices), {"step_up", "step_down", "w_min", "w_max", "slope_up", "slope_down", "leak"})
        for array in devices.values():
            self.assertEqual((array.dtype, array.shape), (np.float32, (200, 300)))
        gain = (devices["step_up"] + devices["step_down"]) / 2 / np.float32(0.002)
        within(self, gain.mean(), 1, 0.2 / count**0.5)
        within(self, gain.std(), 0.2, 0.2 / (2 * count) ** 0.5)
        within(self, devices["w_max"].mean(), 1.1724, 0.05 * 1.1724 / count**0.5)
        np.testing.assert_allclose(devices["leak"], 1e-3, rtol=1e-4)
        soft = analog.Tile(20, 30, "reram_soft_bounds").devices
        np.testing.assert_allclose(soft["slope_up"], -soft["step_up"] / soft["w_max"], rtol=1e-6)

    def test_stuck_devices_stay(self):
        tile = analog.Tile(20, 30, options={"device.stuck_probability": 1})
        held = tile.weights
        tile.update(vectors(50, 30), vectors(50, 20), 0.5)
        np.testing.assert_array_equal(tile.weights, held)
        np.testing.assert_array_equal(tile.devices["w_min"], tile.devices["w_max"])

    def test_contents_make_up_the_weights(self):
        for tile in tiles():
            tile.update(vectors(20, 30), vectors(20, 20), 0.1)
            held, kind = tile.contents, tile.options["tile.kind"]
            if kind == "nature":
                microsiemens = tile.options["nature.gain"] * (held["plus"] - held["minus"])
                if "g" in held:
                    microsiemens += held["g"] - held["g_shared"]
                expected = microsiemens / tile.options["nature.microsiemens_per_weight"]
            elif kind == "tiki-taka":
                expected = held["slow"] + np.float32(0.5) * held["fast"]
            else:
                expected = held["weight"] if "weight" in held else held["plus"] - held["minus"]
            np.testing.assert_allclose(tile.weights, expected, atol=1e-5)

    def test_pulses_are_counted(self):
        for tile in tiles():
            self.assertEqual(tile.pulses, 0)
            tile.update(vectors(20, 30), vectors(20, 20), 0.1)
            counts = tile.pulse_counts
            for array in counts.values():
                self.assertEqual((array.dtype, array.shape), (np.uint32, (20, 30)))
            if counts:
                self.assertEqual(sum(int(array.sum()) for array in counts.values()), tile.pulses)
            self.assertEqual(tile.pulses > 0, tile.options["tile.kind"] != "ideal")
        self.assertEqual(analog.Tile(2, 3).pulse_counts, {}, "counts cost memory: with tile.count_pulses only")


class SetDevices(unittest.TestCase):
    """Parameters that are set change the pulses as their names say."""

    def changes(self, tile, sign, rounds=1):
        """What updates of all synapses, up for sign 1, add to weights of 0."""
        tile.weights = np.zeros((tile.outputs, tile.inputs), np.float32)
        for _ in range(rounds):
            tile.update(np.ones(tile.inputs, np.float32), np.full(tile.outputs, -sign, np.float32), 0.01)
        return tile.weights

    def counted(self, preset="rpu_baseline", **options):
        """Without any variation but that of the trains: a step is exactly a pulse."""
        fixed = {"device.step_d2d": 0, "device.step_c2c": 0, "device.up_down_d2d": 0, "device.w_max_d2d": 0, "device.w_min_d2d": 0}
        return analog.Tile(20, 30, preset, fixed | {"tile.count_pulses": True} | options)

    def test_steps_are_what_a_pulse_adds(self):
        tile = self.counted()
        up, down = 1e-3 + 1e-3 * np.abs(vectors(20, 30, seed=1)), 1e-3 + 1e-3 * np.abs(vectors(20, 30, seed=2))
        tile.set_devices({"step_up": up, "step_down": down})
        np.testing.assert_array_equal(tile.devices["step_up"], up)
        for sign, step in ((1, up), (-1, down)):
            before = tile.pulse_counts["pulses"].astype(np.int64)
            moved = self.changes(tile, sign)
            pulses = tile.pulse_counts["pulses"] - before
            self.assertGreater(pulses.min(), 0)
            np.testing.assert_allclose(moved, sign * pulses * step, rtol=1e-5)

    def test_slopes_bend_the_steps_and_bounds_end_them(self):
        tile = self.counted("ecram_like")
        slope, w_max = -0.02 - 0.01 * np.abs(vectors(20, 30, seed=1)), 0.05 + 0.2 * np.abs(vectors(20, 30, seed=2))
        step = tile.devices["step_up"]
        tile.set_devices({"slope_up": slope, "w_max": np.full((20, 30), 9, np.float32)})
        np.testing.assert_allclose(self.changes(tile, 1, rounds=400), -step / slope, rtol=1e-3)  # where a step is 0
        tile.set_devices({"w_max": w_max})
        np.testing.assert_allclose(self.changes(tile, 1, rounds=400), np.minimum(w_max, -step / slope), rtol=1e-3)

    def test_leaks_take_their_share(self):
        tile = self.counted(**{"device.lifetime": 100})
        leak = 0.1 * np.abs(vectors(20, 30))
        tile.set_devices({"leak": leak})
        tile.weights = held = 0.3 * vectors(20, 30, seed=2)
        for _ in range(3):
            tile.update(np.zeros(30, np.float32), np.zeros(20, np.float32), 0.1)
        np.testing.assert_allclose(tile.weights, held * (1 - leak) ** 3, rtol=1e-5)

    def test_cells_of_nature_tiles(self):
        options = {"nature.mismatch": False, "nature.rule": "deterministic", "nature.leak_step": 1}
        tile = analog.Tile(20, 30, kind="nature", options=options)
        drawn = tile.devices
        held = tile.contents["g"]
        tile.set_devices({"up_overdrive": np.where(np.arange(30) < 15, drawn["up_overdrive"], 0).astype(np.float32)})
        tile.update(np.ones(30, np.float32), np.full(20, -1, np.float32), 0.05)
        moved = tile.contents["g"] - held
        self.assertGreater(moved[:, :15].min(), 10 * moved[:, 15:].max(), "without overdrive there is no pulse")
        with self.assertRaisesRegex(ValueError, "leaked for 1 updates"):
            tile.set_devices(drawn)
        tile.transfer()
        rate = drawn["leak_rate"] * np.where(np.arange(30) < 15, 4, 0).astype(np.float32)
        tile.set_devices({"leak_rate": rate})
        held = tile.contents["g"]
        tile.update(np.zeros((2000, 30), np.float32), np.zeros((2000, 20), np.float32), 0)
        moved = np.abs(tile.contents["g"] - held)
        self.assertGreater(moved[:, :15].min(), 0.1)
        self.assertEqual(moved[:, 15:].max(), 0)

    def test_states_and_copies_keep_them(self):
        tile = self.counted()
        fresh = tile.state()
        tile.set_devices({"step_up": 0.002 + 0.001 * vectors(20, 30)})
        for other in (pickle.loads(pickle.dumps(tile)), analog.Tile.from_state(tile.state())):
            np.testing.assert_array_equal(other.devices["step_up"], tile.devices["step_up"])
            np.testing.assert_array_equal(self.changes(other, 1), self.changes(analog.Tile.from_state(tile.state()), 1))
        saved = tile.state()
        tile.restore(fresh)
        np.testing.assert_array_equal(tile.devices["step_up"], np.full((20, 30), 0.001, np.float32))
        tile.restore(saved)
        self.assertEqual(tile.state(), saved)

    def test_what_cannot_be_is_refused(self):
        tile, good = analog.Tile(2, 3), np.full((2, 3), 0.001, np.float32)
        before = tile.state()
        for name, value, error, text in (
                ("step_up", good.astype(np.float64), TypeError, "step_up must be a float32 array, got float64"),
                ("step_up", [[1]], TypeError, "got list"), (3, good, TypeError, ""),
                ("step_up", good.T, ValueError, r"step_up must be \[2, 3\], got \[3, 2\]"),
                ("step_up", -good, ValueError, "step_up of output 0 and input 0 must be 0 or more, got -0.001"),
                ("w_max", good * np.float32("nan"), ValueError, "must be finite, got nan"),
                ("w_max", -9000 * good, ValueError, "w_min and w_max of output 0 and input 0 must ascend"),
                ("steps_up", good, ValueError, "no 'steps_up'; they have step_up, step_down, w_min, w_max")):
            with self.assertRaisesRegex(error, text):
                tile.set_devices({"step_down": 2 * good, name: value})
        self.assertEqual(tile.state(), before)


class Nature(unittest.TestCase):
    def test_weights_after_are_those_of_drifted_phase_change_devices(self):
        tile = analog.Tile(40, 30, options={"pcm.programming_error": 0}, kind="nature")
        tile.weights = 0.3 * vectors(40, 30)
        before = tile.state()
        held, hour, year = tile.weights, tile.weights_after(3600), tile.weights_after(3.15e7)
        self.assertEqual((hour.dtype, hour.shape), (np.float32, (40, 30)))
        self.assertGreater(np.corrcoef(held.ravel(), hour.ravel())[0, 1], 0.97)
        size = [np.abs(weights).mean() for weights in (held, hour, year)]
        self.assertGreater(size[0], 1.05 * size[1])
        self.assertGreater(size[1], 1.2 * size[2])
        self.assertAlmostEqual(np.abs(tile.weights_after(3.15e7, compensated=True)).mean() / size[0], 1, delta=0.1)
        self.assertEqual(tile.state(), before, "nothing happens to the tile")
        for seconds in (-1, float("nan"), float("inf"), 1e12):
            with self.assertRaisesRegex(ValueError, "seconds must be 0 or more"):
                tile.weights_after(seconds)
        with self.assertRaisesRegex(ValueError, "phase-change memory"):
            analog.Tile(2, 3).weights_after(3600)
        pairs = analog.Tile(40, 30, "pcm_pair")
        pairs.weights = 0.3 * vectors(40, 30)
        self.assertLess(np.abs(pairs.weights_after(3.15e7)).mean(), 0.8 * np.abs(pairs.weights_after(0)).mean())

    def test_a_transfer_is_due_after_its_interval_and_keeps_the_weights(self):
        options = {"nature.transfer_interval": 100, "pcm.programming_error": 0.1}
        tile = analog.Tile(20, 30, options=options, kind="nature")
        x, d = vectors(100, 30), vectors(100, 20)
        self.assertEqual((tile.updates_until_transfer, tile.transfer_due), (100, False))
        tile.update(x[:99], d[:99], 0.01)
        with self.assertRaisesRegex(ValueError, "at most 1 updates are left before a transfer, got 2"):
            tile.update(x[:2], d[:2], 0.01)
        tile.update(x[99], d[99], 0.01)
        self.assertTrue(tile.transfer_due)
        with self.assertRaisesRegex(ValueError, "before a transfer"):
            tile.update(x[0], d[0], 0.01)
        before, minus = tile.weights, tile.contents["minus"]
        tile.transfer()
        self.assertFalse(tile.transfer_due)
        self.assertTrue(np.any(tile.contents["minus"] != minus))
        self.assertGreater(np.corrcoef(before.ravel(), tile.weights.ravel())[0, 1], 0.98)

    def test_the_devices_are_those_of_the_cell(self):
        devices = analog.Tile(200, 30, kind="nature").devices
        self.assertEqual(set(devices), {"leak_rate", "read_threshold", "up_overdrive", "down_overdrive",
                                        "reference_leak_rate", "reference_read_threshold"})
        within(self, devices["read_threshold"].mean(), 0.45, 0.02 / 6000**0.5)
        self.assertEqual(len(np.unique(devices["reference_read_threshold"])), 2 * 30)
        self.assertIn("plus_strength", analog.Tile(20, 30, options={"nature.pcm_only": True}, kind="nature").devices)

    def test_other_kinds_have_no_transfer(self):
        for kind in ("ideal", "rpu", "tiki-taka"):
            tile = analog.Tile(2, 3, kind=kind)
            self.assertEqual((tile.updates_until_transfer, tile.transfer_due), (None, False))
            with self.assertRaisesRegex(ValueError, "kind nature"):
                tile.transfer()


class States(unittest.TestCase):
    def go_on(self, tile):
        x, d = vectors(40, 30, seed=8), vectors(40, 20, seed=9)
        for row_x, row_d in zip(x, d):
            tile.update(row_x, row_d, 0.1)
        if tile.updates_until_transfer is not None:
            tile.transfer()
        tile.update(x, d, 0.1)
        return [tile.weights, tile.forward(x), tile.backward(d), np.array(tile.pulses), *tile.contents.values()]

    def test_a_batch_has_the_bits_of_its_vectors(self):
        x, d = vectors(10, 30), vectors(10, 20)
        for one, other in zip(tiles(), tiles()):
            np.testing.assert_array_equal(one.forward(x), np.array([other.forward(row) for row in x]))
            np.testing.assert_array_equal(one.backward(d), np.array([other.backward(row) for row in d]))
            one.update(x, d, 0.1)
            for row_x, row_d in zip(x, d):
                other.update(row_x, row_d, 0.1)
            self.assertEqual(one.state(), other.state())

    def test_states_pickles_and_copies_go_on_with_the_same_bits(self):
        for tile in tiles():
            tile.update(vectors(30, 30), vectors(30, 20), 0.1)
            saved = tile.state()
            others = [pickle.loads(pickle.dumps(tile)), copy.deepcopy(tile), analog.Tile.from_state(saved)]
            expected = self.go_on(tile)
            tile.restore(saved)
            for other in [tile, *others]:
                self.assertEqual(other.options, tile.options)
                for got, wanted in zip(self.go_on(other), expected):
                    np.testing.assert_array_equal(got, wanted)

    def test_a_class_of_a_users_own_stays_one(self):
        for copied in (copy.copy(Own(2, 3)), pickle.loads(pickle.dumps(Own(2, 3)))):
            self.assertIs(type(copied), Own)

    def test_the_seed_decides(self):
        for one, same, other in zip(tiles(), tiles(), tiles(seed=6)):
            results = [self.go_on(tile)[0] for tile in (one, same, other)]
            np.testing.assert_array_equal(results[0], results[1])
            if one.options["tile.kind"] != "ideal":
                self.assertTrue(np.any(results[0] != results[2]))

    def test_foreign_states_are_refused(self):
        tile = analog.Tile(2, 3)
        for other in (analog.Tile(3, 2), analog.Tile(2, 3, seed=2), analog.Tile(2, 3, options={"device.step": 0.002})):
            with self.assertRaisesRegex(ValueError, "another shape, seed or options"):
                tile.restore(other.state())
        for bad in (b"", b"abc", tile.state()[:-1], tile.state() + b"x"):
            with self.assertRaisesRegex(ValueError, "the state"):
                tile.restore(bad)
            with self.assertRaisesRegex(ValueError, "the state"):
                analog.Tile.from_state(bad)
        for restore in (tile.restore, analog.Tile.from_state):
            with self.assertRaisesRegex(TypeError, "bytes that state.. gave, got str"):
                restore("state")


class Threads(unittest.TestCase):
    def test_calls_of_several_threads_take_turns(self):
        # Sums of small whole numbers are exact in any order: a lost update shows.
        tile = analog.Tile(400, 400, kind="ideal")
        dice = np.random.default_rng(1)
        work = [[dice.integers(-2, 3, (800, 400)).astype(np.float32) for _ in "xd"] for _ in range(4)]
        start = threading.Barrier(4)

        def train(x, d):
            start.wait()
            for first in range(0, 800, 40):
                tile.update(x[first : first + 40], d[first : first + 40], 1)
                tile.forward(x[:3])

        threads = [threading.Thread(target=train, args=pair) for pair in work]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        np.testing.assert_array_equal(tile.weights, -sum(d.T @ x for x, d in work))

    def test_other_threads_run_during_a_long_call(self):
        tile = analog.Tile(500, 500)
        x, d = vectors(500, 500), vectors(500, 500)
        done, turns = threading.Event(), []

        def count():
            while not done.is_set():
                turns.append(1)
                done.wait(0.001)

        thread = threading.Thread(target=count)
        thread.start()
        before = len(turns)
        tile.update(x, d, 0.01)
        during = len(turns) - before
        done.set()
        thread.join()
        self.assertGreater(during, 5)


class Options(unittest.TestCase):
    def test_presets_are_the_options_of_their_tiles(self):
        self.assertEqual(analog.kinds(), ["ideal", "rpu", "tiki-taka", "nature"])
        for name in analog.presets():
            values = analog.preset(name)
            self.assertEqual((values["tile.kind"], values["device.preset"]), ("rpu", name))
            self.assertEqual(analog.Tile(2, 3, options=values).options, values)
            self.assertEqual(analog.Tile(2, 3, name).options, values)
        for kind in analog.kinds():
            self.assertEqual(analog.Tile(2, 3, kind=kind).options, analog.preset(kind=kind))
        self.assertEqual(analog.preset()["device.step"], 0.001)
        self.assertIs(analog.preset()["forward.perfect"], False)

    def test_options_are_the_table_of_the_program(self):
        table = {option.key: option for option in analog.options("rpu", "ecram_like")}
        for key, value in analog.preset("ecram_like").items():
            if key != "tile.kind" and key != "device.preset":
                self.assertEqual(table[key].default, value, key)
        self.assertIn("epochs", table)
        self.assertIn("aihwkit", table["pulses.train_length"].source)
        self.assertEqual(table["device.noise"].choices, ("of-step", "of-step-at-zero"))

    def test_nested_and_numpy_values(self):
        options = {"device": {"step": np.float32(0.002)}, "forward": {"perfect": np.True_}, "pulses.train_length": np.int32(10)}
        tile = analog.Tile(2, 3, options=options)
        self.assertEqual((tile.options["device.step"], tile.options["forward.perfect"], tile.options["pulses.train_length"]),
                         (0.002, True, 10))
        self.assertEqual(repr(tile), "<quern.analog.Tile rpu rpu_baseline [2, 3], seed 1>")


class Errors(unittest.TestCase):
    def test_options(self):
        for arguments, text in (
            ({"preset": "ecram"}, "did you mean 'ecram_like'"),
            ({"kind": "natur"}, "did you mean 'nature'"),
            ({"options": {"device.stp": 1}}, "did you mean device.step"),
            ({"options": {"device.step": "x"}}, "must be a number"),
            ({"options": {"device.step": None}}, "must be a number"),
            ({"options": {"device.step": -1}}, "step must be a finite number above 0"),
            ({"options": {"device.gamma_up": 1}}, "not used with tile.kind = rpu"),
            ({"options": {"epochs": 1}}, "epochs"),
            ({"kind": "nature", "preset": "pcm_pair"}, "not used with tile.kind = nature"),
            ({"kind": "nature", "options": {"nature.leak_step": 0}}, "leak_step"),
            ({"kind": "tiki-taka", "options": {"tiki_taka.most_pulses": 99}}, "most_pulses"),
            ({"seed": -1}, "seed"),
            ({"seed": 2**64}, "seed"),
        ):
            with self.assertRaisesRegex(ValueError, text, msg=arguments):
                analog.Tile(2, 3, **arguments)
        for call in (lambda: analog.preset("x"), lambda: analog.options("x"), lambda: analog.preset("capacitor", "nature")):
            self.assertRaises(ValueError, call)

    def test_shapes_of_tiles(self):
        for outputs, inputs in ((0, 3), (3, 0), (-1, 3), (2**20, 2**20), (2**70, 2), (1, 2**28)):
            for kind in analog.kinds():
                with self.assertRaisesRegex(ValueError, "synapses"):
                    analog.Tile(outputs, inputs, kind=kind)
        self.assertRaises(TypeError, lambda: analog.Tile(1.5, 3))

    def test_arrays(self):
        x, d = vectors(4, 5), vectors(4, 3)
        for kind, preset, options in KINDS:
            tile = analog.Tile(3, 5, preset, options, kind=kind)
            tile.update(x, d, 0.1)
            before = tile.state()
            for bad, text in ((x.astype(np.float64), "got float64"), (x.tolist(), "got list"), (None, "got NoneType"),
                              (x.astype(">f4"), "got >f4"), (x.astype(np.int32), "got int32"), ("abc", "got str")):
                for call in (lambda bad=bad: tile.forward(bad), lambda bad=bad: tile.backward(bad),
                             lambda bad=bad: tile.update(bad, d, 0.1), lambda bad=bad: tile.update(x, bad, 0.1),
                             lambda bad=bad: setattr(tile, "weights", bad)):
                    with self.assertRaisesRegex(TypeError, "must be a float32 array, " + text):
                        call()
            cases = (
                (lambda: tile.forward(x[:, :4]), r"x must be \[5\] or \[n, 5\], got \[4, 4\]"),
                (lambda: tile.forward(x[None]), r"got \[1, 4, 5\]"),
                (lambda: tile.forward(np.float32(1) * np.ones((), np.float32)), "must be a float32 array|got \\[\\]"),
                (lambda: tile.backward(x), r"d must be \[3\] or \[n, 3\], got \[4, 5\]"),
                (lambda: tile.update(x, d[0], 0.1), r"x and d must be as many vectors, got \[4, 5\] and \[3\]"),
                (lambda: tile.update(x, d[:3], 0.1), r"got \[4, 5\] and \[3, 3\]"),
                (lambda: tile.update(x, d, -0.1), "learning_rate must be 0 or more, got -0.1"),
                (lambda: tile.update(x, d, float("nan")), "learning_rate"),
                (lambda: tile.update(x, d, float("inf")), "learning_rate"),
                (lambda: tile.update(x * np.float32("nan"), d, 0.1), "x must be finite"),
                (lambda: tile.update(x, d * np.float32("inf"), 0.1), "d must be finite"),
                (lambda: tile.forward(x * np.float32("inf")), "x must be finite"),
                (lambda: tile.backward(d * np.float32("nan")), "d must be finite"),
                (lambda: setattr(tile, "weights", vectors(5, 3)), r"weights must be \[3, 5\], got \[5, 3\]"),
                (lambda: setattr(tile, "weights", vectors(15)), r"got \[15\]"),
                (lambda: setattr(tile, "weights", vectors(3, 5) * np.float32("nan")), "must be finite"),
            )
            for call, text in cases:
                with self.assertRaisesRegex((ValueError, TypeError), text):
                    call()
            with self.assertRaises(TypeError):
                tile.update(x, d, "0.1")
            self.assertEqual(tile.state(), before, "what is refused changes nothing")


if __name__ == "__main__":
    unittest.main()
