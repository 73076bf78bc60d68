"""Processes whose memory keeps changing: one leaks, one maps and unmaps, one has many threads."""

LEAK = r"""
import ctypes, sys, time
libc = ctypes.CDLL(None)
libc.sbrk.restype = ctypes.c_void_p
libc.sbrk.argtypes = [ctypes.c_long]
step, period, first = (float(word) for word in sys.argv[1:4])
ctypes.memset(libc.sbrk(int(first)), 1, int(first))
print("ready", flush=True)
begun = time.monotonic()
for count in range(1 << 20):
    time.sleep(max(0.0, begun + (count + 1) * period - time.monotonic()))
    ctypes.memset(libc.sbrk(int(step)), 1, int(step))
    print(count, flush=True)
"""
"""Gets `step` bytes from brk(2) every `period` seconds, writes to them and prints a line; starts with `first` bytes."""

CHURN = r"""
import mmap, sys, time
rate = float(sys.argv[1])
kept = [mmap.mmap(-1, 1 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) for _ in range(8)]
print("ready", flush=True)
begun = time.monotonic()
for count in range(1 << 20):
    time.sleep(max(0.0, begun + count / rate - time.monotonic()))
    kept[count % 8].close()
    kept[count % 8] = each = mmap.mmap(-1, (1 + count % 5) << 16, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    each[:4096] = b"x" * 4096
"""
"""Maps and unmaps memory that many times a second."""

THREADS = r"""
import ctypes, sys, threading
libc = ctypes.CDLL(None)
gate = threading.Barrier(int(sys.argv[1]) + 1)
def work(number):
    libc.prctl(15, b"worker-%d" % number, 0, 0, 0)
    gate.wait()
    threading.Event().wait()
for number in range(int(sys.argv[1])):
    threading.Thread(target=work, args=(number,), daemon=True).start()
gate.wait()
print("ready", flush=True)
sys.stdin.read()
"""
"""Starts that many threads, each named worker-N, which wait."""
