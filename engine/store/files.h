// Reading, writing and hashing files, with errors as values.
// Thread-safe: no state. Small files on the loop thread, big ones on the pool.
#pragma once

#include "engine/result.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace irlens::engine {

/// The whole file, or its first `limit` bytes. Errors: NotFound, Io.
Result<std::string> readText(const std::filesystem::path &path,
                             std::uint64_t limit);
Result<std::string> readFile(const std::filesystem::path &path);

/// Writes to a temporary name in the same folder, then renames: a reader never
/// sees half a file, and a full disk leaves the old one in place. Errors: Io.
Result<void> writeFile(const std::filesystem::path &path,
                       std::string_view bytes);

/// 128-bit content hash (XXH3, github.com/Cyan4973/xxHash) as 32 hex digits.
/// Not cryptographic: keys of a cache that only its owner writes.
std::string hashText(std::string_view bytes);
std::uint64_t hash64(std::string_view bytes);

/// Hash of a file's bytes; "missing" if it cannot be read, so that a file's
/// going away changes what depends on it.
std::string hashFile(const std::filesystem::path &path);

/// Absolute, without symbolic links in its existing part and without "..".
std::filesystem::path normalPath(const std::filesystem::path &path);

} // namespace irlens::engine
