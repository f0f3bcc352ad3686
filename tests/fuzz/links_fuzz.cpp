// Fuzzes the reader of link files, which producers of any language write: it
// accepts or refuses, and what it accepts it writes back.
#include "engine/links/links.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

using irlens::engine::LinkTable;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data,
                                      std::size_t size) {
  auto table =
      LinkTable::fromJson({reinterpret_cast<const char *>(data), size});
  if (!table)
    return 0;
  auto again = LinkTable::fromJson(table->toJson());
  if (!again || again->toJson() != table->toJson())
    std::abort();
  return 0;
}
