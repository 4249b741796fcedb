"""Packets become frames with spans; damage is counted and survived."""

from fractions import Fraction

import av
import pytest

import cueline.media.decoding as decoding
from cueline.errors import MediaError
from cueline.media.containers import opened
from cueline.media.decoding import KEPT_FAULTS, Decoder, Faults, packets
from tests.media.clips import write_even


class Broken:
    """A codec that raises for every packet, or gives nothing."""

    def __init__(self, error=None):
        self.error = error

    def decode(self, packet):
        if self.error is not None and packet is not None:
            raise self.error
        return []


def decoder_of(path, faults, codec=None):
    """A decoder of the first video stream, and the packets of the file."""
    with opened(path) as container:
        stream = container.streams.video[0]
        decoder = Decoder(stream, Fraction(0), faults)
        if codec is not None:
            decoder._codec = codec
        yield decoder
        yield from packets(container, [stream], faults)


@pytest.fixture
def clip(tmp_path):
    path = tmp_path / "clip.mp4"
    write_even(path, 30)
    return path


DAMAGED = av.error.InvalidDataError(1, "damaged")


def test_every_packet_becomes_a_frame_with_its_span(clip):
    faults = Faults()
    _, *all_packets = decoder_of(clip, faults)
    assert len(all_packets) == 30
    assert faults.count == 0


def test_decoding_gives_spans_in_order(clip):
    with opened(clip) as container:
        stream, faults = container.streams.video[0], Faults()
        decoder = Decoder(stream, Fraction(0), faults)
        placed = [each for packet in packets(container, [stream], faults) for each in decoder.decode(packet)]
        placed += decoder.end()
    assert [each.start for each in placed] == [i / 25 for i in range(30)]
    assert placed[-1].end == 1.2
    assert decoder.frames == 30
    assert decoder.time == 29 / 25


def test_a_stream_of_which_nothing_decodes_is_given_up_at_its_end(clip):
    faults = Faults()
    decoder, *all_packets = decoder_of(clip, faults, Broken(DAMAGED))
    for packet in all_packets:
        assert list(decoder.decode(packet)) == []
    assert faults.count == 30
    assert faults.first[5].text == "a packet of picture could not be decoded: damaged data, or encrypted"
    assert len(faults.first) == KEPT_FAULTS
    with pytest.raises(MediaError, match="no picture could be decoded: damaged data, or encrypted"):
        list(decoder.end())


def test_too_many_errors_in_a_row_end_the_stream(clip, monkeypatch):
    monkeypatch.setattr(decoding, "PATIENCE", 7)
    decoder, *all_packets = decoder_of(clip, Faults(), Broken(DAMAGED))
    for packet in all_packets[:6]:
        assert list(decoder.decode(packet)) == []
    with pytest.raises(MediaError, match=r"the picture cannot be decoded from 0.000 s on: damaged"):
        list(decoder.decode(all_packets[6]))


def test_an_empty_stream_without_an_error_is_no_fault(clip):
    faults = Faults()
    decoder, *all_packets = decoder_of(clip, faults, Broken())
    for packet in all_packets:
        assert list(decoder.decode(packet)) == []
    assert list(decoder.end()) == []
    assert faults.count == 0


def test_a_stream_without_a_decoder_is_refused():
    class Unknown:
        codec_context, type = None, "video"

    with pytest.raises(MediaError, match="the video cannot be decoded: no decoder"):
        Decoder(Unknown(), Fraction(0), Faults())


def test_a_file_that_breaks_off_is_a_fault_and_the_end():
    class Breaking:
        def demux(self, streams):
            yield from ()
            raise av.error.InvalidDataError(1, "broken")

    faults = Faults()
    assert list(packets(Breaking(), ["a stream"], faults)) == []
    assert faults.first == [(0.0, "the file cannot be read any further: damaged data, or encrypted")]


def test_a_stream_that_shows_up_late_and_is_nobodys_is_the_end():
    class Late:
        def demux(self, streams):
            yield from ()
            raise IndexError("list index out of range")

    faults = Faults()
    assert list(packets(Late(), ["a stream"], faults)) == []
    assert faults.count == 0
