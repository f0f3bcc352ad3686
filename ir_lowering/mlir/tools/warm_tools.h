// What tools owe to LLVM before they begin, done once in the server process, so
// that each of their forks finds it done: targets and passes are registered,
// and no command line option stands twice.
#pragma once

#include <vector>

namespace llvm::cl {
class Option;
} // namespace llvm::cl

namespace irlens::mlir_worker {

class WarmTools {
public:
  /// Takes opt's options away, which are registered by this executable itself,
  /// before main: other tools have some of the same names.
  WarmTools();

  /// For the process that becomes opt.
  void restoreOptionsOfOpt() const;

private:
  std::vector<llvm::cl::Option *> optionsOfOpt_;
};

} // namespace irlens::mlir_worker
