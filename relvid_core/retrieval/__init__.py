"""Nearest neighbours of seed videos: faiss behind one contract, and exact top-k with one tie rule."""
