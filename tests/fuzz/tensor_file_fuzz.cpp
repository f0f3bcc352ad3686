// Any bytes as a safetensors file with a reference: read or refused, never
// beyond the file.
#include "ir_lowering/mlir/check/comparison.h"
#include "ir_lowering/mlir/check/reference.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace {

void readAll(const std::string &bytes) {
  using namespace irlens::mlir_worker;
  auto reference = parseReference(bytes);
  if (!reference)
    return;
  for (const auto &[name, tensor] : reference->file.tensors())
    (void)compare(tensor, tensor, false);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data,
                                      std::size_t size) {
  std::string bytes(data, data + size);
  readAll(bytes);
  // Seeds are texts: the header ends with the last brace, and its length, which
  // the mutator would never hit, stands before it here.
  std::size_t header = bytes.rfind('}') + 1;
  std::string length(8, '\0');
  length[0] = static_cast<char>(header & 0xff);
  length[1] = static_cast<char>(header >> 8);
  readAll(length + bytes);
  return 0;
}
