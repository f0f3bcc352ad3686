#include "ir_lowering/mlir/line_comments.h"

#include <llvm/CodeGen/AsmPrinter.h>
#include <llvm/CodeGen/AsmPrinterHandler.h>
#include <llvm/CodeGen/MachineFunction.h>
#include <llvm/CodeGen/MachineInstr.h>
#include <llvm/CodeGen/TargetInstrInfo.h>
#include <llvm/CodeGen/TargetSubtargetInfo.h>
#include <llvm/MC/MCStreamer.h>
#include <llvm/Support/raw_ostream.h>

namespace irlens::mlir_worker {

namespace {

class LineComments : public llvm::AsmPrinterHandler {
public:
  explicit LineComments(llvm::AsmPrinter &printer) : printer_(printer) {}

  void beginFunction(const llvm::MachineFunction *) override {
    last_ = {};
    inBody_ = false;
  }
  void endFunction(const llvm::MachineFunction *) override {}
  void endModule() override {}

  void beginInstruction(const llvm::MachineInstr *instruction) override {
    // Before OpFunction stand constants and types that are printed
    // elsewhere; the printer's own "-- Begin function" would end up on our
    // line.
    if (!inBody_) {
      const auto &names = *instruction->getMF()->getSubtarget().getInstrInfo();
      inBody_ = names.getName(instruction->getOpcode()) == "OpFunction";
      return;
    }
    const llvm::DebugLoc &location = instruction->getDebugLoc();
    // The back end's own casts have no location: they stand with their
    // neighbours.
    if (instruction->isMetaInstruction() || !location || location == last_)
      return;
    last_ = location;
    std::string text = " ";
    llvm::raw_string_ostream stream(text);
    location.print(stream);
    printer_.OutStreamer->emitRawComment(text);
  }

private:
  llvm::AsmPrinter &printer_;
  llvm::DebugLoc last_;
  bool inBody_ = false;
};

} // namespace

void LineCommentPassManager::add(llvm::Pass *pass) {
  if (auto *printer = dynamic_cast<llvm::AsmPrinter *>(pass))
    printer->addAsmPrinterHandler(std::make_unique<LineComments>(*printer));
  PassManager::add(pass);
}

} // namespace irlens::mlir_worker
