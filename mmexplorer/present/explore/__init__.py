"""What Explore shows."""
