// What a text is that a tool printed, judged by its beginning. Used in
// stage processes and by unit tests. Knows no compiler.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace irlens::mlir_worker {

/// As much of a file as the functions below need; empty if it cannot be read.
std::string headOf(const std::string &path);

/// "mlir", "llvm", "asm", "spirv" or "text": a `format` of PROTOCOL.md.
std::string_view formatOfText(std::string_view head);

/// LLVM's or MLIR's binary form, which irlens shows as text.
bool isBitcode(std::string_view head);
bool isMlirBytecode(std::string_view head);

/// Nothing that an editor can show.
bool isBinary(std::string_view head);

/// The first bytes, 16 a line, with their offset and characters; the last line
/// says how many are left out of `size`.
std::string hexDump(std::string_view head, std::uint64_t size);

} // namespace irlens::mlir_worker
