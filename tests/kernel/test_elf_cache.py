"""The cache of ELF files is limited in bytes, and keeps the file in use."""

from pathlib import Path

import pytest

from mmexplorer.kernel.elf import images
from mmexplorer.kernel.elf.images import ElfCache
from tests.support.specimens.elf_bytes import make_elf


def test_the_file_that_was_not_asked_for_longest_is_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [tmp_path / f"{number}.so" for number in range(12)]
    for path in paths:
        path.write_bytes(make_elf(64, "<", 62).data)
    cache = ElfCache()
    first = cache.open_path(str(paths[0]))
    monkeypatch.setattr(images, "_REMEMBERED", 4 * cache._size)
    for path in paths:
        cache.open_path(str(path))
        assert cache.open_path(str(paths[0])) is first, "in use"
    assert cache._size == sum(map(images._size_of, cache._images.values()))
    assert len(cache._images) == 4
    assert cache.open_path(str(paths[11])) is cache.open_path(str(paths[11]))


def test_files_that_are_not_elf_are_forgotten_in_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(images, "_REFUSED_REMEMBERED", 4)
    cache = images.ElfCache()
    paths = [tmp_path / str(number) for number in range(6)]
    for path in paths:
        path.write_text("text")
        first = cache.open_path(str(path))
        assert str(first) == "not an ELF file"
        assert cache.open_path(str(path)) is first
    assert len(cache._refused) == 4
