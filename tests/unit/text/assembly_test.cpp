// The assembly splitter on texts that LLVM 22 prints.
#include "tests/unit/text/split_check.h"

namespace irlens::engine {
namespace {

constexpr auto kAsm = TextFormat::Asm;

TEST(SplitAssembly, TakesOutDebugInfoOfElf) {
  expectSplit(
      kAsm,
      "\t.file\t\"c.c\"\n"
      "\t.file\t0 \"/ws\" \"c.c\" md5 0xedb6cd8e074a45e1b5bfc0865aa905e3\n"
      "\t.text\n"
      "f:                                      # @f\n"
      ".Lfunc_begin0:\n"
      "\t.loc\t0 5 0                           # c.c:5:0\n"
      "# %bb.0:\n"
      "\t#DEBUG_VALUE: f:p <- $rdi\n"
      "\tpushq\t%rbx\n"
      ".Ltmp0:\n"
      "\t.file\t1 \".\" \"h.h\" md5 0x45e0485429974994ccfa9b9f41dbfe06\n"
      "\t.loc\t1 1 48 is_stmt 1                # ./h.h:1:48 @[ ./h.h:3:10 @[ "
      "c.c:8:10 ] ]\n"
      "\taddl\t%eax, %eax                      # 4-byte Folded Spill\n"
      "\t.loc\t0 0 3 is_stmt 0                 # c.c:0:3\n"
      "\tleaq\t.Ltmp1(%rip), %rax\n"
      ".Ltmp1:\n"
      "\tretq\n"
      ".Lfunc_end0:\n"
      "\t.size\tf, .Lfunc_end0-f\n"
      "\t.section\t.debug_abbrev,\"\",@progbits\n"
      "\t.byte\t1                               # Abbreviation Code\n"
      ".Linfo_string0:\n"
      "\t.asciz\t\"clang\"                       # string offset=0\n"
      "\t.ident\t\"clang\"\n"
      "\t.section\t\".note.GNU-stack\",\"\",@progbits\n"
      "\t.section\t.debug_line,\"\",@progbits\n"
      ".Lline_table_start0:\n",
      "\t.file\t\"c.c\"\n"
      "\t.text\n"
      "f:                                      # @f\n"
      "# %bb.0:\n"
      "\tpushq\t%rbx\n"
      "\taddl\t%eax, %eax                      # 4-byte Folded Spill\n"
      "\tleaq\t.Ltmp1(%rip), %rax\n"
      ".Ltmp1:\n"
      "\tretq\n"
      ".Lfunc_end0:\n"
      "\t.size\tf, .Lfunc_end0-f\n"
      "\t.ident\t\"clang\"\n"
      "\t.section\t\".note.GNU-stack\",\"\",@progbits\n",
      {"3: /ws/c.c:5:0", "5: /ws/c.c:5:0",
       "6: /ws/c.c:8:10>/ws/h.h:3:10>/ws/h.h:1:48"},
      4);
}

TEST(SplitAssembly, TakesOutCallFramesThatOnlyDebuggersRead) {
  constexpr std::string_view frames = "\t.cfi_startproc\n"
                                      "\tpushq\t%rbx\n"
                                      "\t.cfi_def_cfa_offset 16\n"
                                      "\t.cfi_endproc\n";
  expectSplit(kAsm, "\t.cfi_sections .debug_frame\n" + std::string(frames),
              "\tpushq\t%rbx\n", {}, 1);
  expectSplit(kAsm, frames, frames, {}, 1);
}

TEST(SplitAssembly, KeepsCallChainsOfPtx) {
  // Each `.loc` names the next caller only, which an earlier one tells more of.
  constexpr std::string_view kInto = ", function_name $L__info_string0, "
                                     "inlined_at ";
  std::string raw = ".version 8.0\n"
                    "\t.loc\t1 8 3" +
                    std::string(kInto) +
                    "1 9 1\n"
                    "\t.loc\t2 4 5" +
                    std::string(kInto) +
                    "1 8 3\n"
                    "\tret;\n"
                    "\t.loc\t2 2 2" +
                    std::string(kInto) +
                    "2 4 5\n"
                    "\tret;\n"
                    "\t.loc\t1 8 3\n"
                    "\t.loc\t2 4 5" +
                    std::string(kInto) +
                    "1 8 3\n"
                    "\tret;\n"
                    "\t.loc\t1 5 5" +
                    std::string(kInto) +
                    "1 5 5\n"
                    "\tret;\n"
                    "\t.file\t1 \"/k.py\"\n"
                    "\t.file\t2 \"/lib.py\"\n";
  expectSplit(kAsm, raw, ".version 8.0\n\tret;\n\tret;\n\tret;\n\tret;\n",
              {"2: /k.py:9:1>/k.py:8:3>/lib.py:4:5",
               "3: /k.py:9:1>/k.py:8:3>/lib.py:4:5>/lib.py:2:2",
               "4: /k.py:8:3>/lib.py:4:5", "5: /k.py:5:5>/k.py:5:5"},
              4);
}

TEST(SplitAssembly, InlineAssemblyIsOneStatement) {
  // LLVM counts its lines on from the statement's.
  expectSplit(kAsm,
              ".version 8.0\n"
              "\t// begin inline asm\n"
              "\t.loc\t1 7 2\n"
              "\tmov.u32 %r1, 0x0;\n"
              "\t.loc\t1 8 2\n"
              "\tld.global.b32 %r1, [%rd1];\n"
              "\t// end inline asm\n"
              "\t.loc\t1 9 2\n"
              "\tret;\n"
              "\t.file\t1 \"/k.py\"\n",
              ".version 8.0\n"
              "\t// begin inline asm\n"
              "\tmov.u32 %r1, 0x0;\n"
              "\tld.global.b32 %r1, [%rd1];\n"
              "\t// end inline asm\n"
              "\tret;\n",
              {"3: /k.py:7:2", "4: /k.py:7:2", "6: /k.py:9:2"}, 3);
}

TEST(SplitAssembly, TakesOutDebugInfoOfPtx) {
  expectSplit(
      kAsm,
      ".version 8.0\n"
      ".target sm_90, debug\n"
      ".visible .func f(\n"
      "\t.param .b64 f_param_0\n"
      ")\n"
      "{\n"
      "\t.reg .b64 \t%rd<2>;\n"
      "$L__func_begin0:\n"
      "\t.loc\t1 7 0                           // net.py:7\n"
      "\tld.param.b64 \t%rd1, [f_param_0];\n"
      "$L__tmp0:\n"
      "\t.loc\t2 4 5, function_name $L__info_string0, inlined_at 1 8 3\n"
      "\t@%p1 bra \t$L__BB0_2;\n"
      "$L__BB0_2:\n"
      "\tret;\n"
      "$L__func_end0:\n"
      "}\n"
      "\t.section\t.debug_abbrev\n"
      "\t{\n"
      ".b8 1                                   // Abbreviation Code\n"
      "\t}\n"
      "\t.section\t.debug_macinfo\t{\t}\n"
      "\t.file\t1 \"/ws/net.py\"\n"
      "\t.file\t2 \"/ws\" \"blocks.py\"\n",
      ".version 8.0\n"
      ".target sm_90\n"
      ".visible .func f(\n"
      "\t.param .b64 f_param_0\n"
      ")\n"
      "{\n"
      "\t.reg .b64 \t%rd<2>;\n"
      "\tld.param.b64 \t%rd1, [f_param_0];\n"
      "\t@%p1 bra \t$L__BB0_2;\n"
      "$L__BB0_2:\n"
      "\tret;\n"
      "}\n",
      {"3: /ws/net.py:7:0", "8: /ws/net.py:7:0",
       "9: /ws/net.py:8:3>/ws/blocks.py:4:5",
       "11: /ws/net.py:8:3>/ws/blocks.py:4:5"},
      3);
}

TEST(SplitAssembly, ALocationEndsWithItsFunction) {
  expectSplit(kAsm,
              "\t.file\t1 \"/a.py\"\n"
              "\t.loc\t1 7 1 ; /a.py:7:1\n"
              "\ts_endpgm\n"
              ".Lfunc_end0:\n"
              "\ts_code_end\n",
              "\ts_endpgm\n"
              ".Lfunc_end0:\n"
              "\ts_code_end\n",
              {"1: /a.py:7:1"}, 2);
}

TEST(SplitAssembly, ShortensBigConstants) {
  std::string list = "0";
  for (int i = 1; i < 500; ++i)
    list += ", " + std::to_string(i);
  std::string document =
      split(kAsm, ".version 8.0\n.global .align 4 .b8 w[500] = {" + list +
                      "};\n\t.ascii\t\"" + std::string(900, 'x') + "\"\n")
          .text;
  EXPECT_NE(document.find(" ...(500 elements)};\n"), std::string::npos)
      << document;
  EXPECT_NE(document.find("...(900 bytes)\"\n"), std::string::npos) << document;
}

TEST(SplitAssembly, MetadataOfKernelsIsNoCode) {
  constexpr std::string_view text = "\t.amdgpu_metadata\n"
                                    "---\n"
                                    "amdhsa.kernels:  []\n"
                                    "amdhsa.version:\n"
                                    "  - 1\n"
                                    "...\n"
                                    "\n"
                                    "\t.end_amdgpu_metadata\n";
  expectSplit(kAsm, text, text, {}, 0);
}

} // namespace
} // namespace irlens::engine
