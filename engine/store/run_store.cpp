#include "engine/store/run_store.h"

#include "engine/store/files.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace irlens::engine {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::json;

constexpr const char *kLockName = ".lock";
constexpr std::size_t kRunsPerKey = 8;

int openLock(const fs::path &run, int flags) {
  return ::open((run / kLockName).c_str(), flags | O_CLOEXEC, 0644);
}

bool filesMatch(const Json &files) {
  if (!files.is_object())
    return false;
  return std::ranges::all_of(files.items(), [](const auto &file) {
    return file.value() == hashFile(file.key());
  });
}

Json readManifest(const fs::path &path) {
  auto text = readFile(path);
  Json json = text ? Json::parse(*text, nullptr, false) : Json();
  if (!json.is_object() || !json.contains("runs") || !json["runs"].is_array())
    json = Json{{"runs", Json::array()}};
  return json;
}

std::uint64_t folderBytes(const fs::path &folder) {
  std::uint64_t bytes = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, error), end;
       !error && it != end; it.increment(error)) {
    std::error_code ignored;
    if (it->is_regular_file(ignored))
      bytes += it->file_size(ignored);
  }
  return bytes;
}

/// Removes a run that nobody has locked.
bool removeRun(const fs::path &run) {
  int fd = openLock(run, O_RDONLY);
  if (fd >= 0 && ::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    ::close(fd);
    return false;
  }
  std::error_code error;
  fs::remove_all(run, error);
  if (fd >= 0)
    ::close(fd);
  return !error;
}

} // namespace

RunFolder::RunFolder(fs::path path, int lockFd, bool recorded)
    : path_(std::move(path)), lockFd_(lockFd), recorded_(recorded) {}

RunFolder::~RunFolder() {
  if (lockFd_ >= 0)
    ::close(lockFd_);
  if (!recorded_) {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
}

fs::path RunStore::defaultFolder() {
  const char *xdg = std::getenv("XDG_CACHE_HOME");
  const char *home = std::getenv("HOME");
  if (xdg && *xdg)
    return fs::path(xdg) / "irlens";
  return fs::path(home && *home ? home : "/tmp") / ".cache" / "irlens";
}

Result<RunStore> RunStore::open(const std::string &folder) {
  fs::path path = folder.empty() ? defaultFolder() : fs::path(folder);
  std::error_code error;
  fs::create_directories(path / "runs", error);
  if (!error)
    fs::create_directories(path / "manifests", error);
  if (error)
    return fail(ErrorCode::Io, fmt::format("cannot make the run store {}: {}",
                                           path.string(), error.message()));
  if (::access((path / "runs").c_str(), W_OK) != 0)
    return fail(ErrorCode::Io,
                fmt::format("the run store {} is not writable", path.string()));
  return RunStore(path);
}

std::shared_ptr<RunFolder> RunStore::find(const std::string &key) const {
  Json manifest = readManifest(folder_ / "manifests" / (key + ".json"));
  for (const Json &run : manifest["runs"]) {
    if (!run.is_object() || !run.contains("folder") ||
        !run["folder"].is_string() || !filesMatch(run.value("files", Json())))
      continue;
    fs::path path = folder_ / "runs" / run["folder"].get<std::string>();
    int fd = openLock(path, O_RDWR);
    if (fd < 0)
      continue;
    if (::flock(fd, LOCK_SH | LOCK_NB) != 0) { // being removed right now
      ::close(fd);
      continue;
    }
    ::futimens(fd, nullptr);
    return std::make_shared<RunFolder>(path, fd, /*recorded=*/true);
  }
  return nullptr;
}

Result<std::shared_ptr<RunFolder>>
RunStore::create(const std::string &key) const {
  std::string path =
      (folder_ / "runs" / (key.substr(0, 12) + "-XXXXXX")).string();
  if (!::mkdtemp(path.data()))
    return fail(ErrorCode::Io,
                fmt::format("cannot make a run folder in {}: {}",
                            folder_.string(), std::strerror(errno)));
  int fd = openLock(path, O_RDWR | O_CREAT);
  if (fd < 0 || ::flock(fd, LOCK_SH) != 0) {
    std::string reason = std::strerror(errno);
    static_cast<void>(RunFolder(path, fd, false)); // removes what was made
    return fail(ErrorCode::Io,
                fmt::format("cannot lock the run folder {}: {}", path, reason));
  }
  return std::make_shared<RunFolder>(path, fd, /*recorded=*/false);
}

Result<void> RunStore::record(const std::string &key, const FileHashes &files,
                              RunFolder &run) const {
  fs::path path = folder_ / "manifests" / (key + ".json");
  Json manifest = readManifest(path);
  Json entry{{"folder", run.path().filename().string()}, {"files", files}};
  Json runs = Json::array({entry});
  for (const Json &old : manifest["runs"])
    if (old.is_object() && runs.size() < kRunsPerKey &&
        old.value("files", Json()) != entry["files"])
      runs.push_back(old);
  auto written = writeFile(path, Json{{"runs", runs}}.dump());
  if (written)
    run.markRecorded();
  return written;
}

void evictRuns(const fs::path &store, std::uint64_t limitBytes) {
  struct Candidate {
    fs::path path;
    std::int64_t used;
    std::uint64_t bytes;
  };
  std::vector<Candidate> runs;
  std::uint64_t total = 0;
  std::error_code error;
  for (fs::directory_iterator it(store / "runs", error), end;
       !error && it != end; it.increment(error)) {
    struct stat info{};
    if (::stat((it->path() / kLockName).c_str(), &info) != 0)
      ::stat(it->path().c_str(), &info);
    std::uint64_t bytes = folderBytes(it->path());
    total += bytes;
    runs.push_back(
        {it->path(),
         info.st_mtim.tv_sec * 1'000'000'000LL + info.st_mtim.tv_nsec, bytes});
  }
  std::ranges::sort(runs, {}, &Candidate::used);
  for (const Candidate &run : runs) {
    if (total <= limitBytes)
      return;
    if (removeRun(run.path))
      total -= run.bytes;
  }
}

} // namespace irlens::engine
