#di_file = #llvm.di_file<"net.py" in "/ws">
#sub = #llvm.di_subprogram<file = #di_file>
#kept = #t.attr<#inner>
#inner = #t.attr<1>
#loc1 = loc(fused<#sub>["/a":1:1])
t.a {k = #kept} loc(#loc1)
t.b loc(fused<#inner>["/a":2:1])
