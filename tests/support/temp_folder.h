// A folder that is there while a test runs.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace irlens::test {

class TempFolder {
public:
  TempFolder() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "irlens-test-XXXXXX")
            .string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TempFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempFolder(const TempFolder &) = delete;
  TempFolder &operator=(const TempFolder &) = delete;

  const std::filesystem::path &path() const { return path_; }

  /// Writes a file below the folder, making the folders in between.
  std::filesystem::path write(const std::string &name, std::string_view text,
                              bool executable = false) const {
    auto path = path_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
    if (executable)
      std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path;
  }

private:
  std::filesystem::path path_;
};

} // namespace irlens::test
