"""What Labs shows, on the screen and as plain text."""
