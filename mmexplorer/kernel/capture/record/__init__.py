"""Makes captures: a source that remembers what was read, moments made from it, and a writer."""
