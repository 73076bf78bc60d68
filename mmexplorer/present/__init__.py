"""From the model to plain text: columns, formats, explanations, JSON. Knows no terminal."""
