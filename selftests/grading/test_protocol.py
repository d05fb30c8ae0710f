import json
import socket
import threading

import numpy as np
import pytest

from course.worker.protocol import MAX_HEADER, PREFIX, Garbled, ProtocolError, receive, send


@pytest.fixture
def channel():
    left, right = socket.socketpair()
    yield left, right
    left.close()
    right.close()


def test_arrays_arrive_as_they_were_sent(channel):
    arrays = {
        "scalar": np.float32(0.25).reshape(()),
        "empty": np.zeros((0, 3), np.int64),
        "transposed": np.arange(6, dtype=np.float64).reshape(2, 3).T,
        "bytes": np.frombuffer(b"\x89PNG", np.uint8),
        "flags": np.array([True, False]),
    }
    sender = threading.Thread(target=send, args=(channel[0], {"operation": "x"}, arrays))
    sender.start()
    header, received = receive(channel[1])
    sender.join()
    assert header == {"operation": "x"}
    assert received.keys() == arrays.keys()
    for name, array in arrays.items():
        assert received[name].dtype == array.dtype
        assert received[name].shape == array.shape
        np.testing.assert_array_equal(received[name], array)


@pytest.mark.parametrize(
    ("head", "payload", "word"),
    [
        (b"[1]", b"", "malformed"),
        (b"{", b"", "malformed"),
        (b'{"a": ' * 100_00 + b"1" + b"}" * 100_00, b"", "malformed"),
        (b"{}", b"not safetensors", "malformed"),
        (b"{}", (1 << 60).to_bytes(8, "little") + b"{}", "malformed"),
    ],
)
def test_a_malformed_message_is_refused(channel, head, payload, word):
    sender = threading.Thread(target=channel[0].sendall, args=(PREFIX.pack(len(head), len(payload)) + head + payload,))
    sender.start()
    with pytest.raises(ProtocolError, match=word):
        receive(channel[1])
    sender.join()


def test_a_length_over_the_cap_is_refused_before_anything_is_read(channel):
    channel[0].sendall(PREFIX.pack(MAX_HEADER + 1, 0))
    with pytest.raises(ProtocolError, match="too large"):
        receive(channel[1])


def test_a_message_over_the_cap_is_not_sent(channel):
    with pytest.raises(ProtocolError, match="too large"):
        send(channel[0], {"text": "x" * MAX_HEADER})


def test_a_closed_channel_is_noticed_in_mid_message(channel):
    channel[0].sendall(PREFIX.pack(100, 0) + json.dumps({"half": 1}).encode())
    channel[0].close()
    with pytest.raises(ProtocolError, match="closed"):
        receive(channel[1])


@pytest.mark.parametrize("early", [b"x", PREFIX.pack(2, 8) + b"{}" + (0).to_bytes(8, "little")])
def test_what_comes_before_it_is_asked_for_is_refused(channel, early):
    channel[1].sendall(early)
    with pytest.raises(Garbled, match="without being asked"):
        send(channel[0], {"operation": "x"})


def test_a_side_that_is_gone_is_not_taken_for_one_that_speaks(channel):
    channel[1].close()
    with pytest.raises(OSError):
        send(channel[0], {"operation": "x"}, {"a": np.zeros(1_000_000)})
