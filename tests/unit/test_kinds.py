"""Every kind has a look of its own."""

from mmexplorer.model.region import RegionKind
from mmexplorer.present.region.kinds import kind_glyph, kind_tone, legend
from mmexplorer.present.text.line import Tone, plain


def test_each_kind_has_a_glyph_of_its_own() -> None:
    glyphs = [kind_glyph(kind) for kind in RegionKind]
    assert len(set(glyphs)) == len(RegionKind)
    assert all(len(glyph) == 1 and not glyph.isascii() for glyph in glyphs)


def test_tones_of_the_best_known() -> None:
    kinds = (RegionKind.CODE, RegionKind.HEAP, RegionKind.STACK, RegionKind.MEMFD, RegionKind.VDSO)
    assert [kind_tone(kind) for kind in kinds] == [Tone.CODE, Tone.HEAP, Tone.STACK, Tone.SHARED, Tone.KERNEL]


def test_the_legend_explains_what_is_there() -> None:
    kinds = {RegionKind.ANON, RegionKind.CODE, RegionKind.HEAP}
    assert plain(legend(kinds, 80)) == "code █  heap ▞  anon ░"
    assert plain(legend(kinds, 22)) == "code █  heap ▞  anon ░"
    assert plain(legend(kinds, 21)) == "code █  heap ▞ …"
    assert plain(legend(kinds, 15)) == "code █ …"
    assert plain(legend(kinds, 1)) == " "
    assert plain(legend(kinds, 0)) == ""
    assert legend((), 80) == ()
