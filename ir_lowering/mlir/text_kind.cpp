#include "ir_lowering/mlir/text_kind.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fstream>

namespace irlens::mlir_worker {

namespace {

constexpr std::size_t kHeadBytes = 64 << 10;
constexpr std::size_t kDumpBytes = 4096;
constexpr std::size_t kBytesPerLine = 16;

struct Mark {
  std::string_view format;
  std::string_view start; ///< Of a line without its indentation.
};

/// The first line that begins like this decides.
constexpr std::array<Mark, 38> kMarks = {{
    {"llvm", "; ModuleID ="},
    {"llvm", "source_filename ="},
    {"llvm", "target triple ="},
    {"llvm", "target datalayout ="},
    {"llvm", "define "},
    {"llvm", "declare "},
    {"llvm", "attributes #"},
    {"llvm", "!llvm."},
    {"mlir", "module {"},
    {"mlir", "module @"},
    {"mlir", "module attributes"},
    {"mlir", "builtin.module"},
    {"mlir", "\"builtin.module\""},
    {"mlir", "func.func"},
    {"mlir", "llvm.func"},
    {"mlir", "llvm.mlir"},
    {"mlir", "gpu.module"},
    {"mlir", "spirv.module"},
    {"mlir", "tt.func"},
    {"mlir", "memref.global"},
    {"mlir", "ml_program.global"},
    {"mlir", "#map"},
    {"mlir", "#loc"},
    {"mlir", "\"func.func\""},
    {"mlir", "util.func"},
    {"mlir", "torch.global_slot"},
    {"mlir", "pdl.pattern"},
    {"mlir", "irdl.dialect"},
    {"spirv", "OpCapability"},
    {"spirv", "OpMemoryModel"},
    {"asm", ".text"},
    {"asm", ".section"},
    {"asm", ".globl"},
    {"asm", ".version "},
    {"asm", ".visible"},
    {"asm", ".amdgcn_target"},
    {"asm", ".file"},
    {"asm", ".att_syntax"},
}};

/// "@global = constant ...", "%struct = type ...", "#attribute = ...".
std::string_view formatOfAssignment(std::string_view line) {
  std::size_t equals = line.find(" = ");
  if (equals == std::string_view::npos)
    return "";
  std::string_view value = line.substr(equals + 3);
  if (line.front() == '@' || (line.front() == '%' && value.starts_with("type")))
    return "llvm";
  if (line.front() == '#' || line.front() == '!')
    return line.front() == '!' && value.starts_with("!{") ? "llvm" : "mlir";
  return "";
}

std::string_view formatOfLine(std::string_view line) {
  std::size_t begin = line.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos)
    return "";
  line.remove_prefix(begin);
  for (const Mark &mark : kMarks)
    if (line.starts_with(mark.start))
      return mark.format;
  return formatOfAssignment(line);
}

bool isUtf8Or8Bit(unsigned char c) { return c >= 0x80; }

} // namespace

std::string headOf(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  std::string head(kHeadBytes, '\0');
  file.read(head.data(), static_cast<std::streamsize>(head.size()));
  head.resize(
      static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  return head;
}

std::string_view formatOfText(std::string_view head) {
  while (!head.empty()) {
    std::size_t end = std::min(head.find('\n'), head.size());
    if (std::string_view found = formatOfLine(head.substr(0, end));
        !found.empty())
      return found;
    head.remove_prefix(std::min(end + 1, head.size()));
  }
  return "text";
}

bool isBitcode(std::string_view head) {
  return head.starts_with("BC\xC0\xDE") || head.starts_with("\xDE\xC0\x17\x0B");
}

bool isMlirBytecode(std::string_view head) {
  return head.starts_with("ML\xEFR");
}

bool isBinary(std::string_view head) {
  auto isControl = [](unsigned char c) {
    return c < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\f' &&
           c != '\v' && c != '\x1b' && c != '\b';
  };
  return std::ranges::any_of(head, isControl);
}

std::string hexDump(std::string_view head, std::uint64_t size) {
  std::string dump;
  std::string_view shown = head.substr(0, kDumpBytes);
  for (std::size_t at = 0; at < shown.size(); at += kBytesPerLine) {
    std::string_view bytes = shown.substr(at, kBytesPerLine);
    std::string hex;
    std::string characters;
    for (unsigned char c : bytes) {
      fmt::format_to(std::back_inserter(hex), " {:02x}", c);
      bool printable = c >= 0x20 && c != 0x7f && !isUtf8Or8Bit(c);
      characters += printable ? static_cast<char>(c) : '.';
    }
    fmt::format_to(std::back_inserter(dump), "{:08x} {:<48}  |{}|\n", at, hex,
                   characters);
  }
  if (size > shown.size())
    fmt::format_to(std::back_inserter(dump), "... {} more bytes\n",
                   size - shown.size());
  return dump;
}

} // namespace irlens::mlir_worker
