"""Tiny pretrained models, one a format: the mean power of a window in each of so many equal stretches, and its mean."""

import numpy as np
import onnx
from onnx import TensorProto, helper

RATE = 8000
SAMPLES = 800  # a tenth of a second
DIMENSIONS = 5


def weights(samples=SAMPLES):
    """(samples, DIMENSIONS): takes the mean of each stretch."""
    return np.kron(np.eye(DIMENSIONS), np.full((samples // DIMENSIONS, 1), DIMENSIONS / samples)).astype("f")


def expected(windows):
    """What the models give for windows of SAMPLES. (windows, samples) -> (windows, DIMENSIONS)"""
    return np.square(windows.astype("f")) @ weights()


def write_onnx(
    path, *, batch="batch", rate=RATE, nan=False, deaf=False, random=False, kind=TensorProto.FLOAT, opset=18
):
    """An ONNX file; `power` lies inside it.

    batch : a name for any, or a number
    nan : gives NaN for a sound that holds silence, a logarithm of 0
    deaf : gives the same whatever it hears
    random : gives something else each time
    kind : of what goes in
    opset : of its operators
    """
    gain = np.zeros_like(weights()) if deaf else weights()
    nodes = [
        helper.make_node("Mul", ["waveform", "waveform"], ["power"]),
        helper.make_node("MatMul", ["power", "weights"], ["means"]),
        helper.make_node(
            "Log" if nan else "RandomNormalLike" if random else "Identity", ["means"], ["embedding"]
        ),
    ]
    if kind != TensorProto.FLOAT:
        nodes[:1] = [
            helper.make_node("Cast", ["waveform"], ["heard"], to=TensorProto.FLOAT),
            helper.make_node("Mul", ["heard", "heard"], ["power"]),
        ]
    if nan:
        nodes.append(helper.make_node("Sub", ["embedding", "embedding"], ["zero"]))
        nodes.append(helper.make_node("Add", ["embedding", "zero"], ["bent"]))
    graph = helper.make_graph(
        nodes,
        "ears",
        [helper.make_tensor_value_info("waveform", kind, [batch, SAMPLES])],
        [
            helper.make_tensor_value_info(
                "bent" if nan else "embedding", TensorProto.FLOAT, [batch, DIMENSIONS]
            )
        ],
        [onnx.numpy_helper.from_array(gain, "weights")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=9)
    if rate is not None:
        helper.set_model_props(model, {"sample_rate": str(rate)})
    onnx.save(model, path)
    return path


def write_tflite(path):
    """A TFLite file, built of its own schema: the square of a window times the weights; `power` lies inside it."""
    import flatbuffers
    from ai_edge_litert import schema_py_generated as schema

    model = schema.ModelT()
    model.version, model.subgraphs, model.buffers = 3, [schema.SubGraphT()], []
    graph = model.subgraphs[0]
    graph.tensors, graph.operators, model.operatorCodes = [], [], []

    def tensor(name, shape, data=b""):
        buffer = schema.BufferT()
        buffer.data = np.frombuffer(data, np.uint8) if data else None
        model.buffers.append(buffer)
        one = schema.TensorT()
        one.name, one.shape, one.type, one.buffer = (
            name,
            list(shape),
            schema.TensorType.FLOAT32,
            len(model.buffers) - 1,
        )
        graph.tensors.append(one)
        return len(graph.tensors) - 1

    def operator(code, inputs, outputs, kind, options):
        of_code = schema.OperatorCodeT()
        of_code.builtinCode = of_code.deprecatedBuiltinCode = code
        of_code.version = 1
        model.operatorCodes.append(of_code)
        one = schema.OperatorT()
        one.opcodeIndex, one.inputs, one.outputs = len(model.operatorCodes) - 1, inputs, outputs
        one.builtinOptionsType, one.builtinOptions = kind, options
        graph.operators.append(one)

    tensor("", [])  # buffer 0 is empty by convention
    graph.tensors.clear()
    waveform = tensor("waveform", [1, SAMPLES])
    gain = tensor("weights", [DIMENSIONS, SAMPLES], np.ascontiguousarray(weights().T).tobytes())
    power, embedding = tensor("power", [1, SAMPLES]), tensor("embedding", [1, DIMENSIONS])
    kinds = schema.BuiltinOptions
    operator(
        schema.BuiltinOperator.MUL, [waveform, waveform], [power], kinds.MulOptions, schema.MulOptionsT()
    )
    operator(
        schema.BuiltinOperator.FULLY_CONNECTED,
        [power, gain, -1],
        [embedding],
        kinds.FullyConnectedOptions,
        schema.FullyConnectedOptionsT(),
    )
    graph.inputs, graph.outputs = [waveform], [embedding]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    path.write_bytes(builder.Output())
    return path
