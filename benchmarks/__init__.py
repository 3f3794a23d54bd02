"""Measurements that anyone can repeat. Nothing here is imported by the application."""
