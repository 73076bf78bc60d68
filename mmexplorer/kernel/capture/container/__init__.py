"""The file that a capture is kept in: a zip, or the tar that `mmexplorer collect` sends."""
