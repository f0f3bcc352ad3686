// safetensors files, above all broken ones: they come from another process.
#include "ir_lowering/mlir/check/reference.h"
#include "ir_lowering/mlir/check/tensor_file.h"

#include <gtest/gtest.h>

namespace irlens::mlir_worker {
namespace {

std::string fileOf(const std::string &header, const std::string &data) {
  std::string bytes(8, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<char>(header.size() >> (8 * i));
  return bytes + header + data;
}

std::string errorOf(const std::string &header, const std::string &data) {
  auto file = TensorFile::parse(fileOf(header, data));
  return file ? "" : file.error().message;
}

TEST(TensorFile, FindsTensorsByName) {
  auto file = TensorFile::parse(
      fileOf(R"({"__metadata__":{"k":"v"},)"
             R"("a":{"dtype":"I16","shape":[2],"data_offsets":[0,4]},)"
             R"("b":{"dtype":"BOOL","shape":[],"data_offsets":[4,5]}})",
             std::string("\1\0\2\0\1", 5)));
  ASSERT_TRUE(file) << file.error().message;
  const Tensor *a = file->find("a");
  ASSERT_TRUE(a);
  EXPECT_EQ(describe(*a), "i16[2]");
  EXPECT_EQ(a->bytes, std::string_view("\1\0\2\0", 4));
  EXPECT_EQ(a->elements(), 2);
  ASSERT_TRUE(file->find("b"));
  EXPECT_EQ(describe(*file->find("b")), "b8[]");
  EXPECT_EQ(file->find("b")->elements(), 1);
  EXPECT_FALSE(file->find("c"));
  EXPECT_EQ(file->metadata("k"), "v");
  EXPECT_EQ(file->metadata("l"), "");
}

TEST(TensorFile, StaysValidWhenItMoves) {
  auto file = TensorFile::parse(
      fileOf(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", "x"));
  ASSERT_TRUE(file);
  TensorFile moved = std::move(*file);
  EXPECT_EQ(moved.find("a")->bytes, "x");
}

TEST(TensorFile, SaysWhatIsWrong) {
  EXPECT_FALSE(TensorFile::parse(""));
  EXPECT_FALSE(TensorFile::parse("short"));
  // A length beyond the file, and the largest there is.
  EXPECT_FALSE(TensorFile::parse(std::string("\xff\0\0\0\0\0\0\0{}", 10)));
  EXPECT_FALSE(TensorFile::parse(std::string(8, '\xff') + "{}"));
  EXPECT_EQ(errorOf("[]", ""), "the header is not a JSON object");
  EXPECT_EQ(errorOf("{", ""), "the header is not a JSON object");
  EXPECT_EQ(errorOf(R"({"a":3})", ""),
            "tensor 'a': needs dtype, shape and data_offsets");
  EXPECT_EQ(
      errorOf(R"({"a":{"dtype":"F7","shape":[],"data_offsets":[0,0]}})", ""),
      R"(tensor 'a': unknown dtype "F7")");
  EXPECT_EQ(
      errorOf(R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,0]}})", ""),
      "tensor 'a': its shape is not one of a tensor");
  EXPECT_EQ(
      errorOf(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", ""),
      "tensor 'a': its data lies outside the file");
  EXPECT_EQ(errorOf(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})",
                    "1234"),
            "tensor 'a': its data lies outside the file");
  EXPECT_EQ(errorOf(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})",
                    "1234"),
            "tensor 'a': has 4 bytes of data and a shape of 8");
  // Sizes whose product does not fit.
  EXPECT_EQ(errorOf(R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],)"
                    R"("data_offsets":[0,0]}})",
                    ""),
            "tensor 'a': its shape is not one of a tensor");
}

TEST(Reference, NamesArgumentsResultsAndWeights) {
  auto reference = parseReference(
      fileOf(R"({"__metadata__":{"irlens":"{\"eager_ms\":1.5,\"results\":)"
             R"([{\"name\":\"add\",\"random\":true,)"
             R"(\"frames\":[[\"/m.py\",3,1],[\"bad\"]]}]}"},)"
             R"("argument.0":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
             R"("result.0":{"dtype":"U8","shape":[1],"data_offsets":[1,2]},)"
             R"("weight.a.1":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}})",
             "xyz"));
  ASSERT_TRUE(reference) << reference.error().message;
  ASSERT_EQ(reference->arguments.size(), 1U);
  EXPECT_EQ(reference->arguments[0].bytes, "x");
  ASSERT_EQ(reference->results.size(), 1U);
  EXPECT_EQ(reference->results[0].name, "add");
  EXPECT_TRUE(reference->results[0].random);
  ASSERT_EQ(reference->results[0].frames.size(), 1U);
  EXPECT_EQ(reference->results[0].frames[0].line, 3);
  EXPECT_EQ(reference->eagerMs, 1.5);
  ASSERT_TRUE(reference->weight("a.1"));
  // A later symbol for the same weight.
  EXPECT_EQ(reference->weight("a.1.2"), reference->weight("a.1"));
  EXPECT_FALSE(reference->weight("a"));
  EXPECT_FALSE(reference->weight("a.1.x"));
  EXPECT_FALSE(reference->weight("a.1."));
}

TEST(Reference, NeedsAValueForEachResult) {
  auto reference = parseReference(
      fileOf(R"({"__metadata__":{"irlens":"{\"results\":[{}]}"}})", ""));
  ASSERT_FALSE(reference);
  EXPECT_EQ(reference.error().message, "result.0 is missing");
  EXPECT_FALSE(parseReference(fileOf("{}", "")));
}

} // namespace
} // namespace irlens::mlir_worker
