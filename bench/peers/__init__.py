"""The parts of bench/against_peers.py."""
