// A plan that obeys words: tests of the plan are transcripts of these.
#pragma once

#include "engine/run/plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <sstream>

namespace irlens::engine::test {

inline constexpr const char *kPlanTable = R"json({"origins": [
  {"id": "model", "worker": "python", "extensions": ["py"]},
  {"id": "variant", "worker": "python", "extensions": ["py"], "on-demand": true,
   "inherits": "model", "roots": ["torch"]},
  {"id": "ir", "worker": "mlir", "extensions": ["mlir"], "inherits": "model",
   "enters": [{"stages": ["linalg"], "extensions": ["mlir"]}]}
 ], "stages": [
  {"id": "fx", "from": "model", "steps": [{"capture": "fx"}]},
  {"id": "torch", "from": "model", "default": true, "passes": true,
   "steps": [{"capture": "torch"}]},
  {"id": "linalg", "from": "torch", "default": true, "passes": true,
   "steps": [{"torch-mlir": "x"}]},
  {"id": "tosa", "from": "torch", "steps": [{"torch-mlir": "x"}]},
  {"id": "llvm", "from": "linalg", "passes": true, "steps": [{"mlir": "x"}]},
  {"id": "x86", "from": "llvm", "steps": [{"codegen": {}}]},
  {"id": "arm", "from": "llvm", "steps": [{"codegen": {}}]},
  {"id": "slow", "from": "model", "background": true,
   "steps": [{"capture": "slow"}]},
  {"id": "reference", "from": "model", "steps": [{"capture": "reference"}]},
  {"id": "check", "from": "llvm", "inputs": ["reference"],
   "steps": [{"execute": "reference"}]}
]})json";

inline std::vector<std::string> split(const std::string &text, char at) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, at);)
    if (!part.empty())
      parts.push_back(part);
  return parts;
}

inline std::string describe(const PlannedJob &job) {
  constexpr const char *kKinds[] = {"enter", "capture", "background",
                                    "translate", "lower"};
  std::string text =
      fmt::format("{}:{}", job.number, kKinds[static_cast<int>(job.kind)]);
  if (!job.entry.empty())
    text += " " + job.entry;
  if (job.input)
    text += " from " + job.input->id;
  std::vector<std::string> rows;
  for (const PlannedJob::Row &row : job.rows)
    rows.push_back(row.entries.empty()
                       ? row.stage->id
                       : fmt::format("{}({})", row.stage->id,
                                     fmt::join(row.entries, ",")));
  if (!rows.empty())
    text += fmt::format(" {}", fmt::join(rows, ","));
  if (!job.recordPasses.empty())
    text += fmt::format(" passes={}", fmt::join(job.recordPasses, ","));
  return text;
}

/// A plan that obeys words.
class Obedient {
public:
  explicit Obedient(const std::string &extension)
      : table_(std::make_shared<const StageTable>(
            StageTable::parse(kPlanTable).value())),
        plan_(table_, {.extension = extension,
                       .captor = Executor::Python,
                       .enters = extension == ".mlir",
                       .earlierEntries = {}}) {}

  std::string obey(const std::string &command) {
    auto words = split(command, ' ');
    const std::string &verb = words[0];
    if (verb == "want")
      return want(words);
    if (verb == "entry") // NAME ORIGIN by JOB | NAME ORIGIN given STAGE
      return addEntry(words);
    if (verb == "jobs")
      return takeJobs();
    if (verb == "report") // JOB ENTRY STAGE ok|failed
      return plan_.report(std::stoull(words[1]), words[2], words[3],
                          words[4] == "ok")
                 ? "read"
                 : "ignored";
    if (verb == "stored") // ENTRY STAGE ok|failed
      return plan_.takeStored(place(words[1], words[2]), words[3] == "ok")
                 ? "read"
                 : "ignored";
    if (verb == "is") // ENTRY STAGE OUTCOME [passes]
      return finish(words);
    if (verb == "end")
      return textOf(plan_.end(std::stoull(words[1])));
    if (verb == "block")
      return block();
    if (verb == "without-passes")
      return textOf(plan_.withoutPasses());
    if (verb == "read-again")
      plan_.readAgain(place(words[1], words[2]));
    if (verb == "make-again")
      plan_.makeAgain(place(words[1], words[2]));
    if (verb == "discovered")
      plan_.setDiscovered();
    if (verb == "settled")
      return plan_.isSettled() ? "yes" : "no";
    if (verb == "states")
      return states(words[1]);
    return "";
  }

private:
  PlanPlace place(const std::string &entry, const std::string &stage) {
    return {entry, table_->find(stage, origins_[entry])};
  }

  std::string want(const std::vector<std::string> &words) {
    Wish wish;
    for (std::size_t i = 1; i < words.size(); ++i)
      if (words[i] == "defaults")
        wish.defaults = true;
      else if (words[i].starts_with("passes="))
        wish.recordPasses = split(words[i].substr(7), ',');
      else if (words[i].starts_with("entries="))
        wish.entries = split(words[i].substr(8), ',');
      else
        wish.stages = split(words[i], ',');
    plan_.want(wish);
    return "";
  }

  std::string addEntry(const std::vector<std::string> &words) {
    origins_[words[1]] = words[2];
    PlanEntry entry;
    entry.name = words[1];
    entry.origin = words[2];
    bool isFound = words.size() > 4 && words[3] == "by";
    if (words.size() > 4 && !isFound) {
      entry.given = {words[4]};
      entry.binary = words[3] == "binary";
    }
    plan_.addEntry(entry, isFound ? std::stoull(words[4]) : 0);
    return "";
  }

  std::string takeJobs() {
    std::vector<std::string> jobs;
    while (auto job = plan_.takeJob())
      jobs.push_back(describe(*job));
    return fmt::format("{}", fmt::join(jobs, "; "));
  }

  std::string finish(const std::vector<std::string> &words) {
    for (PlanState outcome : {PlanState::Made, PlanState::Failed,
                              PlanState::Lost, PlanState::Unavailable})
      if (toString(outcome) == words[3])
        plan_.finish(place(words[1], words[2]), outcome, words.size() > 4);
    return "";
  }

  std::string block() {
    std::vector<std::string> all;
    for (const Blocking &one : plan_.block())
      all.push_back(fmt::format("{}/{} by {}", one.place.entry,
                                one.place.stage->id, one.cause->id));
    return fmt::format("{}", fmt::join(all, ", "));
  }

  static std::string textOf(const std::vector<PlanPlace> &places) {
    std::vector<std::string> all;
    for (const PlanPlace &one : places)
      all.push_back(one.entry + "/" + one.stage->id);
    return fmt::format("{}", fmt::join(all, ", "));
  }

  std::string states(const std::string &entry) {
    std::vector<std::string> all;
    for (const Stage &stage : table_->stages())
      if (auto state = plan_.state(entry, stage.id);
          stage.origin == origins_[entry] && state != PlanState::Idle)
        all.push_back(fmt::format("{} {}", stage.id, toString(state)));
    return fmt::format("{}", fmt::join(all, ", "));
  }

  std::shared_ptr<const StageTable> table_;
  Plan plan_;
  std::map<std::string, std::string> origins_;
};

} // namespace irlens::engine::test
