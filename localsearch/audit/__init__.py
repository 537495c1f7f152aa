"""Proof that nothing leaves this machine: the program is watched while it works, and attacked from inside."""
