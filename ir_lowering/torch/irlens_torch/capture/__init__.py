"""What is made of an entry by running it: exported programs, FX, TorchScript, lazy graphs."""
