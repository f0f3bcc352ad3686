// The link table and its JSON form (PROTOCOL.md, LINKS).
// Built on libuv's pool by the splitters, read on the loop thread.
#include "engine/links/links.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>
#include <limits>

namespace irlens::engine {

namespace {

/// Longer chains come from recursion that was inlined, or from nonsense.
constexpr std::size_t kMaxChain = 64;
/// One line of IR with more origins than this tells nobody anything.
constexpr std::ptrdiff_t kMaxFramesPerLine = 32;

bool isDigit(char c) { return c >= '0' && c <= '9'; }

/// True for ".../lib/python3.11/..." and ".../lib64/python3.11/...".
bool isInStandardLibrary(std::string_view path) {
  for (std::string_view folder : {"/lib/python3.", "/lib64/python3."}) {
    std::size_t at = path.find(folder);
    if (at == std::string_view::npos)
      continue;
    std::string_view rest = path.substr(at + folder.size());
    std::size_t digits = 0;
    while (digits < rest.size() && isDigit(rest[digits]))
      ++digits;
    if (digits > 0 && digits < rest.size() && rest[digits] == '/')
      return true;
  }
  return false;
}

std::string jsonString(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false,
                                   nlohmann::json::error_handler_t::replace);
}

} // namespace

bool isLibraryFile(std::string_view path) {
  // "<string>", "<eval_with_key>.3", "<frozen importlib._bootstrap>"
  if (path.starts_with('<'))
    return true;
  return path.contains("/site-packages/") || path.contains("/dist-packages/") ||
         isInStandardLibrary(path);
}

std::size_t LinkTable::FrameHash::operator()(const Frame &frame) const {
  std::uint64_t hash = frame.file;
  for (std::uint64_t part : {std::uint64_t(std::uint32_t(frame.line)),
                             std::uint64_t(std::uint32_t(frame.column)),
                             std::uint64_t(frame.caller)})
    hash = (hash ^ part) * 0x9E3779B97F4A7C15u;
  return hash ^ (hash >> 32);
}

std::uint32_t LinkTable::fileId(std::string_view file) {
  if (auto found = fileIds_.find(file); found != fileIds_.end())
    return found->second;
  auto id = std::uint32_t(files_.size());
  files_.emplace_back(file);
  fileIds_.emplace(file, id);
  return id;
}

LinkTable::FrameId LinkTable::addFrame(std::string_view file, int line,
                                       int column, FrameId caller) {
  Frame frame{fileId(file), line, column, caller};
  auto [at, isNew] = frameIds_.try_emplace(frame, FrameId(frames_.size()));
  if (isNew)
    frames_.push_back(frame);
  return at->second;
}

LinkTable::FrameId
LinkTable::addChain(const std::vector<SourcePos> &innermostFirst) {
  FrameId caller = kNoFrame;
  for (auto pos = innermostFirst.rbegin(); pos != innermostFirst.rend(); ++pos)
    caller = addFrame(pos->file, pos->line, pos->column, caller);
  return caller;
}

LinkTable::FrameId LinkTable::rebase(FrameId innermost, FrameId caller) {
  std::vector<FrameId> chain;
  for (FrameId frame = innermost; frame != kNoFrame && chain.size() < kMaxChain;
       frame = callerOf(frame))
    chain.push_back(frame);
  std::size_t callerDepth = 0;
  for (FrameId frame = caller; frame != kNoFrame; frame = callerOf(frame))
    ++callerDepth;
  if (chain.size() + callerDepth > kMaxChain)
    return innermost;
  for (; !chain.empty(); chain.pop_back()) {
    Frame frame = frames_[chain.back()];
    frame.caller = caller;
    auto [at, isNew] = frameIds_.try_emplace(frame, FrameId(frames_.size()));
    if (isNew)
      frames_.push_back(frame);
    caller = at->second;
  }
  return caller;
}

void LinkTable::link(int irLine, FrameId innermost) {
  if (innermost >= frames_.size() || irLine < 1)
    return;
  auto [first, last] = framesOf(irLine);
  Line entry{irLine, innermost};
  if (last - first < kMaxFramesPerLine && std::find(first, last, entry) == last)
    lines_.insert(last, entry);
}

std::pair<std::vector<LinkTable::Line>::const_iterator,
          std::vector<LinkTable::Line>::const_iterator>
LinkTable::framesOf(int irLine) const {
  if (lines_.empty() || lines_.back().first < irLine)
    return {lines_.end(), lines_.end()};
  auto found = std::ranges::equal_range(lines_, irLine, {}, &Line::first);
  return {found.begin(), found.end()};
}

SourcePos LinkTable::position(FrameId frame) const {
  const Frame &at = frames_[frame];
  return {files_[at.file], at.line, at.column};
}

std::vector<std::vector<SourcePos>> LinkTable::chains(int irLine) const {
  std::vector<std::vector<SourcePos>> chains;
  auto [first, last] = framesOf(irLine);
  for (auto line = first; line != last; ++line) {
    std::vector<SourcePos> chain;
    for (FrameId frame = line->second; frame != kNoFrame;
         frame = callerOf(frame))
      chain.push_back(position(frame));
    std::ranges::reverse(chain);
    chains.push_back(std::move(chain));
  }
  return chains;
}

SourcePos LinkTable::source(int irLine) const {
  FrameId outermost = kNoFrame;
  auto [first, last] = framesOf(irLine);
  for (auto line = first; line != last; ++line) {
    FrameId outermostOfUser = kNoFrame;
    FrameId end = kNoFrame;
    for (FrameId frame = line->second; frame != kNoFrame;
         frame = callerOf(frame)) {
      end = frame;
      if (!isLibraryFile(files_[frames_[frame].file]))
        outermostOfUser = frame;
    }
    if (outermostOfUser != kNoFrame)
      return position(outermostOfUser);
    if (outermost == kNoFrame)
      outermost = end;
  }
  return outermost == kNoFrame ? SourcePos{} : position(outermost);
}

std::vector<int> LinkTable::irLines(std::string_view file, int line) const {
  auto found = fileIds_.find(file);
  if (found == fileIds_.end())
    return {};
  // Callers stand before their callees, so one pass tells for every frame
  // whether the source line is on its chain.
  std::vector<bool> isOnChain(frames_.size());
  for (std::size_t id = 0; id < frames_.size(); ++id) {
    const Frame &frame = frames_[id];
    isOnChain[id] = (frame.file == found->second && frame.line == line) ||
                    (frame.caller != kNoFrame && isOnChain[frame.caller]);
  }
  std::vector<int> irLines;
  for (auto [irLine, frame] : lines_)
    if (isOnChain[frame] && (irLines.empty() || irLines.back() != irLine))
      irLines.push_back(irLine);
  return irLines;
}

LinkTable LinkTable::shifted(int lines) const {
  LinkTable moved = *this;
  for (Line &line : moved.lines_)
    line.first += lines;
  moved.erased_.add(lines);
  moved.origins_.shift(lines);
  return moved;
}

std::string LinkTable::toJson() const {
  std::string json = "{\"files\":[";
  auto out = std::back_inserter(json);
  for (const std::string &file : files_)
    fmt::format_to(out, "{}{}", &file == files_.data() ? "" : ",",
                   jsonString(file));
  json += "],\"frames\":[";
  for (const Frame &frame : frames_) {
    std::int64_t caller =
        frame.caller == kNoFrame ? -1 : std::int64_t(frame.caller);
    fmt::format_to(out, "{}[{},{},{},{}]", &frame == frames_.data() ? "" : ",",
                   frame.file, frame.line, frame.column, caller);
  }
  json += "],\"lines\":[";
  for (std::size_t i = 0; i < lines_.size();) {
    fmt::format_to(out, "{}[{}", i == 0 ? "" : ",", lines_[i].first);
    for (int line = lines_[i].first;
         i < lines_.size() && lines_[i].first == line; ++i)
      fmt::format_to(out, ",{}", lines_[i].second);
    json += ']';
  }
  return json + "]" + origins_.toJson() + erased_.toJson() + "}";
}

namespace {

/// A frame as a producer wrote it: its caller may stand after it.
struct FrameRow {
  std::uint64_t file;
  int line;
  int column;
  std::int64_t caller;
};

/// The order in which every caller comes before its callees; empty on a cycle.
std::vector<std::size_t> callersFirst(const std::vector<FrameRow> &rows) {
  std::vector<std::size_t> order;
  std::vector<bool> isPlaced(rows.size());
  std::vector<std::size_t> waiting;
  for (std::size_t start = 0; start < rows.size(); ++start) {
    for (auto at = std::int64_t(start); at >= 0 && !isPlaced[std::size_t(at)];
         at = rows[std::size_t(at)].caller) {
      waiting.push_back(std::size_t(at));
      if (waiting.size() > rows.size())
        return {};
    }
    for (; !waiting.empty(); waiting.pop_back()) {
      order.push_back(waiting.back());
      isPlaced[waiting.back()] = true;
    }
  }
  return order;
}

/// A line, 0 for what is none.
int lineOf(const nlohmann::json &value) {
  if (!value.is_number_integer())
    return 0;
  auto line = value.get<std::int64_t>();
  return line > 0 && line < std::numeric_limits<int>::max() ? int(line) : 0;
}

/// Rows of lines that may be there; whatever stands in them is no error.
std::optional<LineRows> rowsOf(const nlohmann::json &json, const char *key) {
  auto found = json.find(key);
  if (found == json.end() || !found->is_array())
    return std::nullopt;
  LineRows rows;
  for (const auto &row : *found) {
    std::vector<int> &lines = rows.emplace_back();
    for (std::size_t i = 0; row.is_array() && i < row.size(); ++i)
      lines.push_back(lineOf(row[i]));
  }
  return rows;
}

} // namespace

Result<LinkTable> LinkTable::fromJson(std::string_view text) {
  auto wrong = [](std::string_view what) {
    return fail(ErrorCode::Io, fmt::format("links: {}", what));
  };
  try {
    auto json = nlohmann::json::parse(text);
    auto files = json.at("files").get<std::vector<std::string>>();
    std::vector<FrameRow> rows;
    for (const auto &row : json.at("frames"))
      rows.push_back({row.at(0).get<std::uint64_t>(), row.at(1).get<int>(),
                      row.at(2).get<int>(), row.at(3).get<std::int64_t>()});
    for (const FrameRow &row : rows)
      if (row.file >= files.size() || row.caller < -1 ||
          row.caller >= std::int64_t(rows.size()))
        return wrong("a frame names a file or caller that is not there");

    std::vector<std::size_t> order = callersFirst(rows);
    if (order.size() != rows.size())
      return wrong("frames call each other in a circle");
    LinkTable table;
    std::vector<FrameId> ids(rows.size(), kNoFrame);
    for (std::size_t at : order) {
      const FrameRow &row = rows[at];
      ids[at] = table.addFrame(files[row.file], row.line, row.column,
                               row.caller < 0 ? kNoFrame
                                              : ids[std::size_t(row.caller)]);
    }
    for (const auto &row : json.at("lines"))
      for (std::size_t i = 1; i < row.size(); ++i)
        table.link(row.at(0).get<int>(), ids.at(row.at(i).get<std::size_t>()));
    auto added = json.find("added");
    table.origins_ =
        Origins::fromRows(rowsOf(json, "from").value_or(LineRows()));
    table.erased_ = ErasedLines::fromRows(
        rowsOf(json, "erased"), added == json.end() ? 0 : lineOf(*added));
    return table;
  } catch (const std::exception &error) {
    return wrong(error.what());
  }
}

} // namespace irlens::engine
