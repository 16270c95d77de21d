"""Tests of what the embedded servers compute."""
