// The passes of libtorch that stages are made of, by the names that they have
// in `jit` steps of pipelines.json. Run in a stage's process.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/ir/ir.h>
#include <vector>

namespace irlens::torchscript_worker {

/// What a pass works on. Passes over a module replace the graph as well.
struct Program {
  torch::jit::Module module;
  std::string method;
  std::shared_ptr<torch::jit::Graph> graph;
};

/// A program before the first pass: the method as it was saved.
Program startOf(const torch::jit::Module &module, const std::string &method);

std::vector<std::string> passNames();

/// False when there is no such pass. Throws what libtorch throws.
bool runPass(std::string_view name, Program &program);

} // namespace irlens::torchscript_worker
