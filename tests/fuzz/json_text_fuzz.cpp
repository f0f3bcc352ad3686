// Fuzzes the reader of .irlens.json: what it accepts it writes so that it reads
// the same, and every range is inside of the text.
#include "engine/table/json_text.h"
#include "engine/table/text_places.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace irlens::engine;

namespace {

void check(const JsonValue &value, std::size_t size) {
  if (value.range.begin > value.range.end || value.range.end > size)
    std::abort();
  for (const JsonValue &item : value.items)
    check(item, size);
  for (const JsonMember &member : value.members)
    check(member.value, size);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data,
                                      std::size_t size) {
  std::string_view text(reinterpret_cast<const char *>(data), size);
  auto value = readJsonText(text);
  if (!value) {
    ByteRange range = value.error().range;
    if (range.begin > range.end || range.end > size)
      std::abort();
    TextPlaces("", text).place(range);
    return 0;
  }
  check(*value, size);
  std::string written = toJson(*value);
  auto again = readJsonText(written);
  if (!again || toJson(*again) != written)
    std::abort();
  return 0;
}
