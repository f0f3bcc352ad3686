// See step_kinds.h.
#include "engine/table/step_kinds.h"

#include <algorithm>
#include <array>

namespace irlens::engine {
namespace {

constexpr std::array kKinds{
    StepKind{"capture", Executor::Python, "string",
             "what PyTorch makes of a model: fx, torch, inductor, ...",
             StepPlace::WithNext},
    StepKind{"torch-mlir", Executor::Python, "string",
             "a pass pipeline of torch-mlir"},
    StepKind{"triton", Executor::Python, "object",
             "a stage of Triton's compiler"},
    StepKind{"mlir", Executor::Mlir, "string", "a pass pipeline of MLIR"},
    StepKind{"translate", Executor::Mlir, "string",
             "MLIR's LLVM dialect to LLVM IR: llvm-ir"},
    StepKind{"target", Executor::Mlir, "object",
             "triple, cpu and features for the steps behind it",
             StepPlace::Prepares},
    StepKind{"device-library", Executor::Mlir, "string",
             "links libdevice or ocml for the step behind it",
             StepPlace::WithNext},
    StepKind{"llvm", Executor::Mlir, "string", "a pass pipeline of LLVM"},
    StepKind{"codegen", Executor::Mlir, "object", "LLVM IR to assembly"},
    StepKind{"assemble", Executor::Mlir, "object",
             "checks the assembly with the vendor's assembler",
             StepPlace::WithLast},
    StepKind{"execute", Executor::Mlir, "string",
             "runs the code and compares its results"},
    StepKind{"jit", Executor::TorchScript, "string", "a pass of TorchScript",
             StepPlace::WithNext},
    StepKind{"tool", Executor::Mlir, "string",
             "a tool of LLVM, MLIR, torch-mlir or Triton with `args`"},
    StepKind{"command", Executor::Mlir, "array",
             "any program: {input} and {output} stand for files"},
    StepKind{"filecheck", Executor::Mlir, "object",
             "FileCheck over the text: `args`, and `against`, the file with "
             "the checks",
             StepPlace::WithLast, true},
    StepKind{"count", Executor::Mlir, "string",
             "how many lines the text must have", StepPlace::WithLast, true},
    StepKind{"diff", Executor::Mlir, "object",
             "compares the text with the file `against`", StepPlace::WithLast,
             true},
    StepKind{"write", Executor::Mlir, "string",
             "a file below {temporary} that gets the text", StepPlace::WithLast,
             true},
    StepKind{"read", Executor::Mlir, "string",
             "a file whose text the next step takes", StepPlace::WithNext,
             true},
    StepKind{"split-file", Executor::Mlir, "object",
             "splits `file` at //--- into `directory`, below {temporary}",
             StepPlace::WithNext, true},
    StepKind{"remove", Executor::Mlir, "string",
             "a file or folder below {temporary} that goes",
             StepPlace::WithNext, true},
    StepKind{"make-directory", Executor::Mlir, "string",
             "a folder to make below {temporary}", StepPlace::WithNext, true},
};

constexpr std::array kCommandKeys{
    StepKey{"expects", "string",
            "`failure`, `failure-or-crash` or `crash`, where success is none"},
    StepKey{"errors", "string",
            "Where standard error goes: `joined` with the output, or a file "
            "below {temporary}"},
    StepKey{"env", "object", "Variables to set; null takes one away"},
    StepKey{"output", "string",
            "The file that `-o` names; what else is printed is the text"},
    StepKey{"name", "string", "The file of the text, as messages name it"},
};

constexpr std::pair<std::string_view, Executor> kWorkers[] = {
    {"python", Executor::Python},
    {"mlir", Executor::Mlir},
    {"torchscript", Executor::TorchScript},
};

constexpr std::pair<std::string_view, TextFormat> kFormats[] = {
    {"text", TextFormat::Plain},  {"mlir", TextFormat::Mlir},
    {"llvm", TextFormat::Llvm},   {"asm", TextFormat::Asm},
    {"spirv", TextFormat::Spirv}, {"torchscript", TextFormat::TorchScript},
    {"fx", TextFormat::Fx},
};

} // namespace

std::span<const StepKind> stepKinds() { return kKinds; }

const StepKind *findStepKind(std::string_view name) {
  auto found = std::ranges::find(kKinds, name, &StepKind::name);
  return found == kKinds.end() ? nullptr : &*found;
}

std::span<const StepKey> commandKeys() { return kCommandKeys; }

const StepKey *findCommandKey(std::string_view name) {
  auto found = std::ranges::find(kCommandKeys, name, &StepKey::name);
  return found == kCommandKeys.end() ? nullptr : &*found;
}

bool takesCommandKeys(std::string_view kind) {
  constexpr std::array<std::string_view, 5> kinds{"tool", "command",
                                                  "filecheck", "count", "diff"};
  return std::ranges::find(kinds, kind) != kinds.end();
}

std::span<const std::pair<std::string_view, Executor>> workerNames() {
  return kWorkers;
}

std::span<const std::pair<std::string_view, TextFormat>> formatNames() {
  return kFormats;
}

std::optional<TextFormat> formatNamed(std::string_view name) {
  for (const auto &[known, format] : kFormats)
    if (known == name)
      return format;
  return std::nullopt;
}

} // namespace irlens::engine
