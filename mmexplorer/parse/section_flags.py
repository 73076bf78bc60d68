"""The letters that `readelf -SW` writes for sh_flags."""

_LETTERS = {
    0x1: "W",
    0x2: "A",
    0x4: "X",
    0x10: "M",
    0x20: "S",
    0x40: "I",
    0x80: "L",
    0x100: "O",
    0x200: "G",
    0x400: "T",
    0x800: "C",
    0x80000000: "E",
}
"""The generic flags of `elf(5)` and the gABI, by their bit."""

_OF_MACHINE = {("X86_64", 0x10000000): "l", ("ARM", 0x20000000): "y", ("PPC", 0x10000000): "v"}

_MASK_OS = 0x0FF00000
_MASK_PROCESSOR = 0xF0000000
_NO_ABI, _ABI_GNU, _ABI_FREEBSD = 0, 3, 9
_OF_ABI = {
    **{(abi, 0x00200000): "R" for abi in (_ABI_GNU, _ABI_FREEBSD)},
    **{(abi, 0x01000000): "D" for abi in (_NO_ABI, _ABI_GNU, _ABI_FREEBSD)},
}
"""SHF_GNU_RETAIN and SHF_GNU_MBIND, for the values of EI_OSABI with which they mean that."""


def section_flags(flags: int, machine: str, osabi: int) -> str:
    """Write sh_flags as letters, lowest bit first; `osabi` is the byte e_ident[EI_OSABI].

    Unknown bits of the operating system, of the processor and others are one "o", one "p", and an "x" each.
    """
    letters = ""
    while flags:
        bit = flags & -flags
        letter = _letter(bit, machine, osabi)
        letters += letter
        flags &= ~{"o": _MASK_OS, "p": _MASK_PROCESSOR}.get(letter, bit)
    return letters


def _letter(bit: int, machine: str, osabi: int) -> str:
    known = _LETTERS.get(bit) or _OF_MACHINE.get((machine, bit))
    if known:
        return known
    if bit & _MASK_OS:
        return _OF_ABI.get((osabi, bit), "o")
    return "p" if bit & _MASK_PROCESSOR else "x"
