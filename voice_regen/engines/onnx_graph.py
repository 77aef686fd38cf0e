"""Writing an ONNX network without the package onnx: the few parts of its format we need.

ONNX files are protocol buffers (onnx.proto3 of the ONNX project); field numbers are from there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

IR_VERSION = 10
OPSET = 20
_FLOAT = 1
_ELEMENT_TYPES = {"float32": 1, "uint8": 2, "int8": 3, "int32": 6, "int64": 7}
_ATTRIBUTE_FLOAT, _ATTRIBUTE_INT, _ATTRIBUTE_INTS = 1, 2, 7

Attribute = int | float | Sequence[int]


@dataclass(slots=True)
class GraphWriter:
    """Nodes and constants, added in the order of the computation."""

    nodes: list[bytes] = field(default_factory=list)
    constants: list[bytes] = field(default_factory=list)

    def constant(self, name: str, value: npt.NDArray[np.generic]) -> str:
        """Add a tensor; gives its name back."""
        raw = np.ascontiguousarray(value).tobytes()
        tensor = b"".join(_integer(1, size) for size in value.shape)
        tensor += _integer(2, _ELEMENT_TYPES[value.dtype.name]) + _text(8, name) + _bytes(9, raw)
        self.constants.append(tensor)
        return name

    def node(
        self, kind: str, inputs: Sequence[str], outputs: Sequence[str], **attributes: Attribute
    ) -> str:
        """Add an operation; gives the name of its first output back."""
        body = b"".join(_text(1, name) for name in inputs)
        body += b"".join(_text(2, name) for name in outputs)
        body += _text(4, kind)
        body += b"".join(_bytes(5, _attribute(name, value)) for name, value in attributes.items())
        self.nodes.append(body)
        return outputs[0]

    def model(self, input_name: str, output_name: str, shape: Sequence[int | str]) -> bytes:
        """The whole file; one float32 input of ``shape`` (a name is a free axis), one output."""
        graph = b"".join(_bytes(1, node) for node in self.nodes)
        graph += _text(2, "network")
        graph += b"".join(_bytes(5, tensor) for tensor in self.constants)
        graph += _bytes(11, _value(input_name, shape)) + _bytes(12, _value(output_name, None))
        opset = _bytes(8, _integer(2, OPSET))
        return _integer(1, IR_VERSION) + _bytes(7, graph) + opset


def _value(name: str, shape: Sequence[int | str] | None) -> bytes:
    tensor = _integer(1, _FLOAT)
    if shape is not None:
        axes = (_integer(1, one) if isinstance(one, int) else _text(2, one) for one in shape)
        tensor += _bytes(2, b"".join(_bytes(1, axis) for axis in axes))
    return _text(1, name) + _bytes(2, _bytes(1, tensor))


def _attribute(name: str, value: Attribute) -> bytes:
    if isinstance(value, int):
        return _text(1, name) + _integer(3, value) + _integer(20, _ATTRIBUTE_INT)
    if isinstance(value, float):
        packed = np.float32(value).tobytes()
        return _text(1, name) + _key(2, 5) + packed + _integer(20, _ATTRIBUTE_FLOAT)
    listed = b"".join(_integer(8, one) for one in value)
    return _text(1, name) + listed + _integer(20, _ATTRIBUTE_INTS)


def _key(number: int, wire: int) -> bytes:
    return _varint(number << 3 | wire)


def _integer(number: int, value: int) -> bytes:
    return _key(number, 0) + _varint(value & 0xFFFF_FFFF_FFFF_FFFF)


def _bytes(number: int, value: bytes) -> bytes:
    return _key(number, 2) + _varint(len(value)) + value


def _text(number: int, value: str) -> bytes:
    return _bytes(number, value.encode())


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
