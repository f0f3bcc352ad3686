// What the two ways to run a tool share: for people, with debug info and in a
// form that can be read (tool_step.cpp), and for tests, exactly as it is
// written (test_tool.cpp). Stage processes only.
#pragma once

#include "ir_lowering/mlir/conditions.h"
#include "ir_lowering/mlir/steps.h"
#include "ir_lowering/mlir/tools/tools.h"

#include <string>
#include <string_view>
#include <vector>

namespace irlens::mlir_worker {

struct ToolRequest {
  std::string name;
  std::vector<std::string> arguments;
  std::string path; ///< Of the binary that is to run; empty: the one that
                    ///< irlens brings.

  const std::string &shown() const { return path.empty() ? name : path; }
};

bool hasOption(const std::vector<std::string> &arguments,
               std::string_view name);

/// Options that lead to links and to text, where the user says nothing else.
void addOptions(ToolRequest &request);

/// A call that works on the session's text.
ToolCall callFor(StepContext &context);
/// What the tool has said, wherever that went.
std::string saidBy(const ToolCall &call, const ToolRun &run);

/// The words of a tool as a function of this process, which is given the text,
/// and as a program.
struct ToolArguments {
  TextFile text;
  std::vector<std::string> function;
  std::vector<std::string> program;
};
/// Runs the tool in a fork of this process if irlens brings it; the program
/// where it does not, or cannot do what is asked. `call.function` is empty
/// then.
ToolRun runEither(Compiler &compiler, const ToolRequest &request,
                  const ToolArguments &words, ToolCall &call);

/// Runs the tool over the session's text, for people.
ToolRun runRequest(StepContext &context, const ToolRequest &request,
                   ToolCall &call);

/// Reports what the tool said. False if it failed.
bool takeWords(StepContext &context, const std::string &name,
               const ToolRun &run);
/// The result becomes the session's text, in a form that people can read.
bool takeResult(StepContext &context, const std::string &name,
                const ToolCall &call, const ToolRun &run);

// test_tool.cpp
/// The same for a row that is a test.
bool runTestTool(StepContext &context, const ToolRequest &request,
                 const Conditions &conditions);
bool runTestCommand(StepContext &context, std::vector<std::string> command,
                    const Conditions &conditions);

} // namespace irlens::mlir_worker
