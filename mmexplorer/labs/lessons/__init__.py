"""The lessons, a file each with one value, `LESSON`; `notes.py` has what a teacher may say at each step."""
