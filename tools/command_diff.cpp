// irlens diff: two stages of a file against each other, as diff(1) prints it.
// They may differ in the stage, in the target, in the entry, or in all of them.
#include "tools/command.h"
#include "tools/session.h"
#include "tools/stage_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace irlens::tools {
namespace fs = std::filesystem;
namespace {

using engine::Entry;
using engine::FileState;
using engine::Stage;
using engine::StageTable;

/// As diff(1) says it: neither equal nor different.
constexpr int kTrouble = 2;

/// What the command line says of one of the two.
struct Side {
  std::string stage;  ///< Id or base.
  std::string target; ///< Empty: the stage's first.
  std::string entry;  ///< Empty: the only one.

  bool means(const Stage &row) const {
    if (target.empty())
      return row.id == stage;
    return row.target == target && (row.base == stage || row.id == stage);
  }
};

/// A text to compare.
struct Text {
  fs::path path;
  std::string label;
};

/// "ptx@sm_80"
Side sideOf(const std::string &word, const std::string &entry) {
  std::size_t at = word.find('@');
  return {word.substr(0, at),
          at == std::string::npos ? "" : word.substr(at + 1), entry};
}

/// Nothing, and a message, unless the options name two texts.
std::optional<std::array<Side, 2>> sidesOf(const DiffOptions &options) {
  constexpr std::size_t kMost = 2;
  const auto &stages = options.stages;
  const auto &entries = options.entries;
  if (stages.empty() || stages.size() > kMost || entries.size() > kMost) {
    fmt::print(stderr, "irlens: diff takes one or two stages (--to) and at "
                       "most two entries (--entry)\n");
    return std::nullopt;
  }
  auto entry = [&](bool second) {
    return entries.empty() ? "" : second ? entries.back() : entries.front();
  };
  return std::array{sideOf(stages.front(), entry(false)),
                    sideOf(stages.back(), entry(true))};
}

/// The settings with which the sides can be made.
engine::Settings settingsFor(engine::Settings settings,
                             const std::vector<Side> &sides) {
  for (const Side &side : sides) {
    if (side.target.empty())
      continue;
    settings.fixedTargets = true;
    addNew(settings.plainTargets, side.target);
  }
  return settings;
}

bool has(const StageTable &table, const Side &side) {
  return std::ranges::any_of(table.stages(),
                             [&](const Stage &row) { return side.means(row); });
}

void sayUnknown(const StageTable &table, const Side &side) {
  bool known = !table.named(side.stage).empty();
  std::string near = known ? "" : table.suggest(side.stage);
  fmt::print(stderr, "irlens: {} {}{}; `irlens stages` lists them\n",
             known ? "no such target of a stage:" : "unknown stage",
             side.target.empty() ? side.stage : side.stage + "@" + side.target,
             near.empty() ? "" : fmt::format("; did you mean {}?", near));
}

/// What is made in one session: both sides, or one of them.
class Lowering {
public:
  Lowering(const engine::Settings &settings, std::string file,
           std::vector<Side> sides)
      : session_(settingsFor(settings, sides), /*showProgress=*/true),
        path_(std::move(file)), sides_(std::move(sides)) {}

  bool valid() const { return session_.valid(); }

  /// The first side that the table has no row for; null if it has all.
  const Side *missing() {
    auto table = session_.engine().tableOf(path_);
    auto found = std::ranges::find_if_not(
        sides_, [&](const Side &side) { return has(*table, side); });
    return found == sides_.end() ? nullptr : &*found;
  }
  void sayMissing(const Side &side) {
    sayUnknown(*session_.engine().tableOf(path_), side);
  }

  /// False when it was interrupted.
  bool run() {
    engine::LowerRequest request;
    request.path = path_;
    auto table = session_.engine().tableOf(path_);
    for (const Stage &row : table->stages())
      if (std::ranges::any_of(
              sides_, [&](const Side &side) { return side.means(row); }))
        addNew(request.stages, row.id);
    ids_ = request.stages;
    for (const Side &side : sides_)
      if (!side.entry.empty())
        addNew(request.entries, side.entry);
    file_ = session_.lower(std::move(request));
    if (file_)
      entries_ = askedEntries(*file_, "");
    return file_ != nullptr;
  }

  /// The text of a side; nothing, and a message, if there is none. `fallback`
  /// is the index of the entry where two are compared in one stage.
  std::optional<Text> text(const Side &side, std::size_t fallback,
                           bool oneStage) const {
    const Entry *entry = entryOf(side, fallback, oneStage);
    if (!entry)
      return std::nullopt;
    for (const Stage &row : file_->table->stages())
      if (side.means(row) && file_->table->applies(row, entry->origin))
        return textOf(*entry, row);
    allExist(*file_->table, {*entry}, {side.stage});
    return std::nullopt;
  }

private:
  const Entry *entryOf(const Side &side, std::size_t fallback,
                       bool oneStage) const {
    const std::vector<Entry> &all = entries_;
    const Entry *named = file_->find(side.entry);
    if (named)
      return named;
    if (all.empty() || all.front().kind == "file") {
      std::vector<Entry> stand = all;
      if (stand.empty())
        stand.push_back(placeholder(*file_, ids_));
      printProblems(*file_, stand, ids_);
    }
    if (!side.entry.empty())
      fmt::print(stderr, "irlens: {} has no entry {}\n", path_, side.entry);
    if (all.empty() || !side.entry.empty())
      return nullptr;
    if (all.size() == 1)
      return all.data();
    if (oneStage && all.size() == 2)
      return &all[fallback];
    std::string names;
    for (const Entry &entry : all)
      names += (names.empty() ? "" : ", ") + entry.name;
    fmt::print(stderr, "irlens: choose with --entry of {}\n", names);
    return nullptr;
  }

  std::optional<Text> textOf(const Entry &entry, const Stage &row) const {
    const engine::StageState *state = entry.find(row.id);
    if (!state || !isCurrent(*state)) {
      printProblems(*file_, {entry}, {row.id});
      return std::nullopt;
    }
    return Text{state->good->document,
                fmt::format("{}/{}{}", entry.name, row.base,
                            row.target.empty() ? "" : "@" + row.target)};
  }

  Session session_;
  std::string path_;
  std::vector<Side> sides_;
  std::vector<std::string> ids_;
  const FileState *file_ = nullptr;
  std::vector<Entry> entries_; ///< Those that are meant when none is named.
};

/// diff(1), which every system has, over two files. Its exit code is ours.
int showDifference(const Text &left, const Text &right) {
  std::vector<std::string> words{"diff",    "-u",        "--label", left.label,
                                 "--label", right.label, left.path, right.path};
  if (::isatty(STDOUT_FILENO) == 1)
    words.insert(words.begin() + 1, "--color=auto");
  std::vector<char *> arguments;
  for (std::string &word : words)
    arguments.push_back(word.data());
  arguments.push_back(nullptr);
  std::fflush(stdout);
  pid_t child = 0;
  int error = ::posix_spawnp(&child, "diff", nullptr, nullptr, arguments.data(),
                             environ);
  if (error != 0) {
    fmt::print(stderr, "irlens: cannot run diff: {}\n", std::strerror(error));
    return kTrouble;
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : kTrouble;
}

} // namespace

int diffCommand(const engine::Settings &settings, const DiffOptions &options) {
  if (!isFile(options.file))
    return kTrouble;
  auto sides = sidesOf(options);
  if (!sides)
    return kTrouble;
  std::vector<std::unique_ptr<Lowering>> lowerings;
  auto lowering = [&](std::vector<Side> wanted) -> Lowering & {
    lowerings.push_back(
        std::make_unique<Lowering>(settings, options.file, std::move(wanted)));
    return *lowerings.back();
  };
  if (!lowering({(*sides)[0], (*sides)[1]}).valid())
    return kTrouble;
  // A stage that is made for one target at a time takes a session for each.
  if (lowerings[0]->missing()) {
    lowerings.clear();
    for (const Side &side : *sides)
      if (Lowering &one = lowering({side}); !one.valid())
        return kTrouble;
      else if (const Side *unknown = one.missing()) {
        one.sayMissing(*unknown);
        return kTrouble;
      }
  }
  for (auto &each : lowerings)
    if (!each->run())
      return 130; // As a shell reports an interrupt.
  bool oneStage = options.stages.size() == 1;
  auto left = lowerings.front()->text((*sides)[0], 0, oneStage);
  auto right =
      left ? lowerings.back()->text((*sides)[1], 1, oneStage) : std::nullopt;
  if (!left || !right)
    return kTrouble;
  if (left->path == right->path) {
    fmt::print(stderr,
               "irlens: {} with itself: name two stages or two "
               "entries\n",
               left->label);
    return kTrouble;
  }
  return showDifference(*left, *right);
}

} // namespace irlens::tools
