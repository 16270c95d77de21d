"""The API as clients written by others find it."""
