"""The shell: settings, wiring, command line."""
