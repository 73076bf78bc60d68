"""The chapter's C programs as processes: compiled, run from stop to stop; or a learner's copy, run under limits."""
