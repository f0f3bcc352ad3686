#include "lsp/wire/uri.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <array>

namespace irlens::lsp {
namespace {

constexpr std::string_view kFilePrefix = "file://";
constexpr std::string_view kDocumentPrefix = "irlens://ir/";
constexpr std::size_t kMaxStem = 48;

bool isAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9');
}

bool isSafe(char c) {
  return isAlphanumeric(c) || c == '.' || c == '_' || c == '-';
}

bool isSafeName(std::string_view name) {
  return !name.empty() && name.front() != '.' &&
         std::ranges::all_of(name, isSafe);
}

int hexDigit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

/// A '%' that begins no escape stands for itself, as clients have it.
std::string percentDecode(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      int high = hexDigit(text[i + 1]);
      int low = hexDigit(text[i + 2]);
      if (high >= 0 && low >= 0) {
        decoded += static_cast<char>(high * 16 + low);
        i += 2;
        continue;
      }
    }
    decoded += text[i];
  }
  return decoded;
}

bool startsWithIgnoringCase(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() &&
         std::ranges::equal(
             text.substr(0, prefix.size()), prefix, [](char a, char b) {
               return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b;
             });
}

} // namespace

std::string fileUri(const std::filesystem::path &path) {
  std::string uri(kFilePrefix);
  for (char c : path.native()) {
    if (isSafe(c) || c == '/' || c == '~')
      uri += c;
    else
      uri += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return uri;
}

std::optional<std::filesystem::path> filePath(std::string_view uri) {
  std::string_view rest;
  if (startsWithIgnoringCase(uri, kFilePrefix))
    rest = uri.substr(kFilePrefix.size());
  else if (startsWithIgnoringCase(uri, "file:/"))
    rest = uri.substr(5);
  else
    return std::nullopt;
  if (rest.starts_with("localhost/"))
    rest.remove_prefix(9);
  std::string path = percentDecode(rest.substr(0, rest.find_first_of("?#")));
  if (!path.starts_with('/') || path.contains('\0'))
    return std::nullopt;
  return std::filesystem::path(path).lexically_normal();
}

std::string unitOf(const std::filesystem::path &path) {
  std::string stem = path.stem().string().substr(0, kMaxStem);
  std::ranges::replace_if(stem, [](char c) { return !isSafe(c); }, '_');
  if (stem.empty() || stem.front() == '.')
    stem.insert(stem.begin(), '_');
  const std::string &bytes = path.native();
  auto hash =
      static_cast<std::uint32_t>(XXH3_64bits(bytes.data(), bytes.size()));
  return fmt::format("{}-{:08x}", stem, hash);
}

std::string documentUri(const DocumentId &id) {
  return fmt::format("{}{}/{}/{}", kDocumentPrefix, id.unit, id.entry, id.file);
}

std::optional<DocumentId> parseDocumentUri(std::string_view uri) {
  if (!startsWithIgnoringCase(uri, kDocumentPrefix))
    return std::nullopt;
  return parseDocumentPath(percentDecode(uri.substr(kDocumentPrefix.size())));
}

std::optional<DocumentId> parseDocumentPath(std::string_view path) {
  std::array<std::string_view, 3> parts;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    std::size_t slash = path.find('/');
    bool last = i + 1 == parts.size();
    if (last != (slash == std::string_view::npos))
      return std::nullopt;
    parts[i] = path.substr(0, slash);
    if (!isSafeName(parts[i]))
      return std::nullopt;
    if (!last)
      path.remove_prefix(slash + 1);
  }
  return DocumentId{std::string(parts[0]), std::string(parts[1]),
                    std::string(parts[2])};
}

} // namespace irlens::lsp
