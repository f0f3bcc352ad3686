#include "lsp/sources.h"

#include "lsp/wire/uri.h"

#include "engine/engine.h"

#include <algorithm>

namespace irlens::lsp {
namespace {

/// Nobody writes such a file by hand; excerpts of it are not worth the memory.
constexpr std::uint64_t kMaxSourceBytes = std::uint64_t(16) << 20;

std::shared_ptr<const std::string> readDisk(const std::filesystem::path &path) {
  engine::Result<std::string> text = engine::readText(path, kMaxSourceBytes);
  return std::make_shared<const std::string>(text ? std::move(*text)
                                                  : std::string());
}

} // namespace

SourceView::SourceView(std::shared_ptr<const std::string> current)
    : text(std::move(current)), lines(*text) {}

Range SourceView::codeRange(int line, int column, Encoding encoding) const {
  // A place that no longer exists is shown at the nearest that does.
  int index = std::clamp(line - 1, 0, lines.count() - 1);
  std::string_view code = lines.line(index);
  ByteSpan span = codePart(code);
  auto start = static_cast<std::size_t>(std::max(column - 1, 0));
  if (start > span.begin && start < span.end)
    span.begin = start;
  return {{index, toUnits(code, span.begin, encoding)},
          {index, toUnits(code, span.end, encoding)}};
}

void Sources::remember(const engine::FileState &file) {
  auto &generations = lowered_[file.path];
  Text &newest = generations[file.generation];
  if (!newest || *newest != file.text)
    newest = std::make_shared<const std::string>(file.text);
  std::uint64_t oldest = file.generation;
  for (const engine::Entry &entry : file.entries)
    for (const engine::StageState &stage : entry.stages)
      if (stage.good)
        oldest = std::min(oldest, stage.good->generation);
  std::erase_if(generations,
                [&](const auto &item) { return item.first < oldest; });
}

void Sources::forget(const std::filesystem::path &path) {
  lowered_.erase(path);
  cache_.erase(path);
}

std::shared_ptr<const SourceView>
Sources::view(const std::filesystem::path &path, std::uint64_t generation) {
  Text text = current(path);
  Text base = lowered(path, generation);
  Cached &cached = cache_[path];
  if (cached.view && cached.lowered == base &&
      (cached.view->text == text || *cached.view->text == *text))
    return cached.view;
  auto view = std::make_shared<SourceView>(text);
  if (base)
    view->map = LineMap::between(*base, *text);
  cached = {base, view};
  return view;
}

std::shared_ptr<const SourceView>
Sources::view(const std::filesystem::path &path) {
  auto it = lowered_.find(path);
  bool known = it != lowered_.end() && !it->second.empty();
  return view(path, known ? it->second.rbegin()->first : 0);
}

std::string Sources::uriOf(const std::filesystem::path &path) const {
  const OpenDocument *open = mirror_.findPath(path);
  return open ? open->uri : fileUri(path);
}

Sources::Text Sources::current(const std::filesystem::path &path) const {
  const OpenDocument *open = mirror_.findPath(path);
  return open && open->text ? open->text : readDisk(path);
}

Sources::Text Sources::lowered(const std::filesystem::path &path,
                               std::uint64_t generation) const {
  auto file = lowered_.find(path);
  if (file == lowered_.end()) {
    const OpenDocument *open = mirror_.findPath(path);
    return open && open->text ? readDisk(path) : nullptr;
  }
  auto text = file->second.find(generation);
  if (text != file->second.end())
    return text->second;
  return file->second.empty() ? nullptr : file->second.rbegin()->second;
}

} // namespace irlens::lsp
