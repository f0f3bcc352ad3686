"""What eager PyTorch computes, as a file for those who run the compiled program."""
