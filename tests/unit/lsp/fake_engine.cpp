#include "tests/unit/lsp/fake_engine.h"

#include "engine/store/files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <set>

namespace irlens::lsp::test {
namespace {

using engine::StageStatus;

std::vector<std::string> linesOf(const std::string &text) {
  std::vector<std::string> lines;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

std::string trim(const std::string &line) {
  std::size_t begin = line.find_first_not_of(" \t");
  return begin == std::string::npos ? "" : line.substr(begin);
}

struct Directive {
  int line;
  std::string name;
  std::string value;
};

std::vector<Directive> directivesOf(const std::string &text) {
  constexpr std::string_view kMark = "# fake: ";
  std::vector<Directive> found;
  int number = 0;
  for (const std::string &line : linesOf(text)) {
    ++number;
    std::size_t at = line.find(kMark);
    if (at == std::string::npos)
      continue;
    std::string word = line.substr(at + kMark.size());
    std::size_t equals = std::min(word.find('='), word.size());
    std::string value = word.substr(std::min(equals + 1, word.size()));
    found.push_back({number, word.substr(0, equals), value});
  }
  return found;
}

} // namespace

struct FakeEngine::Run {
  engine::FileState state;
  std::vector<Directive> directives;
  std::unique_ptr<engine::Handle> timer;
  bool announced = false;
  bool changed = false; ///< The entries are those of an older text.
  std::vector<std::string> wanted;
  std::set<std::string> passes; ///< Stages whose passes are wanted.

  const Directive *find(std::string_view name,
                        std::string_view value = {}) const {
    for (const Directive &directive : directives)
      if (directive.name == name && (value.empty() || directive.value == value))
        return &directive;
    return nullptr;
  }
  long number(std::string_view name) const {
    const Directive *directive = find(name);
    return directive ? std::atol(directive->value.c_str()) : 0;
  }
};

FakeEngine::FakeEngine(engine::EventLoop &loop, engine::Settings settings,
                       engine::Listener &listener, std::filesystem::path folder)
    : loop_(loop), settings_(std::move(settings)), listener_(listener),
      folder_(std::move(folder)),
      table_(engine::StageTable::builtin().value()) {}

FakeEngine::~FakeEngine() = default;

void FakeEngine::configure(engine::Settings settings) {
  settings_ = std::move(settings);
}

bool FakeEngine::wants(const std::filesystem::path &path,
                       std::string_view source) const {
  return path.extension() == ".py" &&
         (source.find("__explore__(") != source.npos ||
          source.find("# irlens:") != source.npos);
}

void FakeEngine::lower(engine::LowerRequest request) {
  requests_.push_back(request);
  if (request.defaults)
    for (const engine::Stage &stage : table_.stages())
      if (settings_.stages.empty()
              ? stage.byDefault
              : std::ranges::find(settings_.stages, stage.id) !=
                    settings_.stages.end())
        request.stages.push_back(stage.id);
  std::unique_ptr<Run> &slot = runs_[request.path];
  std::string source = engine::readFile(request.path).value_or("");
  if (slot && slot->state.text == source && !request.force) {
    bool idle = !slot->state.running;
    slot->passes.insert(request.recordPasses.begin(), request.recordPasses.end());
    want(*slot, request.stages);
    if (!slot->wanted.empty()) // A run that has not begun yet wants these too.
      slot->wanted.insert(slot->wanted.end(), request.stages.begin(),
                          request.stages.end());
    bool pending = false;
    for (const engine::Entry &entry : slot->state.entries)
      for (const engine::StageState &stage : entry.stages)
        pending = pending || stage.status == StageStatus::Pending;
    if (idle && pending)
      start(*slot, request, std::move(source));
    return;
  }
  if (!slot) {
    slot = std::make_unique<Run>();
    slot->state.path = request.path;
  }
  if (slot->state.running)
    cancel(request.path);
  start(*slot, request, std::move(source));
}

void FakeEngine::start(Run &run, const engine::LowerRequest &request,
                       std::string source) {
  run.changed = run.changed || run.state.text != source || request.force;
  if (run.changed) // Else the last run goes on.
    ++run.state.generation;
  run.state.running = true;
  run.state.text = std::move(source);
  run.wanted = request.stages;
  if (run.changed)
    run.passes.clear();
  run.passes.insert(request.recordPasses.begin(), request.recordPasses.end());
  run.directives = directivesOf(run.state.text);
  run.announced = false;
  run.timer = loop_.after(std::chrono::milliseconds(run.number("ms")),
                          [this, path = run.state.path] { step(path); });
}

void FakeEngine::findEntries(Run &run) {
  std::vector<engine::Entry> before = std::exchange(run.state.entries, {});
  run.state.diagnostics.clear();
  run.state.suggestions.clear();
  std::map<std::string, int> classes;
  int number = 0;
  for (const std::string &line : linesOf(run.state.text)) {
    ++number;
    std::string code = trim(line);
    if (code.starts_with("!"))
      run.state.diagnostics.push_back({engine::Severity::Error,
                                       "invalid syntax",
                                       "",
                                       "",
                                       {run.state.path.string(), number, 1},
                                       {}});
    if (code.starts_with("class "))
      classes[code.substr(6, code.find_first_of("(:", 6) - 6)] = number;
    constexpr std::string_view kCall = "__explore__(";
    if (!code.starts_with(kCall))
      continue;
    engine::Entry entry;
    entry.name = code.substr(
        kCall.size(), code.find_first_of(",()", kCall.size()) - kCall.size());
    entry.kind = "model";
    const Directive *root = run.find("source");
    entry.origin = root ? root->value : "model";
    entry.line = number;
    entry.classLine = classes.contains(entry.name) ? classes[entry.name] : 0;
    entry.signature = "f32[1, 3]";
    entry.parameters = 11'689'512;
    for (const engine::Stage &stage : table_.stages()) {
      if (!table_.applies(stage, entry.origin))
        continue;
      engine::StageState state;
      state.id = stage.id;
      for (const engine::Entry &old : before)
        if (old.name == entry.name && old.find(stage.id)) {
          state.good = old.find(stage.id)->good;
          state.passes = old.find(stage.id)->passes;
        }
      entry.stages.push_back(std::move(state));
    }
    run.state.entries.push_back(std::move(entry));
  }
  if (!run.state.diagnostics.empty())
    run.state.entries = std::move(before);
  if (const Directive *suggest = run.find("suggest"))
    run.state.suggestions.push_back({classes[suggest->value], suggest->value,
                                     "# irlens: " + suggest->value + "()(1)"});
  if (const Directive *blame = run.find("blame")) {
    std::size_t colon = blame->value.rfind(':');
    run.state.diagnostics.push_back(
        {engine::Severity::Warning,
         "blamed",
         "",
         "",
         {blame->value.substr(0, colon),
          std::atoi(blame->value.c_str() + colon + 1), 0},
         {{{run.state.path.string(), blame->line, 0}, "called from here"}}});
  }
}

void FakeEngine::want(Run &run, const std::vector<std::string> &stages) {
  for (engine::Entry &entry : run.state.entries)
    for (engine::StageState &state : entry.stages) {
      bool asked = std::ranges::find(stages, state.id) != stages.end();
      if (asked && state.status == StageStatus::NotAsked)
        state.status = StageStatus::Pending;
      wantPasses(run, state);
    }
}

/// A stage that was made without its passes is made again.
void FakeEngine::wantPasses(Run &run, engine::StageState &state) {
  if (!run.passes.contains(state.id) || state.passesWanted)
    return;
  state.passesWanted = true;
  state.status = StageStatus::Pending;
}

void FakeEngine::step(const std::filesystem::path &path) {
  auto it = runs_.find(path);
  if (it == runs_.end() || !it->second->state.running)
    return;
  Run &run = *it->second;
  run.timer = loop_.after(std::chrono::milliseconds(run.number("ms")),
                          [this, path] { step(path); });
  if (!std::exchange(run.announced, true)) {
    if (std::exchange(run.changed, false))
      findEntries(run);
    want(run, run.wanted);
    listener_.onRunStarted(run.state);
    return listener_.onEntries(run.state);
  }
  if (run.find("hang"))
    return run.timer.reset();
  if (!run.state.diagnostics.empty() &&
      run.state.diagnostics[0].message == "invalid syntax")
    return finish(run, false);
  for (engine::Entry &entry : run.state.entries)
    for (engine::StageState &state : entry.stages)
      if (state.status == StageStatus::Pending) {
        make(run, entry, state);
        return listener_.onStage(run.state, entry, state);
      }
  finish(run, false);
}

void FakeEngine::make(Run &run, engine::Entry &entry,
                      engine::StageState &state) {
  const engine::Stage &stage = *table_.find(state.id, entry.origin);
  state.diagnostics.clear();
  state.partial = nullptr;
  state.ms = 12;
  if (state.passesWanted && !run.find("forget"))
    record(run, entry, state);
  const Directive *fail = run.find("fail", stage.id);
  const Directive *partial = run.find("partial", stage.id);
  if (fail || partial) {
    state.status = StageStatus::Failed;
    state.diagnostics.push_back(
        {engine::Severity::Error,
         "failed to legalize",
         stage.id,
         "torch.aten.fake",
         {run.state.path.string(), (fail ? fail : partial)->line, 0},
         {{{run.state.path.string(), 1, 1}, "in this file"}}});
    if (run.find("until", stage.id)) {
      engine::Diagnostic &told = state.diagnostics.back();
      told.pos.column = 3;
      told.end = {told.pos.file, told.pos.line, 6};
    }
    if (partial)
      state.partial = write(run, entry, stage);
  } else if (run.find("unavailable", stage.id)) {
    state.status = StageStatus::Unavailable;
    state.diagnostics.push_back({engine::Severity::Info,
                                 "pip install torch-mlir",
                                 stage.id,
                                 "",
                                 {},
                                 {}});
  } else {
    state.status = StageStatus::Ok;
    state.good = write(run, entry, stage);
  }
}

/// Two passes, of which the second changes nothing.
void FakeEngine::record(Run &run, const engine::Entry &entry,
                        engine::StageState &state) {
  engine::Pass pass;
  pass.name = "input";
  pass.format = engine::TextFormat::Mlir;
  pass.ms = 0.25;
  pass.changed = true;
  pass.operations = 4;
  pass.artifact = write(run, entry, *table_.find(state.id, entry.origin));
  auto passes = std::make_shared<std::vector<engine::Pass>>(2, pass);
  passes->back().index = 1;
  passes->back().name = "fake.nothing";
  passes->back().changed = false;
  passes->back().failed = run.find("fail", state.id) != nullptr;
  state.passes = std::move(passes);
}

std::shared_ptr<engine::Artifact>
FakeEngine::write(Run &run, const engine::Entry &entry,
                  const engine::Stage &stage) {
  auto artifact = std::make_shared<engine::Artifact>();
  auto links = std::make_shared<engine::LinkTable>();
  std::string text = "module {\n";
  int irLine = 1;
  int line = 0;
  artifact->operations = 0;
  for (const std::string &source : linesOf(run.state.text)) {
    ++line;
    std::string code = trim(source);
    if (code.empty() || code.starts_with("#"))
      continue;
    text += fmt::format("  {}.op \"{}\"\n", stage.id, code);
    links->link(++irLine,
                links->addChain({{run.state.path.string(), line, 1}}));
    ++artifact->operations;
  }
  text += "}\n";
  if (run.find("erased", stage.id)) {
    engine::ErasedLines erased;
    erased.erase(1);
    links->setErased(std::move(erased));
  }
  if (run.find("from", stage.id))
    for (int made = 2; made <= irLine; ++made)
      links->origins().add(made, made + 1);
  for (long pad = run.number("pad"); pad > 0; pad -= 64)
    text += stage.comment + std::string(63 - stage.comment.size(), 'x') + "\n";
  artifact->document = folder_ / engine::hashText(run.state.path.string()) /
                       std::to_string(run.state.generation) / entry.name /
                       stage.fileName();
  std::filesystem::create_directories(artifact->document.parent_path());
  if (!engine::writeFile(artifact->document, text))
    std::abort();
  if (run.find("kernel", stage.id))
    artifact->kernels = {{"main_matmul_0", 2, {"4 ops", "block 32 x 8"}}};
  artifact->raw = artifact->document;
  artifact->links = std::move(links);
  artifact->bytes = text.size();
  artifact->textHash = engine::hash64(text);
  artifact->generation = run.state.generation;
  return artifact;
}

void FakeEngine::finish(Run &run, bool cancelled) {
  run.state.running = false;
  run.state.ms = 120;
  run.timer.reset();
  if (cancelled)
    for (engine::Entry &entry : run.state.entries)
      for (engine::StageState &state : entry.stages)
        if (state.status == StageStatus::Pending)
          state.status = StageStatus::NotAsked;
  listener_.onRunFinished(run.state, cancelled);
}

void FakeEngine::cancel(const std::filesystem::path &path) {
  auto it = runs_.find(path);
  if (it == runs_.end() || !it->second->state.running)
    return;
  // Listeners are never called from inside a call: a stopped run ends in a
  // later turn.
  Run &run = *it->second;
  run.state.running = false;
  run.timer = loop_.after(std::chrono::milliseconds(0), [this, path] {
    if (auto found = runs_.find(path); found != runs_.end())
      finish(*found->second, true);
  });
}

const engine::FileState *
FakeEngine::file(const std::filesystem::path &path) const {
  auto it = runs_.find(path);
  return it == runs_.end() ? nullptr : &it->second->state;
}

std::vector<const engine::FileState *> FakeEngine::files() const {
  std::vector<const engine::FileState *> files;
  for (const auto &[path, run] : runs_)
    files.push_back(&run->state);
  return files;
}

std::vector<std::filesystem::path>
FakeEngine::dependents(const std::filesystem::path &path) const {
  std::vector<std::filesystem::path> dependents;
  for (const auto &[file, run] : runs_)
    if (run->find("import", path.string()))
      dependents.push_back(file);
  return dependents;
}

void FakeEngine::forget(const std::filesystem::path &path) {
  runs_.erase(path);
}

void FakeEngine::doctor(
    std::function<void(std::vector<engine::PartReport>)> done) {
  loop_.post([done = std::move(done)] { done({}); });
}

void FakeEngine::shutdown(std::function<void()> done) {
  runs_.clear();
  loop_.post(std::move(done));
}

} // namespace irlens::lsp::test
