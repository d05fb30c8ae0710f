"""The wire between the trusted side and the worker: a JSON header and a safetensors payload, both length-prefixed.

    8 bytes  length of the header, big-endian
    8 bytes  length of the payload
    header   JSON object, UTF-8
    payload  arrays by name, safetensors

Nothing is ever unpickled. The receiver refuses a length over its cap before it reads a byte of the message.

The two sides take turns. A student's code shares a process with the worker, so it can write on the channel too: what
has come before it was asked for would be taken for the answer to a later question, so no question is asked any more.
"""

import json
import select
import socket
import struct
import time
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

PREFIX = struct.Struct(">QQ")
MAX_HEADER = 256 * 1024
MAX_PAYLOAD = 256 * 1024 * 1024
SHORTEST = 0.001  # seconds; a timeout of 0 would mean: do not wait at all

Arrays = dict[str, np.ndarray]


class ProtocolError(Exception):
    """The other side broke off, or sent something that is not a message."""


class Garbled(ProtocolError):  # noqa: N818 - what came, not what went wrong here
    """The other side wrote what is no message, or wrote without being asked."""


def send(channel: socket.socket, header: dict[str, Any], arrays: Arrays | None = None) -> None:
    """Send one message.

    Raises:
        ProtocolError: the message is larger than the receiver accepts.
        Garbled: the other side wrote something out of its turn.
        OSError: the other side is gone.
    """
    head = json.dumps(header).encode()
    payload = save({name: np.asarray(array, order="C") for name, array in (arrays or {}).items()})
    if len(head) > MAX_HEADER or len(payload) > MAX_PAYLOAD:
        raise ProtocolError(f"a message of {len(head)} + {len(payload)} bytes is too large")
    refuse_unasked(channel)
    channel.sendall(PREFIX.pack(len(head), len(payload)) + head)
    channel.sendall(payload)


def receive(channel: socket.socket, deadline: float | None = None) -> tuple[dict[str, Any], Arrays]:
    """Receive one message.

    Args:
        deadline: by `time.monotonic`; the whole message must have come by then, not only its next byte.

    Raises:
        ProtocolError: the other side closed the channel.
        Garbled: what came is too large or malformed.
        TimeoutError: the channel has a timeout, and it or the deadline passed.
    """
    head_length, payload_length = PREFIX.unpack(_read(channel, PREFIX.size, deadline))
    if head_length > MAX_HEADER or payload_length > MAX_PAYLOAD:
        raise Garbled(f"a message of {head_length} + {payload_length} bytes is too large")
    head = _read(channel, head_length, deadline)
    payload = _read(channel, payload_length, deadline)
    try:
        header = json.loads(head)
        arrays = load(payload)
    except (ValueError, RecursionError, SafetensorError, KeyError) as error:
        raise Garbled(f"a malformed message: {error}") from None
    if not isinstance(header, dict):
        raise Garbled("a malformed message: its header is not an object")
    return header, arrays


def refuse_unasked(channel: socket.socket) -> None:
    """Look whether something lies in the channel, although it is this side's turn.

    Raises:
        Garbled: it does.
    """
    readable = select.poll()
    readable.register(channel, select.POLLIN)
    if readable.poll(0) and channel.recv(1, socket.MSG_PEEK):
        raise Garbled("the other side wrote without being asked")


def _read(channel: socket.socket, length: int, deadline: float | None) -> bytes:
    """Read exactly `length` bytes."""
    parts = bytearray()
    while len(parts) < length:
        if deadline is not None:
            channel.settimeout(max(deadline - time.monotonic(), SHORTEST))
        part = channel.recv(min(length - len(parts), 1 << 20))
        if not part:
            raise ProtocolError("the other side closed the channel")
        parts += part
    return bytes(parts)
