"""MiniLM (a BERT of 6 layers) as an ONNX network with int8 weights, made from its own tensors.

Weights are rounded to 7 bits, one scale for each output: with 8 the products of two of them can
run over on processors that add pairs in 16 bits, and the same text would have another embedding
there. Activations are rounded at run time (DynamicQuantizeLinear).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from voice_regen.engines.onnx_graph import GraphWriter
from voice_regen.types import FloatArray

WIDTH = 384
HEADS = 12
LAYERS = 6
INNER = 1536
INPUT, OUTPUT = "embedded", "hidden"
_NORM_EPSILON = 1e-12
_LARGEST = 63

Tensors: TypeAlias = Callable[[str], FloatArray]
"""A tensor of the model by its name."""


def minilm_network(tensor: Tensors) -> bytes:
    """An ONNX file: summed embeddings (tokens, 384) to the last layer's output, same shape."""
    graph = GraphWriter()
    graph.constant("heads.shape", np.array([0, 3, HEADS, WIDTH // HEADS], np.int64))
    graph.constant("joined.shape", np.array([0, WIDTH], np.int64))
    graph.constant("first_axis", np.array([0], np.int64))
    hidden = _norm(graph, tensor, "embeddings.LayerNorm", INPUT, "norm")
    for layer in range(LAYERS):
        hidden = _layer(graph, tensor, f"encoder.layer.{layer}", hidden)
    graph.node("Identity", [hidden], [OUTPUT])
    return graph.model(INPUT, OUTPUT, ("tokens", WIDTH))


def _layer(graph: GraphWriter, tensor: Tensors, at: str, hidden: str) -> str:
    attended = _attention(graph, tensor, at, hidden)
    weight, bias = _dense(tensor, f"{at}.attention.output.dense")
    projected = _linear(graph, f"{at}.projected", attended, weight, bias)
    summed = graph.node("Add", [projected, hidden], [f"{at}.sum"])
    middle = _norm(graph, tensor, f"{at}.attention.output.LayerNorm", summed, f"{at}.middle")
    weight, bias = _dense(tensor, f"{at}.intermediate.dense")
    inner = _linear(graph, f"{at}.inner", middle, weight, bias)
    inner = graph.node("Gelu", [inner], [f"{at}.gelu"])
    weight, bias = _dense(tensor, f"{at}.output.dense")
    outer = _linear(graph, f"{at}.outer", inner, weight, bias)
    summed = graph.node("Add", [outer, middle], [f"{at}.sum2"])
    return _norm(graph, tensor, f"{at}.output.LayerNorm", summed, f"{at}.out")


def _attention(graph: GraphWriter, tensor: Tensors, at: str, hidden: str) -> str:
    parts = [_dense(tensor, f"{at}.attention.self.{one}") for one in ("query", "key", "value")]
    # The scale of the dot products is put into the query's weights.
    scale = np.float32(1 / math.sqrt(WIDTH / HEADS))
    parts[0] = (parts[0][0] * scale, parts[0][1] * scale)
    weight = np.concatenate([one for one, _ in parts])
    bias = np.concatenate([one for _, one in parts])
    joined = _linear(graph, f"{at}.qkv", hidden, weight, bias)
    split = graph.node("Reshape", [joined, "heads.shape"], [f"{at}.heads"])
    split = graph.node("Transpose", [split], [f"{at}.by_head"], perm=(1, 2, 0, 3))
    names = [f"{at}.{one}" for one in "qkv"]
    graph.node("Split", [split], names, axis=0, num_outputs=3)
    query, key, value = (
        graph.node("Squeeze", [name, "first_axis"], [f"{name}.one"]) for name in names
    )
    turned = graph.node("Transpose", [key], [f"{at}.k.turned"], perm=(0, 2, 1))
    scores = graph.node("MatMul", [query, turned], [f"{at}.scores"])
    weights = graph.node("Softmax", [scores], [f"{at}.weights"], axis=-1)
    taken = graph.node("MatMul", [weights, value], [f"{at}.taken"])
    taken = graph.node("Transpose", [taken], [f"{at}.by_token"], perm=(1, 0, 2))
    return graph.node("Reshape", [taken, "joined.shape"], [f"{at}.attended"])


def _linear(graph: GraphWriter, name: str, given: str, weight: FloatArray, bias: FloatArray) -> str:
    """``given`` (n, in) by ``weight`` (out, in) and ``bias`` (out,): (n, out), in whole numbers."""
    scale = np.maximum(np.abs(weight).max(axis=1), 1e-9) / _LARGEST
    whole = np.clip(np.rint(weight / scale[:, None]), -_LARGEST, _LARGEST).astype(np.int8)
    graph.constant(f"{name}.weight", whole.T)
    graph.constant(f"{name}.scale", scale.astype(np.float32))
    graph.constant(f"{name}.bias", bias.astype(np.float32))
    rounded = [f"{name}.rounded", f"{name}.step", f"{name}.zero"]
    graph.node("DynamicQuantizeLinear", [given], rounded)
    graph.node("MatMulInteger", [rounded[0], f"{name}.weight", rounded[2]], [f"{name}.whole"])
    graph.node("Cast", [f"{name}.whole"], [f"{name}.float"], to=1)
    graph.node("Mul", [rounded[1], f"{name}.scale"], [f"{name}.steps"])
    graph.node("Mul", [f"{name}.float", f"{name}.steps"], [f"{name}.product"])
    return graph.node("Add", [f"{name}.product", f"{name}.bias"], [name])


def _norm(graph: GraphWriter, tensor: Tensors, at: str, given: str, name: str) -> str:
    weight = graph.constant(f"{name}.weight", tensor(f"{at}.weight"))
    bias = graph.constant(f"{name}.bias", tensor(f"{at}.bias"))
    return graph.node(
        "LayerNormalization", [given, weight, bias], [name], axis=-1, epsilon=_NORM_EPSILON
    )


def _dense(tensor: Tensors, at: str) -> tuple[FloatArray, FloatArray]:
    return tensor(f"{at}.weight"), tensor(f"{at}.bias")
