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
