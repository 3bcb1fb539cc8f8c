"""Analog runs: kills change nothing, Ctrl-C saves, data sets are found and checked, and what is wrong is said."""

import gzip
import json
import os
import random
import re
import shutil
import struct
import time
import unittest

from quern_program import ProgramTest, newest_checkpoint, what_must_be_equal

SETTINGS = ["--set", "network.hidden=24", "--set", "tile.max_inputs=40"]
KILLS = int(os.environ.get("QUERN_KILLS", "8"))
CONFIGS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "configs", "analog")


def npy(dtype, shape, data):
    header = repr({"descr": dtype, "fortran_order": False, "shape": shape}).encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + data


def idx(shape, data):
    return bytes([0, 0, 8, len(shape)]) + b"".join(struct.pack(">I", size) for size in shape) + data


class Analog(ProgramTest):
    epochs = 12

    def setUp(self):
        super().setUp()
        self.env["QUERN_DATA"] = self.path("data")

    def analog(self, *more):
        return self.start("analog", *SETTINGS, "--set", f"epochs={self.epochs}", *more)

    def write(self, name, data):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "wb") as file:
            file.write(data)
        return self.path(name)

    def undisturbed(self, *more):
        process = self.analog(*more)
        _, err = process.communicate(timeout=600)
        self.assertEqual(process.returncode, 0, err)
        self.assertRegex(err, r"epoch +\d+/\d+  loss .* test \d+\.\d\d %  .* samples/s")
        result = what_must_be_equal(self.run_folder())
        shutil.rmtree(self.path("runs"))
        return result

    def check_kills(self, *more):
        started = time.monotonic()
        expected = self.undisturbed(*more)
        seconds = time.monotonic() - started
        self.assertEqual([r["epoch"] for r in expected["metrics.jsonl"]], list(range(1, self.epochs + 1)))
        self.finish_through_kills(lambda: self.analog(*more), lambda _: self.start("resume", "latest"), KILLS, seconds / 3,
                                  seed=22)
        self.assertEqual(what_must_be_equal(self.run_folder()), expected)
        shutil.rmtree(self.path("runs"))

    def test_kills_do_not_change_what_a_run_leaves(self):
        self.check_kills()

    def test_the_same_holds_for_every_kind_of_tile(self):
        for kind in ("ideal", "tiki-taka", "nature"):
            with self.subTest(kind=kind):
                self.check_kills("--set", f"tile.kind={kind}")

    def test_ctrl_c_saves_within_an_epoch_and_names_the_resume_command(self):
        self.epochs = 100000
        info, err = self.interrupt(self.analog())
        self.assertEqual((info["kind"], info["subject"]), ("analog", "digits"))
        self.resume_and_interrupt(err)

    def test_the_demo_learns_the_digits_and_can_be_tested(self):
        _, err = self.run_quern("analog")
        percent = float(re.search(r"test samples are right, (\d+\.\d+) %", err)[1])
        self.assertGreater(percent, 95)
        out, _ = self.run_quern("eval", "--json")
        result = json.loads(out)
        self.assertEqual((result["data_set"], result["epochs"], result["test_samples"]), ("digits", 30, 360))
        self.assertAlmostEqual(100 * result["test_accuracy"], percent, places=1)
        out, _ = self.run_quern("eval")
        self.assertIn(f"{percent:.2f} %", out)
        self.fails("record", code=1, says=["plays no game"], hint="quern eval")

    def test_weights_in_phase_change_memory_can_be_tested_later(self):
        self.run_quern("analog", "--set", "tile.kind=nature", "--set", "nature.transfer_interval=1000", "--set", "epochs=10")
        out, _ = self.run_quern("eval", "--after", "1h,2.5y", "--json")
        result = json.loads(out)
        self.assertEqual([(row["seconds"], row["compensated"]) for row in result["after"]],
                         [(0, False), (3600, False), (3600, True), (2.5 * 365.25 * 86400, False), (2.5 * 365.25 * 86400, True)])
        self.assertGreater(result["after"][0]["test_accuracy"], 0.7)
        self.assertGreater(result["after"][2]["test_accuracy"], 0.7)
        out, _ = self.run_quern("eval", "--after", "1d")
        self.assertIn("just programmed", out)
        self.assertIn("after 1d, compensated", out)
        for wrong in ("1x", "h", "-1h", "0s", "1h,,2h", "1h;2h"):
            self.fails("eval", "--after=" + wrong, code=2, says=["--after"], hint="1h,1d,1y")
        shutil.rmtree(self.path("runs"))
        self.run_quern("analog", "--set", "epochs=1")
        self.fails("eval", "--after", "1h", code=2, says=["phase-change memory"], hint="pcm_pair")

    def test_what_is_wrong_is_said(self):
        self.fails("analog", "--set", "tile.kind=rpm", code=2, says=["rpm", "rpu"])
        self.fails("analog", "--set", "device.stap=0.1", code=2, says=["device.step"])
        self.fails("analog", "--set", "device.step=-1", code=1, says=["step"], hint="above 0")
        self.fails("analog", "--set", "network.hidden=a", code=2, says=["network.hidden"], hint="256-128")
        self.fails("analog", "--set", "data.set=mnist", code=1, says=["train-images-idx3-ubyte", "data"], hint="quern data")
        self.fails("analog", "--set", "data.crop=true", code=2, says=["data.crop"])
        self.fails("analog", self.path("none.toml"), code=1, says=["none.toml"])
        self.fails("analog", self.write("bad.toml", b"[tile]\nkind = 'rpu'\nsize = 3\n"), code=2,
                   says=["bad.toml", "line 3", "tile.size"])
        self.assertFalse(os.path.exists(self.path("runs")), "nothing was begun")
        out, err = self.run_quern("analog", "--dry-run")
        self.assertIn("digits", err)
        self.assertFalse(os.path.exists(self.path("runs")), "nothing was begun")
        out, _ = self.run_quern("analog", "--list-options")
        self.assertIn("device.step", out)
        out, _ = self.run_quern("analog", "--list-options", "--set", "tile.kind=ideal")
        self.assertNotIn("device.step", out)
        _, err = self.run_quern("analog", "--set", "train.learning_rate=1e38", "--set", "tile.kind=ideal",
                                "--set", "network.activation=relu", code=1)
        self.assertIn("lower train.learning_rate", err)
        with open(os.path.join(self.run_folder(), "run.json"), encoding="utf-8") as file:
            self.assertEqual(json.load(file)["status"], "failed")

    def write_mnist(self, shade=100):
        images = b"".join(bytes([(shade + label * 10) % 256]) * 784 for label in range(10))
        for part in ("train", "t10k"):
            self.write(f"data/mnist/{part}-images-idx3-ubyte.gz", gzip.compress(idx([10, 28, 28], images)))
            self.write(f"data/mnist/{part}-labels-idx1-ubyte", idx([10], bytes(range(10))))

    def test_data_sets_are_listed_and_checked(self):
        out, err = self.run_quern("data")
        self.assertIn("digits         built in", out)
        self.assertRegex(out, r"mnist +-\n")
        self.assertIn("put train-images-idx3-ubyte", err)
        self.write_mnist()
        out, err = self.run_quern("data")
        self.assertIn(self.path("data", "mnist"), out)
        self.assertIn("not as published", err)
        out, _ = self.run_quern("data", "--json")
        states = {entry["set"]: entry["state"] for entry in json.loads(out)}
        self.assertEqual((states["digits"], states["mnist"], states["cifar10"]), ("built in", "differs", "missing"))

    def test_a_run_goes_on_with_its_own_data_only(self):
        self.write_mnist()
        arguments = ["--set", "data.set=mnist", "--set", "network.hidden=4", "--set", "epochs=2"]
        self.run_quern("analog", *arguments)
        self.run_quern("resume")
        self.run_quern("eval")
        self.write_mnist(shade=101)
        for command in ("resume", "eval"):
            self.fails(command, code=1, says=["other data"], hint="data.dir")

    def test_damaged_and_foreign_checkpoints_are_named(self):
        self.run_quern("analog", *SETTINGS, "--set", "epochs=2")
        state = os.path.join(newest_checkpoint(self.run_folder()), "state.bin")
        with open(state, "rb") as file:
            good = file.read()
        with open(state, "wb") as file:
            file.write(good[:-1])
        self.fails("resume", code=1, says=["state.bin"])
        with open(state, "wb") as file:
            file.write(good)
        config = os.path.join(self.run_folder(), "config.toml")
        with open(config, encoding="utf-8") as file:
            text = file.read()
        with open(config, "w", encoding="utf-8") as file:
            file.write(text.replace('hidden = "24"', 'hidden = "25"'))
        self.fails("resume", code=1, says=["state.bin", "the configuration makes"])
        with open(config, "w", encoding="utf-8") as file:
            file.write(text.replace("epochs = 2", "epochs = 1"))
        self.fails("resume", code=1, says=["beyond the end"])

    def test_the_config_of_a_run_gives_the_run_again(self):
        self.epochs = 2
        expected = self.undisturbed()
        process = self.analog()
        process.communicate(timeout=600)
        config = shutil.copy(os.path.join(self.run_folder(), "config.toml"), self.path("again.toml"))
        shutil.rmtree(self.path("runs"))
        self.run_quern("analog", config)
        self.assertEqual(what_must_be_equal(self.run_folder()), expected)

    def write_features(self, folder, features, classes, per_class=1):
        """As many training as test samples; one feature of each says its class."""
        dice = random.Random(5)
        count = per_class * classes
        for part in ("train", "test"):
            values = [0.2 * dice.random() for _ in range(count * features)]
            for i in range(count):
                values[i * features + i % classes] = 1.0
            self.write(f"{folder}/{part}_features.npy", npy("<f4", (count, features), struct.pack(f"<{len(values)}f", *values)))
            self.write(f"{folder}/{part}_labels.npy", npy("|u1", (count,), bytes(i % classes for i in range(count))))

    def test_configs_of_runs_before_keys_were_retired_are_read(self):
        config = self.write("old.toml", b'[tile]\nkind = "nature"\n[pcm]\nshortest_pulse = 1.36e-08\nlongest_pulse = 4.4e-06\n')
        self.run_quern("analog", config, "--dry-run")

    def test_committed_configs_fit_their_data(self):
        self.write_mnist()
        self.write_features("data/cifar10_features", 256, 10)
        self.write_features("data/cifar100_features", 2048, 100)
        mnist, cropped = "mnist: 784-256-128-10", "mnist: 528-250-125-10"
        expected = {"cifar100_transfer": "features: 2048-100", "cifar10_transfer_float": "features: 256-10",
                    "cifar10_transfer_nature": "features: 256-10", "cifar10_transfer_rpu": "features: 256-10",
                    "digits": "digits: 64-64-10", "mnist_float": mnist, "mnist_nature": cropped, "mnist_rpu": mnist,
                    "mnist_soft_bounds_sgd": mnist, "mnist_soft_bounds_tiki_taka": mnist}
        for kind, network in (("float", mnist), ("nature", cropped), ("rpu", mnist)):
            expected[f"mnist_backrand_{kind}"] = network.replace("mnist", "mnist-backrand")
        self.assertEqual(sorted(expected), sorted(n.removesuffix(".toml") for n in os.listdir(CONFIGS) if n.endswith(".toml")))
        for name, network in expected.items():
            with self.subTest(config=name):
                _, err = self.run_quern("analog", os.path.join(CONFIGS, name + ".toml"), "--dry-run")
                data_set, sizes = network.split(": ")
                self.assertRegex(err, rf"(?m)^data +{data_set}: ")
                self.assertRegex(err, rf"(?m)^network +{sizes}, ")
        self.assertFalse(os.path.exists(self.path("runs")), "nothing was begun")

    def test_the_transfer_configs_train_on_features_of_the_right_shape(self):
        for config, features, classes in (("cifar10_transfer_rpu", 256, 10), ("cifar100_transfer", 2048, 100)):
            with self.subTest(config=config):
                self.write_features("f", features, classes, per_class=2)
                _, err = self.run_quern("analog", os.path.join(CONFIGS, config + ".toml"), "--set", "data.dir=" + self.path("f"),
                                        "--set", "epochs=20", "--set", "train.learning_rate=0.05")
                self.assertIn(f"network  {features}-{classes},", err)
                self.assertGreater(float(re.search(r"test samples are right, (\d+\.\d+) %", err)[1]), 300 / classes)


if __name__ == "__main__":
    unittest.main()
