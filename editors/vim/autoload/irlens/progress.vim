vim9script
# Progress of a run: one line in the message area while it lasts, and
# irlens#progress#Status() for a status line.

var running: dict<string> = {} # token -> title
var text = ''

def Say(line: string)
  # Never so long that Vim would ask for ENTER, and not while typing.
  if get(g:, 'irlens_progress', true) && mode() == 'n'
    redraw
    echo strcharpart(line, 0, &columns - 20)
  endif
enddef

# Handler of $/progress.
export def Show(params: dict<any>)
  final value = params.value
  final token = string(params.token)
  if value.kind == 'begin'
    running[token] = value.title
  endif
  if !has_key(running, token)
    return
  elseif value.kind == 'end'
    Say($"{running[token]}: {get(value, 'message', 'done')}")
    remove(running, token)
  else
    final percent = has_key(value, 'percentage') ? $' {value.percentage}%' : ''
    text = running[token] .. percent .. '  ' .. get(value, 'message', '')
    Say(text)
  endif
enddef

# What is running, "" when nothing is.
export def Status(): string
  return empty(running) ? '' : text
enddef
