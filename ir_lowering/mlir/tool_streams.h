// What a running tool writes, taken from its pipes while it runs: never more
// than a limit of it is kept. In the process that watches the tool
// (tool_run.cpp).
#pragma once

#include "ir_lowering/worker/process.h"

#include <cstdint>
#include <string>

namespace irlens::mlir_worker {

/// One stream on its way into a file.
class ToolStream {
public:
  /// `keepsEnd`: of what is beyond the limit the last bytes are kept, too.
  ToolStream(int file, std::uint64_t limit, bool keepsEnd);

  /// For the child, to write to.
  int writeEnd() const { return pipe_.writeEnd.get(); }
  /// In the watching process, after the fork.
  void closeWriteEnd();
  /// For poll; -1 when there will be nothing more.
  int readEnd() const { return open_ ? pipe_.readEnd.get() : -1; }

  /// Takes what is there. Never blocks; bounded, so that time limits count.
  /// False when there is nothing more now.
  bool take();
  /// Writes what was kept of the end.
  void finish();

  std::uint64_t made() const { return made_; }
  std::uint64_t kept() const { return kept_; }

private:
  void keep(std::string_view bytes);

  Pipe pipe_;
  int file_;
  std::uint64_t limit_;
  bool keepsEnd_;
  bool open_ = true;
  std::uint64_t made_ = 0;
  std::uint64_t kept_ = 0;
  std::string end_;
};

} // namespace irlens::mlir_worker
