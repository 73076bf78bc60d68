"""What the filters can ask of a region, by what has to be read for it."""

from mmexplorer.model.query import Vocabulary
from mmexplorer.present.region.kernel_words import COUNTERS

COUNTER_NAMES = {name.casefold().replace("_", ""): name for name in COUNTERS if name != "Size"} | {"anon": "Anonymous"}
"""The counters of smaps by what the filter calls them."""

REGION_FIELDS = Vocabulary(
    contains=frozenset({"path", "name", "flag"}),
    begins=frozenset({"kind", "perm"}),
    numbers=frozenset({"start", "end", "size", "offset", "inode", "dirty", "growth", *COUNTER_NAMES}),
    flags=frozenset({"deleted"}),
)
"""What the filter of this table understands: `kind:heap`, `flag:dd`, `size>1M`, `deleted`, every counter of smaps."""

MAPS_FIELDS = Vocabulary(
    contains=frozenset({"path"}),
    begins=frozenset({"kind", "perm"}),
    numbers=frozenset({"start", "end", "size", "offset", "inode"}),
    flags=frozenset({"deleted"}),
)
"""Those that are known without reading smaps, and mean nothing else of a process."""
COUNTER_FIELDS = frozenset({"flag", "dirty", *COUNTER_NAMES})
"""Those that only smaps tells."""
NAMED_FIELDS = frozenset({"kind", "name", ""})
"""Those that the files behind the regions and the threads have a part in."""
