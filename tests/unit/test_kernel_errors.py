import errno
import os

import pytest

from mmexplorer.kernel.errors import cause_of, process_unavailable, unavailable
from mmexplorer.model.unavailable import Cause


@pytest.mark.parametrize(
    ("number", "cause"),
    [
        (errno.ENOENT, Cause.GONE),
        (errno.ESRCH, Cause.GONE),
        (errno.EACCES, Cause.DENIED),
        (errno.EPERM, Cause.DENIED),
        (errno.ENOSYS, Cause.UNSUPPORTED),
        (errno.ENOTTY, Cause.UNSUPPORTED),
        (errno.ENODEV, Cause.UNSUPPORTED),
        (errno.EOPNOTSUPP, Cause.UNSUPPORTED),
        (errno.EIO, Cause.UNSUPPORTED),
    ],
)
def test_every_errno_has_its_class_and_a_sentence(number: int, cause: Cause) -> None:
    error = OSError(number, os.strerror(number))
    assert cause_of(error) is cause
    for value in (unavailable(error), process_unavailable(error)):
        assert value.cause is cause
        assert value.reason
        assert value.reason[0].islower()
        assert not value.reason.endswith(".")


def test_the_way_out_is_said_to_users_and_not_to_root(monkeypatch: pytest.MonkeyPatch) -> None:
    denied = PermissionError(errno.EACCES, "denied")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "sudo" in process_unavailable(denied).remedy
    assert "CAP_SYS_PTRACE" in process_unavailable(denied).remedy
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert process_unavailable(denied).remedy == ""
    assert "even for root" in process_unavailable(denied).reason
