"""The sieve: judges by its content, in the jail, what was handed in; one module for each kind of file."""
