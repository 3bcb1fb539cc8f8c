"""One decision of the Nature network, one thread, batch 1: policy_bench against onnxruntime, int8 and float32.

The same shapes; weights and scales are random, for no peer's time depends on them. CPU time of a process with one thread, alternating.
"""

import json
import statistics
import subprocess
import time

import numpy as np
from peers.report import Table

NUM_ACTIONS = 18
CONVOLUTIONS = [(4, 32, 8, 4), (32, 64, 4, 2), (64, 64, 3, 1)]  # inputs, outputs, kernel, stride: Mnih et al. 2015
DENSE = [(3136, 512), (512, NUM_ACTIONS)]
DECISIONS = 400
STACKS = 4


class Graph:
    """Nodes and constants of an ONNX graph, in order."""

    def __init__(self, onnx):
        self.onnx, self.nodes, self.constants = onnx, [], []
        self.rng = np.random.default_rng(1)

    def constant(self, value):
        name = f"c{len(self.constants)}"
        self.constants.append(self.onnx.numpy_helper.from_array(np.asarray(value), name))
        return name

    def node(self, kind, inputs, **attributes):
        name = f"n{len(self.nodes)}"
        self.nodes.append(self.onnx.helper.make_node(kind, inputs, [name], **attributes))
        return name

    def session(self, runtime, name_of_output, input_type, num_threads=1):
        helper, types = self.onnx.helper, self.onnx.TensorProto
        graph = helper.make_graph(
            self.nodes, "nature", [helper.make_tensor_value_info("x", input_type, [1, 4, 84, 84])],
            [helper.make_tensor_value_info(name_of_output, types.FLOAT, [1, NUM_ACTIONS])], self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17),
                                                        helper.make_opsetid("com.microsoft", 1)], ir_version=8)
        options = runtime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = num_threads
        return runtime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def int8_session(onnx, runtime):
    """u8 activations, s8 weights, as ours: a zero point of 0 is the ReLU."""
    g = Graph(onnx)
    scale, zero_u8, zero_s8 = g.constant(np.float32(0.01)), g.constant(np.uint8(0)), g.constant(np.int8(0))

    def weights(*shape):
        return g.constant(g.rng.integers(-127, 128, shape, dtype=np.int8))

    x = "x"
    for inputs, outputs, kernel, stride in CONVOLUTIONS:
        x = g.node("QLinearConv", [x, scale, zero_u8, weights(outputs, inputs, kernel, kernel), scale, zero_s8, scale,
                                   zero_u8, g.constant(np.zeros(outputs, np.int32))], strides=[stride, stride])
    x = g.node("Reshape", [x, g.constant(np.array([1, -1], np.int64))])
    for place, (inputs, outputs) in enumerate(DENSE):
        last = place + 1 == len(DENSE)
        requantise = [] if last else [scale, zero_u8]
        x = g.node("QGemm", [x, scale, zero_u8, weights(inputs, outputs), scale, zero_s8,
                             g.constant(np.zeros(outputs, np.int32)), *requantise], domain="com.microsoft")
    return g.session(runtime, x, onnx.TensorProto.UINT8)


def float_session(onnx, runtime):
    g = Graph(onnx)

    def weights(*shape):
        return g.constant(g.rng.normal(0, 0.05, shape).astype(np.float32))

    x = "x"
    for inputs, outputs, kernel, stride in CONVOLUTIONS:
        x = g.node("Conv", [x, weights(outputs, inputs, kernel, kernel), weights(outputs)], strides=[stride, stride])
        x = g.node("Relu", [x])
    x = g.node("Reshape", [x, g.constant(np.array([1, -1], np.int64))])
    for place, (inputs, outputs) in enumerate(DENSE):
        x = g.node("Gemm", [x, weights(inputs, outputs), weights(outputs)])
        if place + 1 < len(DENSE):
            x = g.node("Relu", [x])
    return g.session(runtime, x, onnx.TensorProto.FLOAT)


def time_session(session, dtype):
    stacks = np.random.default_rng(2).integers(0, 256, (STACKS, 1, 4, 84, 84)).astype(dtype)
    start = time.process_time()
    for i in range(DECISIONS):
        session.run(None, {"x": stacks[i % STACKS]})
    return (time.process_time() - start) / DECISIONS * 1e6


def time_ours(program):
    done = subprocess.run([program, "--benchmark_filter=^(decide/nature|peak)/", "--benchmark_format=json"],
                          capture_output=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"policy_bench: {done.stderr.decode().strip()}")
    return {row["name"]: row["cpu_time"] for row in json.loads(done.stdout)["benchmarks"]}


def run(build, rounds):
    """Microseconds of a decision and their ratios; nothing when onnx or onnxruntime is not installed."""
    try:
        import onnx
        import onnxruntime
    except ImportError:
        print("policy: onnx and onnxruntime are not installed here (tools/bootstrap --bench): left out\n")
        return None
    int8, float32 = int8_session(onnx, onnxruntime), float_session(onnx, onnxruntime)
    time_session(int8, np.uint8), time_session(float32, np.float32)
    print(f"policy: us of a decision, nature, batch 1, one thread; onnxruntime {onnxruntime.__version__}")
    table = Table({"round": 7, "ours_int8": 12, "their_int8": 12, "their_float": 13, "ratio_int8": 12,
                   "ratio_float": 13})
    rows = []
    for number in range(rounds):
        times = time_ours(build / "policy_bench")
        ours = min(time for name, time in times.items() if name.startswith("decide"))
        row = {"round": str(number + 1), "ours_int8": ours, "their_int8": time_session(int8, np.uint8),
               "their_float": time_session(float32, np.float32), "all": times}
        row |= {f"ratio_{kind}": row[f"their_{kind}"] / ours for kind in ("int8", "float")}
        rows.append(row)
        table.print_row(row)
    table.print_median(rows)
    print()
    return {"onnxruntime": onnxruntime.__version__, "rounds": rows,
            "median_ratio_int8": statistics.median(row["ratio_int8"] for row in rows)}
