// Operations whose text has several lines, and what looks like a location.
module attributes {t.string = "a loc(b)"} {
  func.func @regions(%flag: i1, %index: index, %n: i32) -> i32 attributes {t.brace = "{ ("} {
    %0:2 = "t.two"(%n) ({
    ^bb0(%b: i32, %c: i32):
      "t.yield"(%b) {t.name = "q\22) loc(x)"} : (i32) -> ()
    }) {z = 1 : i32} : (i32) -> (i32, i32)
    %1 = scf.if %flag -> (i32) {
      scf.yield %0#0 : i32
    } else {
      %2 = scf.index_switch %index -> i32
      case 2 {
        scf.yield %0#1 : i32
      }
      default {
        scf.yield %n : i32
      }
      scf.yield %2 : i32
    }
    %3 = scf.while (%x = %1) : (i32) -> i32 {
      scf.condition(%flag) %x : i32
    } do {
    ^bb0(%y: i32):
      scf.yield %y : i32
    }
    cf.switch %3 : i32, [
      default: ^bb1(%3 : i32),
      42: ^bb2
    ]
  ^bb1(%r: i32):
    return %r : i32
  ^bb2:
    return %n : i32
  }
}
