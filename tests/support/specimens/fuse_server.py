"""A FUSE file system with one file, `lib.so`: mounts at argv[1], serves argv[2], reports it, and obeys its stdin.

After a line on its stdin, it answers no further requests; if that line is `read`, it still reads them.
"""

import ctypes
import errno
import os
import select
import struct
import sys

LOOKUP, FORGET, GETATTR, OPEN, READ, STATFS, RELEASE, FLUSH, INIT, OPENDIR, INTERRUPT, BATCH_FORGET = (
    1, 2, 3, 14, 15, 17, 18, 25, 26, 27, 36, 42,
)  # fmt: skip
FOLDER, FILE = 1, 2


def attributes(node: int, size: int) -> bytes:
    mode = 0o100755 if node == FILE else 0o40755
    return struct.pack("<6Q10I", node, size if node == FILE else 0, 16, 0, 0, 0, 0, 0, 0, mode, 1, 0, 0, 0, 4096, 0)


def answer(request: bytes, content: bytes) -> bytes | None:
    _, operation, unique, node = struct.unpack_from("<IIQQ", request)
    body, error = b"", 0
    if operation in (FORGET, BATCH_FORGET, INTERRUPT):
        return None
    if operation == INIT:
        body = struct.pack("<IIIIHHIIHHI", 7, 31, 65536, 0, 16, 12, 65536, 1, 0, 0, 0) + bytes(28)
    elif operation == LOOKUP:
        found = request[40:].split(b"\0")[0] == b"lib.so"
        body = struct.pack("<QQQQII", FILE, 0, 0, 0, 0, 0) + attributes(FILE, len(content)) if found else b""
        error = 0 if found else -errno.ENOENT
    elif operation == GETATTR:
        body = struct.pack("<QII", 0, 0, 0) + attributes(node, len(content))
    elif operation in (OPEN, OPENDIR):
        body = struct.pack("<QII", 1, 0, 0)
    elif operation == READ:
        _, offset, size = struct.unpack_from("<QQI", request, 40)
        body = content[offset : offset + size]
    elif operation not in (RELEASE, FLUSH):
        error = -errno.ENOSYS
    return struct.pack("<IiQ", 16 + len(body), error, unique) + body


def main() -> None:
    folder, file = sys.argv[1:]
    with open(file, "rb") as stream:  # noqa: PTH123
        content = stream.read()
    device = os.open("/dev/fuse", os.O_RDWR)
    options = f"fd={device},rootmode=40000,user_id=0,group_id=0,allow_other"
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"fuse", folder.encode(), b"fuse.specimen", 6, options.encode()):
        sys.exit(f"cannot mount: {os.strerror(ctypes.get_errno())}")
    os.write(1, b"\n")
    told = b""
    while True:
        ready = select.select([0, device] if told in (b"", b"read") else [0], [], [])[0]
        if 0 in ready:
            line = os.read(0, 64)
            if not line:
                return
            told = line.strip()
        elif device in ready:
            reply = answer(os.read(device, 1 << 20), content)
            if reply is not None and not told:
                os.write(device, reply)


main()
