// Edit distance by dynamic programming, one row at a time. Names are short.
#include "engine/table/suggest.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace irlens::engine {
namespace {

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1,
                         diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

} // namespace

std::string nearest(std::string_view unknown,
                    std::span<const std::string_view> known) {
  std::string_view best;
  std::size_t bestDistance = std::max<std::size_t>(2, unknown.size() / 3) + 1;
  for (std::string_view name : known)
    if (std::size_t d = distance(unknown, name); d < bestDistance) {
      best = name;
      bestDistance = d;
    }
  return std::string(best);
}

std::string didYouMean(std::string_view unknown,
                       std::span<const std::string_view> known) {
  std::string near = nearest(unknown, known);
  return near.empty() ? "" : "; did you mean `" + near + "`?";
}

} // namespace irlens::engine
