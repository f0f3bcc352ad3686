// The steps of a row, executed on the module that a stage process holds. Each
// step is a free function that returns false after it has said why in the
// diagnostics. Stage processes only: any of them may abort, hang or eat all
// memory.
#pragma once

#include "ir_lowering/mlir/compiler.h"
#include "ir_lowering/mlir/crash.h"
#include "ir_lowering/mlir/request.h"
#include "ir_lowering/mlir/tool_words.h"

#include <functional>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

namespace irlens::mlir_worker {

// g++ warns of designated initializers that leave out a field without one.
// NOLINTBEGIN(readability-redundant-member-init)

/// What a step works on.
struct StepContext {
  Session &session;
  Diagnostics &diagnostics;
  Progress &progress;
  /// Files of the steps, removed when the stage is made.
  std::vector<std::string> &temporaries;
  /// Called before each pass, counted from 1: the second run of a stage whose
  /// pass failed ends here, to show the IR that this pass was given.
  std::function<void(int pass)> beforePass = {};
  /// Instead of the row's level when not negative.
  int codegenLevel = -1;
  std::string note = {};
  /// The stage's text when it is not the module's; stays when the stage fails.
  std::string document = {};
  std::map<std::string, double> figures = {}; ///< For the report.
  /// Path of the stage's files, less their suffix.
  std::string artifact = {};
  /// Of the session's text, while it is not parsed.
  std::string inputFormat = {};
  /// Of the result, whatever the row says, if not empty.
  std::string textFormat = {};
  /// What the stage is when it fails.
  Status failure = Status::Failed;
  std::string words = {}; ///< What its tools said on standard error.
  ToolLimits limits = {}; ///< Of the job, for people.
  double untilMs = 0;     ///< When tools are stopped.
  std::uint64_t outputLimit = 0;
  bool isTest = false;              ///< Tools run exactly as written.
  std::string temporaryFolder = {}; ///< Where tests may write.
  /// A check failed: the text that it looked at is there all the same.
  bool keepsText = false;

  std::string temporaryFile();
  void beginPass(std::string_view name, std::string_view on);
  bool fail(std::string message);
};
// NOLINTEND(readability-redundant-member-init)

/// The names that a step can have, for the worker's hello.
std::span<const std::string_view> stepNames();

/// Executes the steps in order; false at the first that fails.
bool runSteps(StepContext &context, const nlohmann::json &steps);

/// Sees to it that there is a module in memory, or a text in a file. Steps that
/// change the module must say so by `session.text = {}`.
bool needModule(StepContext &context);
bool needText(StepContext &context);

/// "mlir" or "llvm" for a text that may be of either; empty if it is neither.
std::string moduleFormatOf(const TextFile &text, const std::string &format);

/// Prints the module in its current form, with all debug info.
engine::Result<void> writeModule(const Session &session,
                                 const std::string &path, bool verified);
/// "mlir", "llvm" or the row's own format for assembly.
std::string formatOf(const Session &session, const std::string &rowFormat);
/// Notes how the module's kernels are launched, for the stages behind, which
/// have no host code.
void rememberLaunches(Session &session);
/// The kernels of the module in its current form, with what is known of them.
std::vector<KernelReport> describeKernels(const Session &session);
/// Operations, instructions, or instruction lines.
std::int64_t countOperations(const Session &session);

// mlir_steps.cpp
bool runMlirPasses(StepContext &context, const std::string &pipeline);
bool translateToLlvm(StepContext &context);

// target.cpp
/// {triple, cpu, features}: sets them on the module and its functions, and
/// moves stack slots and globals into the address spaces that the target wants.
bool setTarget(StepContext &context, const nlohmann::json &target);
/// A machine for the module's triple and the given code generation level (0 to
/// 3).
std::unique_ptr<llvm::TargetMachine> makeMachine(const llvm::Module &module,
                                                 const std::string &cpu,
                                                 const std::string &features,
                                                 int level, std::string &error);

/// Functions carry processor and features themselves, so that they reach every
/// pass and, as text, every reader.
void setTargetAttributes(llvm::Module &module,
                         const llvm::TargetMachine &machine);

// device_library.cpp
/// Replaces mathematical functions that the target cannot select by those of
/// "libdevice" or "ocml", and links what is needed of the library.
bool linkDeviceLibrary(StepContext &context, const std::string &name);
/// Folders with device libraries: the given ones, IRLENS_DEVICE_LIBRARIES, and
/// the virtual environment beside the installation. Only those that exist.
std::vector<std::string>
deviceLibraryFolders(const std::vector<std::string> &first);

// llvm_steps.cpp
bool runLlvmPasses(StepContext &context, const std::string &pipeline);

// check/execute.cpp
/// Runs the module on this machine with what the named stage has left, and
/// compares the results.
bool executeProgram(StepContext &context, const std::string &stage);

// codegen.cpp
/// {opt, options, contract}: prints assembly into the session.
bool generateCode(StepContext &context, const nlohmann::json &options);

// tool_step.cpp
/// {tool, args, path}: one of LLVM's or MLIR's tools, in a fork of this process
/// where that can be done.
bool runToolStep(StepContext &context, const nlohmann::json &step);
/// {command: ["mytool", "{input}", ...]}: any program.
bool runCommandStep(StepContext &context, const nlohmann::json &step);

// test_checks.cpp
/// {filecheck: {args, against}, path, expects, env}
bool runFileCheck(StepContext &context, const nlohmann::json &step);
/// {count: "3"}: LLVM's count.
bool countLines(StepContext &context, const nlohmann::json &step);
/// {diff: {args, against}}
bool compareTexts(StepContext &context, const nlohmann::json &step);

// test_files.cpp
/// The file with the bytes that the next command of a test gets.
const std::string &exactText(const Session &session);
/// The text is now that of a file.
bool readFileStep(StepContext &context, const nlohmann::json &file);
bool writeFileStep(StepContext &context, const nlohmann::json &file);
bool removeFile(StepContext &context, const nlohmann::json &path);
bool makeDirectory(StepContext &context, const nlohmann::json &path);
/// {file, directory, leading-lines}
bool splitFileStep(StepContext &context, const nlohmann::json &request);
/// True for a path below the folder of %t, where tests may write.
bool isTemporary(const StepContext &context, const std::string &path);
/// What is about a part is about the file that was split.
void placeInFiles(std::vector<ReportDiagnostic> &diagnostics,
                  const std::vector<SplitPart> &parts);
/// The bytes of a file; empty if it cannot be read.
std::string bytesOf(const std::string &path);

// assemble.cpp
/// {tool, cpu}: lets the vendor's assembler judge and measure the assembly.
bool assemble(StepContext &context, const nlohmann::json &request);

} // namespace irlens::mlir_worker
