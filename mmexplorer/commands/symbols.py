"""`mmexplorer symbols FILE [ADDRESS]`: an ELF file's symbols, or the one an address belongs to."""

from argparse import ArgumentParser, Namespace

from mmexplorer.commands.shared.exit import DONE, WRONG_USAGE, CommandFailure
from mmexplorer.kernel.elf.symbols import SymbolCache
from mmexplorer.model.address import file_address
from mmexplorer.model.elf.symbols import Symbols
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.elf.symbols import symbol_at, symbol_lines
from mmexplorer.present.json.symbols import symbols_document
from mmexplorer.present.text.clean import clean


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the file and the address."""
    parser.add_argument("file", metavar="FILE", help="an ELF file")
    parser.add_argument("address", nargs="?", metavar="ADDRESS", help="an address in the file, in hexadecimal")


def run(arguments: Namespace) -> int:
    """Print the symbols; with an address, only the one it belongs to, and CANNOT_READ if there is none."""
    symbols = SymbolCache().of_path(arguments.file)
    if isinstance(symbols, Unavailable):
        raise CommandFailure(f"{arguments.file}: {symbols}")
    if arguments.address is not None:
        return _nearest(symbols, arguments.address, as_json=arguments.json)
    if arguments.json:
        print(symbols_document(symbols, symbols))
        return DONE
    for text in symbol_lines(symbols):
        print(text)
    return DONE


def _nearest(symbols: Symbols, typed: str, *, as_json: bool) -> int:
    address = file_address(typed)
    if address is None:
        raise CommandFailure(f"{typed}: not an address in hexadecimal, such as 0x1139", WRONG_USAGE)
    symbol = symbols.nearest(address)
    if as_json:
        print(symbols_document(symbols, () if symbol is None else (symbol,)))
    elif symbol is not None:
        print(clean(f"{symbol_at(symbol, address)} in section {symbol.section_name}"))
    if symbol is None:
        raise CommandFailure(f"{symbols.path}: no symbol is known at {address:#x}")
    return DONE
