#include "ir_lowering/mlir/stage_process.h"

#include "ir_lowering/mlir/steps.h"

#include <cerrno>
#include <fcntl.h>
#include <new>
#include <unistd.h>

namespace irlens::mlir_worker {

namespace {

class StageProcess {
public:
  StageProcess(const JobBoard &board, Compiler &compiler)
      : board_(board), jobProcess_(getppid()) {
    session_.context = &compiler.context();
    session_.deviceLibraries = board.job.deviceLibraries;
    session_.artifacts = board.job.artifacts;
  }

  [[noreturn]] void run(std::size_t node, Attempt attempt) {
    for (;;) {
      enter(node);
      bool ok = node == 0 ? read() : make(node, attempt);
      board_.send({Message::Finished, static_cast<std::int32_t>(node), ok});
      if (!ok || !hasChildren(node))
        _exit(kExitDone);
      // Returns in a child, which has become the process of another node.
      Command command = forkOnDemand(node);
      node = static_cast<std::size_t>(command.node);
      attempt = command.attempt;
    }
  }

private:
  /// What a fresh process owes to itself.
  void enter(std::size_t node) {
    dieWithParent(jobProcess_);
    unblockChildSignals();
    // Whatever LLVM prints ends up where the job process can read it.
    int fd = board_.standardErrors[node].get();
    if (ftruncate(fd, 0) == 0)
      lseek(fd, 0, SEEK_SET);
    dup2(fd, STDOUT_FILENO);
    dup2(fd, STDERR_FILENO);
    limitMemory(board_.job.memoryMb);
    Progress &progress = board_.progress[node];
    progress.passes = 0;
    progress.enter(Phase::Starting);
  }

  bool read() {
    board_.progress[0].enter(Phase::Reading);
    Diagnostics diagnostics(*session_.context);
    const Job &job = board_.job;
    bool ok = readInput(session_, job.inputPath, job.inputFormat, diagnostics);
    if (session_.llvmContext)
      session_.llvmContext->setDiagnosticHandler(nullptr);
    if (ok) {
      rememberLaunches(session_);
      return true;
    }
    diagnostics.addIfSilent(job.inputPath + " cannot be read");
    // The input is not a stage of this job: what is made from it shows the
    // error.
    StageReport report{.status = Status::Failed,
                       .diagnostics = diagnostics.take()};
    for (std::size_t node = 1; node < board_.nodes(); ++node)
      if (board_.isMadeFrom(node, 0))
        (void)writeReport(board_.path(node, ".json"), report);
    return false;
  }

  bool make(std::size_t node, Attempt attempt) {
    double start = nowMs();
    const Row &row = board_.row(node);
    Diagnostics diagnostics(*session_.context);
    if (session_.llvmContext)
      session_.llvmContext->setDiagnosticHandler(diagnostics.llvmHandler());
    StepContext context{.session = session_,
                        .diagnostics = diagnostics,
                        .progress = board_.progress[node],
                        .beforePass = {},
                        .codegenLevel = attempt.codegenLevel,
                        .note = {},
                        .document = {},
                        .figures = {}};
    if (attempt.stopBeforePass >= 0)
      context.beforePass = [&](int pass) {
        if (pass == attempt.stopBeforePass)
          stopHere(node);
      };
    bool ok = runSteps(context, row.steps);
    if (ok)
      rememberLaunches(session_);
    // The second run of a failed stage is over; its report stands already.
    if (attempt.stopBeforePass >= 0)
      _exit(kExitDone);
    if (ok || !context.document.empty())
      ok = write(node, context, diagnostics) && ok;
    if (session_.llvmContext)
      session_.llvmContext->setDiagnosticHandler(nullptr);
    report(node, ok, context, diagnostics, nowMs() - start);
    return ok;
  }

  bool write(std::size_t node, const StepContext &context,
             Diagnostics &diagnostics) {
    board_.progress[node].enter(Phase::Writing);
    std::string path = board_.path(node, ".raw");
    auto written = context.document.empty()
                       ? writeModule(session_, path, /*verified=*/true)
                       : writeFile(path, context.document);
    if (!written)
      diagnostics.add({.message = written.error().message});
    return written.has_value();
  }

  void report(std::size_t node, bool ok, StepContext &context,
              Diagnostics &diagnostics, double ms) {
    bool isModule = context.document.empty();
    const std::string &format = board_.row(node).format;
    StageReport report{.status = ok ? Status::Ok : Status::Failed,
                       .ms = ms,
                       .format = isModule ? formatOf(session_, format) : format,
                       .ops = ok && isModule ? countOperations(session_) : -1,
                       .kernels = ok && isModule ? describeKernels(session_)
                                                 : std::vector<KernelReport>(),
                       .figures = context.figures,
                       .note = context.note};
    if (!ok)
      diagnostics.addIfSilent("failed without a word");
    report.diagnostics = diagnostics.take();
    (void)writeReport(board_.path(node, ".json"), report);
  }

  /// Shows the IR as the failing pass gets it, and ends this second run.
  [[noreturn]] void stopHere(std::size_t node) {
    (void)writeModule(session_, board_.path(node, ".raw"), /*verified=*/false);
    _exit(kExitDone);
  }

  bool hasChildren(std::size_t node) const {
    for (std::size_t other = 1; other < board_.nodes(); ++other)
      if (board_.isMadeFrom(other, node))
        return true;
    return false;
  }

  Command forkOnDemand(std::size_t node) {
    for (;;) {
      Command command;
      ssize_t got =
          ::read(board_.commands[node].readEnd.get(), &command, sizeof command);
      if (got < 0 && errno == EINTR)
        continue;
      if (got != sizeof command || command.node == 0)
        _exit(kExitDone);
      pid_t pid = forkSibling();
      if (pid == 0)
        return command;
      board_.send({Message::Forked, command.node, pid});
    }
  }

  const JobBoard &board_;
  pid_t jobProcess_;
  Session session_;
};

} // namespace

JobBoard::JobBoard(const Job &job) : job(job), messages(makePipe()) {
  auto *records =
      static_cast<Progress *>(sharedMemory(nodes() * sizeof(Progress)));
  for (std::size_t node = 0; node < nodes(); ++node) {
    new (records + node) Progress{};
    commands.push_back(makePipe());
    standardErrors.push_back(makeMemoryFile("irlens-stderr"));
  }
  progress = {records, nodes()};
}

std::string JobBoard::path(std::size_t node, std::string_view suffix) const {
  return artifactPath(job.out, job.entry, idOf(node), suffix);
}

void JobBoard::send(const Message &message) const {
  while (::write(messages.writeEnd.get(), &message, sizeof message) < 0 &&
         errno == EINTR) {
  }
}

void runInputProcess(const JobBoard &board, Compiler &compiler,
                     pid_t jobProcess) {
  if (getppid() != jobProcess)
    _exit(1);
  StageProcess(board, compiler).run(0, {});
}

} // namespace irlens::mlir_worker
