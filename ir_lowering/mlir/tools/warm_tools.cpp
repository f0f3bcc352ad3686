#include "ir_lowering/mlir/tools/warm_tools.h"

#include <algorithm>
#include <cstdint>
#include <link.h>
#include <llvm/ADT/SmallPtrSet.h>
#include <llvm/InitializePasses.h>
#include <llvm/PassRegistry.h>
#include <llvm/Support/CommandLine.h>
#include <llvm/Support/TargetSelect.h>
#include <span>

namespace irlens::mlir_worker {

namespace {

/// The addresses of this executable, without its libraries. (dladdr would look
/// a symbol up for each question, among hundreds of thousands.)
class OwnAddresses {
public:
  OwnAddresses() {
    // The first object is the program itself.
    dl_iterate_phdr(
        [](dl_phdr_info *info, std::size_t, void *data) {
          static_cast<OwnAddresses *>(data)->add(*info);
          return 1;
        },
        this);
  }

  bool contain(const void *pointer) const {
    auto address = reinterpret_cast<std::uintptr_t>(pointer);
    return address >= begin_ && address < end_;
  }

private:
  void add(const dl_phdr_info &info) {
    for (const auto &part : std::span(info.dlpi_phdr, info.dlpi_phnum)) {
      if (part.p_type != PT_LOAD)
        continue;
      std::uintptr_t at = info.dlpi_addr + part.p_vaddr;
      begin_ = std::min(begin_, at);
      end_ = std::max(end_, at + part.p_memsz);
    }
  }

  std::uintptr_t begin_ = UINTPTR_MAX;
  std::uintptr_t end_ = 0;
};

void registerTargetsAndPasses() {
  llvm::InitializeAllTargets();
  llvm::InitializeAllTargetMCs();
  llvm::InitializeAllAsmPrinters();
  llvm::InitializeAllAsmParsers();
  // Options like llc's -print-after=NAME look passes up here.
  llvm::PassRegistry &passes = *llvm::PassRegistry::getPassRegistry();
  llvm::initializeCore(passes);
  llvm::initializeScalarOpts(passes);
  llvm::initializeVectorization(passes);
  llvm::initializeIPO(passes);
  llvm::initializeAnalysis(passes);
  llvm::initializeTransformUtils(passes);
  llvm::initializeInstCombine(passes);
  llvm::initializeTarget(passes);
  llvm::initializeCodeGen(passes);
}

} // namespace

WarmTools::WarmTools() {
  // Before the options go: opt has one for each pass.
  registerTargetsAndPasses();
  OwnAddresses addresses;
  llvm::SmallPtrSet<llvm::cl::Option *, 32> own;
  auto collect = [&](llvm::cl::Option *option) {
    if (addresses.contain(option))
      own.insert(option);
  };
  for (auto &entry : llvm::cl::getRegisteredOptions())
    collect(entry.second);
  for (llvm::cl::Option *option :
       llvm::cl::SubCommand::getTopLevel().PositionalOpts)
    collect(option);
  optionsOfOpt_.assign(own.begin(), own.end());
  for (llvm::cl::Option *option : optionsOfOpt_)
    option->removeArgument();
}

void WarmTools::restoreOptionsOfOpt() const {
  for (llvm::cl::Option *option : optionsOfOpt_)
    option->addArgument();
}

} // namespace irlens::mlir_worker
