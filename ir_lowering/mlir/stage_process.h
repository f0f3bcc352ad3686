// A stage process: makes one stage from the module it inherited, reports, and
// then stays as the snapshot from which the stages made from it are forked. Its
// siblings do the same; the job process (job.h) is the parent of them all and
// tells them what to fork. Node 0 of a job stands for its input, node i + 1 for
// row i.
#pragma once

#include "ir_lowering/mlir/compiler.h"
#include "ir_lowering/mlir/crash.h"
#include "ir_lowering/mlir/request.h"
#include "ir_lowering/worker/process.h"

#include <cstdint>
#include <span>
#include <vector>

namespace irlens::mlir_worker {

/// How often a stage may be made: as its row says, at a lower level of code
/// generation after a crash, or up to the pass that failed.
struct Attempt {
  std::int32_t codegenLevel = -1;
  std::int32_t stopBeforePass = -1;
};

/// From the job process to the process that holds the snapshot.
struct Command {
  std::int32_t node = 0; ///< 0: nothing more to fork, end.
  Attempt attempt;
};

/// From a stage process to the job process, with one write each.
struct Message {
  enum Kind : std::int32_t { Forked, Finished };
  Kind kind = Forked;
  std::int32_t node = 0;
  std::int32_t value = 0; ///< Forked: pid or -1. Finished: the Status.
};

/// What all processes of a job share; made by the job process before the first
/// fork.
struct JobBoard {
  explicit JobBoard(const Job &job);

  std::size_t nodes() const { return job.stages.size() + 1; }
  const Row &row(std::size_t node) const { return job.stages[node - 1]; }
  /// The id of what a node stands for: a stage, or the job's input.
  const std::string &idOf(std::size_t node) const {
    return node == 0 ? job.inputStage : row(node).id;
  }
  bool isMadeFrom(std::size_t node, std::size_t source) const {
    return node != 0 && row(node).from == idOf(source);
  }
  std::string path(std::size_t node, std::string_view suffix) const;
  void send(const Message &message) const;
  /// When tools must have ended, so that it can still be told that they did
  /// not.
  double latestToolMs() const;

  const Job &job;
  double startedMs;
  std::span<Progress> progress; ///< Shared memory, one per node.
  Pipe messages;
  std::vector<Pipe> commands;             ///< One per node.
  std::vector<Descriptor> standardErrors; ///< One per node.
};

/// Runs the input's process, in a child of the job process.
[[noreturn]] void runInputProcess(const JobBoard &board, Compiler &compiler,
                                  pid_t jobProcess);

} // namespace irlens::mlir_worker
