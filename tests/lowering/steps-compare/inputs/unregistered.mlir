func.func @strange(%a: !foo.thing) -> !foo.thing {
  %r = "foo.op"(%a) {text = "a // b"} : (!foo.thing) -> !foo.thing
  return %r : !foo.thing
}
