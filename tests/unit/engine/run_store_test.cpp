// The run store: found by content, kept while in use, removed when old.
#include "engine/store/files.h"
#include "engine/store/run_store.h"
#include "tests/support/temp_folder.h"

#include <gtest/gtest.h>

#include <unistd.h>

namespace irlens::engine {
namespace {

namespace fs = std::filesystem;

class RunStoreTest : public testing::Test {
protected:
  RunStore open() {
    return *RunStore::open((folder_.path() / "store").string());
  }
  /// A recorded run with `bytes` of text; its path.
  fs::path recorded(const RunStore &store, const std::string &key,
                    std::size_t bytes, const FileHashes &files = {}) {
    auto run = *store.create(key);
    EXPECT_TRUE(writeFile(run->path() / "text", std::string(bytes, 'x')));
    EXPECT_TRUE(store.record(key, files, *run));
    return run->path();
  }
  test::TempFolder folder_;
};

TEST_F(RunStoreTest, FindsARecordedRunAlsoInANewProcess) {
  fs::path path = recorded(open(), "key-one-is-long", 3);
  auto found = open().find("key-one-is-long");
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->path(), path);
  EXPECT_EQ(open().find("other"), nullptr);
}

TEST_F(RunStoreTest, AChangedImportIsAnotherRun) {
  RunStore store = open();
  fs::path module = folder_.write("blocks.py", "a = 1\n");
  fs::path first = recorded(store, "key-one-is-long", 3,
                            {{module.string(), hashFile(module)}});
  folder_.write("blocks.py", "a = 2\n");
  EXPECT_EQ(store.find("key-one-is-long"), nullptr);
  fs::path second = recorded(store, "key-one-is-long", 3,
                             {{module.string(), hashFile(module)}});
  EXPECT_EQ(store.find("key-one-is-long")->path(), second);
  folder_.write("blocks.py", "a = 1\n");
  EXPECT_EQ(store.find("key-one-is-long")->path(), first)
      << "going back finds the first run again";
  fs::remove(module);
  EXPECT_EQ(store.find("key-one-is-long"), nullptr);
}

TEST_F(RunStoreTest, AnUnrecordedRunGoesWithItsLastUser) {
  RunStore store = open();
  fs::path path;
  {
    auto run = *store.create("key-one-is-long");
    path = run->path();
    EXPECT_TRUE(fs::exists(path));
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST_F(RunStoreTest, EvictsTheLeastRecentlyUsedFirst) {
  RunStore store = open();
  fs::path old = recorded(store, "key-old-is-long", 4000);
  ::usleep(20'000);
  fs::path middle = recorded(store, "key-mid-is-long", 4000);
  ::usleep(20'000);
  EXPECT_NE(store.find("key-old-is-long"),
            nullptr); // used again: now the youngest
  evictRuns(store.folder(), 5000);
  EXPECT_FALSE(fs::exists(middle));
  EXPECT_TRUE(fs::exists(old));
}

TEST_F(RunStoreTest, ARunInUseIsNeverEvicted) {
  RunStore store = open();
  fs::path path = recorded(store, "key-one-is-long", 4000);
  {
    auto user = store.find("key-one-is-long");
    evictRuns(store.folder(), 0);
    EXPECT_TRUE(fs::exists(path));
  }
  evictRuns(store.folder(), 0);
  EXPECT_FALSE(fs::exists(path));
  EXPECT_EQ(store.find("key-one-is-long"), nullptr)
      << "the manifest alone is no run";
}

TEST_F(RunStoreTest, ADamagedManifestIsNoRun) {
  RunStore store = open();
  recorded(store, "key-one-is-long", 3);
  for (const char *text :
       {"", "{", "[]", R"({"runs": 3})", R"({"runs": [1, {}]})"}) {
    ASSERT_TRUE(
        writeFile(store.folder() / "manifests/key-one-is-long.json", text));
    EXPECT_EQ(store.find("key-one-is-long"), nullptr) << text;
  }
  recorded(store, "key-one-is-long", 3); // and can be recorded over
  EXPECT_NE(store.find("key-one-is-long"), nullptr);
}

TEST_F(RunStoreTest, SaysWhyAFolderCannotBeUsed) {
  fs::path file = folder_.write("file", "");
  auto store = RunStore::open((file / "below").string());
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, ErrorCode::Io);
  EXPECT_NE(store.error().message.find("cannot make the run store"),
            std::string::npos);
}

} // namespace
} // namespace irlens::engine
