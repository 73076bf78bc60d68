"""What several commands need: which process or file is meant, how it is sorted, how it is written and how they end."""
