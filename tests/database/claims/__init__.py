"""Claims of identity: who claims, who holds, who decides."""
