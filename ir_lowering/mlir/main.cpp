// irlens-mlir: the fork server of the MLIR and LLVM stages, started by the
// engine (engine/worker/PROTOCOL.md); with --lower, --steps, --check or
// --list-passes a command.
#include "ir_lowering/mlir/compiler.h"
#include "ir_lowering/mlir/crash.h"
#include "ir_lowering/mlir/list_passes.h"
#include "ir_lowering/mlir/one_shot.h"
#include "ir_lowering/mlir/server.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <unistd.h>

int main(int argc, char **argv) {
  using namespace irlens::mlir_worker;

  CLI::App app("Lowers MLIR and LLVM IR along the rows of pipelines.json. "
               "Without an input: serves jobs from stdin.");
  OneShot request;
  std::vector<std::string> targets;
  app.add_option("--lower", request.input, "The text to lower")
      ->check(CLI::ExistingFile);
  // JSON begins with a bracket, which the library would take for its own list.
  app.add_option("--steps", request.steps,
                 "A JSON array of steps to run on FILE; again: on its result")
      ->allow_extra_args(false);
  app.add_option("FILE", request.input, "The text for --steps")
      ->check(CLI::ExistingFile);
  std::string checked;
  app.add_option("--check", checked,
                 "Prints what parser and verifier say of a text, as JSON")
      ->check(CLI::ExistingFile);
  bool listPasses = false;
  app.add_flag("--list-passes", listPasses,
               "Prints the registered passes of MLIR and LLVM");
  bool asJson = false;
  app.add_flag("--json", asJson, "With --list-passes: as JSON");
  app.add_option("--name", request.name, "The file that locations name");
  app.add_option("--output-limit", request.outputLimit,
                 "Bytes that are kept of what a program prints")
      ->capture_default_str();
  app.add_option("--from", request.from, "Stage of the input")
      ->capture_default_str();
  app.add_option("--to", request.to, "Stage to print")->capture_default_str();
  app.add_option("--target", targets, "STAGE=TARGET, e.g. nvptx=sm_80")
      ->delimiter(',');
  app.add_option("--pipelines", request.pipelines, "Another table of stages")
      ->check(CLI::ExistingFile);
  app.add_option("--timeout-ms", request.timeoutMs)->capture_default_str();
  app.add_option("--memory-mb", request.memoryMb)->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  for (const std::string &target : targets) {
    std::size_t equals = target.find('=');
    if (equals == std::string::npos) {
      std::fprintf(stderr, "irlens-mlir: --target takes STAGE=TARGET\n");
      return 2;
    }
    request.targets[target.substr(0, equals)] = target.substr(equals + 1);
  }

  installCrashHandlers();
  Compiler compiler;
  int code = 0;
  if (listPasses) {
    code = printPasses(compiler, asJson);
  } else if (!checked.empty()) {
    request.input = checked;
    code = checkOnce(request, compiler);
  } else {
    code =
        request.input.empty() ? serve(compiler) : lowerOnce(request, compiler);
  }
  std::fflush(nullptr);
  // The compiler is never torn down (compiler.h).
  _exit(code);
}
