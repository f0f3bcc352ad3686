#include "ir_lowering/mlir/check/check_table.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace irlens::mlir_worker {

namespace {

using Cells = std::array<std::string, 6>;

Cells cellsOf(const CheckedResult &result) {
  const Comparison &comparison = result.comparison;
  const ElementTypeRow &row = rowOf(result.expected.type);
  Cells cells{result.name, describe(result.expected), "", "", "", ""};
  if (comparison.verdict == Comparison::Verdict::NotComparable) {
    cells[5] = "not comparable: " + comparison.reason;
    return cells;
  }
  cells[2] = fmt::format("{:.3g}", comparison.maxAbsolute);
  cells[3] = fmt::format("{:.3g}", comparison.maxRelative);
  cells[4] =
      row.relative == 0 && row.absolute == 0
          ? "equal"
          : fmt::format("{:.2g} x max + {:.2g}", row.relative, row.absolute);
  cells[5] = comparison.verdict == Comparison::Verdict::Ok
                 ? "ok"
                 : "wrong: " + comparison.reason;
  return cells;
}

} // namespace

std::string checkTable(const std::vector<CheckedResult> &results,
                       const CheckTimes &times, std::string_view target) {
  std::vector<Cells> rows{{"result", "type", "max abs error", "max rel error",
                           "allowed", "status"}};
  for (const CheckedResult &result : results)
    rows.push_back(cellsOf(result));
  std::array<std::size_t, std::tuple_size_v<Cells>> widths{};
  for (const Cells &row : rows)
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], row[i].size());
  std::string text = fmt::format(
      "LLVM IR on {} against eager PyTorch\n"
      "code generation {:.3g} ms, run {:.3g} ms, eager PyTorch {:.3g} ms\n\n",
      target, times.compileMs, times.runMs, times.eagerMs);
  for (const Cells &row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i)
      line += fmt::format("{:<{}}  ", row[i], widths[i]);
    line.resize(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

} // namespace irlens::mlir_worker
