#include "ir_lowering/mlir/crash.h"

#include "ir_lowering/worker/process.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fmt/format.h>
#include <llvm/Support/ErrorHandling.h>
#include <llvm/Support/PrettyStackTrace.h>
#include <new>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace irlens::mlir_worker {

namespace {

constexpr std::string_view kFatalMark = "LLVM ERROR: ";

template <std::size_t N>
void store(std::array<char, N> &target, std::string_view text) {
  target[text.copy(target.data(), N - 1)] = '\0';
}

/// Neither allocates: both run when memory has ended or is corrupt.
void say(std::string_view text) {
  if (write(STDERR_FILENO, text.data(), text.size()) < 0)
    return;
}

void onFatalError(void *, const char *message, bool) {
  say("\n");
  say(kFatalMark);
  say(message);
  say("\n");
  // Not exit(1), which LLVM would do: the abort prints the stack of passes.
  std::abort();
}

void onBadAlloc(void *, const char *, bool) { _exit(kExitMemory); }

std::vector<std::string_view> linesOf(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string_view phaseName(Phase phase) {
  switch (phase) {
  case Phase::Starting:
    return "starting";
  case Phase::Reading:
    return "reading the input";
  case Phase::MlirPasses:
    return "MLIR passes";
  case Phase::Translation:
    return "the translation to LLVM IR";
  case Phase::Target:
    return "setting the target";
  case Phase::DeviceLibrary:
    return "linking the device library";
  case Phase::LlvmPasses:
    return "LLVM passes";
  case Phase::CodeGeneration:
    return "code generation";
  case Phase::Assembling:
    return "the assembler";
  case Phase::Tool:
    return "a tool";
  case Phase::Execution:
    return "running the program";
  case Phase::Writing:
    return "printing";
  }
  return "";
}

} // namespace

/// LLVM's stack of passes, innermost last:
///   1.	Running pass 'Function Pass Manager' on module 'x'.
///   2.	Running pass 'Branch relaxation pass' on function '@main'
std::string innermostPass(std::string_view standardError) {
  constexpr std::string_view mark = "Running pass ";
  std::string result;
  for (std::string_view line : linesOf(standardError))
    if (std::size_t at = line.find(mark); at != std::string_view::npos)
      result = line.substr(at + mark.size());
  return result;
}

std::string fatalErrorIn(std::string_view standardError) {
  std::size_t at = standardError.rfind(kFatalMark);
  if (at == std::string_view::npos)
    return "";
  std::string_view rest = standardError.substr(at);
  // "Cannot select" goes on over lines; the stack of passes follows it.
  rest = rest.substr(0, rest.find("\nStack dump"));
  rest = rest.substr(0, rest.find("\nPLEASE "));
  while (rest.ends_with('\n'))
    rest.remove_suffix(1);
  return std::string(rest);
}

void Progress::enter(Phase next) {
  phase = next;
  pass[0] = subject[0] = '\0';
}

void Progress::beginPass(std::string_view name, std::string_view on) {
  store(pass, name);
  store(subject, on);
  ++passes;
}

void installCrashHandlers() {
  llvm::setBugReportMsg("");
  llvm::EnablePrettyStackTrace();
  llvm::install_fatal_error_handler(onFatalError);
  llvm::install_bad_alloc_error_handler(onBadAlloc);
  std::set_new_handler([] { _exit(kExitMemory); });
}

Death explainDeath(int waitStatus, const std::string &standardError) {
  if (WIFEXITED(waitStatus) && WEXITSTATUS(waitStatus) == kExitMemory)
    return {Status::Memory, "out of memory"};
  if (std::string error = fatalErrorIn(standardError); !error.empty())
    return {Status::Crashed, error};
  if (WIFSIGNALED(waitStatus))
    return {Status::Crashed, describeSignal(WTERMSIG(waitStatus))};
  return {Status::Crashed,
          fmt::format("exit with code {}", WEXITSTATUS(waitStatus))};
}

ReportDiagnostic describe(const Death &death, const Progress &progress,
                          const std::string &standardError) {
  Phase phase = progress.phase;
  std::string pass = innermostPass(standardError);
  if (pass.empty() && progress.pass[0] && phase != Phase::CodeGeneration)
    pass = fmt::format("'{}' on {}", progress.pass.data(),
                       progress.subject.data());
  std::string where = std::string(phaseName(phase));
  if (!pass.empty())
    where += ", pass " + pass;
  ReportDiagnostic diagnostic;
  // What LLVM says may go on over several lines, hence last.
  diagnostic.message =
      shortened(death.status == Status::Crashed
                    ? fmt::format("crashed in {}: {}", where, death.cause)
                    : fmt::format("{} in {}", death.cause, where),
                2000);
  if (phase == Phase::MlirPasses || phase == Phase::LlvmPasses)
    diagnostic.pass = progress.pass.data();
  else if (pass.starts_with('\'') || pass.starts_with('"'))
    diagnostic.pass = pass.substr(1, pass.find(pass[0], 1) - 1);
  return diagnostic;
}

} // namespace irlens::mlir_worker
