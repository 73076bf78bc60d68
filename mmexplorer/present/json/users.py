"""The users of a file in JSON: `mmexplorer users --json`."""

from mmexplorer.model.process.users import CachedPages, Share, Use, Users
from mmexplorer.model.unavailable import Unavailable
from mmexplorer.present.json.document import document, record
from mmexplorer.present.text.format import hexadecimal


def users_document(users: Users) -> str:
    """Return the document; sizes are in bytes, `cached` in pages."""
    file = users.file
    fields = {
        "path": file.path,
        "deleted": file.deleted,
        "dev": file.mapped.dev,
        "inode": file.mapped.inode,
        "cached": _cached(users.cached),
        "looked_at": users.looked_at,
        "users": [_use(use) for use in users.uses],
        "unseen": [
            record({"pid": each.pid, "name": each.name, "what": each.what, "reason": str(each.reason)})
            for each in users.unseen
        ],
    }
    return document("users", fields)


def _cached(cached: CachedPages | Unavailable) -> dict[str, int] | Unavailable:
    return cached if isinstance(cached, Unavailable) else cached._asdict()


def _use(use: Use) -> dict[str, object]:
    share = use.share
    return record(
        {
            "pid": use.process.pid,
            "start_time": use.process.start_time,
            "name": use.process.name,
            "command": use.process.command,
            "regions": use.regions,
            "first": None if use.first is None else hexadecimal(use.first),
            "size": use.size,
            "shared_writable": use.writable,
            "rss": share.rss if isinstance(share, Share) else share,
            "pss": share.pss if isinstance(share, Share) else share,
            "descriptors": use.descriptors,
        }
    )
