#include "lsp/documents/ir_documents.h"

#include "engine/store/files.h"

#include <cstdlib>

namespace irlens::lsp {
namespace {

namespace fs = std::filesystem;

fs::path environmentFolder(const char *name) {
  const char *value = std::getenv(name);
  // The XDG specification: a relative path is to be ignored.
  return value && value[0] == '/' ? fs::path(value) : fs::path();
}

} // namespace

fs::path cacheFolder(const engine::Settings &settings) {
  if (!settings.store.empty())
    return settings.store;
  if (fs::path cache = environmentFolder("XDG_CACHE_HOME"); !cache.empty())
    return cache / "irlens";
  if (fs::path home = environmentFolder("HOME"); !home.empty())
    return home / ".cache" / "irlens";
  return fs::temp_directory_path() / "irlens";
}

IrDocuments::IrDocuments(const fs::path &folder, bool virtualDocuments)
    : folder_(engine::normalPath(folder)), virtual_(virtualDocuments) {}

void IrDocuments::note(const fs::path &source) {
  std::string unit = unitOf(source);
  if (!units_.emplace(unit, source).second)
    return;
  fs::path file = folder_ / "units" / unit;
  std::error_code ignored;
  if (fs::exists(file, ignored))
    return;
  fs::create_directories(file.parent_path(), ignored);
  // Without the note only a reopened document suffers; it then says what to do.
  (void)engine::writeFile(file, source.native());
}

std::optional<fs::path> IrDocuments::source(const std::string &unit) const {
  if (auto it = units_.find(unit); it != units_.end())
    return it->second;
  constexpr std::uint64_t kMaxPath = 4096;
  engine::Result<std::string> path =
      engine::readText(folder_ / "units" / unit, kMaxPath);
  // The note is believed only if it would give this name again.
  if (!path || unitOf(*path) != unit)
    return std::nullopt;
  return *path;
}

DocumentId IrDocuments::id(const fs::path &source, const std::string &entry,
                           const engine::Stage &stage) const {
  return {unitOf(source), entry, stage.fileName()};
}

std::string IrDocuments::uri(const DocumentId &id) const {
  return virtual_ ? documentUri(id) : fileUri(copyPath(id));
}

std::string IrDocuments::uri(const fs::path &source, const std::string &entry,
                             const engine::Stage &stage) const {
  return uri(id(source, entry, stage));
}

std::optional<DocumentId> IrDocuments::parse(std::string_view uri) const {
  if (std::optional<DocumentId> id = parseDocumentUri(uri))
    return id;
  std::optional<fs::path> path = filePath(uri);
  if (!path)
    return std::nullopt;
  std::string base = (folder_ / "documents").string() + "/";
  std::string text = path->string();
  if (!text.starts_with(base)) {
    text = engine::normalPath(*path).string();
    if (!text.starts_with(base))
      return std::nullopt;
  }
  return parseDocumentPath(std::string_view(text).substr(base.size()));
}

fs::path IrDocuments::copyPath(const DocumentId &id) const {
  return folder_ / "documents" / id.unit / id.entry / id.file;
}

engine::Result<void> IrDocuments::writeCopy(const DocumentId &id,
                                            std::string_view text) const {
  fs::path path = copyPath(id);
  std::error_code error;
  // An unchanged file keeps its time: editors would reload it otherwise.
  if (fs::file_size(path, error) == text.size() && !error) {
    engine::Result<std::string> old = engine::readFile(path);
    if (old && *old == text)
      return {};
  }
  fs::create_directories(path.parent_path(), error);
  if (error)
    return engine::fail(engine::ErrorCode::Io,
                        path.parent_path().string() + ": " + error.message());
  engine::Result<void> written = engine::writeFile(path, text);
  if (!written)
    return written;
  using enum fs::perms;
  fs::permissions(path, owner_read | group_read | others_read, error);
  return {};
}

} // namespace irlens::lsp
