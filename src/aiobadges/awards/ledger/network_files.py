"""Whether a folder lies on a network file system, where SQLite's locks do not hold."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path

__all__ = ["network_file_system", "type_in_mounts"]

_NETWORK = frozenset(
    {
        "9p", "afpfs", "afs", "beegfs", "ceph", "cifs", "davfs", "gfs2", "glusterfs", "lustre",
        "ncpfs", "nfs", "nfs3", "nfs4", "ocfs2", "prl_fs", "smb2", "smb3", "smbfs", "vboxsf",
        "vmhgfs", "webdav",
    }
)  # fmt: skip
_NETWORK_FUSE = ("sshfs", "gluster", "s3fs", "rclone", "davfs", "goofys", "vmhgfs", "gcsfuse")
_DRIVE_REMOTE = 4
_ESCAPES = {"\\040": " ", "\\011": "\t", "\\012": "\n", "\\134": "\\"}


def _is_network(kind: str) -> bool:
    return kind in _NETWORK or (
        kind.startswith("fuse") and any(name in kind for name in _NETWORK_FUSE)
    )


def type_in_mounts(folder: str, mounts: str) -> str:
    """Give the type of the file system a folder lies on.

    Args:
        folder: an absolute path.
        mounts: the text of ``/proc/self/mounts``.
    """
    best, kind = -1, ""
    for line in mounts.splitlines():
        words = line.split(" ")
        if len(words) < 3:  # noqa: PLR2004 - device, place, type
            continue
        place = words[1]
        for escape, character in _ESCAPES.items():
            place = place.replace(escape, character)
        is_within = place in {"/", folder} or folder.startswith(place + "/")
        if is_within and len(place) >= best:
            best, kind = len(place), words[2]
    return kind


def network_file_system(folder: Path) -> str:
    """Give the type of the network file system a folder lies on; empty when it lies on none."""
    where = str(folder.resolve())
    if sys.platform == "win32":
        if where.startswith("\\\\"):
            return "a network share"
        root = folder.resolve().anchor
        return (
            "a network drive" if ctypes.windll.kernel32.GetDriveTypeW(root) == _DRIVE_REMOTE else ""
        )
    if sys.platform == "darwin":
        return _by_mount_command(where)
    try:
        kind = type_in_mounts(where, Path("/proc/self/mounts").read_text(errors="replace"))
    except OSError:
        return ""
    return kind if _is_network(kind) else ""


def _by_mount_command(where: str) -> str:
    listed = subprocess.run(["/sbin/mount"], capture_output=True, text=True, check=False).stdout
    mounts = []
    for line in listed.splitlines():  # /dev/disk1 on /Volumes/x (apfs, local)
        device, _, rest = line.partition(" on ")
        place, _, kind = rest.rpartition(" (")
        words = (device.replace(" ", ""), place.replace(" ", "\\040"), kind.split(",")[0])
        mounts.append(" ".join(words))
    kind = type_in_mounts(where, "\n".join(mounts))
    return kind if _is_network(kind) else ""
