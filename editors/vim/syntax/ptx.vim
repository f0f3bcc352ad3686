" PTX, for Vims that have no syntax file of it.
if exists('b:current_syntax')
  finish
endif

syntax match ptxInstruction /\v^\s*(\@!?\%\w+\s+)?\zs\l\w*/
syntax match ptxDirective /\v\.(version|target|address_size|visible|extern|weak|entry|func|reg|param|global|const|shared|local|align|file|loc|section|pragma|maxntid|reqntid|minnctapersm)>/
syntax match ptxType /\v\.([busf](8|16|32|64|128)|pred|f16x2|bf16(x2)?|tf32|v[248])>/
syntax match ptxRegister /\v\%[0-9A-Za-z_.$]+/
syntax match ptxLabel /\v^\s*\$?[0-9A-Za-z_$]+:/
syntax match ptxNumber /\v<(0[fFdD]\x+|0x\x+|\d+(\.\d+)?)>/
syntax region ptxString start=/"/ end=/"/ oneline
syntax match ptxComment /\/\/.*$/
syntax region ptxComment start=/\/\*/ end=/\*\//

highlight default link ptxInstruction Statement
highlight default link ptxDirective PreProc
highlight default link ptxType Type
highlight default link ptxRegister Identifier
highlight default link ptxLabel Label
highlight default link ptxNumber Number
highlight default link ptxString String
highlight default link ptxComment Comment

setlocal commentstring=//\ %s
let b:current_syntax = 'ptx'
