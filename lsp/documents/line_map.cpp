#include "lsp/documents/line_map.h"

#include "lsp/wire/position.h"

#include <algorithm>
#include <map>
#include <utility>

namespace irlens::lsp {
namespace {

using Lines = std::vector<std::string_view>;
using Pair = std::pair<int, int>;

Lines linesOf(std::string_view text) {
  TextLines cut(text);
  Lines lines;
  lines.reserve(static_cast<std::size_t>(cut.count()));
  for (int i = 0; i < cut.count(); ++i)
    lines.push_back(cut.line(i));
  return lines;
}

/// Half-open pieces [a, aEnd) of the one text and [b, bEnd) of the other.
struct Piece {
  int a, aEnd, b, bEnd;
};

/// Lines that occur once in each piece, in the order of the one text.
std::vector<Pair> uniquePairs(const Lines &one, const Lines &other,
                              Piece piece) {
  struct Seen {
    int inOne = 0, inOther = 0, at = 0, atOther = 0;
  };
  std::map<std::string_view, Seen> seen;
  for (int i = piece.a; i < piece.aEnd; ++i) {
    Seen &line = seen[one[static_cast<std::size_t>(i)]];
    ++line.inOne;
    line.at = i;
  }
  for (int i = piece.b; i < piece.bEnd; ++i) {
    Seen &line = seen[other[static_cast<std::size_t>(i)]];
    ++line.inOther;
    line.atOther = i;
  }
  std::vector<Pair> pairs;
  for (const auto &[text, line] : seen)
    if (line.inOne == 1 && line.inOther == 1)
      pairs.emplace_back(line.at, line.atOther);
  std::ranges::sort(pairs);
  return pairs;
}

/// The longest subsequence that rises in the second member too (patience).
std::vector<Pair> longestRising(const std::vector<Pair> &pairs) {
  std::vector<std::size_t> tails; // Index of the pair that ends a pile.
  std::vector<std::ptrdiff_t> previous(pairs.size(), -1);
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    auto pile = std::ranges::lower_bound(
        tails, pairs[i].second, {},
        [&](std::size_t p) { return pairs[p].second; });
    if (pile != tails.begin())
      previous[i] = static_cast<std::ptrdiff_t>(*(pile - 1));
    if (pile == tails.end())
      tails.push_back(i);
    else
      *pile = i;
  }
  std::vector<Pair> rising;
  for (std::ptrdiff_t i =
           tails.empty() ? -1 : static_cast<std::ptrdiff_t>(tails.back());
       i >= 0; i = previous[static_cast<std::size_t>(i)])
    rising.push_back(pairs[static_cast<std::size_t>(i)]);
  std::ranges::reverse(rising);
  return rising;
}

class Matcher {
public:
  Matcher(const Lines &one, const Lines &other)
      : one_(one), other_(other), partner_(one.size(), -1) {}

  /// Index of the partner of each line, -1 for none.
  std::vector<int> match() {
    std::vector<Piece> work = {
        {0, static_cast<int>(one_.size()), 0, static_cast<int>(other_.size())}};
    while (!work.empty()) {
      Piece piece = work.back();
      work.pop_back();
      trim(piece);
      split(piece, work);
    }
    return std::move(partner_);
  }

private:
  bool same(int a, int b) const {
    return one_[static_cast<std::size_t>(a)] ==
           other_[static_cast<std::size_t>(b)];
  }
  void pair(int a, int b) { partner_[static_cast<std::size_t>(a)] = b; }

  /// Pairs equal lines at both ends.
  void trim(Piece &piece) {
    while (piece.a < piece.aEnd && piece.b < piece.bEnd &&
           same(piece.a, piece.b))
      pair(piece.a++, piece.b++);
    while (piece.a < piece.aEnd && piece.b < piece.bEnd &&
           same(piece.aEnd - 1, piece.bEnd - 1))
      pair(--piece.aEnd, --piece.bEnd);
  }

  void split(Piece piece, std::vector<Piece> &work) {
    if (piece.a == piece.aEnd || piece.b == piece.bEnd)
      return;
    std::vector<Pair> anchors = longestRising(uniquePairs(one_, other_, piece));
    if (anchors.empty()) {
      if (piece.aEnd - piece.a == piece.bEnd - piece.b)
        while (piece.a < piece.aEnd)
          pair(piece.a++, piece.b++);
      return;
    }
    Piece rest = piece;
    for (auto [a, b] : anchors) {
      pair(a, b);
      work.push_back({rest.a, a, rest.b, b});
      rest.a = a + 1;
      rest.b = b + 1;
    }
    work.push_back(rest);
  }

  const Lines &one_;
  const Lines &other_;
  std::vector<int> partner_;
};

int lookUp(const std::vector<int> &table, int line) {
  if (table.empty())
    return std::max(line, 0);
  if (line < 1 || static_cast<std::size_t>(line) > table.size())
    return 0;
  return table[static_cast<std::size_t>(line) - 1];
}

} // namespace

LineMap LineMap::between(std::string_view lowered, std::string_view current) {
  LineMap map;
  if (lowered == current)
    return map;
  Lines one = linesOf(lowered);
  Lines other = linesOf(current);
  std::vector<int> partner = Matcher(one, other).match();
  map.toCurrent_.assign(one.size(), 0);
  map.toLowered_.assign(other.size(), 0);
  for (std::size_t i = 0; i < partner.size(); ++i) {
    if (partner[i] < 0)
      continue;
    map.toCurrent_[i] = partner[i] + 1;
    map.toLowered_[static_cast<std::size_t>(partner[i])] =
        static_cast<int>(i) + 1;
  }
  return map;
}

int LineMap::toCurrent(int loweredLine) const {
  return lookUp(toCurrent_, loweredLine);
}

int LineMap::toLowered(int currentLine) const {
  return lookUp(toLowered_, currentLine);
}

} // namespace irlens::lsp
