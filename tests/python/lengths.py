"""How much of ALE the tests of the Python package compare: QUERN_FULL=1 compares twenty games, QUERN_STEPS steps each."""

import os

TWENTY = [
    "breakout", "pong", "seaquest", "ms_pacman", "space_invaders", "beam_rider", "backgammon", "skiing", "adventure", "qbert",
    "video_cube", "klax", "montezuma_revenge", "kaboom", "freeway", "asteroids", "pitfall2", "journey_escape", "tennis", "et",
]
FULL = os.environ.get("QUERN_FULL") == "1"


def steps(few):
    return int(os.environ.get("QUERN_STEPS", few))
