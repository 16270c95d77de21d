"""The shell's own two pages, served as they are: no request leaves for anywhere else."""
