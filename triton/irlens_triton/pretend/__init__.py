"""A GPU that is not there: launches are caught, tensors have shapes and no values."""
