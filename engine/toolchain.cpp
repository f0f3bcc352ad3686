#include "engine/toolchain.h"

#include "engine/store/files.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <utility>
#include <vector>

namespace irlens::engine {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::json;

std::string environment(const char *name) {
  const char *value = std::getenv(name);
  return value ? value : "";
}

bool isExecutable(const fs::path &path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored) &&
         ::access(path.c_str(), X_OK) == 0;
}

std::optional<fs::path> onPath(const std::string &program) {
  std::string path = environment("PATH");
  for (std::size_t start = 0; start <= path.size();) {
    std::size_t end = std::min(path.find(':', start), path.size());
    fs::path candidate = fs::path(path.substr(start, end - start)) / program;
    if (isExecutable(candidate))
      return candidate;
    start = end + 1;
  }
  return std::nullopt;
}

/// Device, inode, size and time of last change, or "missing".
std::string stamp(const fs::path &path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0)
    return path.string() + " missing";
  return fmt::format("{} {} {} {}.{}", path.string(), info.st_ino, info.st_size,
                     info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
}

/// Our own Python code, by content: it is small and changes with every update.
std::string packagesFingerprint(const fs::path &folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, error), end;
       !error && it != end; it.increment(error))
    if (it->path().extension() == ".py")
      files.push_back(it->path());
  std::ranges::sort(files);
  std::string all;
  for (const fs::path &file : files)
    all += file.lexically_relative(folder).string() + hashFile(file);
  return hashText(all);
}

} // namespace

InstallLayout installLayout(const fs::path &root) {
  return {root / "bin" / "irlens-mlir", root / "bin" / "irlens-torchscript",
          root / "share" / "irlens" / "python", root.parent_path() / ".venv"};
}

fs::path installRootOfExecutable() {
  std::error_code error;
  fs::path self = fs::read_symlink("/proc/self/exe", error);
  return error ? fs::path() : self.parent_path().parent_path();
}

Result<fs::path> findPython(const Settings &settings) {
  std::vector<fs::path> candidates;
  if (!settings.python.empty()) {
    fs::path chosen = settings.python;
    if (chosen.is_relative() && settings.python.contains('/'))
      chosen = fs::path(settings.root) / chosen;
    else if (chosen.is_relative())
      chosen = onPath(settings.python).value_or(chosen);
    if (!isExecutable(chosen))
      return fail(
          ErrorCode::ToolMissing,
          fmt::format("the setting irlens.python names {}, which cannot be run",
                      chosen.string()));
    return chosen;
  }
  if (auto named = environment("IRLENS_PYTHON"); !named.empty())
    candidates.emplace_back(named);
  if (!settings.root.empty()) {
    candidates.push_back(fs::path(settings.root) / ".venv/bin/python");
    candidates.push_back(fs::path(settings.root) / "venv/bin/python");
  }
  if (auto venv = environment("VIRTUAL_ENV"); !venv.empty())
    candidates.push_back(fs::path(venv) / "bin/python");
  candidates.push_back(installLayout(settings.installRoot).ownVenv /
                       "bin/python");
  for (const fs::path &candidate : candidates)
    if (isExecutable(candidate))
      return candidate;
  if (auto found = onPath("python3"))
    return *found;
  return fail(
      ErrorCode::ToolMissing,
      "no Python found; set irlens.python to an interpreter with torch");
}

Result<ProcessOptions> mlirWorkerCommand(const Settings &settings) {
  InstallLayout layout = installLayout(settings.installRoot);
  if (!isExecutable(layout.mlirWorker))
    return fail(ErrorCode::ToolMissing,
                fmt::format("{} is missing; build it with: make build",
                            layout.mlirWorker.string()));
  ProcessOptions options;
  options.argv = {layout.mlirWorker.string()};
  // Symbols bound once in the warm process, and not again in every fork.
  options.environment = {"LD_BIND_NOW=1"};
  return options;
}

Result<ProcessOptions> torchscriptWorkerCommand(const Settings &settings) {
  InstallLayout layout = installLayout(settings.installRoot);
  if (!isExecutable(layout.torchscriptWorker))
    return fail(
        ErrorCode::ToolMissing,
        fmt::format("{} is missing; with torch in .venv, build it with: "
                    "make build",
                    layout.torchscriptWorker.string()));
  ProcessOptions options;
  options.argv = {layout.torchscriptWorker.string()};
  return options;
}

Result<ProcessOptions> pythonWorkerCommand(const Settings &settings) {
  auto python = findPython(settings);
  if (!python)
    return std::unexpected(python.error());
  fs::path packages = installLayout(settings.installRoot).pythonPackages;
  if (!fs::exists(packages / "irlens_worker"))
    return fail(ErrorCode::ToolMissing,
                fmt::format("{} is missing; build it with: make build",
                            (packages / "irlens_worker").string()));
  std::string path = packages.string();
  if (auto old = environment("PYTHONPATH"); !old.empty())
    path += ":" + old;
  ProcessOptions options;
  options.argv = {python->string(), "-m", "irlens_worker"};
  options.environment = {"PYTHONPATH=" + path, "PYTHONUNBUFFERED=1"};
  return options;
}

std::string mlirFingerprint(const Settings &settings) {
  return stamp(installLayout(settings.installRoot).mlirWorker);
}

std::string torchscriptFingerprint(const Settings &settings) {
  return stamp(installLayout(settings.installRoot).torchscriptWorker);
}

PythonFingerprint::PythonFingerprint(fs::path memory)
    : memory_(std::move(memory)) {
  auto text = readFile(memory_);
  Json json = text ? Json::parse(*text, nullptr, false) : Json();
  if (json.is_object())
    for (const auto &[interpreter, hello] : json.items())
      known_[interpreter] = hello.dump();
}

const std::string &PythonFingerprint::ofPackages(const Settings &settings) {
  if (packages_.empty())
    packages_ =
        packagesFingerprint(installLayout(settings.installRoot).pythonPackages);
  return packages_;
}

std::optional<std::string> PythonFingerprint::of(const Settings &settings) {
  auto python = findPython(settings);
  if (!python)
    return "no python";
  auto known = known_.find(python->string());
  if (known == known_.end())
    return std::nullopt;
  std::string all =
      stamp(*python) +
      stamp(fs::path(*python).parent_path().parent_path() / "pyvenv.cfg");
  for (const std::string &folder : siteFolders(settings))
    all += stamp(folder);
  all += ofPackages(settings);
  return hashText(all);
}

std::vector<std::string>
PythonFingerprint::siteFolders(const Settings &settings) const {
  auto python = findPython(settings);
  auto known = python ? known_.find(python->string()) : known_.end();
  std::vector<std::string> folders;
  if (known == known_.end())
    return folders;
  Json hello = Json::parse(known->second, nullptr, false);
  for (const Json &folder : hello.value("site", Json::array()))
    if (folder.is_string())
      folders.push_back(folder.get<std::string>());
  return folders;
}

void PythonFingerprint::learn(const Settings &settings,
                              const WorkerHello &hello) {
  packages_.clear();
  auto python = findPython(settings);
  if (!python)
    return;
  std::string entry = Json{{"site", hello.site}, {"tools", hello.tools}}.dump();
  if (std::exchange(known_[python->string()], entry) == entry)
    return;
  Json all = Json::object();
  for (const auto &[interpreter, text] : known_)
    all[interpreter] = Json::parse(text, nullptr, false);
  static_cast<void>(writeFile(memory_, all.dump(1)));
}

} // namespace irlens::engine
