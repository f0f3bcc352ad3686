vim9script
# The stages of a source file as the server lists them, and choosing one.

import autoload 'irlens/client.vim'
import autoload 'irlens/document.vim'

# The last source buffer that was entered: what commands mean when the cursor is in
# a stage document.
var last_source = 0

export def Warn(message: string)
  echohl WarningMsg
  echomsg 'irlens: ' .. message
  echohl None
enddef

export def Entered(buf: number)
  last_source = buf
enddef

# The source buffer that commands are about; 0 if there is none.
export def Known(): number
  final current = bufnr()
  return client.IsAttached(current) && !document.IsStage(current) ? current
    : client.IsAttached(last_source) ? last_source : 0
enddef

# The same, and a message if there is none.
export def Source(): number
  final buf = Known()
  if buf == 0
    Warn(client.Executable() ? 'open a file with a model or a kernel first' : client.Missing())
  endif
  return buf
enddef

# Rows {entry, stage, title, uri, status, passes, steps} of the file; waits for the answer.
# With `all` those of each configuration of autotuned kernels, too.
export def Of(buf: number, all = false): list<dict<any>>
  final params = {command: 'irlens.stages', arguments: [client.Uri(buf), all]}
  final rows = client.Ask('workspace/executeCommand', params)
  return type(rows) == v:t_list ? rows : []
enddef

# The only row, else the one that the user chooses; an empty one, and a message where
# there is none to choose from.
export def Pick(rows: list<dict<any>>, wanted: string, prompt: string): dict<any>
  if empty(rows)
    Warn(empty(wanted) ? 'no model found in this file (yet)' : $'no {wanted} in this file (yet)')
    return {}
  elseif len(rows) == 1
    return rows[0]
  endif
  final titles = rows->mapnew((i, row) => $'{i + 1}: {row.entry}: {row.title}')
  final picked = inputlist([prompt] + titles)
  return picked > 0 && picked <= len(rows) ? rows[picked - 1] : {}
enddef

# For completion: the words that `lead` begins, each once.
export def Matching(words: list<string>, lead: string): list<string>
  return words->copy()->sort()->uniq()->filter((_, word) => stridx(word, lead) == 0)
enddef

# Names of stages, then of entries, of the rows that `Fits`.
export def Complete(lead: string, line: string, Fits: func(dict<any>): bool): list<string>
  final buf = Known()
  final field = len(split(line, '\s\+', true)) > 2 ? 'entry' : 'stage'
  final rows = buf == 0 ? [] : Of(buf)->filter((_, row) => Fits(row))
  return Matching(rows->mapnew((_, row): string => row[field]), lead)
enddef
