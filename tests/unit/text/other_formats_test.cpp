// SPIR-V, TorchScript and texts without debug info.
#include "tests/unit/text/split_check.h"

namespace irlens::engine {
namespace {

TEST(SplitSpirv, TakesOutLinesAndStringsThatOnlyTheyUse) {
  expectSplit(TextFormat::Spirv,
              "\t%1 = OpString \"/ws/a.cl\"\n"
              "\t%2 = OpString \"/ws/b.cl\"\n"
              "\tOpSource OpenCL_CPP 100000 %2\n"
              "\tOpLine %2 1 1\n"
              "\t%3 = OpFunction %4 None %5\n"
              "\t%6 = OpLabel\n"
              "\tOpLine %1 7 3\n"
              "\t%7 = OpIAdd %4 %8 %8\n"
              "\tOpNoLine\n"
              "\tOpReturn\n"
              "\tOpFunctionEnd\n",
              "\t%2 = OpString \"/ws/b.cl\"\n"
              "\tOpSource OpenCL_CPP 100000 %2\n"
              "\t%3 = OpFunction %4 None %5\n"
              "\t%6 = OpLabel\n"
              "\t%7 = OpIAdd %4 %8 %8\n"
              "\tOpReturn\n"
              "\tOpFunctionEnd\n",
              {"3: /ws/b.cl:1:1", "4: /ws/b.cl:1:1", "5: /ws/a.cl:7:3"}, 5);
}

TEST(SplitSpirv, ReadsTheNonSemanticSet) {
  expectSplit(TextFormat::Spirv,
              "\tOpExtension \"SPV_KHR_non_semantic_info\"\n"
              "\t%9 = OpExtInstImport \"NonSemantic.Shader.DebugInfo.100\"\n"
              "\t%1 = OpString \"/ws/a.cl\"\n"
              "\t%2 = OpConstant %4 7\n"
              "\t%5 = OpExtInst %6 %9 DebugSource %1\n"
              "\t%3 = OpFunction %4 None %5\n"
              "\t%7 = OpExtInst %6 %9 DebugLine %5 %2 %2 %2 %2\n"
              "\tOpReturn\n"
              "\tOpFunctionEnd\n",
              "\t%2 = OpConstant %4 7\n"
              "\t%3 = OpFunction %4 None %5\n"
              "\tOpReturn\n"
              "\tOpFunctionEnd\n",
              {"3: /ws/a.cl:7:7", "4: /ws/a.cl:7:7"}, 3);
}

TEST(SplitSpirv, ClosesTheGapsOfDebugValues) {
  expectSplit(TextFormat::Spirv,
              "\tOpName %9 \"%9\"\n"
              "\t%2 = OpTypeVoid\n"
              "\t;DEBUG_VALUE: f:n <- %4\n"
              "\t%9 = OpUndef %2 ; %9\n",
              "\tOpName %2 \"%9\"\n"
              "\t%1 = OpTypeVoid\n"
              "\t%2 = OpUndef %1 ; %9\n",
              {}, 0);
}

TEST(SplitSpirv, ReadsPlacesInComments) {
  expectSplit(TextFormat::Spirv,
              "\t%1 = OpFunction %2 None %3 ; -- Begin function main\n"
              "\t; /ws/in.py:1:2 @[ /ws/net.py:7 ]\n"
              "\t%4 = OpIAdd %2 %3 %3\n"
              "\t; :0:0\n"
              "\tOpReturn\n"
              "\tOpFunctionEnd\n"
              "\t; -- End function, see: 7\n",
              "\t%1 = OpFunction %2 None %3 ; -- Begin function main\n"
              "\t%4 = OpIAdd %2 %3 %3\n"
              "\tOpReturn\n"
              "\tOpFunctionEnd\n"
              "\t; -- End function, see: 7\n",
              {"2: /ws/net.py:7:0>/ws/in.py:1:2"}, 4);
}

TEST(SplitTorchScript, TakesOutTheCommentsBehindNodes) {
  expectSplit(TextFormat::TorchScript,
              R"(graph(%self : __torch__.Net,
      %x.1 : Float(4, strides=[1], device=cpu)):
  %8 : str = prim::Constant[value=" # a:1:2"]() # /ws/net.py:14:8
  %y : Tensor = prim::Loop(%5, %8), scope: __module.b # /ws/my model.py:15:0
    block0(%i : int):
       = prim::Print(%i) # <string>:3:4
      %w : int = prim::Constant[value=1]() # not a place
      -> (%8)
  return (%y)
)",
              R"(graph(%self : __torch__.Net,
      %x.1 : Float(4, strides=[1], device=cpu)):
  %8 : str = prim::Constant[value=" # a:1:2"]()
  %y : Tensor = prim::Loop(%5, %8), scope: __module.b
    block0(%i : int):
       = prim::Print(%i)
      %w : int = prim::Constant[value=1]() # not a place
      -> (%8)
  return (%y)
)",
              {"3: /ws/net.py:14:9", "4: /ws/my model.py:15:0"}, 4);
}

TEST(SplitPlain, ShortensMonsterLinesOnly) {
  std::string monster(40'000, 'x');
  SplitText result =
      split(TextFormat::Plain, "a # /b.py:1:2\n" + monster + "\nend");
  EXPECT_TRUE(result.text.starts_with("a # /b.py:1:2\nxxx"));
  EXPECT_TRUE(result.text.ends_with("x ...(38976 bytes more)\nend"))
      << result.text.substr(1000);
  EXPECT_TRUE(result.links.empty());
  EXPECT_EQ(result.operations, -1);
}

TEST(SplitPlain, NeverCutsACharacter) {
  std::string monster = "x";
  for (int i = 0; i < 10'000; ++i)
    monster += "\u00e9";
  SplitText result = split(TextFormat::Fx, monster);
  std::size_t cut = result.text.find(" ...(");
  ASSERT_NE(cut, std::string::npos);
  EXPECT_EQ(result.text.substr(cut - 2, 2), "\u00e9");
}

TEST(Split, TakesEmptyTexts) {
  for (auto format :
       {TextFormat::Plain, TextFormat::Mlir, TextFormat::Llvm, TextFormat::Asm,
        TextFormat::Spirv, TextFormat::TorchScript, TextFormat::Fx})
    EXPECT_EQ(split(format, "").text, "");
}

} // namespace
} // namespace irlens::engine
