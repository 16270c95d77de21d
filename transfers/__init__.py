"""Bytes over HTTP: uploads and downloads."""
