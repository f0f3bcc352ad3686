vim9script
# The passes of a stage: their list, steps from one to the next, what one has changed.
# The steps of a stage that a user wrote as several are listed in the same way.
# Which pass a document shows, and what stands around it, says the server.

import autoload 'irlens/client.vim'
import autoload 'irlens/compare.vim'
import autoload 'irlens/document.vim'
import autoload 'irlens/stages.vim'

def Execute(command: string, arguments: list<any>): dict<any>
  final answer = client.Ask('workspace/executeCommand', {command: command, arguments: arguments})
  return type(answer) == v:t_dict ? answer : {}
enddef

# The server's command that lists what the stage of a row went through; empty if there is none.
def Lister(row: dict<any>): string
  return row.steps ? 'irlens.steps' : row.passes ? 'irlens.passes' : ''
enddef

# :IRLensPasses [stage [entry]]: the list, with the cursor in it.
export def Open(mods: string, ...words: list<string>)
  final buf = stages.Source()
  if buf == 0
    return
  endif
  final rows = stages.Of(buf)->filter((_, row) =>
    !empty(Lister(row)) && row.stage == get(words, 0, row.stage) && row.entry == get(words, 1, row.entry))
  final row = stages.Pick(rows, $'stage {join(words)} with passes or steps', 'Stage whose passes or steps to list:')
  if !empty(row)
    document.Show(Execute(Lister(row), [client.Uri(buf), row.entry, row.stage])->get('uri', row.uri), mods)
  endif
enddef

export def Complete(lead: string, line: string, _: number): list<string>
  return stages.Complete(lead, line, (row: dict<any>): bool => !empty(Lister(row)))
enddef

# What the buffer is about: the pass that it shows, or in a list the one on the cursor's line.
def Place(): dict<any>
  return document.IsStage(bufnr()) ? Execute('irlens.pass', [client.Uri(bufnr()), line('.') - 1]) : {}
enddef

# :IRLensDiffPass: the IR before and after the pass.
export def Diff()
  final place = Place()
  if has_key(place, 'before')
    compare.Show(place.before, place.uri)
  else
    stages.Warn(has_key(place, 'uri') ? 'there is nothing to compare this pass with' : 'this is no document of a pass')
  endif
enddef

# Shows the neighbour ("previous" or "next") instead; in a comparison, what that has changed.
export def Step(to: string)
  final uri = Place()->get(to, '')
  final place = &diff && !empty(uri) ? Execute('irlens.pass', [uri]) : {}
  if empty(uri)
    stages.Warn($'there is no {to} pass')
  elseif has_key(place, 'before')
    compare.Show(place.before, uri)
  else
    execute 'keepalt edit' fnameescape(uri)
  endif
enddef
