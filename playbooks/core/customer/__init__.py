"""The simulated customer: who it is, what it has lived through, what that does to it, what it does next."""
