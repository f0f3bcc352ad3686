func.func @f(%a: !foo.thing) -> !foo.thing {
  %b = "foo.first"(%a) : (!foo.thing) -> !foo.thing
  %c = "foo.second"(%b) : (!foo.thing) -> !foo.thing
  return %c : !foo.thing
}
