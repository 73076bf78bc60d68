import pytest

from mmexplorer.model.elf.layout import Label
from mmexplorer.model.region import RegionKind
from mmexplorer.model.region_kind import classify
from tests.support.fakes.spaces import image, loaded, matched, region, segment, usage

K = RegionKind

NAMED = [
    ("rw-p 00000000 00:00 0                          [heap]", K.HEAP),
    ("rw-p 00000000 00:00 0                          [stack]", K.STACK),
    ("r-xp 00000000 00:00 0                          [vdso]", K.VDSO),
    ("r--p 00000000 00:00 0                          [vvar]", K.VVAR),
    ("r--p 00000000 00:00 0                          [vvar_vclock]", K.VVAR),
    ("--xp 00000000 00:00 0                          [vsyscall]", K.VSYSCALL),
    ("--xp 00000000 00:00 0                          [uprobes]", K.OTHER),
    ("rw-p 00000000 00:00 0                          [stack:1234]", K.STACK),
    ("---p 00000000 00:00 0                          [page size compat]", K.GUARD),
    ("rw-p 00000000 00:00 0                          [from the future]", K.OTHER),
    ("rw-p 00000000 00:00 0 ", K.ANON),
    ("---p 00000000 00:00 0 ", K.GUARD),
    ("rw-p 00000000 00:00 0                          [anon:arena]", K.ANON),
    ("---p 00000000 00:00 0                          [anon:arena]", K.GUARD),
    ("rw-s 00000000 00:01 3                          [anon_shmem:cache]", K.SHM),
    ("rw-s 00000000 00:01 3                          /dev/zero (deleted)", K.SHM),
    ("rw-p 00000000 00:05 6                          /dev/zero", K.ANON),
    ("rw-s 00000000 00:01 3                          /memfd:pulse (deleted)", K.MEMFD),
    ("rw-s 00000000 00:01 3                          /memfd: (deleted)", K.MEMFD),
    ("rw-s 00000000 00:0e 3                          /secretmem (deleted)", K.MEMFD),
    ("rw-s 00000000 00:01 32769                      /SYSV0000162e (deleted)", K.SHM),
    ("rw-p 00000000 00:0f 3                          /anon_hugepage (deleted)", K.HUGETLB),
    ("rw-s 00000000 00:0f 3                          /dev/hugepages/pool", K.HUGETLB),
    ("rw-s 00000000 00:15 3                          /dev/shm/sem.x", K.SHM),
    ("rw-s 00000000 00:05 3                          /dev/dri/card0", K.DEVICE),
    ("rw-s 00000000 00:0b 3                          /dmabuf:", K.DEVICE),
    ("rw-s 00000000 00:0c 3                          anon_inode:[perf_event]", K.OTHER),
    ("rw-s 00000000 00:0c 3                          anon_inode:[io_uring]", K.OTHER),
    ("rw-s 00000000 00:08 3                          socket:[5]", K.OTHER),
    ("rw-s 00000000 00:0d 3                          /[aio] (deleted)", K.OTHER),
    ("r--p 00000000 fe:00 3                          /usr/share/font.ttf", K.FILE),
    ("r-xp 00000000 fe:00 3                          /usr/lib/libx.so", K.CODE),
    ("rw-p 00000000 fe:00 3                          /home/me/[heap]", K.FILE),
    ("rw-p 00000000 fe:00 3                          /[heap]", K.FILE),
    ("rw-p 00000000 fe:00 3                          /memfd:impostor", K.FILE),
    ("rw-p 00000000 fe:00 3                          /SYSV00000001", K.FILE),
    ("---p 00000000 fe:00 3                          /usr/share/font.ttf", K.FILE),
]


@pytest.mark.parametrize(("row", "kind"), NAMED)
def test_a_name_decides(row: str, kind: RegionKind) -> None:
    assert classify(region(f"7f0000000000-7f0000001000 {row}"), None, None) is kind


LIB = image("/lib/x.so", segment(2, "R"), segment(3, "R E"), segment(4, "RW"), segment(5, "RWE"))


@pytest.mark.parametrize(
    ("index", "label", "kind"),
    [
        (2, Label.SEGMENT, K.RODATA),
        (3, Label.SEGMENT, K.CODE),
        (4, Label.SEGMENT, K.DATA),
        (5, Label.SEGMENT, K.CODE),
        (4, Label.ZEROED_TAIL, K.DATA),
        (4, Label.RELRO, K.RELRO),
        (4, Label.BSS, K.BSS),
        (3, Label.HOLE, K.GUARD),
    ],
)
def test_a_segment_decides_what_a_file_is_mapped_for(index: int, label: Label, kind: RegionKind) -> None:
    row = region("7f0000000000-7f0000001000 r--p 00000000 fe:00 7 /lib/x.so")
    assert classify(row, matched(loaded(LIB, 0), index, label), None) is kind


def test_read_implies_exec_does_not_make_code_of_data() -> None:
    row = region("7f0000000000-7f0000001000 rwxp 00000000 fe:00 7 /lib/x.so")
    assert classify(row, matched(loaded(LIB, 0), 4), None) is K.DATA


@pytest.mark.parametrize(("perms", "kind"), [("rw-p", K.ANON), ("---p", K.GUARD)])
def test_what_is_patched_over_a_segment_is_what_it_looks_like(perms: str, kind: RegionKind) -> None:
    row = region(f"7f0000000000-7f0000001000 {perms} 00000000 00:00 0 ")
    assert classify(row, matched(loaded(LIB, 0), 3, Label.PATCHED), None) is kind


def test_the_kernels_name_is_stronger_than_a_segment() -> None:
    # A static program without address randomisation: bss and heap are one region, named [heap].
    row = region("4c9000-4ec000 rw-p 00000000 00:00 0 [heap]")
    assert classify(row, matched(loaded(LIB, 0), 4, Label.BSS), None) is K.HEAP


@pytest.mark.parametrize(
    ("row", "flags", "kind"),
    [
        ("rw-p 00000000 00:00 0 ", ("rd", "wr", "gd"), K.STACK),
        ("rw-p 00000000 00:00 0 ", ("rd", "wr", "ss"), K.STACK),
        ("rw-p 00000000 00:00 0 ", ("rd", "wr", "gu"), K.ANON),
        ("rw-s 00000000 00:0f 3 /mnt/pool", ("rd", "ht"), K.HUGETLB),
        ("rw-s 00000000 00:0f 3 /memfd:big (deleted)", ("rd", "ht"), K.HUGETLB),
        ("rw-s 00000000 00:0f 3 /sys/bus/pci/resource0", ("rd", "io"), K.DEVICE),
        ("rw-p 00000000 00:00 0 ", (), K.ANON),
        ("rw-p 00000000 00:00 0 ", None, K.ANON),
    ],
)
def test_vm_flags_decide_where_no_name_does(row: str, flags: tuple[str, ...] | None, kind: RegionKind) -> None:
    assert classify(region(f"7f0000000000-7f0000001000 {row}"), None, usage(flags)) is kind
