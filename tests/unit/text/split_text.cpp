// split_text FORMAT FILE [--links | --ops]: prints what split() makes of a
// file, for the tests that compare it with what the tools print without debug
// info. FORMAT is a `format` of ir_lowering/pipelines.json.
#include "engine/text/split.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>

using namespace irlens::engine;

namespace {

const std::map<std::string_view, TextFormat> kFormats = {
    {"text", TextFormat::Plain},  {"mlir", TextFormat::Mlir},
    {"llvm", TextFormat::Llvm},   {"asm", TextFormat::Asm},
    {"spirv", TextFormat::Spirv}, {"torchscript", TextFormat::TorchScript},
    {"fx", TextFormat::Fx},
};

/// One line per linked line: its number and its chains, outermost frame first.
void printLinks(const SplitText &split) {
  auto lines = int(std::ranges::count(split.text, '\n')) + 1;
  for (int line = 1; line <= lines; ++line) {
    auto chains = split.links.chains(line);
    if (chains.empty())
      continue;
    fmt::print("{}:", line);
    for (const auto &chain : chains) {
      std::string_view separator = " ";
      for (const SourcePos &pos : chain) {
        fmt::print("{}{}:{}:{}", separator, pos.file, pos.line, pos.column);
        separator = ">";
      }
    }
    fmt::print("\n");
  }
}

} // namespace

int main(int argc, char **argv) {
  if (argc < 3 || !kFormats.contains(argv[1])) {
    std::cerr << "usage: split_text FORMAT FILE [--links | --ops]\n";
    return 2;
  }
  std::ifstream file(argv[2], std::ios::binary);
  if (!file) {
    std::cerr << "cannot read " << argv[2] << "\n";
    return 1;
  }
  std::string raw{std::istreambuf_iterator<char>(file), {}};
  SplitText result = split(kFormats.at(argv[1]), raw);
  std::string_view wanted = argc > 3 ? argv[3] : "";
  if (wanted == "--links")
    printLinks(result);
  else if (wanted == "--ops")
    fmt::print("{}\n", result.operations);
  else
    fmt::print("{}", result.text);
  return 0;
}
