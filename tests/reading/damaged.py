"""Files broken on purpose, built from valid ones."""

from hypothesis import strategies as st

from earshot.core.errors import EarshotError


def damaged(valid, *, header=256):
    """A strategy for bytes: one of the valid files cut off, with bytes changed anywhere or in its header, or noise.

    valid : list of bytes
    header : int, how many of the first bytes count as the header
    """
    return st.one_of(
        st.binary(max_size=300),
        st.builds(_cut, st.sampled_from(valid), st.floats(0, 1)),
        st.builds(_changed, st.sampled_from(valid), _changes(header)),
        st.builds(_changed, st.sampled_from(valid), _changes(2**31)),
        st.builds(_repeated, st.sampled_from(valid), st.floats(0, 1), st.floats(0, 1)),
    )


def refusal(read):
    """The message with which `read()` refuses a file, None when it reads it."""
    try:
        read()
    except EarshotError as error:
        return str(error)
    return None


def _changes(reach):
    """Some (position, bytes) to write; four bytes that are all ones or zeros make absurd sizes."""
    telling = st.sampled_from(
        [b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\0\0", b"\0\0\0\x80", b"9999999"]
    )
    return st.lists(
        st.tuples(st.integers(0, reach - 1), st.one_of(st.binary(min_size=1, max_size=4), telling)),
        min_size=1,
        max_size=6,
    )


def _cut(data, share):
    return data[: int(share * len(data))]


def _changed(data, changes):
    data = bytearray(data)
    for position, new in changes:
        at = position % len(data)
        data[at : at + len(new)] = new
    return bytes(data)


def _repeated(data, start, stop):
    return data + data[int(start * len(data)) : int(stop * len(data))]
