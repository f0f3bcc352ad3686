#include "ir_lowering/mlir/kernel_report.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>

namespace irlens::mlir_worker {

namespace {

/// Calls `visit` with each line, without its end.
template <typename Visit> void forEachLine(std::string_view text, Visit visit) {
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    visit(line);
  }
}

std::string_view trimmed(std::string_view text) {
  std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

/// What follows `mark` in the line, from the first letter that is not blank.
std::optional<std::string_view> after(std::string_view line,
                                      std::string_view mark) {
  std::size_t at = line.find(mark);
  if (at == std::string_view::npos)
    return std::nullopt;
  return trimmed(line.substr(at + mark.size()));
}

/// The number that a text begins with.
std::optional<std::int64_t> leadingNumber(std::string_view text) {
  std::int64_t value = 0;
  auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() ? std::optional(value) : std::nullopt;
}

/// The number right before `mark`: 12 of "Used 12 registers".
std::optional<std::int64_t> numberBefore(std::string_view line,
                                         std::string_view mark) {
  std::size_t end = line.find(mark);
  if (end == std::string_view::npos)
    return std::nullopt;
  std::size_t begin = end;
  while (begin > 0 && std::isdigit(static_cast<unsigned char>(line[begin - 1])))
    --begin;
  return leadingNumber(line.substr(begin, end - begin));
}

bool isInstruction(std::string_view line) {
  std::size_t start = line.find_first_not_of(" \t");
  if (start == std::string_view::npos)
    return false;
  std::string_view word = line.substr(start);
  bool indented =
      start > 0 && (std::isalpha(static_cast<unsigned char>(word.front())) ||
                    word.front() == '@' || word.front() == '{');
  bool label = word.substr(0, word.find_first_of(" \t")).ends_with(':');
  // SPIR-V indents nothing and has no directives.
  bool spirv = word.starts_with("Op") || word.find("= Op") < 40;
  return (indented && !label && word != "{") || spirv;
}

/// `.visible .entry main_0(`
std::optional<std::string> ptxKernelAt(std::string_view line) {
  auto rest = after(line, ".entry ");
  if (!rest)
    return std::nullopt;
  return std::string(rest->substr(0, rest->find('(')));
}

std::vector<KernelReport> kernelsOfPtx(std::string_view assembly) {
  std::vector<KernelReport> kernels;
  std::int64_t count = -1; // Outside of a kernel.
  forEachLine(assembly, [&](std::string_view line) {
    if (auto name = ptxKernelAt(line)) {
      kernels.push_back({std::move(*name), {}});
      count = 0;
    } else if (count >= 0 && line == "}") {
      kernels.back().facts = {{"instructions", count}};
      count = -1;
    } else if (count >= 0) {
      count += isInstruction(line);
    }
  });
  return kernels;
}

/// What the metadata calls it, and what people do.
struct AmdKey {
  std::string_view key;
  std::string_view label;
  bool showsZero;
};
constexpr std::array<AmdKey, 6> kAmdKeys = {{
    {".vgpr_count", "VGPRs", true},
    {".sgpr_count", "SGPRs", true},
    {".agpr_count", "AGPRs", false},
    {".vgpr_spill_count", "spilled VGPRs", true},
    {".sgpr_spill_count", "spilled SGPRs", false},
    {".group_segment_fixed_size", "bytes shared", true},
}};

/// One kernel of the list `amdhsa.kernels`.
struct AmdMetadata {
  std::string name;
  std::map<std::string, std::int64_t, std::less<>> numbers;
};

/// The metadata is YAML in a form that LLVM never varies: the keys of a kernel
/// stand behind "  - " or four blanks, those of its arguments deeper.
std::vector<AmdMetadata> amdMetadata(std::string_view assembly) {
  std::vector<AmdMetadata> kernels;
  std::size_t begin = assembly.find("\namdhsa.kernels:\n");
  if (begin == std::string_view::npos)
    return kernels;
  forEachLine(assembly.substr(begin), [&](std::string_view line) {
    bool first = line.starts_with("  - .");
    if (first)
      kernels.emplace_back();
    if (kernels.empty() || (!first && !line.starts_with("    .")))
      return;
    std::string_view entry = line.substr(4);
    std::size_t colon = entry.find(':');
    if (colon == std::string_view::npos)
      return;
    std::string_view value = trimmed(entry.substr(colon + 1));
    if (entry.substr(0, colon) == ".name")
      kernels.back().name = value;
    else if (auto number = leadingNumber(value))
      kernels.back().numbers[std::string(entry.substr(0, colon))] = *number;
  });
  return kernels;
}

/// Instructions and occupancy of what stands between a kernel's label and the
/// next one's.
class AmdBodies {
public:
  explicit AmdBodies(const std::vector<AmdMetadata> &kernels) {
    for (const AmdMetadata &kernel : kernels)
      bodies_[kernel.name];
  }

  struct Body {
    std::int64_t instructions = 0;
    std::int64_t occupancy = -1;
  };

  void read(std::string_view assembly) {
    Body *body = nullptr;
    bool inCode = false;
    forEachLine(assembly, [&](std::string_view line) {
      std::string_view label = line.substr(0, line.find(':'));
      if (auto found = bodies_.find(label);
          label.size() < line.size() && found != bodies_.end()) {
        body = &found->second;
        inCode = true;
      } else if (line.starts_with(".Lfunc_end")) {
        inCode = false;
      } else if (body && inCode) {
        body->instructions += isInstruction(line);
      } else if (auto value = after(line, "; Occupancy:"); value && body) {
        body->occupancy = leadingNumber(*value).value_or(-1);
      }
    });
  }

  const Body &of(const std::string &kernel) const { return bodies_.at(kernel); }

private:
  std::map<std::string, Body, std::less<>> bodies_;
};

std::vector<KernelReport> kernelsOfAmd(std::string_view assembly) {
  std::vector<AmdMetadata> kernels = amdMetadata(assembly);
  AmdBodies bodies(kernels);
  bodies.read(assembly);
  std::vector<KernelReport> reports;
  for (const AmdMetadata &kernel : kernels) {
    const AmdBodies::Body &body = bodies.of(kernel.name);
    KernelFacts facts = {{"instructions", body.instructions}};
    for (const AmdKey &key : kAmdKeys)
      if (auto number = kernel.numbers.find(key.key);
          number != kernel.numbers.end() &&
          (number->second != 0 || key.showsZero))
        facts.emplace_back(key.label, number->second);
    if (body.occupancy >= 0)
      facts.emplace_back("waves per SIMD", body.occupancy);
    reports.push_back({kernel.name, std::move(facts)});
  }
  return reports;
}

} // namespace

std::int64_t countInstructionLines(std::string_view assembly) {
  std::int64_t count = 0;
  forEachLine(assembly,
              [&](std::string_view line) { count += isInstruction(line); });
  return count;
}

std::vector<KernelReport> kernelsOfAssembly(std::string_view assembly) {
  return assembly.contains(".amdgcn_target") ? kernelsOfAmd(assembly)
                                             : kernelsOfPtx(assembly);
}

FactsOfKernels factsFromPtxas(std::string_view output) {
  FactsOfKernels kernels;
  KernelFacts *facts = nullptr;
  std::int64_t spilled = 0;
  forEachLine(output, [&](std::string_view line) {
    if (auto rest = after(line, "Compiling entry function '")) {
      facts = &kernels[std::string(rest->substr(0, rest->find('\'')))];
      spilled = 0;
    } else if (auto stores = numberBefore(line, " bytes spill stores")) {
      spilled = *stores + numberBefore(line, " bytes spill loads").value_or(0);
    } else if (auto registers = numberBefore(line, " registers");
               registers && facts) {
      *facts = {
          {"registers", *registers},
          {"bytes spilled", spilled},
          {"bytes shared", numberBefore(line, " bytes smem").value_or(0)}};
      facts = nullptr;
    }
  });
  return kernels;
}

std::vector<std::string> errorsOfPtxas(std::string_view output) {
  std::vector<std::string> errors;
  forEachLine(output, [&](std::string_view line) {
    auto message = after(line, "error   : ");
    std::string place;
    if (auto rest = after(line, ", line "); message && rest)
      place = "line " + std::string(rest->substr(0, rest->find(';'))) + ": ";
    if (!message)
      message = after(line, "fatal   : ");
    if (message)
      errors.push_back(place + std::string(*message));
  });
  return errors;
}

} // namespace irlens::mlir_worker
