// RUN: env A=b not --crash opt %s -o %t.a 2>&1 | FileCheck %s && mytool %t.a "x y" 'z' > %t.b; diff %t.a %t.b
