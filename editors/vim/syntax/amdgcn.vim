" AMDGCN assembly, for Vims that have no syntax file of it.
if exists('b:current_syntax')
  finish
endif

syntax match amdgcnInstruction /\v<(s|v|ds|flat|global|buffer|scratch|image|exp|tbuffer)_\l\w*/
syntax match amdgcnDirective /\v^\s*\.[0-9A-Za-z_.]+/
syntax match amdgcnRegister /\v<[sva](\d+|\[\d+:\d+\])|<(vcc|exec|flat_scratch)(_lo|_hi)?>|<(m0|scc|off)>/
syntax match amdgcnLabel /\v^[0-9A-Za-z_.$@]+:/
syntax match amdgcnNumber /\v<(0x\x+|\d+(\.\d+)?)>/
syntax region amdgcnString start=/"/ end=/"/ oneline
syntax match amdgcnComment /\v(;|\/\/).*$/

highlight default link amdgcnInstruction Statement
highlight default link amdgcnDirective PreProc
highlight default link amdgcnRegister Identifier
highlight default link amdgcnLabel Label
highlight default link amdgcnNumber Number
highlight default link amdgcnString String
highlight default link amdgcnComment Comment

setlocal commentstring=;\ %s
let b:current_syntax = 'amdgcn'
