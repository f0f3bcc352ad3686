#include "ir_lowering/mlir/stage_process.h"

#include "ir_lowering/mlir/steps.h"
#include "ir_lowering/mlir/text_kind.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <new>
#include <unistd.h>

namespace irlens::mlir_worker {

namespace {

class StageProcess {
public:
  StageProcess(const JobBoard &board, Compiler &compiler)
      : board_(board), jobProcess_(getppid()) {
    session_.compiler = &compiler;
    session_.context = &compiler.context();
    session_.deviceLibraries = board.job.deviceLibraries;
    session_.artifacts = board.job.artifacts;
  }

  [[noreturn]] void run(std::size_t node, Attempt attempt) {
    for (;;) {
      enter(node);
      Status status = node == 0 ? read() : make(node, attempt);
      board_.send({Message::Finished, static_cast<std::int32_t>(node),
                   static_cast<std::int32_t>(status)});
      if (status != Status::Ok || !hasChildren(node))
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

  Status read() {
    const Job &job = board_.job;
    session_.text = {job.inputPath,
                     job.inputName == job.inputPath ? "" : job.inputName};
    format_ = job.inputFormat;
    // What a test's tool has really printed, if that is another text.
    if (std::string_view path = job.inputPath; path.ends_with(".raw"))
      if (std::string exact =
              std::string(path.substr(0, path.size() - 4)) + ".out";
          std::filesystem::exists(exact))
        session_.exact = exact;
    // A tool may read what we cannot: the others parse it for themselves.
    if (startsWithTool(0))
      return Status::Ok;
    board_.progress[0].enter(Phase::Reading);
    Diagnostics diagnostics(*session_.context);
    bool ok = parseText(session_, moduleFormatOf(session_.text, format_),
                        diagnostics);
    if (session_.llvmContext)
      session_.llvmContext->setDiagnosticHandler(nullptr);
    if (ok) {
      rememberLaunches(session_);
      return Status::Ok;
    }
    diagnostics.addIfSilent(job.inputName + " cannot be read");
    // The input is not a stage of this job: what is made from it shows the
    // error.
    StageReport report{.status = Status::Failed,
                       .diagnostics = diagnostics.take()};
    for (std::size_t node = 1; node < board_.nodes(); ++node)
      if (board_.isMadeFrom(node, 0))
        (void)writeReport(board_.path(node, ".json"), report);
    return Status::Failed;
  }

  /// Whether a stage that is made from this one begins with a tool.
  bool startsWithTool(std::size_t source) const {
    for (std::size_t node = 1; node < board_.nodes(); ++node)
      if (board_.isMadeFrom(node, source) &&
          isTextStep(board_.row(node).steps.front()))
        return true;
    return false;
  }

  StepContext contextOf(std::size_t node, Attempt attempt,
                        Diagnostics &diagnostics) {
    const Job &job = board_.job;
    StepContext context{.session = session_,
                        .diagnostics = diagnostics,
                        .progress = board_.progress[node],
                        .temporaries = temporaries_,
                        .codegenLevel = attempt.codegenLevel,
                        .artifact = board_.path(node, ""),
                        .inputFormat = format_,
                        .limits = {job.timeoutMs, job.memoryMb},
                        .untilMs = board_.latestToolMs(),
                        .outputLimit = job.outputLimit,
                        .isTest = board_.row(node).isTest,
                        .temporaryFolder = temporaryFolder(job)};
    if (attempt.stopBeforePass >= 0)
      context.beforePass = [this, node, attempt](int pass) {
        if (pass == attempt.stopBeforePass)
          stopHere(node);
      };
    return context;
  }

  Status make(std::size_t node, Attempt attempt) {
    double start = nowMs();
    Diagnostics diagnostics(*session_.context);
    if (session_.llvmContext)
      session_.llvmContext->setDiagnosticHandler(diagnostics.llvmHandler());
    StepContext context = contextOf(node, attempt, diagnostics);
    bool ok = runSteps(context, board_.row(node).steps);
    if (ok)
      rememberLaunches(session_);
    // The second run of a failed stage is over; its report stands already.
    if (attempt.stopBeforePass >= 0)
      end();
    if (ok || context.keepsText || !context.document.empty())
      ok = write(node, context, diagnostics) && ok;
    removeTemporaries();
    if (session_.llvmContext)
      session_.llvmContext->setDiagnosticHandler(nullptr);
    Status status = ok ? Status::Ok : context.failure;
    report(node, status, context, diagnostics, nowMs() - start);
    return status;
  }

  bool write(std::size_t node, const StepContext &context,
             Diagnostics &diagnostics) {
    board_.progress[node].enter(Phase::Writing);
    std::string path = board_.path(node, ".raw");
    engine::Result<void> written;
    if (!context.document.empty())
      written = writeFile(path, context.document);
    else if (session_.isInMemory())
      written = writeModule(session_, path, /*verified=*/true);
    else
      written = takeText(path);
    // A later job goes on from what the test's last command had, too.
    if (std::string own = board_.path(node, ".out");
        written && context.isTest && !session_.exact.empty() &&
        session_.exact != own)
      written = writeFile(own, bytesOf(session_.exact));
    if (!written)
      diagnostics.add({.message = written.error().message});
    // A document is about the module; what comes next reads the module itself.
    session_.text = {context.document.empty() ? path : "", ""};
    return written.has_value();
  }

  /// A text of this stage becomes its .raw; one of another stage, or the
  /// user's file, stays where it is.
  engine::Result<void> takeText(const std::string &path) const {
    const std::string &from = session_.text.path;
    return std::ranges::find(temporaries_, from) != temporaries_.end()
               ? renameFile(from, path)
               : writeFile(path, bytesOf(from));
  }

  void report(std::size_t node, Status status, StepContext &context,
              Diagnostics &diagnostics, double ms) {
    bool ok = status == Status::Ok;
    bool isModule = context.document.empty() && session_.isInMemory();
    StageReport report{.status = status,
                       .ms = ms,
                       .format = formatOf(node, context),
                       .ops = ok && isModule ? countOperations(session_) : -1,
                       .kernels = ok && isModule ? describeKernels(session_)
                                                 : std::vector<KernelReport>(),
                       .figures = context.figures,
                       .note = context.note};
    if (!ok)
      diagnostics.addIfSilent("failed; the compiler gave no reason");
    report.diagnostics = diagnostics.take();
    placeInFiles(report.diagnostics, session_.parts);
    if (!context.words.empty())
      (void)writeFile(board_.path(node, ".stderr"), context.words);
    (void)writeReport(board_.path(node, ".json"), report);
    format_ = report.format;
  }

  std::string formatOf(std::size_t node, const StepContext &context) const {
    const std::string &named = board_.row(node).format;
    if (context.document.empty() && session_.isInMemory())
      return mlir_worker::formatOf(session_, named.empty() ? "asm" : named);
    if (!context.textFormat.empty())
      return context.textFormat;
    if (!named.empty() || !context.document.empty())
      return named.empty() ? "text" : named;
    return std::string(formatOfText(headOf(session_.text.path)));
  }

  /// Shows the IR as the failing pass gets it, and ends this second run.
  [[noreturn]] void stopHere(std::size_t node) {
    (void)writeModule(session_, board_.path(node, ".raw"), /*verified=*/false);
    end();
  }

  void removeTemporaries() {
    for (const std::string &file : temporaries_)
      std::remove(file.c_str());
    temporaries_.clear();
  }

  [[noreturn]] void end() {
    removeTemporaries();
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
  std::string format_; ///< Of the text of what is held.
  std::vector<std::string> temporaries_;
};

} // namespace

JobBoard::JobBoard(const Job &job)
    : job(job), startedMs(nowMs()), messages(makePipe()) {
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

double JobBoard::latestToolMs() const {
  constexpr double kTimeToTellMs = 500;
  return startedMs + job.timeoutMs -
         std::min(kTimeToTellMs, job.timeoutMs / 10.0);
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
