" File types of the IRs that Vim does not know by itself.
autocmd BufNewFile,BufRead *.mlir,*.ttir,*.ttgir setfiletype mlir
autocmd BufNewFile,BufRead *.ll setfiletype llvm
autocmd BufNewFile,BufRead *.ptx setfiletype ptx
autocmd BufNewFile,BufRead *.spvasm setfiletype spirv
autocmd BufNewFile,BufRead *.torchscript setfiletype torchscript
autocmd BufNewFile,BufRead amdgcn.s setfiletype amdgcn
