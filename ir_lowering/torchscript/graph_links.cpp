#include "ir_lowering/torchscript/graph_links.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string_view>
#include <tuple>
#include <vector>

namespace irlens::torchscript_worker {

namespace {

using torch::jit::Block;
using torch::jit::Node;
using torch::jit::SourceRange;

/// Builds a LINKS object.
class LinkBuilder {
public:
  /// Adds a call site below `caller` (-1: none); returns its number, or
  /// `caller` when the place is unknown.
  int frame(const SourceRange &range, int caller) {
    auto place = placeOf(range);
    if (!place)
      return caller;
    auto &[file, line, column] = *place;
    auto key = std::tuple(fileNumber(file), line, column, caller);
    auto [it, isNew] = frames_.try_emplace(key, frames_.size());
    if (isNew)
      frameList_.push_back({std::get<0>(key), line, column, caller});
    return static_cast<int>(it->second);
  }

  void link(int line, int frame) {
    if (frame >= 0)
      lines_.push_back({line, frame});
  }

  nlohmann::json take() {
    return {{"files", files_},
            {"frames", std::move(frameList_)},
            {"lines", std::move(lines_)}};
  }

private:
  using Place = std::tuple<std::string, int, int>;

  /// The place in the original Python file. Without debug information there is
  /// only one in the archive's own code.
  std::optional<Place> placeOf(const SourceRange &range) {
    const auto &source = range.source();
    if (!source)
      return std::nullopt;
    auto original = source->findSourceRangeThatGenerated(range);
    auto place = original ? original->file_line_col() : range.file_line_col();
    if (!place)
      return std::nullopt;
    auto &[file, line, column] = *place;
    if (!exists(file))
      return std::nullopt;
    return Place(file, static_cast<int>(line), static_cast<int>(column) + 1);
  }

  bool exists(const std::string &file) {
    auto known = exists_.find(file);
    if (known != exists_.end())
      return known->second;
    std::error_code ignored;
    return exists_[file] = file.starts_with('/') &&
                           std::filesystem::is_regular_file(file, ignored);
  }

  int fileNumber(const std::string &file) {
    auto [it, isNew] = fileNumbers_.try_emplace(file, files_.size());
    if (isNew)
      files_.push_back(file);
    return static_cast<int>(it->second);
  }

  std::map<std::string, bool> exists_;
  std::map<std::string, std::size_t> fileNumbers_;
  std::map<std::tuple<int, int, int, int>, std::size_t> frames_;
  std::vector<std::string> files_;
  nlohmann::json frameList_ = nlohmann::json::array();
  nlohmann::json lines_ = nlohmann::json::array();
};

/// The nodes in the order in which a graph is printed.
void collect(const Block &block, std::vector<const Node *> &nodes) {
  for (const Node *node : block.nodes()) {
    nodes.push_back(node);
    for (const Block *inner : node->blocks())
      collect(*inner, nodes);
  }
}

std::string_view trimmed(std::string_view line) {
  std::size_t start = line.find_first_not_of(' ');
  return start == std::string_view::npos ? "" : line.substr(start);
}

/// Lines that belong to a block and not to a node.
bool isFrameOfBlock(std::string_view text) {
  return text.empty() || text.starts_with("return (") ||
         text.starts_with("block") || text.starts_with("-> (");
}

int frameOf(const Node &node, LinkBuilder &links) {
  int caller = -1;
  if (auto calls = node.callstack()) {
    // From the method inwards to the call that the node was inlined from.
    for (const auto &entry : (*calls)->vec())
      caller = links.frame(std::get<1>(entry), caller);
  }
  return links.frame(node.sourceRange(), caller);
}

} // namespace

GraphText printGraph(const torch::jit::Graph &graph) {
  GraphText result;
  result.text = graph.toString(/*print_source_locations=*/false);
  std::vector<const Node *> nodes;
  collect(*graph.block(), nodes);
  result.operations = static_cast<std::int64_t>(nodes.size());
  LinkBuilder links;
  std::size_t next = 0;
  bool inHeader = true;
  int number = 0;
  for (std::size_t at = 0; at < result.text.size();) {
    std::size_t end = std::min(result.text.find('\n', at), result.text.size());
    std::string_view line =
        trimmed(std::string_view(result.text).substr(at, end - at));
    at = end + 1;
    ++number;
    if (inHeader)
      inHeader = !line.ends_with("):");
    else if (!isFrameOfBlock(line) && next < nodes.size())
      links.link(number, frameOf(*nodes[next++], links));
  }
  result.links = links.take();
  return result;
}

} // namespace irlens::torchscript_worker
