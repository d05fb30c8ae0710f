"""The wire between the trusted side and the worker: a JSON header and a safetensors payload, both length-prefixed.

    8 bytes  length of the header, big-endian
    8 bytes  length of the payload
    header   JSON object, UTF-8
    payload  arrays by name, safetensors

Nothing is ever unpickled. The receiver refuses a length over its cap before it reads a byte of the message.
"""

import json
import socket
import struct
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

PREFIX = struct.Struct(">QQ")
MAX_HEADER = 256 * 1024
MAX_PAYLOAD = 256 * 1024 * 1024

Arrays = dict[str, np.ndarray]


class ProtocolError(Exception):
    """The other side broke off, or sent something that is not a message."""


def send(channel: socket.socket, header: dict[str, Any], arrays: Arrays | None = None) -> None:
    """Send one message.

    Raises:
        ProtocolError: the message is larger than the receiver accepts.
        OSError: the other side is gone.
    """
    head = json.dumps(header).encode()
    payload = save({name: np.asarray(array, order="C") for name, array in (arrays or {}).items()})
    if len(head) > MAX_HEADER or len(payload) > MAX_PAYLOAD:
        raise ProtocolError(f"a message of {len(head)} + {len(payload)} bytes is too large")
    channel.sendall(PREFIX.pack(len(head), len(payload)) + head)
    channel.sendall(payload)


def receive(channel: socket.socket) -> tuple[dict[str, Any], Arrays]:
    """Receive one message.

    Raises:
        ProtocolError: the other side closed the channel, or what came is too large or malformed.
        TimeoutError: the channel has a timeout, and it passed.
    """
    head_length, payload_length = PREFIX.unpack(_read(channel, PREFIX.size))
    if head_length > MAX_HEADER or payload_length > MAX_PAYLOAD:
        raise ProtocolError(f"a message of {head_length} + {payload_length} bytes is too large")
    head = _read(channel, head_length)
    payload = _read(channel, payload_length)
    try:
        header = json.loads(head)
        arrays = load(payload)
    except (ValueError, RecursionError, SafetensorError, KeyError) as error:
        raise ProtocolError(f"a malformed message: {error}") from None
    if not isinstance(header, dict):
        raise ProtocolError("a malformed message: its header is not an object")
    return header, arrays


def _read(channel: socket.socket, length: int) -> bytes:
    """Read exactly `length` bytes."""
    parts = bytearray()
    while len(parts) < length:
        part = channel.recv(min(length - len(parts), 1 << 20))
        if not part:
            raise ProtocolError("the other side closed the channel")
        parts += part
    return bytes(parts)
