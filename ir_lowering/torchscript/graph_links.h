// A graph as text with the source lines of each of its lines (LINKS in
// engine/worker/PROTOCOL.md). Pure; runs in a stage's process.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <torch/csrc/jit/ir/ir.h>

namespace irlens::torchscript_worker {

struct GraphText {
  std::string text;
  nlohmann::json links;
  std::int64_t operations = 0;
};

/// The archive knows the Python lines that each node was made from, and
/// inlining keeps the calls; files that do not exist here get no link.
GraphText printGraph(const torch::jit::Graph &graph);

} // namespace irlens::torchscript_worker
