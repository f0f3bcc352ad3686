// Looks at a file before libtorch does, whose own messages speak of offsets.
#include "ir_lowering/torchscript/archive.h"

#include <algorithm>
#include <array>
#include <caffe2/serialize/inline_container.h>
#include <exception>
#include <fmt/format.h>
#include <fstream>
#include <string_view>
#include <torch/csrc/jit/serialization/import.h>

namespace irlens::torchscript_worker {

namespace {

/// The first line of what libtorch says; below it stands its own stack.
std::string firstLine(const std::exception &error) {
  std::string_view text = error.what();
  return std::string(text.substr(0, text.find('\n')));
}

std::string whatIsNoArchive(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  std::array<char, 2> start{};
  if (!file.read(start.data(), start.size()))
    return file.gcount() == 0 ? "the file is empty or cannot be read"
                              : "the file is too short";
  if (start[0] == 'P' && start[1] == 'K')
    return "";
  if (start[0] == '\x80')
    return "it is a pickle and no TorchScript archive; irlens loads no pickles";
  return "it is no TorchScript archive";
}

/// What else an archive of PyTorch's may be, empty if it is TorchScript.
std::string whatElse(const std::vector<std::string> &records) {
  auto has = [&](std::string_view prefix) {
    return std::ranges::any_of(records, [&](const std::string &record) {
      return record.starts_with(prefix);
    });
  };
  if (has("code/") && has("data.pkl"))
    return "";
  if (has("models/") || has("archive_format"))
    return "it is an exported program, not TorchScript: name it .pt2";
  if (has("data.pkl"))
    return "it holds what torch.save pickled, such as weights, and no "
           "TorchScript; irlens loads no pickles";
  return "the archive holds no TorchScript";
}

std::string signatureOf(const torch::jit::Method &method) {
  std::string text;
  const auto &arguments = method.function().getSchema().arguments();
  for (std::size_t i = 1; i < arguments.size(); ++i) // The first is self.
    text += fmt::format("{}{} {}", i > 1 ? ", " : "",
                        arguments[i].type()->repr_str(), arguments[i].name());
  return text;
}

std::int64_t countParameters(const torch::jit::Module &module) {
  std::int64_t count = 0;
  for (const at::Tensor &parameter : module.parameters())
    count += parameter.numel();
  return count;
}

} // namespace

std::expected<Archive, std::string> openArchive(const std::string &path) {
  if (std::string reason = whatIsNoArchive(path); !reason.empty())
    return std::unexpected(reason);
  try {
    caffe2::serialize::PyTorchStreamReader reader(path);
    if (std::string reason = whatElse(reader.getAllRecords()); !reason.empty())
      return std::unexpected(reason);
  } catch (const std::exception &error) {
    return std::unexpected("the archive is damaged: " + firstLine(error));
  }
  try {
    Archive archive{torch::jit::load(path, at::kCPU), {}, 0};
    for (const torch::jit::Method &method : archive.module.get_methods())
      archive.methods.push_back({method.name(), signatureOf(method)});
    std::ranges::stable_sort(archive.methods, {}, [](const Method &method) {
      return method.name != "forward";
    });
    archive.parameters = countParameters(archive.module);
    return archive;
  } catch (const std::exception &error) {
    return std::unexpected(firstLine(error));
  }
}

} // namespace irlens::torchscript_worker
