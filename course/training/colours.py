"""The colours of masks and figures, wherever they are shown."""

# Okabe and Ito's colours, which stay apart for colour-blind eyes.
GREEN, VERMILION, SKY = (0, 158, 115), (213, 94, 0), (86, 180, 233)
BLUE, ORANGE, GREY = (0, 114, 178), (230, 159, 0), (153, 153, 153)

# The colours of the CMP Facade Database's classes 1..12; 0 is unlabelled.
FACADE_COLOURS = [
    (0, 0, 0), (0, 0, 170), (0, 0, 255), (0, 85, 255), (0, 170, 255), (0, 255, 255), (85, 255, 170),
    (170, 255, 85), (255, 255, 0), (255, 170, 0), (255, 85, 0), (255, 0, 0), (170, 0, 0),
]  # fmt: skip


def as_hex(colour: tuple[int, int, int]) -> str:
    """Return a colour as matplotlib and HTML write it."""
    return "#{:02x}{:02x}{:02x}".format(*colour)
