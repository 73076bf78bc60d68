"""The file format of a capture: a zip, or the tar sent by `mmexplorer collect`."""
