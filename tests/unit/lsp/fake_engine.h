// An engine without compilers: it "lowers" a Python file by quoting its lines.
// What it does is written in the file, so that a test says everything in one
// place:
//
//   class Net:                     the class line of entry Net
//   __explore__(Net, ...)          an entry; every stage of it is one op per
//                                  code line
//   # fake: fail=linalg            that stage fails, and blames this line
//   # fake: until=linalg           its failure is about columns 3 to 5
//   # fake: partial=linalg         likewise, and leaves IR
//   # fake: unavailable=tosa       an optional part is missing
//   # fake: ms=50                  each stage takes that long (default: the
//                                  next turn)
//   # fake: hang                   the run ends only when cancelled
//   # fake: pad=5000000            every document is that much longer
//   # fake: import=/ws/blocks.py   the file depends on that one
//   # fake: blame=/ws/blocks.py:3  a diagnostic in another file
//   # fake: suggest=Net            a comment is suggested for that class
//   # fake: kernel=gpu             that document has a kernel in its second
//                                  line
//   # fake: erased=linalg          the raw text had one line more, the first
//   # fake: from=linalg            its lines are known to be made from those of
//                                  the same code, one raw line further down
//   # fake: source=kernel          entries stem from it, not from `model`
//   # fake: forget                 no passes are recorded
//   !                              a syntax error
//
// Loop thread only.
#pragma once

#include "engine/engine.h"
#include "engine/loop/event_loop.h"

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace irlens::lsp::test {

class FakeEngine final : public engine::Engine {
public:
  /// Artifacts are written below `folder`.
  FakeEngine(engine::EventLoop &loop, engine::Settings settings,
             engine::Listener &listener, std::filesystem::path folder);
  ~FakeEngine() override;

  void warmUp() override { warm_ = true; }
  void configure(engine::Settings settings) override;
  const engine::Settings &settings() const override { return settings_; }
  const engine::StageTable &table() const override { return table_; }
  std::shared_ptr<const engine::StageTable>
  tableOf(const std::filesystem::path &) const override {
    return std::make_shared<const engine::StageTable>(table_);
  }
  bool wants(const std::filesystem::path &path,
             std::string_view source) const override;
  void lower(engine::LowerRequest request) override;
  void cancel(const std::filesystem::path &path) override;
  const engine::FileState *
  file(const std::filesystem::path &path) const override;
  std::vector<const engine::FileState *> files() const override;
  std::vector<std::filesystem::path>
  dependents(const std::filesystem::path &path) const override;
  void forget(const std::filesystem::path &path) override;
  void
  doctor(std::function<void(std::vector<engine::PartReport>)> done) override;
  void shutdown(std::function<void()> done) override;

  /// What the server asked for, in order.
  const std::vector<engine::LowerRequest> &requests() const {
    return requests_;
  }
  bool isWarm() const { return warm_; }

private:
  struct Run;
  void start(Run &run, const engine::LowerRequest &request, std::string source);
  void findEntries(Run &run);
  void want(Run &run, const std::vector<std::string> &stages);
  void wantPasses(Run &run, engine::StageState &state);
  void record(Run &run, const engine::Entry &entry, engine::StageState &state);
  void step(const std::filesystem::path &path);
  void make(Run &run, engine::Entry &entry, engine::StageState &state);
  std::shared_ptr<engine::Artifact> write(Run &run, const engine::Entry &entry,
                                          const engine::Stage &stage);
  void finish(Run &run, bool cancelled);

  engine::EventLoop &loop_;
  engine::Settings settings_;
  engine::Listener &listener_;
  std::filesystem::path folder_;
  engine::StageTable table_;
  std::map<std::filesystem::path, std::unique_ptr<Run>> runs_;
  std::vector<engine::LowerRequest> requests_;
  bool warm_ = false;
};

} // namespace irlens::lsp::test
