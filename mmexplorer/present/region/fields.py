"""The filter fields of a region, grouped by what has to be read for them."""

from mmexplorer.model.query import Vocabulary
from mmexplorer.model.region import RegionKind
from mmexplorer.present.region.kernel_words import COUNTERS

HOLE = "hole"
"""The kind of what lies between regions."""

COUNTER_NAMES = {name.casefold().replace("_", ""): name for name in COUNTERS if name != "Size"} | {"anon": "Anonymous"}
"""The counters of smaps by their filter names."""

KIND_VALUES = {"kind": (*(kind.value for kind in RegionKind), HOLE)}
"""What `kind:` can be followed by."""

REGION_FIELDS = Vocabulary(
    contains=frozenset({"path", "name", "flag"}),
    begins=frozenset({"kind", "perm"}),
    numbers=frozenset({"start", "end", "size", "offset", "inode", "dirty", "growth", *COUNTER_NAMES}),
    flags=frozenset({"deleted"}),
    values=KIND_VALUES,
)
"""The filter fields of the region table: `kind:heap`, `flag:dd`, `size>1M`, `deleted`, every counter of smaps."""

MAPS_FIELDS = Vocabulary(
    contains=frozenset({"path"}),
    begins=frozenset({"kind", "perm"}),
    numbers=frozenset({"start", "end", "size", "offset", "inode"}),
    flags=frozenset({"deleted"}),
    values=KIND_VALUES,
)
"""Those known without reading smaps that don't have another meaning for a process."""
COUNTER_FIELDS = frozenset({"flag", "dirty", *COUNTER_NAMES})
"""Those that only smaps provides."""
NAMED_FIELDS = frozenset({"kind", "name", ""})
"""Those that depend on the files behind the regions and on the threads."""
