" LLVM IR, for Vims that have no syntax file of it.
if exists('b:current_syntax')
  finish
endif

syntax keyword llvmKeyword define declare ret br switch invoke resume unreachable phi select call tail to target triple
syntax keyword llvmKeyword datalayout source_filename attributes type global constant external internal private align
syntax keyword llvmInstruction fneg add fadd sub fsub mul fmul udiv sdiv fdiv urem srem frem shl lshr ashr and or xor
syntax keyword llvmInstruction extractelement insertelement shufflevector extractvalue insertvalue alloca load store
syntax keyword llvmInstruction fence cmpxchg atomicrmw getelementptr trunc zext sext fptrunc fpext fptoui fptosi uitofp
syntax keyword llvmInstruction sitofp ptrtoint inttoptr bitcast addrspacecast icmp fcmp freeze
syntax keyword llvmType void half bfloat float double fp128 ptr label token metadata addrspace
syntax match llvmType /\v<i\d+>/
syntax keyword llvmConstant true false null undef poison none zeroinitializer
syntax keyword llvmFlag nuw nsw exact inbounds fast nnan ninf nsz arcp contract afn reassoc noundef nonnull readonly
syntax keyword llvmFlag readnone writeonly nocapture noalias local_unnamed_addr unnamed_addr dso_local
syntax match llvmValue /\v\%([0-9A-Za-z_.$-]+|"[^"]*")/
syntax match llvmSymbol /\v\@([0-9A-Za-z_.$-]+|"[^"]*")/
syntax match llvmLabel /\v^[0-9A-Za-z_.$-]+:/
syntax match llvmMetadata /\v![0-9A-Za-z_.$-]+|#\d+/
syntax match llvmNumber /\v<-?(0x[KMLHR]?\x+|\d+(\.\d+)?([eE][+-]?\d+)?)>/
syntax region llvmString start=/"/ end=/"/ oneline
syntax match llvmComment /;.*$/

highlight default link llvmKeyword Keyword
highlight default link llvmInstruction Statement
highlight default link llvmType Type
highlight default link llvmConstant Constant
highlight default link llvmFlag StorageClass
highlight default link llvmValue Identifier
highlight default link llvmSymbol Function
highlight default link llvmLabel Label
highlight default link llvmMetadata PreProc
highlight default link llvmNumber Number
highlight default link llvmString String
highlight default link llvmComment Comment

setlocal commentstring=;\ %s
let b:current_syntax = 'llvm'
