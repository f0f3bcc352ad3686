// Where the parts of the installation are, and a fingerprint of them that
// enters the key of every run. The fingerprint of a Python environment is known
// without starting Python: the store remembers which folders decide it. Loop
// thread only; a few stat calls.
#pragma once

#include "engine/loop/event_loop.h"
#include "engine/result.h"
#include "engine/table/settings.h"
#include "engine/worker/worker.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace irlens::engine {

/// Files of an installation or a build tree: bin/irlens-mlir and share/irlens.
struct InstallLayout {
  std::filesystem::path mlirWorker;
  std::filesystem::path torchscriptWorker;
  std::filesystem::path
      pythonPackages;            ///< Holds irlens_worker and irlens_torch.
  std::filesystem::path ownVenv; ///< May not exist.
};

InstallLayout installLayout(const std::filesystem::path &installRoot);

/// The folder that holds bin/ of the running executable.
std::filesystem::path installRootOfExecutable();

/// The interpreter that runs the user's files, in this order: the setting,
/// IRLENS_PYTHON, .venv or venv of the workspace, VIRTUAL_ENV, irlens' own
/// environment, python3 on the PATH. Errors: ToolMissing with what was looked
/// for.
Result<std::filesystem::path> findPython(const Settings &settings);

/// How to start the workers.
Result<ProcessOptions> mlirWorkerCommand(const Settings &settings);
/// An optional part: it is built where there is a libtorch.
Result<ProcessOptions> torchscriptWorkerCommand(const Settings &settings);
Result<ProcessOptions> pythonWorkerCommand(const Settings &settings);

/// Identity of irlens-mlir: changes when it is rebuilt.
std::string mlirFingerprint(const Settings &settings);
std::string torchscriptFingerprint(const Settings &settings);

/// Identity of the interpreter and its packages. Remembers, in `memory` (a file
/// in the store), the site folders that a worker's hello named.
class PythonFingerprint {
public:
  explicit PythonFingerprint(std::filesystem::path memory);
  /// Empty when this interpreter has never said hello: ask again after it has.
  std::optional<std::string> of(const Settings &settings);
  /// Where the interpreter's packages are; device libraries come with one of
  /// them.
  std::vector<std::string> siteFolders(const Settings &settings) const;
  /// Learns from a hello. Writing the memory may fail; it is only a shortcut.
  void learn(const Settings &settings, const WorkerHello &hello);

private:
  const std::string &ofPackages(const Settings &settings);

  std::filesystem::path memory_;
  /// Of our own Python code as the running worker has read it when it started.
  std::string packages_;
  std::map<std::string, std::string>
      known_; ///< Interpreter -> JSON of its hello.
};

} // namespace irlens::engine
