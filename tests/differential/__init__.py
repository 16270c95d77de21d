"""The API read plainly and by plans, whose answers must be the same to the byte."""
