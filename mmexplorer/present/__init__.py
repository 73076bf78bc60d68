"""From the model to plain text: columns, formats, explanations, JSON. Independent of any terminal."""
