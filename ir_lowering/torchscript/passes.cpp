#include "ir_lowering/torchscript/passes.h"

#include <array>
#include <torch/csrc/jit/passes/common_subexpression_elimination.h>
#include <torch/csrc/jit/passes/constant_pooling.h>
#include <torch/csrc/jit/passes/constant_propagation.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>
#include <torch/csrc/jit/passes/freeze_module.h>
#include <torch/csrc/jit/passes/frozen_graph_optimizations.h>
#include <torch/csrc/jit/passes/fuse_linear.h>
#include <torch/csrc/jit/passes/fuse_relu.h>
#include <torch/csrc/jit/passes/inliner.h>
#include <torch/csrc/jit/passes/loop_unrolling.h>
#include <torch/csrc/jit/passes/lower_tuples.h>
#include <torch/csrc/jit/passes/peephole.h>
#include <torch/csrc/jit/passes/remove_mutation.h>

namespace irlens::torchscript_worker {

namespace {

struct Pass {
  std::string_view name;
  void (*run)(Program &);
};

void takeGraph(Program &program) {
  program.graph = program.module.get_method(program.method).graph()->copy();
}

/// Attributes become constants; only a module in evaluation mode can be frozen.
void freeze(Program &program) {
  program.module.eval();
  program.module = torch::jit::freeze_module(program.module, {program.method});
  takeGraph(program);
}

void optimizeForInference(Program &program) {
  program.module.eval();
  std::vector<std::string> others;
  if (program.method != "forward")
    others.push_back(program.method);
  program.module = torch::jit::optimize_for_inference(program.module, others);
  takeGraph(program);
}

constexpr std::array kPasses = {
    Pass{"as-saved", takeGraph},
    Pass{"inline", [](Program &p) { torch::jit::Inline(*p.graph); }},
    Pass{"freeze", freeze},
    Pass{"constant-propagation",
         [](Program &p) { torch::jit::ConstantPropagation(p.graph); }},
    Pass{"constant-pooling",
         [](Program &p) { torch::jit::ConstantPooling(p.graph); }},
    Pass{"peephole", [](Program &p) { torch::jit::PeepholeOptimize(p.graph); }},
    Pass{"common-subexpressions",
         [](Program &p) { torch::jit::EliminateCommonSubexpression(p.graph); }},
    Pass{"dead-code",
         [](Program &p) { torch::jit::EliminateDeadCode(p.graph); }},
    Pass{"lower-tuples",
         [](Program &p) { torch::jit::LowerSimpleTuples(p.graph); }},
    Pass{"unroll-loops",
         [](Program &p) { torch::jit::UnrollConstantLoops(p.graph); }},
    Pass{"remove-mutation",
         [](Program &p) {
           torch::jit::RemoveListMutation(p.graph);
           torch::jit::RemoveTensorMutation(p.graph);
         }},
    Pass{"fold-convolutions",
         [](Program &p) { torch::jit::OptimizeFrozenGraph(p.graph); }},
    Pass{"fuse-linear", [](Program &p) { torch::jit::FuseLinear(p.graph); }},
    Pass{"fuse-relu", [](Program &p) { torch::jit::FuseAddRelu(p.graph); }},
    Pass{"optimize-for-inference", optimizeForInference},
};

} // namespace

Program startOf(const torch::jit::Module &module, const std::string &method) {
  Program program{module, method, nullptr};
  takeGraph(program);
  return program;
}

std::vector<std::string> passNames() {
  std::vector<std::string> names;
  for (const Pass &pass : kPasses)
    names.emplace_back(pass.name);
  return names;
}

bool runPass(std::string_view name, Program &program) {
  for (const Pass &pass : kPasses)
    if (pass.name == name) {
      pass.run(program);
      return true;
    }
  return false;
}

} // namespace irlens::torchscript_worker
