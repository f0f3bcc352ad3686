// The engine: files and their runs, the workers, the store.
#include "engine/engine.h"

#include "engine/file_kind.h"
#include "engine/file_layers.h"
#include "engine/input_checks.h"
#include "engine/pass_list.h"
#include "engine/requests.h"
#include "engine/run/entering.h"
#include "engine/run/run.h"
#include "engine/store/dependency_watch.h"
#include "engine/store/files.h"
#include "engine/store/run_store.h"
#include "engine/table/directives.h"
#include "engine/table/layers.h"
#include "engine/table/tools.h"
#include "engine/toolchain.h"
#include "engine/workers.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iterator>
#include <utility>

namespace irlens::engine {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kMegabyte = 1024 * 1024;
constexpr std::chrono::minutes kEvictionInterval{1};
/// Nobody types in a longer text.
constexpr std::size_t kMostChecked = 16 * kMegabyte;

/// What the engine keeps about a file that somebody has open.
struct FileRecord {
  FileState state;
  std::shared_ptr<Run> run; ///< The latest; finished ones stay for more stages.
  std::string
      sourceHash; ///< Of what `run` lowers, or what is about to be lowered.
  LowerRequest request;  ///< The latest.
  Settings settings;     ///< For this file.
  bool hasTable = false; ///< `state.table` was made of its layers.
  /// Where the file enters; nothing: it is captured.
  std::optional<EnterPoint> enter;
  std::uint64_t ticket = 0; ///< Counts requests; an older one is dropped.
  bool waiting = false;     ///< `request` waits for the Python worker.
  std::unique_ptr<DependencyWatch> watch;
};

class EngineImpl final : public Engine {
public:
  EngineImpl(EventLoop &loop, Settings settings, RunStore store,
             Listener &listener)
      : loop_(loop), settings_(std::move(settings)), store_(std::move(store)),
        listener_(listener),
        pythonFingerprint_(store_.folder() / "interpreters.json"),
        workers_(loop, settings_, listener, workersObserver()),
        checks_(loop, workers_.mlir(), store_, checkObserver()),
        passList_(loop, [this] { listener_.onPasses(); }) {
    loadCommonTable();
    evictLater();
  }
  ~EngineImpl() override { *alive_ = false; }

  void warmUp() override { workers_.warmUp(); }

  void configure(Settings settings) override {
    bool newPython = settings.python != settings_.python;
    settings_ = std::move(settings);
    loadCommonTable();
    if (newPython) {
      workers_.python().stop();
      workers_.python().start();
    }
  }

  const Settings &settings() const override { return settings_; }
  const StageTable &table() const override { return *table_; }
  std::shared_ptr<const StageTable>
  tableOf(const fs::path &path) const override {
    fs::path file = normalPath(path);
    auto text =
        isBinary(*table_, file) ? Result<std::string>() : readFile(file);
    return text ? tableIn(layersOf(layers_, file, *text, settings_).table)
                : table_;
  }

  const PassRegistry *passes() override { return passList_.passes(settings_); }

  bool wants(const fs::path &path, std::string_view text) const override {
    return mayHaveEntries(*table_, path, text);
  }
  void lower(LowerRequest request) override;
  void want(const fs::path &path, const std::string &entry,
            const std::string &stage, bool recordPasses) override;
  void cancel(const fs::path &path) override;
  const FileState *file(const fs::path &path) const override;
  std::vector<const FileState *> files() const override;
  std::vector<fs::path> dependents(const fs::path &path) const override;
  void check(const fs::path &path,
             std::shared_ptr<const std::string> text) override;
  const CheckReport *checked(const fs::path &path) const override {
    return checks_.report(normalPath(path));
  }
  void forget(const fs::path &path) override;
  void doctor(std::function<void(std::vector<PartReport>)> done) override;
  void whenIdle(std::function<void()> done) override;

  void shutdown(std::function<void()> done) override {
    for (auto &[path, record] : records_)
      if (record.run)
        record.run->cancel();
    checks_.clear();
    workers_.stop();
    loop_.post(std::move(done));
  }

private:
  Workers::Observer workersObserver() {
    return {[this] { wakeWaiting(); },
            [this](const WorkerHello &hello) {
              pythonFingerprint_.learn(settings_, hello);
            }};
  }

  InputChecks::Observer checkObserver() {
    return {[this](const fs::path &path) { listener_.onChecked(path); },
            [this](const std::string &text) {
              listener_.onMessage(Severity::Hint, text);
            },
            [this] { tellIdle(); }};
  }

  /// Calls `ready` with the fingerprint of the Python environment: at once when
  /// it is known, else when the worker is warm or was given up.
  void withPython(std::function<void(std::string)> ready);
  void wakeWaiting();
  void begin(const fs::path &path, const LowerRequest &request,
             const std::string &fingerprint);
  static std::string keyOf(const FileRecord &record,
                           const std::string &fingerprint);
  void startRun(FileRecord &record, const LowerRequest &request,
                std::string key, std::shared_ptr<RunFolder> folder);
  RunObserver observerOf(const fs::path &path);
  void failFile(FileRecord &record, std::string message);
  void notify(const fs::path &path, std::function<void(FileRecord &)> tell);
  void onRunFinished(FileRecord &record, bool cancelled);
  void updatePhase(FileRecord &record);
  void settleCheck(const FileState &file);
  bool isIdle() const;
  void tellIdle();
  static std::vector<std::string> standsOn(const FileRecord &record);
  void watchDependencies(FileRecord &record);
  void evictLater();
  void loadCommonTable();
  void updateTable(FileRecord &record, std::string_view text);
  FileRecord *find(const fs::path &path);

  EventLoop &loop_;
  Settings settings_;
  mutable Layers layers_{Trust(trustMemory())}; ///< Remembers what it read.
  std::shared_ptr<const StageTable> table_;
  RunStore store_;
  Listener &listener_;
  PythonFingerprint pythonFingerprint_;
  Workers workers_;
  InputChecks checks_;
  PassList passList_;
  std::map<fs::path, FileRecord> records_;
  std::vector<std::function<void()>> waiting_;
  std::vector<std::function<void()>> idle_; ///< To be called when isIdle().
  std::chrono::steady_clock::time_point lastEviction_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

/// The table of files that say nothing themselves. The last good one goes on
/// when the client's rows are wrong.
void EngineImpl::loadCommonTable() {
  auto loaded = layers_.load(Layers::common(settings_), targetsOf(settings_));
  if (!loaded->hasErrors() || !table_)
    table_ = tableIn(loaded);
  for (const Diagnostic &problem : loaded->problems)
    loop_.post([this, alive = alive_, message = problem.message] {
      if (*alive)
        listener_.onMessage(Severity::Warning, message);
    });
}

/// A file's settings and table as they are now; with an error in a layer, its
/// last good table goes on.
void EngineImpl::updateTable(FileRecord &record, std::string_view text) {
  FileLayers layers = layersOf(layers_, record.state.path, text, settings_);
  record.settings = std::move(layers.settings);
  record.state.tableProblems = layers.table->problems;
  std::ranges::move(layers.problems,
                    std::back_inserter(record.state.tableProblems));
  if (!layers.table->hasErrors() || !record.hasTable)
    record.state.table = tableIn(layers.table);
  record.hasTable = true;
}

void EngineImpl::lower(LowerRequest request) {
  fs::path path = normalPath(request.path);
  FileRecord &record = records_[path];
  record.state.path = path;
  if (!record.state.table)
    record.state.table = table_;
  std::uint64_t ticket = ++record.ticket;
  if (std::exchange(record.waiting, true))
    addWaiting(request, record.request);

  bool binary = isBinary(*table_, path);
  auto text = binary ? Result<std::string>() : readFile(path);
  if (!text)
    return failFile(record, text.error().message);
  bool bitcode = isBitcode(*text);
  updateTable(record, bitcode ? "" : *text);
  std::string hash = binary ? hashFile(path) : hashText(*text);
  record.enter = enterPoint(*record.state.table, path, *text);
  if (!record.enter && !isCaptured(*table_, path))
    return failFile(record, "nothing in the file says which IR it is");
  if (bitcode)
    text->clear(); // Nothing in it is a line.
  record.request = request;
  // What a save makes: as the settings say, else as the table says.
  if (request.defaults)
    for (const std::string &name : record.settings.stages)
      for (const Stage *stage : record.state.table->named(name))
        request.stages.push_back(stage->id);
  request.defaults = request.defaults && record.settings.stages.empty();
  bool isOther = hash != record.sourceHash || request.force;
  if (isOther && record.run)
    record.run->cancel();
  if (isOther || !record.run)
    record.state.text = std::move(*text);
  record.sourceHash = hash;
  updatePhase(record);
  withPython([this, path, request, ticket](const std::string &fingerprint) {
    FileRecord *record = find(path);
    if (record && record->ticket == ticket)
      begin(path, request, fingerprint);
  });
}

void EngineImpl::want(const fs::path &path, const std::string &entry,
                      const std::string &stage, bool recordPasses) {
  const FileState *known = file(path);
  if (known && !isMissing(*known, entry, stage, recordPasses))
    return;
  LowerRequest request;
  request.path = path;
  request.stages = {stage};
  request.named = {entry};
  if (recordPasses)
    request.recordPasses = {stage};
  lower(std::move(request));
}

void EngineImpl::withPython(std::function<void(std::string)> ready) {
  if (auto fingerprint = pythonFingerprint_.of(settings_))
    return ready(*fingerprint);
  Worker &python = workers_.python();
  if (!python.trouble().empty())
    return ready("no worker: " + python.trouble());
  python.start();
  waiting_.push_back([this, ready = std::move(ready)] { withPython(ready); });
}

void EngineImpl::wakeWaiting() {
  for (auto &ready : std::exchange(waiting_, {}))
    loop_.post([alive = alive_, ready = std::move(ready)] {
      if (*alive)
        ready();
    });
}

std::string EngineImpl::keyOf(const FileRecord &record,
                              const std::string &fingerprint) {
  nlohmann::json parts{
      {"version", 2},
      {"path", record.state.path.string()},
      {"cwd", record.settings.root},
      {"source", record.sourceHash},
      {"table", record.state.table->identity()},
      {"programs", identityOf(record.state.table->programs())},
      {"weights", record.settings.weights},
      {"entries", record.request.entries},
      {"python", fingerprint},
      {"mlir", mlirFingerprint(record.settings)},
      {"torchscript", torchscriptFingerprint(record.settings)}};
  return hashText(
      parts.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

void EngineImpl::begin(const fs::path &path, const LowerRequest &request,
                       const std::string &fingerprint) {
  FileRecord &record = *find(path);
  record.waiting = false;
  std::string key = keyOf(record, fingerprint);
  Run *run = record.run.get();
  std::shared_ptr<RunFolder> stored =
      request.force ? nullptr : store_.find(key);
  bool goesOn =
      run && run->key() == key && !request.force &&
      (run->active() || (stored && stored->path() == run->folder().path()));
  if (!goesOn) {
    if (!stored) {
      auto created = store_.create(key);
      if (!created)
        return failFile(record, created.error().message);
      stored = std::move(*created);
    }
    startRun(record, request, std::move(key), std::move(stored));
  }
  record.run->want(
      {request.stages, request.recordPasses, request.defaults, request.named});
  updatePhase(record);
  if (!record.run->settled())
    notify(path, [this](FileRecord &r) {
      if (r.state.running)
        listener_.onRunStarted(r.state);
    });
}

void EngineImpl::startRun(FileRecord &record, const LowerRequest &request,
                          std::string key, std::shared_ptr<RunFolder> folder) {
  if (record.run)
    record.run->cancel();
  ++record.state.generation;
  record.state.cached = folder->recorded();
  record.run = std::make_shared<Run>(
      RunContext{loop_, record.state.table, store_,
                 [this](Executor executor) -> Worker & {
                   return workers_.of(executor);
                 },
                 pythonFingerprint_.siteFolders(settings_), record.enter},
      record.settings, record.state, std::move(key), std::move(folder),
      request.entries, observerOf(record.state.path));
  record.run->open();
}

RunObserver EngineImpl::observerOf(const fs::path &path) {
  RunObserver observer;
  observer.onEntries = [this, path] {
    if (FileRecord *record = find(path))
      listener_.onEntries(record->state);
  };
  observer.onStage = [this, path](const std::string &entryName,
                                  const std::string &stageId) {
    FileRecord *record = find(path);
    const Entry *entry = record ? record->state.find(entryName) : nullptr;
    const StageState *stage = entry ? entry->find(stageId) : nullptr;
    if (stage)
      listener_.onStage(record->state, *entry, *stage);
  };
  observer.onFinished = [this, path, alive = alive_](bool cancelled) {
    if (!*alive)
      return;
    if (FileRecord *record = find(path))
      onRunFinished(*record, cancelled);
  };
  return observer;
}

void EngineImpl::onRunFinished(FileRecord &record, bool cancelled) {
  updatePhase(record);
  if (!cancelled) {
    settleCheck(record.state);
    watchDependencies(record);
    evictLater();
  }
  listener_.onRunFinished(record.state, cancelled);
}

void EngineImpl::updatePhase(FileRecord &record) {
  FileState &state = record.state;
  bool wasTried = state.generation > 0 || !state.diagnostics.empty();
  if (record.waiting || (record.run && record.run->active()))
    state.phase = Phase::Running;
  else
    state.phase = wasTried ? Phase::Settled : Phase::Unknown;
  tellIdle();
}

bool EngineImpl::isIdle() const {
  return checks_.idle() && std::ranges::none_of(records_, [](const auto &item) {
           return item.second.state.phase == Phase::Running;
         });
}

void EngineImpl::whenIdle(std::function<void()> done) {
  idle_.push_back(std::move(done));
  tellIdle();
}

/// In a later turn: what the listener is still to be told was posted before.
void EngineImpl::tellIdle() {
  if (idle_.empty() || !isIdle())
    return;
  loop_.post([this, alive = alive_] {
    if (!*alive || !isIdle())
      return;
    for (auto &done : std::exchange(idle_, {}))
      done();
  });
}

/// The file as a whole cannot be lowered. What was there stays.
void EngineImpl::failFile(FileRecord &record, std::string message) {
  Diagnostic reason;
  reason.message = std::move(message);
  reason.pos = {record.state.path.string(), 1, 0};
  record.state.diagnostics = {std::move(reason)};
  record.state.running = false;
  record.sourceHash.clear();
  record.waiting = false;
  notify(record.state.path, [this](FileRecord &r) {
    listener_.onEntries(r.state);
    listener_.onRunFinished(r.state, false);
  });
  updatePhase(record);
}

void EngineImpl::notify(const fs::path &path,
                        std::function<void(FileRecord &)> tell) {
  loop_.post([this, path, tell = std::move(tell), alive = alive_] {
    if (!*alive)
      return;
    if (FileRecord *record = find(path))
      tell(*record);
  });
}

/// What the script imported or read; the programs that its rows run and the
/// files that these name.
std::vector<std::string> EngineImpl::standsOn(const FileRecord &record) {
  std::vector<std::string> files;
  if (record.run)
    files = record.run->files();
  if (record.state.table)
    for (const std::string &program : record.state.table->programs())
      if (std::string path = findOnPath(program); path.starts_with('/'))
        files.push_back(std::move(path));
  return files;
}

void EngineImpl::watchDependencies(FileRecord &record) {
  if (!settings_.watch || !record.run)
    return;
  fs::path path = record.state.path;
  if (!record.watch)
    record.watch = std::make_unique<DependencyWatch>(loop_, [this, path] {
      if (FileRecord *r = find(path)) {
        LowerRequest again = r->request;
        again.force = false;
        lower(std::move(again));
      }
    });
  std::vector<fs::path> files{path};
  // One that is not there yet is waited for in the workspace, not in /.
  for (const fs::path &file : configurationFiles(path)) {
    std::error_code ignored;
    if (isBelow(file, record.settings.root) || fs::exists(file, ignored))
      files.push_back(file);
  }
  std::ranges::copy(standsOn(record), std::back_inserter(files));
  record.watch->watch(files);
}

void EngineImpl::evictLater() {
  auto now = std::chrono::steady_clock::now();
  if (now - lastEviction_ < kEvictionInterval &&
      lastEviction_ != std::chrono::steady_clock::time_point{})
    return;
  lastEviction_ = now;
  std::uint64_t limit =
      static_cast<std::uint64_t>(settings_.storeMegabytes) * kMegabyte;
  loop_.work([folder = store_.folder(), limit] { evictRuns(folder, limit); },
             [] {});
}

void EngineImpl::cancel(const fs::path &path) {
  FileRecord *record = find(normalPath(path));
  if (!record)
    return;
  ++record->ticket; // A request that still waits for Python is dropped.
  record->waiting = false;
  record->sourceHash.clear();
  settleCheck(record->state);
  if (record->run)
    record->run->cancel();
  record->run.reset();
  updatePhase(*record);
}

FileRecord *EngineImpl::find(const fs::path &path) {
  auto found = records_.find(path);
  return found == records_.end() ? nullptr : &found->second;
}

const FileState *EngineImpl::file(const fs::path &path) const {
  auto found = records_.find(normalPath(path));
  return found == records_.end() ? nullptr : &found->second.state;
}

std::vector<const FileState *> EngineImpl::files() const {
  std::vector<const FileState *> all;
  for (const auto &[path, record] : records_)
    all.push_back(&record.state);
  return all;
}

std::vector<fs::path> EngineImpl::dependents(const fs::path &path) const {
  std::string wanted = normalPath(path).string();
  std::vector<fs::path> found;
  for (const auto &[file, record] : records_)
    if (std::vector<std::string> names = standsOn(record);
        std::ranges::find(names, wanted) != names.end() ||
        isConfigurationOf(wanted, file))
      found.push_back(file);
  return found;
}

void EngineImpl::check(const fs::path &path,
                       std::shared_ptr<const std::string> text) {
  fs::path file = normalPath(path);
  auto format = text && text->size() <= kMostChecked
                    ? checkedFormat(*table_, file, *text)
                    : std::nullopt;
  if (!format)
    return checks_.drop(file);
  const FileRecord *record = find(file);
  TypedText typed{std::move(text), *format, settings_};
  bool lowered = record && record->state.phase != Phase::Unknown &&
                 record->state.text == *typed.text;
  if (!lowered)
    return checks_.check(file, std::move(typed));
  bool settled = record->state.phase == Phase::Settled;
  if (settled && hasReadText(record->state))
    return checks_.drop(file);
  checks_.save(file, std::move(typed));
  if (settled)
    settleCheck(record->state);
}

/// Of a file whose default stages are none its run says nothing.
void EngineImpl::settleCheck(const FileState &file) {
  checks_.settle(file.path, file.text, hasReadText(file));
}

void EngineImpl::forget(const fs::path &path) {
  checks_.drop(normalPath(path));
  auto found = records_.find(normalPath(path));
  if (found == records_.end())
    return;
  if (found->second.run)
    found->second.run->cancel();
  records_.erase(found);
  tellIdle();
}

void EngineImpl::doctor(std::function<void(std::vector<PartReport>)> done) {
  if (!workers_.haveSpoken()) {
    waiting_.push_back([this, done = std::move(done)] { doctor(done); });
    return;
  }
  done(workers_.report());
}

} // namespace

Result<std::unique_ptr<Engine>>
Engine::create(EventLoop &loop, Settings settings, Listener &listener) {
  auto store = RunStore::open(settings.store);
  std::string trouble;
  if (!store) {
    trouble = store.error().message;
    std::string temporary =
        (fs::temp_directory_path() / "irlens-XXXXXX").string();
    if (!::mkdtemp(temporary.data()))
      return std::unexpected(store.error());
    store = RunStore::open(temporary);
    if (!store)
      return std::unexpected(store.error());
    trouble += "; working in " + temporary + ", which is lost when irlens ends";
  }
  auto engine = std::make_unique<EngineImpl>(loop, std::move(settings),
                                             std::move(*store), listener);
  if (!trouble.empty())
    loop.post([&listener, trouble] {
      listener.onMessage(Severity::Warning, trouble);
    });
  return engine;
}

} // namespace irlens::engine
