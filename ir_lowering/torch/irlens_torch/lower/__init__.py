"""From an exported program through torch-mlir: import, pass pipelines, other terms for what they refuse."""
