// A TorchScript archive: what it is, its module, its methods as entries.
// Called in a job's process. libtorch reads the archive with an unpickler of
// its own that knows TorchScript's types only: no code of the file's runs in
// Python.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <torch/csrc/jit/api/module.h>
#include <vector>

namespace irlens::torchscript_worker {

struct Method {
  std::string name;
  std::string signature; ///< "Tensor x, int n"
};

struct Archive {
  torch::jit::Module module;
  std::vector<Method> methods; ///< forward first.
  std::int64_t parameters = 0;
};

/// The archive, or one line about why the file is none.
std::expected<Archive, std::string> openArchive(const std::string &path);

} // namespace irlens::torchscript_worker
