#include "engine/text/kernels.h"

#include "engine/text/lines.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <unordered_set>

namespace irlens::engine {
namespace {

using text::Lines;
using text::trimStart;

/// The symbol that a text begins with, also a quoted one.
std::string symbolAt(std::string_view text) {
  if (text.starts_with('"'))
    return std::string(text.substr(1, text.find('"', 1) - 1));
  auto end = std::ranges::find_if(text, [](char c) {
    return !std::isalnum(static_cast<unsigned char>(c)) && c != '_' &&
           c != '$' && c != '.';
  });
  return {text.begin(), end};
}

/// What follows `mark` in the line.
std::optional<std::string_view> after(std::string_view line,
                                      std::string_view mark) {
  std::size_t at = line.find(mark);
  return at == std::string_view::npos
             ? std::nullopt
             : std::optional(line.substr(at + mark.size()));
}

std::string mlirKernel(std::string_view line) {
  line = trimStart(line);
  constexpr std::string_view kFunction = "gpu.func @";
  // Functions that kernels call have no such word.
  return line.starts_with(kFunction) && line.contains(" kernel")
             ? symbolAt(line.substr(kFunction.size()))
             : "";
}

std::string llvmKernel(std::string_view line) {
  constexpr std::array<std::string_view, 3> kConventions = {
      " ptx_kernel ", " amdgpu_kernel ", " spir_kernel "};
  if (!line.starts_with("define ") ||
      std::ranges::none_of(kConventions, [&](std::string_view word) {
        return line.contains(word);
      }))
    return "";
  auto name = after(line, "@");
  return name ? symbolAt(*name) : "";
}

std::string ptxKernel(std::string_view line) {
  line = trimStart(line);
  constexpr std::string_view kEntry = ".entry ";
  if (line.starts_with(".visible "))
    line = trimStart(line.substr(line.find(' ')));
  return line.starts_with(kEntry) ? symbolAt(line.substr(kEntry.size())) : "";
}

std::vector<KernelPlace> eachLine(std::string_view document,
                                  std::string (*kernelOf)(std::string_view)) {
  std::vector<KernelPlace> kernels;
  for (Lines lines(document); lines.next();)
    if (std::string name = kernelOf(lines.text()); !name.empty())
      kernels.push_back({std::move(name), lines.number()});
  return kernels;
}

/// Descriptors stand behind the code: names first, then their labels.
std::vector<KernelPlace> amdKernels(std::string_view document) {
  std::unordered_set<std::string> names;
  for (Lines lines(document); lines.next();)
    if (auto name = after(lines.text(), ".amdhsa_kernel "))
      names.insert(symbolAt(*name));
  std::vector<KernelPlace> kernels;
  for (Lines lines(document); !names.empty() && lines.next();) {
    std::string_view line = lines.text();
    std::string label = symbolAt(line);
    if (line.substr(label.size()).starts_with(':') && names.erase(label) > 0)
      kernels.push_back({std::move(label), lines.number()});
  }
  return kernels;
}

} // namespace

std::vector<KernelPlace> findKernels(TextFormat format,
                                     std::string_view document) {
  switch (format) {
  case TextFormat::Mlir:
    return eachLine(document, mlirKernel);
  case TextFormat::Llvm:
    return eachLine(document, llvmKernel);
  case TextFormat::Asm:
    return document.contains(".amdgcn_target") ? amdKernels(document)
                                               : eachLine(document, ptxKernel);
  default:
    return {};
  }
}

} // namespace irlens::engine
