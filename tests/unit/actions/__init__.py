"""Tests of the store, the staging folder and the jail."""
